"""Members, invitations, links and tokens: what the services promise."""

from datetime import timedelta

import pytest
from django.utils import timezone

from archive.access.keys import digest_of
from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.errors import InputError, StateError
from archive.models import ApiToken, Collection, Event, Invitation, Membership, ShareLink
from archive.presentation.overviews import with_role_and_count
from archive.services import (
    AccessEvent,
    accept_invitation,
    add_member,
    change_role,
    count_visit,
    create_api_token,
    create_share_link,
    invite_member,
    note_use,
    publish_collection,
    remove_member,
    revoke_api_token,
    revoke_invitation,
    revoke_share_link,
    transfer_collection,
)
from tests.at_once import at_once
from tests.factories import make_collection, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection() -> Collection:
    return make_collection()


def invite(collection, role=Role.REVIEWER, email="siti@example.org", **fields):
    return invite_member(collection=collection, email=email, role=role, actor=collection.owner, **fields)


class TestMembers:
    def test_the_person_responsible_can_be_neither_demoted_nor_removed(self, collection):
        membership = collection.memberships.get()
        for attempt in (
            lambda: change_role(membership=membership, role=Role.CURATOR, actor=collection.owner),
            lambda: remove_member(membership=membership, actor=collection.owner),
        ):
            with pytest.raises(StateError) as refused:
                attempt()
            assert refused.value.code == "archive:member:responsible"
        assert collection.memberships.get().role == Role.OWNER

    def test_handing_over_leaves_two_owners_one_of_whom_can_go(self, collection):
        before, heir = collection.owner, make_user()
        add_member(collection=collection, user=heir, role=Role.VIEWER)
        transfer_collection(collection=collection, to=heir, actor=before)
        collection.refresh_from_db()
        assert collection.owner == heir
        assert set(collection.memberships.values_list("role", flat=True)) == {Role.OWNER}
        remove_member(membership=collection.memberships.get(user=before), actor=heir)
        assert list(collection.memberships.values_list("user", flat=True)) == [heir.pk]

    def test_nobody_from_outside_becomes_responsible(self, collection):
        with pytest.raises(StateError) as refused:
            transfer_collection(collection=collection, to=make_user(), actor=collection.owner)
        assert refused.value.code == "archive:member:unknown"

    def test_what_happened_is_written_down(self, collection):
        user = make_user("budi")
        membership = add_member(collection=collection, user=user, role=Role.VIEWER)
        change_role(membership=membership, role=Role.CURATOR, actor=collection.owner)
        remove_member(membership=membership, actor=collection.owner)
        events = Event.objects.filter(kind__in=AccessEvent.values).order_by("created_at")
        assert [(event.kind, event.details) for event in events] == [
            ("member-changed", {"member": "budi", "role": "curator", "before": "viewer"}),
            ("member-removed", {"member": "budi", "role": "curator"}),
        ]

    def test_of_several_roles_the_greatest_is_shown(self, collection):
        user = make_user()
        part = make_collection(owner=collection.owner, parent=collection)
        add_member(collection=collection, user=user, role=Role.CURATOR)
        add_member(collection=part, user=user, role=Role.VIEWER)
        shown = with_role_and_count(Collection.objects.visible_to(user), user)
        assert {each.role for each in shown} == {Role.CURATOR}


