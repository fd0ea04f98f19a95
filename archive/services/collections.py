"""Collections, and their place in the tree."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from archive.access.roles import Role
from archive.description.fields import COLLECTION_FIELDS, DATE_BOUNDS, Changes, fill_in
from archive.events.kinds import EventKind
from archive.messages import input_error
from archive.models import Collection, Level, Lineage
from archive.services.access import add_member
from archive.services.events import record_event
from archive.services.holds import refuse_if_held


@transaction.atomic
def create_collection(
    *,
    owner: User,
    title: str,
    parent: Collection | None = None,
    level: Level | str | None = None,
    auto_restore: bool = True,
    collection_id: UUID | None = None,
    **description: str,
) -> Collection:
    """Create a collection of `owner`'s, at the top or in `parent`; whoever has a role there has it here, too.

    Without `level` it is a fonds at the top, else one level below its parent. `description`: further fields
    of COLLECTION_FIELDS. `collection_id` is for a collection that has had an id elsewhere. Raises InputError
    archive:tree:not-deeper and those of `fill_in`, ValidationError when a field does not fit.
    """
    collection = Collection(owner=owner, parent=parent, auto_restore=auto_restore)
    if collection_id is not None:
        collection.pk = collection_id
    fill_in(collection, {"title": title} | description)
    if parent is not None:
        # A move of the parent waits until this one stands in its lines of descent.
        parent = Collection.objects.select_for_update(no_key=True).get(pk=parent.pk)
    collection.level = Level(level) if level else Level(parent.level).below if parent else Level.FONDS
    _check_level(collection.level, parent)
    collection.full_clean()
    collection.save()
    Lineage.objects.create(descendant=collection, ancestor=collection, distance=0)
    if parent is not None:
        _hang_below(parent, [(collection.pk, 0)])
    add_member(collection=collection, user=owner, role=Role.OWNER)
    record_event(
        collection=collection,
        kind=EventKind.COLLECTION_CREATED,
        actor=owner,
        details={
            "title": collection.title,
            "level": collection.level,
            "parent": str(parent.pk) if parent else None,
        },
    )
    return collection


@transaction.atomic
def update_collection(*, collection: Collection, actor: User, **changes: Any) -> Collection:
    """Change fields of COLLECTION_FIELDS, or auto_restore; nothing is written where nothing is different.

    Raises InputError as `fill_in` does, ValidationError when a field does not fit.
    """
    unknown = changes.keys() - {*COLLECTION_FIELDS, "auto_restore"}
    if unknown:
        raise TypeError(f"not to be changed: {', '.join(sorted(unknown))}")
    row = Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
    different = fill_in(row, {name: changes[name] for name in COLLECTION_FIELDS if name in changes})
    if "auto_restore" in changes and changes["auto_restore"] != row.auto_restore:
        different["auto_restore"] = {"from": row.auto_restore, "to": changes["auto_restore"]}
        row.auto_restore = changes["auto_restore"]
    if different:
        row.full_clean()
        row.save(update_fields=[*different, *DATE_BOUNDS])
        record_event(
            collection=row, kind=EventKind.COLLECTION_CHANGED, actor=actor, details={"changes": different}
        )
    for name in (*changes, *DATE_BOUNDS):
        setattr(collection, name, getattr(row, name))
    return collection


@transaction.atomic
def move_collection(
    *, collection: Collection, actor: User, parent: Collection | None, level: Level | str | None = None
) -> Collection:
    """Put `collection`, with everything below it, into `parent` or at the top (None).

    Without `level` it keeps its own. Who has a role only above its old place loses it here; who has one above
    the new place gains it. Raises InputError archive:tree:circle, archive:tree:not-deeper,
    archive:tree:children-not-deeper, StateError archive:hold:held.
    """
    # All of them: two moves at a time, each right for itself, could close a circle. Moves are rare; and this
    # lock lets photos come in meanwhile.
    rows = {row.pk: row for row in Collection.objects.select_for_update(no_key=True).order_by("pk")}
    row = rows[collection.pk]
    new_parent = rows[parent.pk] if parent is not None else None
    new_level = Level(level) if level else Level(row.level)
    below = list(Lineage.objects.filter(ancestor=row).values_list("descendant", "distance"))
    if new_parent is not None and any(new_parent.pk == pk for pk, _distance in below):
        raise input_error("archive:tree:circle")
    _check_level(new_level, new_parent)
    if row.parent_id != (new_parent.pk if new_parent else None):
        refuse_if_held(row.pk)  # a hold that lies above would be evaded
    if any(
        Level(child.level).depth <= new_level.depth for child in rows.values() if child.parent_id == row.pk
    ):
        raise input_error("archive:tree:children-not-deeper", level=new_level.label)
    changes: Changes = {
        "parent": {"from": _key(row.parent_id), "to": _key(new_parent.pk if new_parent else None)},
        "level": {"from": row.level, "to": new_level.value},
    }
    changes = {name: change for name, change in changes.items() if change["from"] != change["to"]}
    if "parent" in changes:
        above = Lineage.objects.filter(descendant=row, distance__gt=0)
        Lineage.objects.filter(
            descendant__in=[pk for pk, _distance in below],
            ancestor__in=list(above.values_list("ancestor", flat=True)),
        ).delete()
        if new_parent is not None:
            _hang_below(new_parent, below)
    row.parent, row.level = new_parent, new_level
    row.save(update_fields=["parent", "level"])
    if changes:
        record_event(
            collection=row, kind=EventKind.COLLECTION_MOVED, actor=actor, details={"changes": changes}
        )
    collection.parent, collection.level = row.parent, row.level
    return collection


def _check_level(level: Level, parent: Collection | None) -> None:
    if parent is not None and level.depth <= Level(parent.level).depth:
        raise input_error(
            "archive:tree:not-deeper", level=level.label, parent_level=Level(parent.level).label
        )


def _hang_below(parent: Collection, below: list[tuple[UUID, int]]) -> None:
    """Lines from every ancestor of `parent`, itself included, to each (descendant, its depth there)."""
    above = list(Lineage.objects.filter(descendant=parent).values_list("ancestor", "distance"))
    Lineage.objects.bulk_create(
        Lineage(descendant_id=descendant, ancestor_id=ancestor, distance=upwards + 1 + downwards)
        for ancestor, upwards in above
        for descendant, downwards in below
    )


def _key(pk: UUID | None) -> str | None:
    return str(pk) if pk else None
