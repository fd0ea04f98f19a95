"""What can be made anew from what is kept: renditions, and the catalogue."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from archive.files.storage import Area
from archive.models import CatalogueEntry, Photo, Rendition
from tests.factories import make_photo
from tests.stored import rendition_path, stored_path

pytestmark = pytest.mark.django_db


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def forget(photo: Photo) -> None:
    """As if it had come in before there were renditions, colours and hashes."""
    photo.original.renditions.all().delete()
    for kind in Rendition.Kind:
        rendition_path(photo.original.sha256, kind).unlink()
    original = photo.original
    original.colour, original.perceptual_hash = "", None
    original.save()


def test_renditions_come_back_with_colour_and_hash() -> None:
    photo, other = make_photo(), make_photo()
    original = photo.original
    before = (original.colour, original.perceptual_hash)
    rows = sorted(original.renditions.values_list("kind", "width", "height", "byte_size"))
    forget(photo)
    kept = rendition_path(other.original.sha256, Rendition.Kind.WEB).stat().st_mtime_ns
    assert said("remake_renditions", "--missing") == "Renditions of 1 originals made."
    original.refresh_from_db()
    assert (original.colour, original.perceptual_hash) == before
    assert sorted(original.renditions.values_list("kind", "width", "height", "byte_size")) == rows
    assert all(rendition_path(original.sha256, kind).is_file() for kind in Rendition.Kind)
    assert rendition_path(other.original.sha256, Rendition.Kind.WEB).stat().st_mtime_ns == kept
    assert said("remake_renditions") == "Renditions of 2 originals made."


def test_only_those_of_a_collection() -> None:
    photo, _other = make_photo(), make_photo()
    assert said("remake_renditions", "--collection", str(photo.collection_id)).startswith("Renditions of 1 ")


def test_an_original_that_is_gone_stops_no_other() -> None:
    gone, photo = make_photo(), make_photo()
    forget(photo)
    stored_path(Area.ORIGINALS, gone.original.sha256).unlink()
    with pytest.raises(CommandError, match="1 originals cannot be read"):
        said("remake_renditions")
    assert rendition_path(photo.original.sha256, Rendition.Kind.THUMBNAIL).is_file()


def test_the_catalogue_is_made_anew() -> None:
    photos = {make_photo().pk, make_photo().pk}
    CatalogueEntry.objects.all().delete()
    assert said("rebuild_catalogue") == "2 photos stand in the catalogue."
    assert set(CatalogueEntry.objects.values_list("photo_id", flat=True)) == photos
