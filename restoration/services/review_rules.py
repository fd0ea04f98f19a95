"""The rule of four eyes, set by a collection's owners."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from archive.models import Collection
from archive.services import record_event
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import ReviewRule
from restoration.reviewing.rules import Rule


@transaction.atomic
def set_review_rule(*, collection: Collection, actor: User, rule: str) -> Rule:
    """Say what approvals in the collection, and in everything below it, need from now on.

    What is approved already stays approved. Raises InputError `restoration:rule:unknown`.
    """
    if rule not in Rule.values:
        raise messages.input_error("restoration:rule:unknown")
    # The collection's row makes two owners wait for each other.
    Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
    before = ReviewRule.objects.filter(collection=collection).first()
    was = Rule(before.rule) if before else Rule.NONE
    wanted = Rule(rule)
    if wanted == was:
        return wanted
    if wanted == Rule.NONE:
        ReviewRule.objects.filter(collection=collection).delete()
    else:
        ReviewRule.objects.update_or_create(collection=collection, defaults={"rule": wanted})
    record_event(
        collection=collection,
        kind=EventKind.RULE_SET,
        actor=actor,
        details={"rule": wanted.value, "was": was.value},
    )
    return wanted
