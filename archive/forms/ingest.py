"""Forms of the archive's pages. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One or more files; cleans to a list of them. What they contain, the ingest service finds out."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list) else [data]
        # An empty file is the service's to refuse, with its own code.
        return [super(ManyFilesField, self).clean(file, initial) for file in files or [None]]


class BagForm(forms.Form):
    """A zipped bag."""

    file = forms.FileField(
        label=_("Bag, as a ZIP"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )


class UploadForm(forms.Form):
    """Files for a collection."""

    file = ManyFilesField(allow_empty_file=True, max_length=255)
