"""Answers of the API that are kept for a day, for callers who did not get them and ask again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def older_than(self, moment: datetime) -> Self:
        """Kept since before that moment."""
        return self.filter(created_at__lt=moment)


class KeptAnswer(models.Model):
    """What was answered to a request that came with an Idempotency-Key, in the transaction of what it made.

    Neither the key nor the answer can be read here: `key_digest` is the key's SHA-256, `answer` is encrypted
    by the key (`archive.access.kept_answers`). `request_digest` is of all that the request asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(fields=["user", "key_digest"], name="kept_answer_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
