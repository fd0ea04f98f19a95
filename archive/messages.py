"""The archive's errors: one table of codes and sentences."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_noop

from archive.errors import InputError

MESSAGES = {
    "archive:file:empty": gettext_noop("The file is empty."),
    "archive:file:too-large": gettext_noop("The file is larger than %(limit)s."),
    "archive:file:not-an-image": gettext_noop("The file is not a JPEG, PNG, TIFF, WebP or BMP picture."),
    "archive:file:too-many-pixels": gettext_noop(
        "The picture has %(width)s x %(height)s pixels; at most %(limit)s million are accepted."
    ),
    "archive:file:truncated": gettext_noop(
        "The picture is damaged or incomplete and cannot be read to its end."
    ),
    "archive:photo:duplicate": gettext_noop(
        "This collection already holds the same file, as “%(filename)s”."
    ),
}


def input_error(code: str, **values: object) -> InputError:
    """Build the error for `code`, its sentence filled with `values`, in the language that is active now.

    Raises KeyError for an unknown code.
    """
    return InputError(code, gettext(MESSAGES[code]) % values)


def too_large(limit_bytes: int) -> InputError:
    """The refusal of a file above `limit_bytes`."""
    return input_error("archive:file:too-large", limit=filesizeformat(limit_bytes).replace("\xa0", " "))
