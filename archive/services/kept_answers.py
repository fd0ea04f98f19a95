"""Answers that are kept for whoever asks the same thing again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from archive.access.keys import digest_of
from archive.messages import key_reused_error
from archive.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)


class AlreadyAnsweredError(Exception):
    """Somebody else's request with the same key was quicker; `find_answer` has its answer."""


def find_answer(*, user: User, key: str, request_digest: str) -> bytes | None:
    """What was answered to this user's request with this key, encrypted; None when there was none.

    Raises KeyReusedError archive:idempotency:other-request when it asked for something else.
    """
    kept = KeptAnswer.objects.filter(user=user, key_digest=digest_of(key)).first()
    if kept is None:
        return None
    if kept.created_at < timezone.now() - KEPT_FOR:
        kept.delete()
        return None
    if kept.request_digest != request_digest:
        raise key_reused_error()
    return None if kept.answer is None else bytes(kept.answer)


def reserve_answer(*, user: User, key: str, request_digest: str) -> KeptAnswer:
    """Make sure that nobody else answers under this key, until the transaction ends that this is called in.

    Whoever tries at the same time waits: for the answer that is committed with what was made, or for the end
    of an attempt that failed, which leaves nothing behind. Raises AlreadyAnsweredError.
    """
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                user=user, key_digest=digest_of(key), request_digest=request_digest
            )
    except IntegrityError as error:
        raise AlreadyAnsweredError from error


def keep_answer(*, kept: KeptAnswer, answer: bytes) -> None:
    """Keep the encrypted answer, in the transaction of what it speaks of."""
    kept.answer = answer
    kept.save(update_fields=["answer"])


def sweep_answers(*, now: datetime | None = None) -> int:
    """Remove what was kept for longer than KEPT_FOR; how many there were."""
    return KeptAnswer.objects.older_than((now or timezone.now()) - KEPT_FOR).delete()[0]
