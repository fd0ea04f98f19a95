"""Collections and their members."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from archive.models import Collection, Membership
from archive.roles import Role
from archive.services.events import EventKind, record_event


@transaction.atomic
def create_collection(
    *, owner: User, title: str, description: str = "", auto_restore: bool = True
) -> Collection:
    """Create a collection whose curator is `owner`. Raises ValidationError when a field does not fit."""
    collection = Collection(owner=owner, title=title, description=description, auto_restore=auto_restore)
    collection.full_clean()
    collection.save()
    add_member(collection=collection, user=owner, role=Role.CURATOR)
    record_event(
        collection=collection, kind=EventKind.COLLECTION_CREATED, actor=owner, details={"title": title}
    )
    return collection


@transaction.atomic
def update_collection(*, collection: Collection, actor: User, **changes: Any) -> Collection:
    """Change title, description or auto_restore. Raises ValidationError when a field does not fit."""
    unknown = changes.keys() - {"title", "description", "auto_restore"}
    if unknown:
        raise TypeError(f"not to be changed: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(collection, name, value)
    collection.full_clean()
    collection.save(update_fields=list(changes))
    record_event(collection=collection, kind=EventKind.COLLECTION_CHANGED, actor=actor, details=dict(changes))
    return collection


def add_member(*, collection: Collection, user: User, role: Role) -> Membership:
    """Give `user` the `role` in `collection`, in place of an earlier one. The owner stays curator."""
    if user.pk == collection.owner_id:
        role = Role.CURATOR
    membership, _created = Membership.objects.update_or_create(
        collection=collection, user=user, defaults={"role": role}
    )
    return membership
