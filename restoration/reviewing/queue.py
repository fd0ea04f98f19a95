"""The queue of the review room: what awaits this reviewer's decision, in which order, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from archive.errors import InputError
from archive.finding.criteria import SORT, Criteria, criteria_of
from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.filters import BELOW
from archive.finding.orders import Order, orders_for
from archive.finding.pages import AFTER, page_of, place_of
from archive.models import CatalogueEntry, Collection
from restoration.models import ModelVersion, Reservation, Restoration, Review
from restoration.presentation.photo_states import PhotoState
from restoration.querysets import RestorationQuerySet
from restoration.reviewing.rules import Rule, collections_under

ASKED = ("q", "damage", "damage_from")
"""Filters of every list of photos that the room shows; others stay in force when an address brings them."""

_TRIED = 8  # photos that are looked at together; more than one, for somebody may be quicker


class QueueForm(forms.Form):
    """What the room filters by beside what every list of photos does."""

    def __init__(self, parameters: Any, reviewer: User, collection: Collection | None) -> None:
        super().__init__(parameters, auto_id="review-%s")
        self.use_required_attribute = False
        parts = Collection.objects.reviewable_by(reviewer).order_by("title", "pk")
        number = forms.NumberInput(attrs={"min": "0", "max": "255", "step": "any", "inputmode": "decimal"})
        self.fields["part"] = forms.ModelChoiceField(
            parts.within(collection) if collection else parts,
            required=False,
            label=_("Collection"),
            empty_label=_("All"),
            help_text=_("With what lies below it."),
        )
        self.fields["model"] = forms.ModelChoiceField(
            ModelVersion.objects.visible_to(reviewer).only("name", "version").order_by("name", "version"),
            required=False,
            label=_("Model"),
            empty_label=_("Any"),
        )
        self.fields["invention_from"] = forms.FloatField(
            required=False,
            min_value=0,
            max_value=255,
            widget=number,
            label=_("Invention, at least (grey levels)"),
        )


@dataclass(frozen=True)
class ReviewQueue(Criteria):
    """Photos whose newest restoration awaits a decision that `reviewer` may give and that nobody else is at.

    `asked`: what QueueForm made of the address. Left out is what the rule of four eyes keeps from him: his
    own uploads, and what waits for somebody else's approval after his.
    """

    reviewer: User
    queue_form: QueueForm
    asked: Mapping[str, Any]

    def found(self, *, without: str = "") -> CatalogueEntryQuerySet:
        """The entries in the queue, in no order."""
        reviewable = Collection.objects.reviewable_by(self.reviewer).order_by().values("pk")
        elsewhere = Reservation.objects.filter(expires_at__gt=timezone.now()).exclude(reviewer=self.reviewer)
        entries = (
            super()
            .found(without=without)
            .filter(state=PhotoState.UNREVIEWED, collection__in=reviewable)
            .exclude(photo__in=elsewhere.values("photo"))
            .exclude(Q(uploaded_by=self.reviewer), collection__in=collections_under(Rule.NOT_OWN))
            .exclude(
                photo__in=_newest().filter(first_approved_by=self.reviewer).values("photo"),
                collection__in=collections_under(Rule.TWO),
            )
        )
        part, model, invention = (self.asked.get(name) for name in ("part", "model", "invention_from"))
        if part is not None:
            entries = entries.within(part)
        if model is not None:
            entries = entries.filter(photo__in=_newest().filter(model_version=model).values("photo"))
        return entries.filter(invention__gte=invention) if invention is not None else entries

    @property
    def orders(self) -> list[Order]:
        """The default first; never by the best match, which has no place to go on from."""
        return orders_for(guest=False, with_words=False)

    @property
    def is_narrowed(self) -> bool:
        """Always: a state is asked for, so counting ends where it would take long."""
        return True

    @property
    def narrows(self) -> bool:
        """Whether the reviewer has asked for less than everything."""
        return bool(self.asked or self.values.keys() - {BELOW.name})

    def address_query(self, **more: str) -> str:
        """What an address has to say to come to this queue again, and `more`."""
        own = {name: str(self.queue_form.data[name]) for name in self.asked}
        kept = {name: value for name, value in self.parameters.items() if name != BELOW.name}
        return urlencode({**kept, **own, **more})


def queue_of(
    reviewer: User, parameters: QueryDict | Mapping[str, str], collection: Collection | None = None
) -> ReviewQueue:
    """The queue that `parameters` ask for: of `collection` and everything below it, or of all.

    What cannot be understood narrows nothing, and so does a state: here all await a decision.
    """
    asked: dict[str, Any] = {name: parameters[name] for name in parameters}
    for name in ("state", BELOW.name, AFTER):
        asked.pop(name, None)
    if collection is not None:
        asked[BELOW.name] = "on"
    criteria = criteria_of(reviewer, asked, collection)
    form = QueueForm(asked, reviewer, collection)
    form.full_clean()
    orders = orders_for(guest=False, with_words=False)
    order = next((each for each in orders if each.value == asked.get(SORT)), orders[0])
    return ReviewQueue(
        scope=criteria.scope,
        form=criteria.form,
        filters=criteria.filters,
        values=criteria.values,
        order=order,
        reviewer=reviewer,
        queue_form=form,
        asked={name: value for name, value in form.cleaned_data.items() if value is not None},
    )


def photos_after(queue: ReviewQueue, place: str) -> list[tuple[UUID, str]]:
    """The next few photos of the queue after a place, or from its beginning, each with its own place.

    A place that no queue in this order ever gave counts as the beginning.
    """
    try:
        keys = page_of(queue, size=_TRIED, after=place).photos
    except InputError:
        keys = page_of(queue, size=_TRIED).photos
    entries = CatalogueEntry.objects.filter(photo__in=keys).in_bulk(field_name="photo_id")
    order = queue.order
    found = [entries[key] for key in keys if key in entries]
    return [(each.photo_id, place_of(order, each.pk, getattr(each, order.key))) for each in found]


def waiting_restoration(queue: ReviewQueue, photo: UUID) -> Restoration | None:
    """The photo's newest restoration, with all that the room shows of it; None if it awaits nothing (any
    more), or nothing from this reviewer.
    """
    if not queue.found().filter(photo=photo).exists():
        return None
    shown = _newest().for_gallery().select_related("first_approved_by", "photo__uploaded_by")
    return shown.filter(photo=photo).first()


def own_standing_decision(restoration: Restoration | None, reviewer: User) -> Review | None:
    """The reviewer's decision about the restoration, while it is the newest and can be undone."""
    newest = restoration.reviews.first() if restoration else None
    mine = newest is not None and newest.reviewer_id == reviewer.pk and newest.decision != Review.UNDONE
    return newest if mine else None


def _newest() -> RestorationQuerySet:
    """Restorations that await a decision and are the newest of their photos."""
    # Newest first, then awaiting: the other way round it would be the newest of those that await.
    return Restoration.objects.latest_of_each_photo().awaiting_review()
