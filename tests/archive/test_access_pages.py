"""The pages about access: what an owner sets, how somebody who was invited comes in, tokens of one's own."""

import re
from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.access.roles import Role
from archive.models import ApiToken, Collection, Invitation, ShareLink
from archive.services import add_member, invite_member, revoke_invitation
from tests.factories import PASSWORD, make_collection, make_user
from tests.html_page import get_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection() -> Collection:
    return make_collection(title="Album of 1932")


@pytest.fixture
def owner(client: Client, collection: Collection) -> Client:
    client.force_login(collection.owner)
    return client


def address(name, *args):
    return reverse(f"archive:{name}", args=args)


def invite(collection, **fields):
    values = {"email": "siti@example.org", "role": Role.CURATOR} | fields
    return invite_member(collection=collection, actor=collection.owner, **values)


class TestInviting:
    def send(self, owner, collection, capture, **fields):
        with capture(execute=True):
            return owner.post(
                address("invitation_create", collection.pk),
                {"email": "siti@example.org", "role": "curator"} | fields,
            )

    def test_mails_the_address_and_shows_it_once(self, owner, collection, django_capture_on_commit_callbacks):
        answer = self.send(owner, collection, django_capture_on_commit_callbacks)
        assert answer.status_code == 201
        shown = re.search(r'value="(http://testserver/invited/[^"]+)"', answer.content.decode())[1]
        assert shown in mail.outbox[0].body
        assert mail.outbox[0].to == ["siti@example.org"]
        assert "Album of 1932" in mail.outbox[0].subject
        assert "no-store" in answer["Cache-Control"]
        later = owner.get(address("access", collection.pk)).content.decode()
        assert "/invited/" not in later
        assert "siti@example.org" in later

    @pytest.mark.django_db(transaction=True)
    def test_a_mail_that_cannot_be_sent_is_said_and_the_invitation_stands(
        self, owner, collection, monkeypatch
    ):
        def refuse(**_fields):
            raise SMTPException

        monkeypatch.setattr("archive.access.invitation_mail.send_mail", refuse)
        given = {"email": "siti@example.org", "role": "curator"}
        answer = owner.post(address("invitation_create", collection.pk), given)
        assert answer.status_code == 201
        assert "could not be sent" in answer.content.decode()
        assert Invitation.objects.valid().count() == 1

    def test_a_wrong_address_comes_back_with_a_sentence(
        self, owner, collection, django_capture_on_commit_callbacks
    ):
        answer = self.send(owner, collection, django_capture_on_commit_callbacks, email="siti")
        assert answer.status_code == 400
        assert "Enter a valid email address." in answer.content.decode()
        assert mail.outbox == []

    def test_a_title_with_line_breaks_makes_no_header(
        self, owner, collection, django_capture_on_commit_callbacks
    ):
        Collection.objects.update(title="Album\r\nBcc: all@example.org")
        self.send(owner, collection, django_capture_on_commit_callbacks)
        assert "\n" not in mail.outbox[0].subject


class TestAccepting:
    def test_the_key_leaves_the_address(self, client, collection):
        _invitation, key = invite(collection)
        answer = client.get(address("invitation_open", key))
        assert (answer.status_code, answer["Location"]) == (302, address("invitation"))
        assert answer["Referrer-Policy"] == "no-referrer"
        page = client.get(address("invitation")).content.decode()
        assert "Album of 1932" in page
        assert key not in page

    def test_with_an_account_after_signing_in(self, client, collection):
        user = make_user("siti")
        client.get(address("invitation_open", invite(collection)[1]))
        refused = client.post(address("invitation"))
        assert refused.status_code == 200  # not signed in: the page again, with the way to do so
        client.post(
            reverse("sign_in"),
            {"username": "siti", "password": PASSWORD, "next": address("invitation")},
        )
        assert "signed in as siti" in client.get(address("invitation")).content.decode()
        answer = client.post(address("invitation"))
        assert answer["Location"] == reverse("restoration:collection_detail", args=[collection.pk])
        assert Collection.objects.curated_by(user).get() == collection

    def test_with_a_new_account(self, client, collection):
        client.get(address("invitation_open", invite(collection)[1]))
        answer = client.post(
            address("invitation_account"),
            {"username": "siti", "password1": PASSWORD, "password2": PASSWORD},
            follow=True,
        )
        assert answer.status_code == 200
        user = User.objects.get(username="siti")
        assert (user.email, user.is_staff) == ("siti@example.org", False)
        assert answer.context["user"] == user
        assert Collection.objects.curated_by(user).get() == collection

    @pytest.mark.parametrize(
        "wrong",
        [{"password2": "another"}, {"password1": "12345678", "password2": "12345678"}, {"username": ""}],
    )
    def test_an_account_must_be_a_good_one(self, client, collection, wrong):
        client.get(address("invitation_open", invite(collection)[1]))
        given = {"username": "siti", "password1": PASSWORD, "password2": PASSWORD} | wrong
        assert client.post(address("invitation_account"), given).status_code == 400
        assert not User.objects.filter(username="siti").exists()

    def test_an_invitation_revoked_meanwhile_makes_no_account(self, client, collection):
        invitation, key = invite(collection)
        client.get(address("invitation_open", key))
        revoke_invitation(invitation=invitation, actor=collection.owner)
        given = {"username": "siti", "password1": PASSWORD, "password2": PASSWORD}
        assert client.post(address("invitation_account"), given).status_code == 404
        assert not User.objects.filter(username="siti").exists()

    def test_without_a_key_there_is_nothing(self, client, collection):
        assert client.get(address("invitation")).status_code == 404
        assert client.get(address("invitation_open", "guessed")).status_code == 404
        assert client.post(address("invitation_account"), {}).status_code == 404

    def test_into_the_bin_nobody_is_let(self, client, collection):
        _invitation, key = invite(collection)
        client.get(address("invitation_open", key))
        Collection.objects.update(deleted_at=timezone.now())
        client.force_login(make_user())
        assert client.post(address("invitation")).status_code == 404


