"""How a public collection presents itself: what one sees, and what others are told of it."""

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.services import delete_photo, describe_photo, publish_collection, update_collection
from restoration.models import Review
from restoration.services import review_restoration
from restoration.views.discovery import PublicPhotos
from tests.factories import make_collection, make_photo, make_restoration
from tests.html_page import get_page
from tests.restoration.test_pages_guests import link_to

pytestmark = pytest.mark.django_db

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@pytest.fixture
def collection():
    made = make_collection(title="Solo <1932>", description="Glass plates.", auto_restore=False)
    update_collection(
        collection=made, actor=made.owner, date_edtf="1932~/1941", rights=f"CC BY 4.0, {LICENCE}"
    )
    return made


@pytest.fixture
def photo(collection):
    """The photo in the middle of three; it alone has an approved restoration."""
    made = [make_photo(collection=collection, filename=f"{number}.png") for number in range(3)]
    described = {
        "title": "On the porch",
        "date_edtf": "193X",
        "place": "Solo",
        "rights": f"CC BY 4.0, {LICENCE}",
    }
    describe_photo(photo=made[1], actor=collection.owner, **described)
    restoration = make_restoration(photo=made[1])
    review_restoration(restoration=restoration, reviewer=collection.owner, decision=Review.Decision.APPROVED)
    return made[1]


@pytest.fixture
def published(collection, photo):
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    return collection


def page_address(row):
    name = "guest_photo" if hasattr(row, "filename") else "guest_collection"
    return reverse(f"restoration:{name}", args=[row.pk])


def structured(page):
    return json.loads("".join(page.one("script", type="application/ld+json").pieces))


def meta(page, name):
    return page.one("meta", property=name)["content"]


def test_the_title_page_speaks_of_the_collection_in_words(client, published):
    text = get_page(client, page_address(published)).one("main").text
    assert "Solo <1932>" in text
    assert "About 1932 to 1941 · 3 photographs" in text
    assert "Glass plates." in text


def test_one_switch_for_all_pages_always_says_what_is_seen(client, published, photo):
    choose = reverse("restoration:guest_choice")
    result = f"/public/restorations/{photo.restorations.get().pk}/renditions/"
    original = reverse("archive:guest_rendition", args=[photo.pk, "web"])

    def seen():
        """The large picture, its caption, and what the pages say."""
        page = get_page(client, page_address(photo))
        gallery = get_page(client, page_address(published))
        cards = [card.text for card in gallery.all("li", class_="card--photo")]
        words = {each.one("p", class_="seen__words").text for each in (page, gallery)}
        return page.all("img", fetchpriority="high")[0]["src"], page.one("figcaption").text, words, cards

    picture, caption, words, cards = seen()
    assert picture.startswith(result)
    assert caption == "Restored by AI"
    assert words == {"You see restorations by AI: what was damaged has been redrawn."}
    assert [card.rpartition(" ")[2] for card in cards] == ["Original", "AI", "Original"]
    back = client.post(choose, {"show": "originals", "next": f"{page_address(photo)}#pictures"})
    assert back["Location"] == f"{page_address(photo)}#pictures"
    picture, caption, words, cards = seen()
    assert (picture, caption) == (original, "Original")
    assert words == {"You see the originals, as they came."}
    assert {card.rpartition(" ")[2] for card in cards} == {"Original"}
    client.post(choose, {"show": "restorations", "next": "https://elsewhere.example/"})
    assert seen()[0].startswith(result)
    # Nobody else's browser is asked.
    assert Client().get(page_address(photo)).status_code == 200


def test_covers_are_restored_where_that_was_approved(client, published, photo):
    """A cover is the newest photo; the approved one is when that after it is gone."""
    newest = published.photos.get(filename="2.png")

    def cover():
        page = get_page(client, reverse("archive:public_collections"))
        (source,) = [image["src"] for image in page.all("img") if "renditions" in image["src"]]
        return source, page.one("li", class_="card").text

    source, words = cover()
    assert source == reverse("archive:guest_rendition", args=[newest.pk, "thumbnail"])
    assert "restored" not in words
    delete_photo(photo=newest, actor=published.owner)
    source, words = cover()
    restoration = photo.restorations.get()
    assert source == reverse("restoration:guest_result_rendition", args=[restoration.pk, "thumbnail"])
    assert "restored by AI" in words
    client.post(reverse("restoration:guest_choice"), {"show": "originals"})
    source, words = cover()
    assert source == reverse("archive:guest_rendition", args=[photo.pk, "thumbnail"])
    assert "restored" not in words


def test_what_has_no_approved_restoration_says_so(client, published):
    other = published.photos.get(filename="0.png")
    page = get_page(client, page_address(other))
    assert "No restoration of it has been approved" in page.one("p", class_="seen__words").text
    assert page.one("figcaption").text == "Original"


