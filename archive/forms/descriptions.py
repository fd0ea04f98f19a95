"""Forms in which people describe. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from archive.access.visitors import Visitor
from archive.description.changes import Description, clean_tags
from archive.description.edtf_dates import read_edtf
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.description.metadata_table import KEYS
from archive.errors import InputError
from archive.models import Collection, Lineage, Photo

DATE_HINT = _(
    "EDTF: 1965-08-17, 1965-08, 1965; 196X for the sixties, 1965~ for about 1965, 1965? if uncertain, "
    "1965/1970 for a span, 1965/.. for an open one."
)
_LINES = forms.Textarea(attrs={"rows": 4})


def _refusing(clean: Any, *args: Any, **options: Any) -> Any:
    """What `clean` gives; its InputError as an error of the form."""
    try:
        return clean(*args, **options)
    except InputError as error:
        raise ValidationError(error.message, error.code) from error


class DateField(forms.CharField):
    """A date in EDTF, perhaps uncertain."""

    def clean(self, value: Any) -> str:
        return str(_refusing(read_edtf, super().clean(value)).text)


class TagsField(forms.CharField):
    """Tags parted by commas; cleans to a list of names."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        names = [name for name in text.replace(";", ",").split(",") if name.strip()]
        return list(_refusing(clean_tags, names))


def date_field(**options: Any) -> DateField:
    """The field of a date as every form has it."""
    return DateField(label=_("Date"), help_text=DATE_HINT, max_length=100, required=False, **options)


class PhotoDescriptionForm(forms.ModelForm):
    """Everything that is said about one photo. `services.describe_photo` saves it, never this form."""

    date_edtf = date_field()
    tags = TagsField(
        label=_("Tags"),
        required=False,
        help_text=_("Parted by commas: family, house, studio."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Photo
        fields = PHOTO_FIELDS
        help_texts = {
            "creator": _("Who took the photograph, or the studio."),
            "contributor": _("Who else had a part in it."),
            "publisher": _("Who published it, a postcard's printer for instance."),
            "source": _("Where it came from: an album, an estate, a negative."),
            "relation": _("Other photographs or records that it belongs with."),
            "language": _("Of what is written on it."),
        }
        widgets = {"description": _LINES, "notes": _LINES}

    def __init__(self, data: Any = None, *, instance: Photo) -> None:
        tags = ", ".join(tag.name for tag in instance.tags.all())
        super().__init__(data, instance=instance, initial={"tags": tags})


class BulkDescriptionForm(forms.Form):
    """The same said about several photos: a field is set, cleared, or left as it is."""

    add_tags = TagsField(label=_("Add tags"), required=False, help_text=_("Parted by commas."))
    remove_tags = TagsField(label=_("Take tags away"), required=False, help_text=_("Parted by commas."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in PHOTO_FIELDS:
            field = forms.fields_for_model(Photo, [name])[name]
            self.fields[name] = date_field() if name == "date_edtf" else field
            self.fields[f"clear_{name}"] = forms.BooleanField(required=False, label=_("Clear"))
        for name in ("description", "notes"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})

    def pairs(self) -> list[tuple[Any, Any]]:
        """Each field with its switch for clearing it."""
        return [(self[name], self[f"clear_{name}"]) for name in PHOTO_FIELDS]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in PHOTO_FIELDS:
            if given.get(name) and given.get(f"clear_{name}"):
                self.add_error(name, _("Either a text or “Clear”."))
        return given

    def description(self) -> Description:
        """What the form says, once it is valid; empty where it says nothing."""
        said = {name: self.cleaned_data[name] for name in PHOTO_FIELDS}
        fields = {
            name: said[name] for name in PHOTO_FIELDS if said[name] or self.cleaned_data[f"clear_{name}"]
        }
        return Description(
            fields=fields,
            add_tags=self.cleaned_data["add_tags"],
            remove_tags=self.cleaned_data["remove_tags"],
        )


class CollectionDescriptionForm(forms.ModelForm):
    """What is said about a collection. `services.update_collection` saves it, never this form."""

    date_edtf = date_field()

    class Meta:
        model = Collection
        fields = [*COLLECTION_FIELDS, "auto_restore"]
        labels = {"auto_restore": _("Restore new photos at once")}
        help_texts = {
            "title": _("What an archivist would write on the box."),
            "creator": _("The person, family or body whose records these are."),
            "auto_restore": _("Otherwise you start each restoration yourself."),
        }
        widgets = {"description": _LINES, "notes": _LINES}


class PlaceForm(forms.ModelForm):
    """Where a collection stands in the tree; the services decide whether it can."""

    class Meta:
        model = Collection
        fields = ["parent", "level"]
        help_texts = {"level": _("A part is always deeper than its whole: fonds, series, file.")}

    def __init__(self, *args: Any, visitor: Visitor, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = Collection.objects.curated_by(visitor).exclude(level=Collection.Level.FILE)
        if self.instance.pk and not self.instance._state.adding:
            below = Lineage.objects.filter(ancestor=self.instance).values("descendant")
            offered = offered.exclude(pk__in=below)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)
        parent.queryset = offered.order_by("title")
        parent.empty_label = _("Nothing: it stands at the top")
        parent.label = _("Part of")
        level = self.fields["level"]
        assert isinstance(level, forms.TypedChoiceField)
        level.required = False
        level.choices = [("", _("as fits: one below its whole")), *Collection.Level.choices]


class TableForm(forms.Form):
    """A CSV file with descriptions."""

    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )
    key = forms.ChoiceField(
        label=_("Photos are found by"),
        required=False,
        choices=[("", _("the surest column that the table has")), *zip(KEYS, KEYS, strict=True)],
    )
    clear_empty = forms.BooleanField(
        label=_("Empty cells clear a field"),
        required=False,
        help_text=_("Otherwise they leave it as it is."),
    )
