"""The rule of four eyes: what a collection, and everything below it, asks of an approval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from archive.models import Lineage


class Rule(TextChoices):
    """What stands further up holds as well: a part can ask for more, never for less."""

    NONE = "none", _("Every reviewer may approve")
    NOT_OWN = "not-own", _("Nobody approves their own uploads")
    TWO = "two", _("Two people have to approve")


def rules_over(collections: Iterable[UUID]) -> Mapping[UUID, frozenset[Rule]]:
    """The rules that hold in each of the collections, its own and those from above. One query."""
    rows = apps.get_model("restoration", "ReviewRule").objects.filter(
        collection__below__descendant__in=set(collections)
    )
    found: dict[UUID, frozenset[Rule]] = defaultdict(frozenset)
    for collection, rule in rows.values_list("collection__below__descendant", "rule"):
        found[collection] |= {Rule(rule)}
    return found


def collections_under(rule: Rule) -> Any:
    """Keys of the collections in which the rule holds, as a subquery."""
    return Lineage.objects.filter(ancestor__review_rule__rule=rule).values("descendant")
