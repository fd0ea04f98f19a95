"""Access over REST: tokens by scope and collection, and everything that the pages can set."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models import ApiToken, Collection, Invitation, ShareLink
from archive.services import add_member, create_api_token
from tests.factories import PASSWORD, make_collection, make_photo, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection() -> Collection:
    return make_collection(title="Album of 1932")


def address(name, *args):
    return reverse(f"api:{name}", args=args)


def in_a_browser(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


class TestTokens:
    def test_sees_no_more_than_its_collections_and_what_is_below(self, collection):
        owner = collection.owner
        part = make_collection(owner=owner, parent=collection)
        inside, outside = make_photo(collection=part), make_photo(collection=make_collection(owner=owner))
        client = client_of(owner, collections=[collection])
        listed = client.get(address("collection-list")).json()["results"]
        assert {row["id"] for row in listed} == {str(collection.pk), str(part.pk)}
        assert client.get(address("photo-detail", inside.pk)).status_code == 200
        assert client.get(address("photo-detail", outside.pk)).status_code == 404
        assert client.get(address("photo-original", outside.pk)).status_code == 404

    def test_makes_collections_only_within_its_limits(self, collection):
        client = client_of(collection.owner, collections=[collection])
        assert client.post(address("collection-list"), {"title": "A fonds"}).status_code == 403
        made = client.post(
            address("collection-list"), {"title": "A part", "parent": str(collection.pk)}, format="json"
        )
        assert made.status_code == 201
        assert Collection.objects.get(title="A part").parent == collection

    def test_limits_stay_when_their_collection_goes(self, collection):
        owner = collection.owner
        limit = make_collection(owner=owner)
        client = client_of(owner, collections=[limit])
        ApiToken.objects.get().collections.clear()
        assert client.get(address("collection-list")).json()["results"] == []

    def test_does_no_more_than_its_owner_may(self, collection):
        viewer = make_user()
        add_member(collection=collection, user=viewer, role=Role.VIEWER)
        client = client_of(viewer)
        assert client.patch(address("collection-detail", collection.pk), {"title": "x"}).status_code == 403
        collection.memberships.filter(user=viewer).delete()
        assert client.get(address("collection-detail", collection.pk)).status_code == 404

    @pytest.mark.parametrize("how", ["revoked", "ended", "owner gone", "changed by a letter"])
    def test_what_is_closed_opens_nothing(self, collection, how):
        _token, key = create_api_token(user=collection.owner, name="x", scopes=list(Scope))
        if how == "revoked":
            ApiToken.objects.update(revoked_at=timezone.now())
        elif how == "ended":
            ApiToken.objects.update(expires_at=timezone.now())
        elif how == "owner gone":
            User.objects.update(is_active=False)
        else:
            key = key[:-1] + ("A" if key[-1] != "A" else "B")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        answer = client.get(address("collection-list"))
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")

    def test_for_some_collections_is_not_for_the_whole_archive(self, collection):
        operator = make_user(is_staff=True)
        add_member(collection=collection, user=operator, role=Role.VIEWER)
        assert client_of(operator).get(address("fixity")).status_code == 200
        assert client_of(operator, collections=[collection]).get(address("fixity")).status_code == 403

    def test_refusal_says_why(self, collection):
        answer = client_of(collection.owner, scopes=[Scope.UPLOAD]).get(address("collection-list"))
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"
        assert "token" in answer.json()["message"]

    def test_sign_in_gives_a_token_of_the_wanted_scopes_that_ends(self):
        make_user("siti")
        given = {"username": "siti", "password": PASSWORD, "scopes": ["read"]}
        answer = APIClient().post(address("token"), given, format="json").json()
        token = ApiToken.objects.opened_by(answer["token"]).get()
        assert token.scopes == ["read"]
        assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)

    def test_made_listed_and_revoked_by_the_person_alone(self, collection):
        browser = in_a_browser(collection.owner)
        given = {"name": "scanner", "scopes": ["upload"], "collections": [str(collection.pk)]}
        made = browser.post(address("token-list"), given, format="json")
        assert made.status_code == 201
        listed = browser.get(address("token-list")).json()["results"]
        assert [(row["name"], row["collections"]) for row in listed] == [("scanner", [str(collection.pk)])]
        assert "token" not in listed[0]
        program = APIClient()
        program.credentials(HTTP_AUTHORIZATION=f"Token {made.json()['token']}")
        assert program.post(address("token-list"), given, format="json").status_code == 403
        other = in_a_browser(make_user())
        assert other.delete(address("token-detail", made.json()["id"])).status_code == 404
        assert browser.delete(address("token-detail", made.json()["id"])).status_code == 204
        assert program.get(address("collection-list")).status_code == 401

    def test_a_token_for_all_says_so_and_one_for_nothing_is_refused(self, collection):
        browser = in_a_browser(collection.owner)
        made = browser.post(address("token-list"), {"name": "x", "scopes": ["read"]}, format="json")
        assert made.json()["collections"] is None
        given = {"name": "x", "scopes": ["read"], "collections": []}
        refused = browser.post(address("token-list"), given, format="json")
        assert (refused.status_code, refused.json()["code"]) == (400, "archive:token:collections")


class TestMembers:
    def test_invited_accepted_changed_and_removed(self, collection, django_capture_on_commit_callbacks):
        owner = client_of(collection.owner, scopes=[Scope.ADMIN])
        with django_capture_on_commit_callbacks(execute=True):
            sent = owner.post(
                address("collection-invitations", collection.pk),
                {"email": "siti@example.org", "role": "viewer"},
            )
        assert sent.status_code == 201
        url = sent.json()["url"]
        assert url in mail.outbox[0].body
        listed = owner.get(address("collection-invitations", collection.pk)).json()["results"]
        assert [row.get("url") for row in listed] == [None]
        siti = make_user("siti")
        given = {"key": url.rstrip("/").rsplit("/", 1)[1]}
        accepted = in_a_browser(siti).post(address("invitation-acceptance"), given)
        assert (accepted.status_code, accepted.json()["role"]) == (201, "viewer")
        assert in_a_browser(make_user()).post(address("invitation-acceptance"), given).status_code == 404
        member = accepted.json()["id"]
        changed = owner.patch(address("member-detail", member), {"role": "curator"})
        assert changed.json() == {"id": member, "user": "siti", "role": "curator"}
        members = owner.get(address("collection-members", collection.pk)).json()["results"]
        assert {row["user"]: row["role"] for row in members}["siti"] == "curator"
        assert owner.delete(address("member-detail", member)).status_code == 204
        assert not Collection.objects.visible_to(siti).exists()

    def test_an_invitation_is_revoked(self, collection):
        owner = client_of(collection.owner)
        given = {"email": "siti@example.org", "role": "viewer"}
        sent = owner.post(address("collection-invitations", collection.pk), given).json()
        assert owner.delete(address("invitation-detail", sent["id"])).status_code == 204
        assert not Invitation.objects.valid().exists()

    def test_the_person_responsible(self, collection):
        owner = client_of(collection.owner)
        own = address("member-detail", collection.memberships.get().pk)
        refused = owner.delete(own)
        assert (refused.status_code, refused.json()["code"]) == (409, "archive:member:responsible")
        heir = make_user("budi")
        outside = owner.put(address("collection-owner", collection.pk), {"username": "budi"})
        assert (outside.status_code, outside.json()["code"]) == (409, "archive:member:unknown")
        add_member(collection=collection, user=heir, role=Role.VIEWER)
        assert owner.put(address("collection-owner", collection.pk), {"username": "budi"}).status_code == 200
        assert owner.delete(own).status_code == 204
        collection.refresh_from_db()
        assert collection.owner == heir


class TestSharing:
    def test_a_link_is_made_listed_and_revoked(self, collection):
        owner = client_of(collection.owner)
        made = owner.post(address("collection-share-links", collection.pk), {"label": "Family"}).json()
        assert made["url"].startswith("http://testserver/shared/")
        listed = owner.get(address("collection-share-links", collection.pk)).json()["results"]
        assert [(row["label"], row.get("url"), row["visit_count"]) for row in listed] == [("Family", None, 0)]
        assert owner.delete(address("share-link-detail", made["id"])).status_code == 204
        assert not ShareLink.objects.valid().exists()

    def test_opened_to_everybody_and_closed(self, collection):
        owner = client_of(collection.owner)
        place = address("collection-publication", collection.pk)
        opened = owner.put(place, {"is_public": True, "public_downloads": True}, format="json")
        assert opened.json() == {"is_public": True, "public_downloads": True}
        assert owner.get(place).json() == opened.json()
        closed = owner.put(place, {"is_public": False, "public_downloads": True}, format="json")
        assert closed.json() == {"is_public": False, "public_downloads": False}