class TestMembers:
    def test_a_role_is_changed_and_taken_away(self, owner, collection):
        membership = add_member(collection=collection, user=make_user("budi"), role=Role.VIEWER)
        owner.post(address("member_change", membership.pk), {"role": "reviewer"})
        membership.refresh_from_db()
        assert membership.role == Role.REVIEWER
        owner.post(address("member_change", membership.pk), {"role": "king"})
        owner.post(address("member_remove", membership.pk))
        assert list(collection.memberships.values_list("user", flat=True)) == [collection.owner_id]

    def test_the_person_responsible_is_told_to_hand_over_first(self, owner, collection):
        own = collection.memberships.get()
        page = owner.post(address("member_remove", own.pk), follow=True).content.decode()
        assert "Hand it over to somebody else first." in page
        membership = add_member(collection=collection, user=make_user("budi"), role=Role.VIEWER)
        owner.post(address("member_transfer", membership.pk))
        owner.post(address("member_remove", own.pk))
        assert not Collection.objects.visible_to(own.user).exists()

    def test_roles_from_further_up_are_named(self, owner, collection):
        part = make_collection(owner=collection.owner, parent=collection, title="Box 3")
        add_member(collection=collection, user=make_user("budi"), role=Role.CURATOR)
        page = owner.get(address("access", part.pk)).content.decode()
        assert "budi" in page
        assert "curator, by “Album of 1932” above" in page


class TestSharing:
    def test_a_link_is_shown_once(self, owner, collection):
        given = {"label": "Family", "days": "7", "with_downloads": "on"}
        answer = owner.post(address("link_create", collection.pk), given)
        assert answer.status_code == 201
        assert re.search(r'value="http://testserver/shared/[^"]{43,}"', answer.content.decode())
        link = ShareLink.objects.get()
        assert link.with_downloads
        assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
        later = owner.get(address("access", collection.pk)).content.decode()
        assert "/shared/" not in later
        owner.post(address("link_revoke", link.pk))
        assert not ShareLink.objects.valid().exists()

    @pytest.mark.parametrize("days", ["", "0", "367", "soon"])
    def test_a_link_must_end(self, owner, collection, days):
        assert owner.post(address("link_create", collection.pk), {"days": days}).status_code == 400
        assert not ShareLink.objects.exists()

    def test_opened_to_everybody_and_closed(self, owner, collection):
        owner.post(
            address("publication_change", collection.pk), {"is_public": "on", "public_downloads": "on"}
        )
        collection.refresh_from_db()
        assert (collection.is_public, collection.public_downloads) == (True, True)
        owner.post(address("publication_change", collection.pk), {})
        collection.refresh_from_db()
        assert (collection.is_public, collection.public_downloads) == (False, False)


class TestTokens:
    def test_the_key_is_shown_once_and_works(self, owner, collection):
        given = {
            "name": "scanner",
            "scopes": ["read", "upload"],
            "collections": [collection.pk],
            "days": "30",
        }
        answer = owner.post(address("tokens"), given)
        assert answer.status_code == 201
        key = re.search(r'id="new-key"[^>]* value="([^"]+)"', answer.content.decode())[1]
        assert key not in owner.get(address("tokens")).content.decode()
        program = Client(headers={"Authorization": f"Token {key}"})
        assert program.get(reverse("api:collection-list")).json()["results"][0]["title"] == "Album of 1932"
        token = ApiToken.objects.get()
        assert token.is_limited
        assert "scanner" in owner.get(address("tokens")).content.decode()
        owner.post(address("token_revoke", token.pk))
        assert program.get(reverse("api:collection-list")).status_code == 401

    def test_a_token_without_a_use_is_refused(self, owner):
        answer = owner.post(address("tokens"), {"name": "scanner"})
        assert answer.status_code == 400
        assert not ApiToken.objects.exists()

    def test_nobody_revokes_what_is_somebody_elses(self, owner, collection):
        owner.post(address("tokens"), {"name": "scanner", "scopes": ["read"]})
        other = Client()
        other.force_login(make_user())
        assert other.post(address("token_revoke", ApiToken.objects.get().pk)).status_code == 404
        assert ApiToken.objects.valid().exists()

    def test_strangers_collections_are_not_on_offer(self, owner, collection):
        make_collection(title="Somebody else's")
        page = owner.get(address("tokens")).content.decode()
        assert "Album of 1932" in page
        assert "Somebody else" not in page


def test_pages_are_whole(owner, collection):
    add_member(collection=collection, user=make_user("budi"), role=Role.VIEWER)
    invite(collection)
    for name, args in (("access", [collection.pk]), ("tokens", []), ("public_collections", [])):
        assert get_page(owner, address(name, *args)).faults() == []
