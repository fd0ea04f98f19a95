"""Every file can be read in one sitting, and its name says what is in it."""

from pathlib import Path

from tests.architecture.source_tree import PACKAGES, ROOT

LONGEST = 400
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def source_files() -> list[Path]:
    folders = [*PACKAGES, "tests", "templates", "static", "examples", "benchmarks", "clients"]
    endings = {".py", ".html", ".css", ".js"}
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in endings)
    # Django writes migrations, and nobody reads them in one sitting.
    return [path for path in found if path.parent.name != "migrations"]


def test_no_file_is_too_long_to_read() -> None:
    assert source_files()
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in source_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in source_files() if path.stem in SAYS_NOTHING] == []
