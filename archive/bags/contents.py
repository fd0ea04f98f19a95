"""What a bag is for, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from archive.bags.instance import instance_name
from archive.bags.writing import BagFile
from archive.events.software import software_name


class Purpose(TextChoices):
    """What a bag is for; archivists say archival and dissemination information package."""

    KEEPING = "keeping", _("Keeping")
    PASSING_ON = "passing-on", _("Passing on")


@dataclass(slots=True, kw_only=True)
class BagContents:
    """The files of a bag, ready to go; `byte_count` is their size.

    `left_out`: payload paths of pictures that could not be freed of camera data, each with the reason.
    """

    bag_id: UUID
    purpose: Purpose
    title: str
    photo_count: int = 0
    derivative_count: int = 0
    byte_count: int = 0
    files: list[BagFile] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def info(self) -> dict[str, str]:
        """What bag-info.txt says."""
        return {
            "Source-Organization": settings.PULIH_ORGANISATION,
            "External-Identifier": f"urn:uuid:{self.bag_id}",
            "External-Description": self.title,
            "Internal-Sender-Identifier": instance_name(),
            "Bag-Software-Agent": software_name(),
        }
