"""Sign-in, the list of collections, and making one."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from archive.files.renditions import remove_renditions
from archive.models import Collection, Membership
from tests.factories import PASSWORD, make_collection, make_photo, make_user
from tests.html_page import get_page, page_of

pytestmark = pytest.mark.django_db

LIST = "archive:collection_list"
CREATE = "archive:collection_create"


@pytest.fixture
def user() -> User:
    return make_user("sri")


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


class TestSigningIn:
    def test_stranger_is_asked_to_sign_in_and_comes_back(self, client: Client, user: User) -> None:
        asked = client.get(reverse(CREATE))
        assert asked.status_code == 302
        assert asked["Location"] == f"{reverse('sign_in')}?next={reverse(CREATE)}"
        page = get_page(client, asked["Location"])
        assert page.one("input", name="password")["type"] == "password"

        answer = client.post(
            asked["Location"], {"username": "sri", "password": PASSWORD, "next": reverse(CREATE)}
        )
        assert answer["Location"] == reverse(CREATE)

    def test_wrong_password_is_said_and_announced(self, client: Client, user: User) -> None:
        response = client.post(reverse("sign_in"), {"username": "sri", "password": "wrong"})
        page = page_of(response)
        assert "correct username and password" in page.one(role="alert").text

    def test_sign_out_takes_a_post_and_ends_the_session(self, signed_in: Client) -> None:
        assert signed_in.get(reverse("sign_out")).status_code == 405
        assert signed_in.post(reverse("sign_out"))["Location"] == reverse("sign_in")
        assert signed_in.get(reverse(LIST)).status_code == 302

    def test_sign_in_never_leads_to_another_site(self, client: Client, user: User) -> None:
        answer = client.post(
            reverse("sign_in"),
            {"username": "sri", "password": PASSWORD, "next": "https://elsewhere.example/"},
        )
        assert answer["Location"] == reverse(LIST)


class TestCollectionList:
    def test_empty_list_says_what_to_do(self, signed_in: Client) -> None:
        page = get_page(signed_in, reverse(LIST))
        assert page.one("h2").text == "Welcome to the darkroom"
        assert page.one("a", href=reverse(CREATE)).text == "Create the first collection"

    def test_shows_own_and_shared_collections_with_counts_and_covers(
        self, signed_in: Client, user: User
    ) -> None:
        own = make_collection(owner=user, title="Album")
        photos = [make_photo(collection=own) for _ in range(2)]
        make_collection(title="Shared box", members={user: Membership.Role.VIEWER})
        make_collection(title="Somebody else's")
        page = get_page(signed_in, reverse(LIST))
        cards = page.all("li", class_="card")
        assert [card.text for card in cards] == ["No photos yet Shared box 0 photos", "Album 2 photos"]
        cover = page.one("img", width="128")
        assert cover["src"] == reverse("archive:rendition", args=[photos[1].pk, "thumbnail"])
        assert page.one("a", href=reverse("restoration:collection_detail", args=[own.pk])).text == "Album"

    def test_cover_whose_file_is_gone_is_a_card_with_a_sentence(self, signed_in: Client, user: User) -> None:
        photo = make_photo(collection=make_collection(owner=user))
        remove_renditions(photo.original.sha256)
        page = get_page(signed_in, reverse(LIST))
        assert "The file of this picture is missing." in page.one("li", class_="card").text

    def test_number_of_queries_does_not_grow_with_the_list(
        self, signed_in: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(3):
            make_photo(collection=make_collection(owner=user))
        with django_assert_num_queries(5):  # session, user, number of collections, collections, covers
            signed_in.get(reverse(LIST))

    def test_long_list_has_pages(self, signed_in: Client, user: User) -> None:
        for number in range(25):
            make_collection(owner=user, title=f"Box {number:02}")
        page = get_page(signed_in, reverse(LIST) + "?page=2")
        assert [link.text for link in page.all("a", class_="card__link")] == ["Box 00"]
        assert page.one("a", rel="prev")["href"] == "?page=1"


class TestNewCollection:
    def test_form_then_gallery(self, signed_in: Client, user: User) -> None:
        page = get_page(signed_in, reverse(CREATE))
        assert "required" in page.one("input", name="title").attributes
        answer = signed_in.post(reverse(CREATE), {"title": "Album of 1932", "description": "Two prints."})
        collection = Collection.objects.get()
        assert answer["Location"] == reverse("restoration:collection_detail", args=[collection.pk])
        assert (collection.title, collection.owner, collection.auto_restore) == ("Album of 1932", user, False)

    def test_missing_title_is_said_beside_the_field(self, signed_in: Client) -> None:
        response = signed_in.post(reverse(CREATE), {"title": " "})
        page = page_of(response)
        title = page.one("input", name="title")
        assert title["aria-invalid"] == "true"
        assert page.one(class_="field__errors").text == "This field is required."
        assert not Collection.objects.exists()


class TestErrorPages:
    def test_unknown_address(self, signed_in: Client) -> None:
        response = signed_in.get("/nothing/here/")
        assert response.status_code == 404
        page = page_of(response)
        assert page.one("h1").text == "Not found"

    def test_form_without_its_token(self, user: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        response = client.post(reverse(CREATE), {"title": "Album"})
        assert response.status_code == 403
        page = page_of(response)
        assert page.one("h1").text == "This form is too old"

    def test_fault_of_our_own(self, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise RuntimeError("as if the disk were gone")

        monkeypatch.setattr("archive.views.collections.with_overview", fail)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        response = client.get(reverse(LIST))
        assert response.status_code == 500
        page = page_of(response)
        assert page.one("h1").text == "Something went wrong"
