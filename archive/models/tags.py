"""Keywords of photos."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.description.single_line import one_line


class Tag(models.Model):
    """A keyword, as the first person wrote it; the same word in other letters' case is the same tag."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    # What makes two spellings one tag: `tag_key(name)`.
    key = models.CharField(max_length=200, unique=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)


def tag_key(name: str) -> str:
    """`name` without differences of case, Unicode form and white space."""
    return one_line(name).casefold()
