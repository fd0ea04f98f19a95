"""Who is a member and as what, and how one becomes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.access.keys import digest_of, new_key
from archive.access.roles import Role
from archive.events.kinds import AccessEvent
from archive.messages import input_error, state_error
from archive.models import Collection, Invitation, Membership
from archive.services.events import record_event

INVITATION_LIFETIME = timedelta(days=14)


def add_member(*, collection: Collection, user: User, role: Role) -> Membership:
    """Give `user` the `role` in `collection`, in place of an earlier one. The person responsible stays
    owner.
    """
    if user.pk == collection.owner_id:
        role = Role.OWNER
    membership, _created = Membership.objects.update_or_create(
        collection=collection, user=user, defaults={"role": role}
    )
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: Role, actor: User) -> Membership:
    """Give a member another role.

    Raises StateError archive:member:responsible for the person responsible, who stays owner.
    """
    locked = _lock(membership)
    if role != Role.OWNER:
        _refuse_responsible(locked)
    before = locked.role
    locked.role = role
    locked.save(update_fields=["role"])
    _record(locked, AccessEvent.MEMBER_CHANGED, actor, role=role, before=before)
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, actor: User) -> None:
    """Take a member's role away; what he holds further up in the tree stays.

    Raises StateError archive:member:responsible for the person responsible: transfer the collection first, so
    that none is left without an owner.
    """
    locked = _lock(membership)
    _refuse_responsible(locked)
    _record(locked, AccessEvent.MEMBER_REMOVED, actor, role=locked.role)
    locked.delete()


@transaction.atomic
def transfer_collection(*, collection: Collection, to: User, actor: User) -> Collection:
    """Make `to`, who must be a member here, the person responsible; the one before stays as an owner.

    Raises StateError archive:member:unknown when `to` is no member of the collection itself.
    """
    locked = Collection.objects.select_for_update().get(pk=collection.pk)
    member = Membership.objects.filter(collection=locked, user=to).first()
    if member is None:
        raise state_error("archive:member:unknown")
    before = locked.owner
    locked.owner = to
    locked.save(update_fields=["owner"])
    add_member(collection=locked, user=to, role=Role.OWNER)
    record_event(
        collection=locked,
        kind=AccessEvent.OWNER_CHANGED,
        actor=actor,
        details={"owner": to.get_username(), "before": before.get_username()},
    )
    return locked


@transaction.atomic
def invite_member(
    *,
    collection: Collection,
    email: str,
    role: Role,
    actor: User,
    deliver: Callable[[Invitation, str], None] | None = None,
    expires_at: datetime | None = None,
) -> tuple[Invitation, str]:
    """Invite the reader of `email`, for two weeks unless `expires_at` says otherwise.

    The key, of which only a digest is kept, is returned this once; `deliver` is called with the invitation
    and the key after the commit. An earlier open invitation to the same address is revoked.

    Raises InputError archive:invitation:member when a member has this address.
    """
    if Membership.objects.filter(collection=collection, user__email__iexact=email).exists():
        raise input_error("archive:invitation:member", email=email)
    earlier = Invitation.objects.valid().filter(collection=collection, email__iexact=email)
    earlier.update(revoked_at=timezone.now())
    key = new_key()
    invitation = Invitation.objects.create(
        collection=collection,
        email=email,
        role=role,
        key_digest=digest_of(key),
        invited_by=actor,
        expires_at=expires_at or timezone.now() + INVITATION_LIFETIME,
    )
    record_event(
        collection=collection,
        kind=AccessEvent.MEMBER_INVITED,
        actor=actor,
        details={"invitation": str(invitation.pk), "email": email, "role": role},
    )
    if deliver is not None:
        transaction.on_commit(lambda: deliver(invitation, key))
    return invitation, key


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    """Close an open invitation; revoking another changes nothing."""
    if Invitation.objects.valid().filter(pk=invitation.pk).update(revoked_at=timezone.now()):
        record_event(
            collection=invitation.collection,
            kind=AccessEvent.INVITATION_REVOKED,
            actor=actor,
            details={"invitation": str(invitation.pk), "email": invitation.email},
        )


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make `user` a member as the invitation says; whoever has a greater role already keeps it.

    Raises StateError archive:invitation:closed when it has ended, was revoked or accepted, be it just now.
    """
    # The conditional UPDATE is what makes it good for one only, whoever comes at the same time.
    accepted = Invitation.objects.valid().filter(pk=invitation.pk)
    if not accepted.update(accepted_at=timezone.now(), accepted_by=user):
        raise state_error("archive:invitation:closed")
    held = Membership.objects.filter(collection=invitation.collection, user=user).first()
    role = Role(invitation.role)
    if held is not None and Role(held.role).rank <= role.rank:
        return held
    membership = add_member(collection=invitation.collection, user=user, role=role)
    _record(membership, AccessEvent.MEMBER_ADDED, user, role=role, invitation=str(invitation.pk))
    return membership


def _lock(membership: Membership) -> Membership:
    """The row as it is now, locked together with its collection, whose owner may be changing."""
    Collection.objects.select_for_update().get(pk=membership.collection_id)
    return Membership.objects.select_related("collection", "user").get(pk=membership.pk)


def _refuse_responsible(membership: Membership) -> None:
    if membership.user_id == membership.collection.owner_id:
        raise state_error("archive:member:responsible")


def _record(membership: Membership, kind: AccessEvent, actor: User, **details: str) -> None:
    member = {"member": membership.user.get_username()}
    record_event(collection=membership.collection, kind=kind, actor=actor, details=member | details)