def test_one_walks_from_photo_to_photo(client, published, photo):
    page = get_page(client, page_address(photo))
    before, after = (page.one("a", rel=which)["href"] for which in ("prev", "next"))
    newest, oldest = (published.photos.get(filename=name) for name in ("2.png", "0.png"))
    assert (before, after) == (page_address(newest), page_address(oldest))
    assert get_page(client, before).all("a", rel="prev") == []
    assert get_page(client, after).all("a", rel="next") == []


def test_the_pages_present_themselves_with_whole_addresses(client, published, photo, settings):
    settings.PULIH_ADDRESS = "https://archive.example.org"
    page = get_page(client, f"{page_address(photo)}?closer")
    whole = f"https://archive.example.org{page_address(photo)}"
    assert page.one("link", rel="canonical")["href"] == meta(page, "og:url") == whole
    assert meta(page, "og:title") == "On the porch"
    assert meta(page, "og:image") == f"{whole}share.jpg"
    assert page.one("meta", name="twitter:card")["content"] == "summary_large_image"
    gallery = get_page(client, page_address(published))
    assert meta(gallery, "og:description") == "Glass plates."
    assert meta(gallery, "og:image").endswith("/share.jpg")


def test_machines_are_told_what_an_algorithm_had_a_hand_in(client, published, photo):
    data = structured(get_page(client, page_address(photo)))
    assert data["@type"] == ["ArchiveComponent", "Photograph"]
    assert (data["name"], data["temporalCoverage"], data["license"]) == ("On the porch", "193X", LICENCE)
    original, restored = data["image"]
    assert "digitalSourceType" not in original
    assert restored["digitalSourceType"].endswith("CompositeWithTrainedAlgorithmicMediaDigitalSource")
    assert data["isPartOf"]["name"] == "Solo <1932>"
    # Nothing that people write ends the element that holds it.
    content = client.get(page_address(published)).content.decode()
    assert structured(get_page(client, page_address(published)))["name"] == "Solo <1932>"
    assert "Solo <1932>" not in content
    assert len(structured(get_page(client, page_address(published)))["hasPart"]) == 3


def test_rights_are_shown_and_lead_to_the_licence(client, published, photo):
    assert get_page(client, page_address(photo)).one("a", href=LICENCE).text == LICENCE
    assert get_page(client, page_address(published)).one("a", href=LICENCE)


def test_the_share_picture_is_of_public_photos_only(client, collection, photo):
    address = reverse("restoration:guest_share_picture", args=[photo.pk])
    client.get(link_to(collection)[1])
    assert client.get(page_address(photo)).status_code == 200
    assert client.get(address).status_code == 404
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert "public" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)


def test_what_a_share_link_opens_is_never_found(client, collection, photo):
    address = link_to(collection)[1]
    assert "noindex" in client.get(address)["X-Robots-Tag"]
    for shown in (page_address(collection), page_address(photo)):
        answer = client.get(shown)
        assert "noindex" in answer["X-Robots-Tag"]
        page = get_page(client, shown)
        assert page.one("meta", name="robots")["content"] == "noindex, nofollow"
        assert page.all("link", rel="canonical") + page.all("script", type="application/ld+json") == []
        assert "og:" not in answer.content.decode()
    assert str(photo.pk) not in client.get("/sitemap-photos.xml").content.decode()
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    assert "X-Robots-Tag" not in client.get(page_address(photo))


def test_robots_find_the_map_and_the_map_what_is_public(client, published, photo, settings):
    hidden = make_photo(collection=make_collection(auto_restore=False))
    settings.PULIH_ADDRESS = "https://archive.example.org"
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /\n" in robots
    assert "Sitemap: https://archive.example.org/sitemap.xml" in robots
    index = client.get("/sitemap.xml").content.decode()
    assert "/sitemap-photos.xml" in index
    listed = client.get("/sitemap-photos.xml").content.decode()
    assert f"<loc>https://archive.example.org{page_address(photo)}</loc>" in listed
    assert str(hidden.pk) not in listed
    assert page_address(published) in client.get("/sitemap-collections.xml").content.decode()
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_the_pages_of_the_map_hold_every_public_photo_once(client, published, photo, monkeypatch):
    below = make_collection(parent=published, owner=published.owner, auto_restore=False)
    photos = [*published.photos.all(), *(make_photo(collection=below) for _ in range(2))]
    delete_photo(photo=photos.pop(), actor=published.owner)
    monkeypatch.setattr(PublicPhotos, "limit", 3)
    index = client.get("/sitemap.xml").content.decode()
    assert index.count("/sitemap-photos.xml") == 2
    assert f"<lastmod>{max(each.updated_at for each in photos).date()}" in index
    listed = [client.get(f"/sitemap-photos.xml?p={number}").content.decode() for number in (1, 2)]
    assert [page.count("<loc>") for page in listed] == [3, 1]
    for each in photos:
        assert f"{page_address(each)}</loc><lastmod>{each.updated_at.date()}" in "".join(listed)
    assert client.get("/sitemap-photos.xml?p=3").status_code == 404
