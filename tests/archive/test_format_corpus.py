"""Every kind of the corpus is accepted with a right thumbnail, or refused with a word that says why.

`benchmarks/format_corpus.py` does the same with figures and contact sheets.
"""

from pathlib import Path

import pytest

from archive.errors import InputError
from archive.files.renditions import draft_renditions
from archive.formats.sniffing import sniff_image
from archive.models import Rendition
from tests.archive.corpus import REFUSED, SAMPLES
from tests.archive.corpus.judging import difference

SEEN = 1.0
"""Mean CIEDE2000: about what two people looking side by side begin to notice."""


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(SAMPLES) + len(REFUSED) >= 60


@pytest.mark.parametrize("name", SAMPLES)
def test_accepted_with_a_right_thumbnail(tmp_path: Path, media_root: Path, name: str) -> None:
    sample = SAMPLES[name]
    content = sample.make()
    shown = sample.shown(content)
    path = tmp_path / "file"
    path.write_bytes(content)
    sniffed = sniff_image(path)
    assert (sniffed.media_type, sniffed.height, sniffed.width) == (sample.media_type, *shown.shape[:2])
    with draft_renditions(path) as drafts:
        thumbnail = next(draft for draft in drafts if draft.spec.kind == Rendition.Kind.THUMBNAIL)
        assert difference(thumbnail.path.read_bytes(), shown).mean() <= SEEN


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    make, kind = REFUSED[name]
    path = tmp_path / "file"
    path.write_bytes(make())
    with pytest.raises(InputError) as refused:
        sniff_image(path)
    if kind is None:
        assert refused.value.code in {"archive:file:not-an-image", "archive:file:truncated"}
    else:
        assert refused.value.code == "archive:file:kind-not-accepted"
        assert f"“{kind}”" in refused.value.message
