"""A change to what is said about photos, before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from archive.description.fields import Changes, clean_field, differences
from archive.description.single_line import one_line
from archive.messages import input_error
from archive.models import Photo, tag_key

MAX_TAGS = 100
_TAG_MAX_LENGTH = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Description:
    """A change to be made to photos: fields set (to "" where they are cleared), tags added and taken away.

    `tags`, where given, are all that there shall be; what is added and removed comes after.
    """

    fields: Mapping[str, str]
    tags: Sequence[str] | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()

    def cleaned(self) -> Description:
        """The same, fit to keep. Raises InputError as `fill_in` does, and archive:description:bad-tag,
        archive:description:too-many-tags.
        """
        if self.tags is not None and len(self.tags) > MAX_TAGS:
            raise input_error("archive:description:too-many-tags", limit=MAX_TAGS)
        return Description(
            fields={name: clean_field(name, text) for name, text in self.fields.items()},
            tags=None if self.tags is None else clean_tags(self.tags),
            add_tags=clean_tags(self.add_tags),
            remove_tags=clean_tags(self.remove_tags),
        )

    def changes_of(self, photo: Photo, tags: Sequence[str]) -> Changes:
        """What this, cleaned, would change of `photo`, which has `tags` now."""
        changes = differences(photo, self.fields)
        old = {tag_key(name): name for name in tags}
        new = self.tags_after(old, {tag_key(name): name for name in (*(self.tags or ()), *self.add_tags)})
        if new.keys() != old.keys():
            changes["tags"] = {"from": list(old.values()), "to": [new[key] for key in sorted(new)]}
        return changes

    def tags_after(self, old: Mapping[str, T], given: Mapping[str, T]) -> dict[str, T]:
        """The tags by their keys, out of the present ones and those `given` that this names."""
        kept = dict(old) if self.tags is None else {key: given[key] for key in map(tag_key, self.tags)}
        kept |= {key: given[key] for key in map(tag_key, self.add_tags)}
        removed = {tag_key(name) for name in self.remove_tags}
        return {key: tag for key, tag in kept.items() if key not in removed}


def clean_tags(names: Iterable[str]) -> list[str]:
    """`names` on one line each, the same one only once. Raises InputError archive:description:bad-tag."""
    cleaned = {tag_key(name): one_line(name) for name in names}
    if any(not 1 <= len(name) <= _TAG_MAX_LENGTH or {",", ";"} & set(name) for name in cleaned.values()):
        # Both part tags from each other, in forms and in CSV files.
        raise input_error("archive:description:bad-tag")
    return list(cleaned.values())