class TestInvitations:
    def test_a_key_is_kept_as_a_digest_only(self, collection):
        invitation, key = invite(collection)
        assert invitation.key_digest == digest_of(key)
        assert key not in str(list(Invitation.objects.values()) + list(Event.objects.values()))
        assert len(key) >= 43

    def test_whoever_accepts_is_a_member_and_nobody_after(self, collection):
        invitation, key = invite(collection)
        first, second = make_user(), make_user()
        assert accept_invitation(invitation=invitation, user=first).role == Role.REVIEWER
        assert not Invitation.objects.opened_by(key).exists()
        with pytest.raises(StateError) as refused:
            accept_invitation(invitation=invitation, user=second)
        assert refused.value.code == "archive:invitation:closed"
        assert not collection.memberships.filter(user=second).exists()

    @pytest.mark.parametrize("how", ["revoked", "ended", "followed by another"])
    def test_what_is_closed_opens_nothing(self, collection, how):
        invitation, key = invite(collection)
        if how == "revoked":
            revoke_invitation(invitation=invitation, actor=collection.owner)
        elif how == "ended":
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        else:
            invite(collection, email="Siti@Example.org")
        assert not Invitation.objects.opened_by(key).exists()
        with pytest.raises(StateError):
            accept_invitation(invitation=invitation, user=make_user())

    def test_nobody_loses_a_greater_role_by_accepting(self, collection):
        invitation, _key = invite(collection, role=Role.VIEWER)
        membership = accept_invitation(invitation=invitation, user=collection.owner)
        assert membership.role == Role.OWNER
        curator = make_user()
        add_member(collection=collection, user=curator, role=Role.CURATOR)
        other, _key = invite(collection, role=Role.VIEWER)
        assert accept_invitation(invitation=other, user=curator).role == Role.CURATOR

    def test_members_are_not_invited(self, collection):
        add_member(collection=collection, user=make_user(email="siti@example.org"), role=Role.VIEWER)
        with pytest.raises(InputError) as refused:
            invite(collection, email="SITI@example.org")
        assert refused.value.code == "archive:invitation:member"


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_two_accept_at_once_makes_one_member(collection):
    invitation, _key = invite(collection)
    users = [make_user(), make_user()]
    at_once(*(lambda user=user: accept_invitation(invitation=invitation, user=user) for user in users))
    assert Membership.objects.filter(collection=collection, user__in=users).count() == 1


class TestShareLinks:
    def test_visits_are_counted_until_it_is_closed(self, collection):
        ends = timezone.now() + timedelta(days=1)
        link, key = create_share_link(collection=collection, actor=collection.owner, expires_at=ends)
        count_visit(link=link)
        count_visit(link=link)
        found = ShareLink.objects.opened_by(key).get()
        assert (found.visit_count, found.key_digest) == (2, digest_of(key))
        revoke_share_link(link=link, actor=collection.owner)
        revoke_share_link(link=link, actor=collection.owner)
        assert not ShareLink.objects.opened_by(key).exists()
        kinds = Event.objects.filter(kind__startswith="share-link").values_list("kind", flat=True)
        assert sorted(kinds) == ["share-link-created", "share-link-revoked"]

    def test_an_end_in_the_past_is_refused(self, collection):
        with pytest.raises(InputError) as refused:
            create_share_link(collection=collection, actor=collection.owner, expires_at=timezone.now())
        assert refused.value.code == "archive:access:past"

    def test_downloads_are_only_for_what_is_public(self, collection):
        publish_collection(
            collection=collection, actor=collection.owner, is_public=False, public_downloads=True
        )
        collection.refresh_from_db()
        assert (collection.is_public, collection.public_downloads) == (False, False)


class TestApiTokens:
    def test_a_key_is_kept_as_a_digest_only_and_opens_until_it_is_closed(self, collection):
        token, key = create_api_token(user=collection.owner, name="scanner", scopes=[Scope.UPLOAD])
        assert key not in str(list(ApiToken.objects.values()))
        assert ApiToken.objects.opened_by(key).get() == token
        revoke_api_token(token=token)
        assert not ApiToken.objects.opened_by(key).exists()

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            ({"scopes": []}, "archive:token:scopes"),
            ({"collections": []}, "archive:token:collections"),
            ({"expires_at": timezone.now() - timedelta(days=1)}, "archive:access:past"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, collection, wanted, code):
        with pytest.raises(InputError) as refused:
            create_api_token(user=collection.owner, **({"name": "x", "scopes": [Scope.READ]} | wanted))
        assert refused.value.code == code

    def test_nobody_limits_a_token_to_what_he_does_not_see(self, collection):
        with pytest.raises(InputError) as refused:
            create_api_token(user=make_user(), name="x", scopes=[Scope.READ], collections=[collection])
        assert refused.value.code == "archive:token:collections"

    def test_use_is_noted_once_a_minute(self, collection, django_assert_num_queries):
        token, _key = create_api_token(user=collection.owner, name="x", scopes=[Scope.READ])
        note_use(token=token)
        token.refresh_from_db()
        noted = token.last_used_at
        with django_assert_num_queries(0):
            note_use(token=token)
        token.last_used_at = noted - timedelta(minutes=2)
        token.save()
        note_use(token=token)
        token.refresh_from_db()
        assert token.last_used_at >= noted
