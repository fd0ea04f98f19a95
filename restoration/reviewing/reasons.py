"""Why a restoration is rejected: few enough to have a key each, and counted by model."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Codes never change; their order is that of the number keys in the review room."""

    LIKENESS = "likeness", _("A face or its expression is no longer the same")
    INVENTED = "invented", _("Something was made up that was never there")
    LEFT_OVER = "left-over", _("Damage was left")
    LOST_DETAIL = "lost-detail", _("Fine detail was lost")
    TONES = "tones", _("Tones or colours have changed")
    SEAMS = "seams", _("The edges of the repair can be seen")
    UNTOUCHED = "untouched", _("The original needs no restoration")
    OTHER = "other", _("Another reason")
