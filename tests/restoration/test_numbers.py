"""Numbers on pages say what the record says, in the reader's language."""

import pytest
from django.utils import translation

from restoration.presentation.numbers import rounded
from restoration.registry.figure_labels import with_unit


@pytest.mark.parametrize(
    ("value", "places", "english", "indonesian"),
    [(23.3162, 2, "23.32", "23,32"), (1.96, 1, "2.0", "2,0"), (0.00001, 4, "0.0000", "0,0000")],
)
def test_numbers_are_rounded_and_not_cut(value: float, places: int, english: str, indonesian: str) -> None:
    for language, expected in (("en", english), ("id", indonesian)):
        with translation.override(language):
            assert rounded(value, places) == expected


def test_a_figure_is_rounded_too() -> None:
    with translation.override("en"):
        assert with_unit("psnr", 23.3162) == "23.32 dB"
