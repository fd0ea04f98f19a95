"""What is said alike about a collection and about a photo, in the words of Dublin Core."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Described(models.Model):
    """Fields of description that collections and photos share; every one may stay empty.

    `date_edtf` is what people wrote, in EDTF (levels 0 and 1); the first and the last day that it can mean
    are kept beside it for searching and sorting. A bound is None where the date is open or unknown there.
    """

    description = models.TextField(_("description"), blank=True)
    creator = models.CharField(_("creator"), max_length=300, blank=True)
    date_edtf = models.CharField(_("date"), max_length=100, blank=True)
    date_earliest = models.DateField(_("earliest day"), null=True, blank=True, editable=False)
    date_latest = models.DateField(_("latest day"), null=True, blank=True, editable=False)
    rights = models.CharField(_("rights"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=100, blank=True)
    call_number = models.CharField(_("call number"), max_length=100, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        abstract = True
