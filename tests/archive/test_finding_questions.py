"""What people type, as it is understood and as it is answered: alike in both databases."""

import pytest

from archive.finding.questions import MOST_TERMS, Term, read_question
from archive.models import CatalogueEntry, Photo, Tag
from tests.archive.photo_rows import make_row
from tests.factories import make_collection

NOTHING = read_question("")


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("Solo", [Term(("solo",), True)], []),
        ("  two   words ", [Term(("two",), True), Term(("words",), True)], []),
        ('"in a row"', [Term(("in", "a", "row"), False)], []),
        ('left "open to the end', [Term(("left",), True), Term(("open", "to", "the", "end"), False)], []),
        ('-solo -"in a row"', [], [Term(("solo",), True), Term(("in", "a", "row"), False)]),
        ("scan_0042.tif", [Term(("scan", "0042", "tif"), True)], []),
        ("Café ÉTÉ", [Term(("cafe",), True), Term(("ete",), True)], []),
        ("写真", [Term(("写真",), True)], []),
        ("' OR 1=1; --", [Term(("or",), True), Term(("1", "1"), True)], []),
    ],
)
def test_words_phrases_and_exclusions(text: str, wanted: list[Term], unwanted: list[Term]) -> None:
    question = read_question(text)
    assert (list(question.wanted), list(question.unwanted)) == (wanted, unwanted)


@pytest.mark.parametrize("text", ["", "   ", '""', "- -", "!?*()^:&|<->", "'"])
def test_what_holds_no_word_asks_nothing(text: str) -> None:
    assert not read_question(text)


def test_a_long_text_is_cut() -> None:
    assert len(read_question("a " * 10_000).wanted) == MOST_TERMS


@pytest.fixture
def photos(db: None) -> list[Photo]:
    """Three photos with words in every field."""
    described = {
        "wedding.png": {"title": "Wedding in Solo", "creator": "Kassian Céphas", "call_number": "KITLV-12/a"},
        "market_1931.png": {"description": "The market; a WEDDING passes by", "place": "Yogyakarta"},
        "river.png": {"notes": "River at Solo in flood", "date_edtf": "1938~", "folder": "box 7/negatives"},
    }
    collection = make_collection()
    made = [make_row(collection, filename, **fields) for filename, fields in described.items()]
    made[2].tags.add(Tag.objects.create(name="Banjir Besar"))
    return made


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("wedding", "wedding market_1931"),
        ("WEDD", "wedding market_1931"),
        ("wedding market", "market_1931"),
        ("wedding -solo", "market_1931"),
        ("-wedding", "river"),
        ("-nowhere", "wedding market_1931 river"),
        ('"wedding in solo"', "wedding"),
        ('"solo in wedding"', ""),
        ('"wedd"', ""),
        ("cephas", "wedding"),
        ("céphas", "wedding"),
        ("KITLV-12/a", "wedding"),
        ("market_1931", "market_1931"),
        ("market_1931.png", "market_1931"),
        ("1931", "market_1931"),
        ("1938", "river"),
        ("banjir", "river"),
        ('"box 7"', "river"),
        ("yogya", "market_1931"),
        ("edding", ""),
        ("rivér", "river"),
    ],
)
def test_answers(photos: list[Photo], text: str, files: str) -> None:
    entries = CatalogueEntry.objects.about(read_question(text))
    found = {entry.photo.filename.removesuffix(".png") for entry in entries.select_related("photo")}
    assert found == set(files.split())


@pytest.mark.parametrize(
    "nasty", ['"', "a'b", "a\\b", "a:*", "(a", "a AND", "NEAR(a b)", "a\x00b", "{a}:b", "^a", "%s"]
)
def test_nothing_that_people_type_is_an_error(photos: list[Photo], nasty: str) -> None:
    assert CatalogueEntry.objects.about(read_question(nasty)).count() >= 0
    assert CatalogueEntry.objects.about(read_question(f"-{nasty}")).count() >= 0
