"""Dates in EDTF, as people say them."""

import pytest
from django.utils import translation

from archive.description.date_words import date_in_words

WORDS = [
    ("", "", ""),
    ("1965", "1965", "1965"),
    ("1965-08", "August 1965", "Agustus 1965"),
    ("1965-08-17", "17 August 1965", "17 Agustus 1965"),
    ("1965-08-17T10:00:00Z", "17 August 1965", "17 Agustus 1965"),
    ("196X", "the 1960s", "tahun 1960-an"),
    ("19XX", "between 1900 and 1999", "antara 1900 dan 1999"),
    ("1965-XX", "1965", "1965"),
    ("1965-08-XX", "August 1965", "Agustus 1965"),
    ("1965~", "about 1965", "sekitar 1965"),
    ("1965?", "1965 (uncertain)", "1965 (tidak pasti)"),
    ("1965-08%", "about August 1965 (uncertain)", "sekitar Agustus 1965 (tidak pasti)"),
    ("1965/1970", "1965 to 1970", "1965 sampai 1970"),
    ("1965~/1970-03", "about 1965 to March 1970", "sekitar 1965 sampai Maret 1970"),
    ("1965/..", "since 1965", "sejak 1965"),
    ("../1970", "until 1970", "sampai 1970"),
    ("1965/", "from 1965, its end is not known", "mulai 1965, akhirnya tidak diketahui"),
    ("/1970", "up to 1970, its beginning is not known", "hingga 1970, awalnya tidak diketahui"),
    ("1965-22", "summer 1965", "musim panas 1965"),
    # No words: as it stands.
    ("-0100", "-0100", "-0100"),
    ("Y17000", "Y17000", "Y17000"),
    ("long ago", "long ago", "long ago"),
]


@pytest.mark.parametrize(("date", "english", "indonesian"), WORDS)
def test_in_words(date, english, indonesian):
    for language, words in (("en", english), ("id", indonesian)):
        with translation.override(language):
            assert date_in_words(date) == words
