"""Numbers as people read them."""

from decimal import Decimal

from django.utils import formats


def rounded(value: float, places: int) -> str:
    """A number with so many decimals in the reader's language. Django's own formatter cuts instead."""
    return formats.number_format(Decimal(f"{value:.{places}f}"), places)
