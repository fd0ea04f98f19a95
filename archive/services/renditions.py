"""The pictures that pages show of an original, and what is known of its look by them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from archive.files import renditions
from archive.files.colours import mean_colour
from archive.files.renditions import DraftRendition
from archive.files.storage import Area, StoredFile
from archive.finding.likeness import perceptual_hash
from archive.models import Original, Rendition


def keep_renditions(*, original: Original, drafts: Sequence[DraftRendition]) -> None:
    """Give drafts their place under the original's name, and rows. In the caller's transaction."""
    renditions.place_renditions(list(drafts), original.sha256)
    for draft in drafts:
        spec = draft.spec
        Rendition.objects.update_or_create(
            original=original,
            kind=spec.kind,
            defaults={"width": spec.width, "height": spec.height, "byte_size": spec.byte_size},
        )


def remake_renditions(*, original: Original) -> bool:
    """Make the renditions of a stored original anew, and its mean colour and perceptual hash with them.

    False where it has been removed meanwhile. Raises as `draft_renditions`: OSError when its file is missing
    or does not decode.
    """
    with (
        StoredFile(Area.ORIGINALS, original.sha256).local_copy() as path,
        renditions.draft_renditions(path) as drafts,
    ):
        # The last draft is the smallest.
        look = {
            "colour": mean_colour(drafts[-1].path),
            "perceptual_hash": perceptual_hash(drafts[-1].path),
        }
        with transaction.atomic():
            # The row's lock makes a deletion of the same original wait.
            row = Original.objects.select_for_update().filter(pk=original.pk).first()
            if row is None:
                return False
            for name, value in look.items():
                setattr(row, name, value)
            row.save()
            keep_renditions(original=row, drafts=drafts)
    return True
