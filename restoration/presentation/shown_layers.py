"""What a photo page can lay over the comparison."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.presentation.pictures import with_page
from restoration.models import Restoration
from restoration.running.page_layers import layers_of_pages
from restoration.running.stored_files import LAYERS, Kept, kept_file

OUTLINE, HEAT = "outline", "heat"
"""How js/picture-layer.js draws: an area with its edge, or the more the brighter."""

_DRAWINGS = {Kept.MASK: OUTLINE, Kept.CHANGE: HEAT, Kept.INVENTION: HEAT}

_EXPLANATIONS: dict[Kept, Promise] = {
    Kept.MASK: _("Outlined and hatched: where the model was sure of damage."),
    Kept.CHANGE: _("The brighter, the further a pixel was changed; what is clear was left as it is."),
    Kept.INVENTION: _("The brighter, the more the model made up: its repairs lay far apart there."),
}


@dataclass(frozen=True, slots=True)
class ShownLayer:
    """`drawing` is OUTLINE or HEAT; `explanation` is its key."""

    kind: Kept
    url: str
    drawing: str
    explanation: str


def layers_of(restoration: Restoration, page: int = 1) -> list[ShownLayer]:
    """The layers of a page of a finished restoration whose files are there, or can be made."""
    shown = []
    for kind in _there(restoration) if page == 1 else layers_of_pages(restoration):
        url = with_page(reverse("restoration:kept", args=[restoration.pk, kind.value]), page)
        shown.append(ShownLayer(kind, url, _DRAWINGS[kind], str(_EXPLANATIONS[kind])))
    return shown


def _there(restoration: Restoration) -> list[Kept]:
    stored = {kind: kept_file(restoration, kind) for kind in LAYERS}
    return [kind for kind, file in stored.items() if file is not None and file.seems_there()]
