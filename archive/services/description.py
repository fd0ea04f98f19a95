"""What people say about photos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.description.changes import MAX_TAGS, Description
from archive.description.fields import DATE_BOUNDS, Changes, fill_in
from archive.events.kinds import EventKind
from archive.messages import input_error
from archive.models import Photo, Tag, tag_key
from archive.services.events import NewEvent, record_events

MAX_PHOTOS_AT_ONCE = 10_000
_BATCH = 500


@transaction.atomic
def describe_photo(*, photo: Photo, actor: User, tags: Sequence[str] | None = None, **fields: str) -> Photo:
    """Set `fields` of PHOTO_FIELDS and, where given, all of the photo's `tags`; record what was different.

    Raises InputError as `Description.cleaned` does.
    """
    description = Description(fields=fields, tags=tags)
    describe_photos(descriptions={photo.pk: description}, actor=actor)
    photo.refresh_from_db(fields=[*fields, *DATE_BOUNDS, "updated_at"])
    return photo


@transaction.atomic
def describe_photos(*, descriptions: Mapping[UUID, Description], actor: User) -> set[UUID]:
    """Describe photos by their keys, all or none; returns those that were not so before.

    Whoever calls has made sure that `actor` may change them. Photos that are described alike should share one
    Description. Raises InputError as `Description.cleaned` does, and archive:description:too-many-photos.
    """
    if len(descriptions) > MAX_PHOTOS_AT_ONCE:
        raise input_error("archive:description:too-many-photos", limit=MAX_PHOTOS_AT_ONCE)
    fit: dict[int, Description] = {}
    for each in descriptions.values():
        if id(each) not in fit:
            fit[id(each)] = each.cleaned()
    changed: set[UUID] = set()
    in_order = sorted(descriptions)
    for start in range(0, len(in_order), _BATCH):
        keys = in_order[start : start + _BATCH]
        # Locked in one order, so that of two such calls one waits for the other and never both.
        rows = Photo.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        wanted = {key: fit[id(descriptions[key])] for key in keys}
        changed |= _describe(list(rows.prefetch_related("collection")), wanted, actor)
    return changed


def _describe(rows: list[Photo], wanted: Mapping[UUID, Description], actor: User) -> set[UUID]:
    changes: dict[UUID, Changes] = {row.pk: fill_in(row, wanted[row.pk].fields) for row in rows}
    for pk, change in _retag([row.pk for row in rows], wanted).items():
        changes[pk]["tags"] = change
    different = [row for row in rows if changes[row.pk]]
    alike: dict[int, list[Photo]] = {}
    for row in different:
        alike.setdefault(id(wanted[row.pk]), []).append(row)
    now = timezone.now()
    for group in alike.values():
        # What they are described as is the same, whatever each was before.
        columns = [*wanted[group[0].pk].fields]
        columns += DATE_BOUNDS if "date_edtf" in columns else []
        values = {name: getattr(group[0], name) for name in columns}
        Photo.objects.filter(pk__in=[row.pk for row in group]).update(**values, updated_at=now)
    record_events(
        events=[
            NewEvent(
                collection=row.collection,
                kind=EventKind.PHOTO_DESCRIBED,
                actor=actor,
                photo=row,
                details={"photo": str(row.pk), "changes": changes[row.pk]},
            )
            for row in different
        ]
    )
    return {row.pk for row in different}


def _retag(photos: Sequence[UUID], wanted: Mapping[UUID, Description]) -> dict[UUID, dict[str, list[str]]]:
    """Give and take tags; {photo: {"from": names, "to": names}} where something is different."""
    before: dict[UUID, dict[str, Tag]] = {
        pk: {}
        for pk in photos
        if wanted[pk].tags is not None or wanted[pk].add_tags or wanted[pk].remove_tags
    }
    if not before:
        return {}
    links = Photo.tags.through.objects
    for link in links.filter(photo__in=before).select_related("tag").order_by("tag__key"):
        before[link.photo_id][link.tag.key] = link.tag
    named = {name for pk in before for name in (*(wanted[pk].tags or ()), *wanted[pk].add_tags)}
    tags = _tags_named(named)
    changes, new, gone = {}, [], []
    for pk, old in before.items():
        after = wanted[pk].tags_after(old, tags)
        if after.keys() == old.keys():
            continue
        if len(after) > MAX_TAGS:
            raise input_error("archive:description:too-many-tags", limit=MAX_TAGS)
        changes[pk] = {
            "from": [tag.name for tag in old.values()],
            "to": [after[key].name for key in sorted(after)],
        }
        new += [Photo.tags.through(photo_id=pk, tag=tag) for key, tag in after.items() if key not in old]
        gone += [(pk, tag.pk) for key, tag in old.items() if key not in after]
    for tag_pk in {tag_pk for _photo, tag_pk in gone}:
        links.filter(tag_id=tag_pk, photo_id__in=[photo for photo, tag in gone if tag == tag_pk]).delete()
    links.bulk_create(new, batch_size=_BATCH)
    return changes


def _tags_named(names: Iterable[str]) -> dict[str, Tag]:
    """Tags by their keys; those that nobody has used so far are made."""
    wanted = {tag_key(name): name for name in names}
    # Somebody else may make the same one at the same time: whoever comes first decides on its letters.
    known = set(Tag.objects.filter(key__in=wanted).values_list("key", flat=True))
    Tag.objects.bulk_create(
        [Tag(name=name, key=key) for key, name in wanted.items() if key not in known], ignore_conflicts=True
    )
    return {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
