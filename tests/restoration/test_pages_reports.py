"""The change report on a photo's page: what it says, and that it says no more than was measured."""

import pytest
from django.test import Client
from django.urls import reverse

from archive.models import Photo
from restoration.models import Restoration
from restoration.presentation.file_notes import NOTES
from tests.factories import make_restoration
from tests.html_page import Page, get_page

pytestmark = pytest.mark.django_db


def page_of_photo(client: Client, photo: Photo) -> Page:
    return get_page(client, reverse("restoration:photo_detail", args=[photo.pk]))


def test_report_speaks_of_change_invention_and_cost(signed_in: Client, photo: Photo) -> None:
    report = {
        "share_changed": 0.0652,
        "mean_change": 3.214,
        "max_change": 214.0,
        "mean_change_inside": 38.44,
        "max_change_inside": 214.0,
        "mean_change_outside": 0.0,
        "max_change_outside": 0.0,
        "share_damaged": 0.059,
        "level": "light",
        "seconds": 4.25,
    }
    make_restoration(photo=photo, outcome={"change_report": report, "invention": 4.25})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "Light damage on 5.9 % of the picture; 6.5 % of its pixels were changed." in panel
    assert "Inside the repaired area 38 214" in panel
    assert "Outside it 0 0" in panel
    assert "Outside the repaired area every pixel is the original's." in panel
    assert "Invention 4.2 · some" in panel
    assert "4.2 s, 117.7 MB of memory" in panel


def test_report_says_what_became_of_the_file(signed_in: Client, photo: Photo) -> None:
    changed = {"share_changed": 0.0, "mean_change": 0.0, "max_change": 0.0}
    report = changed | {"notes": ["palette-to-rgb", "of-another-version"]}
    version = make_restoration(photo=photo, outcome={"change_report": report})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "What became of the file" in panel
    assert str(NOTES["palette-to-rgb"]) in panel
    assert "of-another-version" in panel
    signed_in.post(reverse("set_language"), {"language": "id"})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "Berkas asli memakai palet warna" in panel
    Restoration.objects.filter(pk=version.pk).update(change_report=changed | {"notes": []})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "Apa yang terjadi pada berkas" not in panel


def test_report_of_an_older_version_says_what_it_knows(signed_in: Client, photo: Photo) -> None:
    report = {"share_changed": 0.00004, "mean_change": 0.02, "max_change": 3.0}
    make_restoration(photo=photo, outcome={"change_report": report, "invention": None})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "less than 0.1 % of the picture was changed." in panel
    assert "The whole picture 0.02 3" in panel
    assert "Invention" not in panel


def test_untouched_photo_is_told_as_such(signed_in: Client, photo: Photo) -> None:
    report = {"share_changed": 0.0, "mean_change": 0.0, "max_change": 0.0, "level": "none"}
    make_restoration(photo=photo, outcome={"change_report": report})
    page = page_of_photo(signed_in, photo)
    assert page.one(class_="report__lead").text == "No damage was found, and nothing was changed."


@pytest.mark.parametrize(
    ("notes", "is_original", "is_anew"),
    [
        ([], True, False),
        (["palette-to-rgb"], True, False),
        (["lab-to-rgb"], False, False),
        (["jpeg-encoded-anew", "previews-dropped"], False, True),
    ],
)
def test_every_pixel_is_said_to_be_the_originals_only_where_it_is(
    signed_in: Client, photo: Photo, notes: list[str], *, is_original: bool, is_anew: bool
) -> None:
    report = {"share_changed": 0.1, "mean_change": 0.02, "max_change": 3.0, "max_change_outside": 0.0}
    make_restoration(photo=photo, outcome={"change_report": report | {"notes": notes}})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert ("every pixel is the original's" in panel) is is_original
    assert ("taken before the result was encoded anew as a JPEG" in panel) is is_anew


@pytest.mark.parametrize(
    ("repaired", "sentence"),
    [(0, "0 of the file's 3 pages were"), (1, "1 of the file's 3 pages was"), (2, "2 of the file's 3")],
)
def test_of_several_pages_it_says_how_many_were_repaired(
    signed_in: Client, photo: Photo, repaired: int, sentence: str
) -> None:
    changed = {"share_changed": 0.01, "mean_change": 0.02, "max_change": 3.0}
    report = changed | {"page_count": 3, "pages_repaired": repaired}
    make_restoration(photo=photo, outcome={"change_report": report, "invention": 4.25})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert sentence in panel
    assert "The figures are of all pages together." in panel
    assert "It is that of the first repaired page." in panel


def test_of_a_single_page_it_says_nothing(signed_in: Client, photo: Photo) -> None:
    changed = {"share_changed": 0.01, "mean_change": 0.02, "max_change": 3.0}
    report = changed | {"page_count": 1, "pages_repaired": 1}
    make_restoration(photo=photo, outcome={"change_report": report})
    panel = page_of_photo(signed_in, photo).one("section", aria_labelledby="report-heading").text
    assert "page" not in panel


def test_warnings_are_sentences(signed_in: Client, photo: Photo) -> None:
    warning = {"code": "of-a-later-version", "ssim_low": 0.8, "ssim_high": 0.9}
    make_restoration(photo=photo, outcome={"warnings": [warning]})
    page = page_of_photo(signed_in, photo)
    assert page.one("li", class_="notice--warning").text == "of-a-later-version"
