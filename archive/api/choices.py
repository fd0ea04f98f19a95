"""One of several words in an address."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def asked_choice(request: Request, name: str, choices: Sequence[str]) -> str | None:
    """What the request's address says for `name`; None where it says nothing. Raises ValidationError."""
    asked = request.query_params.get(name)
    if asked is not None and asked not in choices:
        raise ValidationError({name: [_("One of: %(names)s.") % {"names": ", ".join(choices)}]})
    return asked
