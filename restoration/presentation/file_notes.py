"""What a restoration did to the file besides repairing it, in sentences, by the codes that mlcore notes.

docs/restored-files.md lists all of them; a test holds it, this list and mlcore's codes together.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOTES: dict[str, Promise] = {
    "jpeg-encoded-anew": _(
        "The result was encoded anew as a JPEG, so all of its pixels may differ slightly from the original's."
    ),
    "palette-to-rgb": _(
        "The original has a palette of colours; the result keeps the colour of each pixel itself (RGB)."
    ),
    "ycbcr-to-rgb": _("The original keeps colours as brightness and differences (YCbCr); the result as RGB."),
    "lab-to-rgb": _("The original keeps colours as CIELAB; the result as RGB."),
    "low-depth-to-8-bit": _("The original has fewer than 8 bits a sample; the result has 8."),
    "odd-depth-to-16-bit": _("The original has between 8 and 16 bits a sample; the result has 16."),
    "numbers-to-16-bit": _(
        "The original's samples are wider than 16 bits, or no whole positive numbers; the "
        "result's are 16 bits."
    ),
    "lossy-to-deflate": _("The original is compressed with loss; the result without any (Deflate)."),
    "transparent-colour-to-alpha": _(
        "One value of the original counts as transparent; the result has a channel of transparency."
    ),
    "further-pictures-dropped": _(
        "The file holds further pictures besides the restored ones, such as an animation's; the "
        "result does not."
    ),
    "previews-dropped": _(
        "The file holds small or other views of its pictures, such as thumbnails; the result does not."
    ),
    "layers-dropped": _(
        "The file holds Photoshop's layers beside its picture, which are not restored; the result does not."
    ),
    "xmp-unreadable-dropped": _("Metadata of the original (XMP) cannot be read; the result is without them."),
    "content-credentials-dropped": _(
        "The original is signed with Content Credentials (C2PA), which hold for it alone; the "
        "result is without."
    ),
}


def note_sentences(codes: Iterable[str]) -> list[str]:
    """What each of the codes says in the current language; the code itself where it is another version's."""
    return [str(NOTES.get(code, code)) for code in codes]
