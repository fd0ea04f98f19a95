"""What photos can be filtered by. The archive's own filters stand here; other apps register theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from archive.access.visitors import Guest, Visitor
from archive.description.edtf_dates import EdtfDate, read_edtf
from archive.errors import InputError
from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.questions import LONGEST, Question, read_question
from archive.formats.sniffing import MEDIA_TYPES

if TYPE_CHECKING:
    from archive.models import Collection


@dataclass(frozen=True)
class Scope:
    """Who looks, and into which collection (None: all that he may see). What he may see is read once."""

    visitor: Visitor
    collection: Collection | None = None

    @property
    def by_guest(self) -> bool:
        return isinstance(self.visitor, Guest)

    def entries(self, *, below: bool = False) -> CatalogueEntryQuerySet:
        """Everything that can be found here; `below`: also in what lies below the collection."""
        entries = apps.get_model("archive", "CatalogueEntry").objects
        if self.collection is None or below:
            return entries.of_collections(self._collections)
        # Whoever may see a collection may see what lies below, but not the other way round.
        here = self.collection.pk
        if isinstance(self._collections, list):
            return entries.of_collections([here] if here in self._collections else [])
        return entries.of_collections(self._collections.filter(pk=here))

    @cached_property
    def _collections(self) -> Any:
        """Keys of the visible ones, here and below."""
        visible = apps.get_model("archive", "Collection").objects.visible_to(self.visitor)
        return (visible.within(self.collection) if self.collection else visible).keys_to_filter_by()


@dataclass(frozen=True, slots=True)
class Filter:
    """`field(scope)` is the form field that reads it from an address, under `name`; `apply` narrows entries
    by what the field made of it.
    """

    name: str
    field: Callable[[Scope], forms.Field]
    apply: Callable[[CatalogueEntryQuerySet, Any], CatalogueEntryQuerySet]
    for_guests: bool = True


class QuestionField(forms.CharField):
    """Words, "phrases" and -exclusions; gives a Question, or None where nothing was asked."""

    def clean(self, value: Any) -> Question | None:
        return read_question(super().clean(value)) or None


class DayRangeField(forms.CharField):
    """A date in EDTF ("1945", "194X", "1940/1949"), for the days that it can mean."""

    def clean(self, value: Any) -> EdtfDate | None:
        text = super().clean(value)
        try:
            return read_edtf(text) if text else None
        except InputError as error:
            raise ValidationError(error.message, error.code) from error


class UploaderField(forms.ModelChoiceField):
    """Those who uploaded what can be found here, by their user names."""

    def __init__(self, scope: Scope) -> None:
        uploaded = scope.entries().filter(uploaded_by=OuterRef("pk"))
        people = apps.get_model("auth", "User").objects.filter(Exists(uploaded)).order_by("username")
        super().__init__(
            people,
            to_field_name="username",
            required=False,
            label=_("Uploaded by"),
            empty_label=_("Anybody"),
            blank=True,
        )


def _question(scope: Scope) -> forms.Field:
    search = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"})
    return QuestionField(
        required=False,
        max_length=LONGEST,
        widget=search,
        label=_("Words"),
        help_text=_(
            "Beginnings of words, “several in a row” in quotation marks, -without with a minus sign."
        ),
    )


def _tag(scope: Scope) -> forms.Field:
    return forms.CharField(required=False, max_length=100, label=_("Tag"))


def _dates(scope: Scope) -> forms.Field:
    return DayRangeField(
        required=False,
        max_length=100,
        label=_("Date"),
        help_text=_("A day, a month, a year, or years: 1945-08-17, 1945-08, 194X, 1940/1949."),
    )


def _media_type(scope: Scope) -> forms.Field:
    kinds = [(media_type, name) for name, media_type in MEDIA_TYPES.items()]
    return forms.ChoiceField(required=False, choices=[("", _("Any")), *kinds], label=_("Kind of file"))


def _collection(scope: Scope) -> forms.Field:
    visible = apps.get_model("archive", "Collection").objects.visible_to(scope.visitor)
    return forms.ModelChoiceField(
        visible,
        required=False,
        # Not to be chosen among what may be thousands: links come with it.
        widget=forms.HiddenInput,
        label=_("Collection"),
        help_text=_("Its photos, and those of what lies below it."),
    )


def _below(scope: Scope) -> forms.Field:
    return forms.BooleanField(required=False, label=_("Also in what lies below"))


def _tagged(entries: CatalogueEntryQuerySet, name: str) -> CatalogueEntryQuerySet:
    from archive.models import tag_key

    return entries.tagged(tag_key(name))


WORDS = Filter("q", _question, lambda entries, question: entries.about(question))
# The one filter that widens: what it finds has to be asked for before everything else.
BELOW = Filter("below", _below, lambda entries, below: entries)
_WITHIN = Filter("collection", _collection, lambda entries, collection: entries.within(collection))

_FILTERS = [
    WORDS,
    Filter("tag", _tag, _tagged),
    Filter("date", _dates, lambda entries, date: entries.dated_between(date.earliest, date.latest)),
    Filter(
        "uploader", UploaderField, lambda entries, user: entries.filter(uploaded_by=user), for_guests=False
    ),
    Filter("media_type", _media_type, lambda entries, kind: entries.filter(media_type=kind)),
]


def register_filter(new: Filter) -> None:
    """Offer one more filter."""
    _FILTERS.append(new)


def filters_for(scope: Scope) -> list[Filter]:
    """The filters on offer: with what lies below inside a collection, by collection outside."""
    offered = [each for each in _FILTERS if each.for_guests or not scope.by_guest]
    return [*offered, BELOW if scope.collection else _WITHIN]
