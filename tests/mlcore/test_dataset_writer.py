"""From clean pictures to a paired data set: complete, repeatable, continuable."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcore.dataset_writer import MANIFEST, write_pairs
from mlcore.degradation import degrade
from mlcore.errors import PairingError
from mlcore.images import load_rgb
from mlcore.pairing import check_pairs, find_pairs
from tests import pictures


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(("one.png", "two.png", "sub/three.png")):
        (folder / name).write_bytes(pictures.png(pictures.portrait(64, 72, seed=number)))
    return folder


def _manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / MANIFEST).read_text().splitlines()]


def test_what_is_written_is_a_sound_data_set_with_a_manifest(source: Path, tmp_path: Path) -> None:
    report = write_pairs(source, tmp_path / "out", seed=5)
    assert (report.written, report.kept, report.bad) == (3, 0, [])
    pairs = find_pairs(tmp_path / "out")
    check_pairs(pairs)
    assert len(pairs) == 9
    lines = {(line["stem"], line["level"]): line for line in _manifest(tmp_path / "out")}
    assert set(lines) == {(pair.stem, pair.level) for pair in pairs}
    for pair in pairs:
        line = lines[pair.stem, pair.level]
        again = degrade(load_rgb(source / line["source"]), pair.level, line["seed"])
        assert np.array_equal(load_rgb(pair.degraded), again.image)
        assert pair.mask is not None
        assert np.array_equal(load_rgb(pair.mask)[..., 0], again.mask)
        assert line["size"] == [64, 72]


def test_the_fourth_recipe_can_be_written_too(source: Path, tmp_path: Path) -> None:
    write_pairs(source, tmp_path / "out", levels=["archive"])
    assert {pair.level for pair in find_pairs(tmp_path / "out")} == {"archive"}


def test_a_folder_damaged_by_earlier_recipes_is_not_mixed_with_new_ones(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_pairs(source, out, levels=["light"])
    lines = _manifest(out)
    for line in lines:
        del line["recipes"]
    (out / MANIFEST).write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(PairingError) as caught:
        write_pairs(source, out, levels=["light", "medium"])
    assert caught.value.code == "mlcore:dataset:other-recipe"


def test_damage_depends_on_the_file_not_on_its_name_or_company(source: Path, tmp_path: Path) -> None:
    write_pairs(source, tmp_path / "all", levels=["heavy"])
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "renamed.png").write_bytes((source / "two.png").read_bytes())
    write_pairs(alone, tmp_path / "single", levels=["heavy"])
    assert np.array_equal(
        load_rgb(tmp_path / "single/degraded/heavy/renamed.png"),
        load_rgb(tmp_path / "all/degraded/heavy/two.png"),
    )


def test_bad_files_are_named_and_the_rest_go_on(source: Path, tmp_path: Path) -> None:
    (source / "text.jpg").write_text("not a picture")
    (source / "cut.jpg").write_bytes(pictures.jpeg(pictures.portrait())[:1200])
    (source / "tiny.png").write_bytes(pictures.png(pictures.gradient(20, 20)))
    report = write_pairs(source, tmp_path / "out")
    assert report.written == 3
    reasons = dict(report.bad)
    assert set(reasons) == {"text.jpg", "cut.jpg", "tiny.png"}
    assert "[mlcore:image:unreadable]" in reasons["text.jpg"]
    assert "[mlcore:image:truncated]" in reasons["cut.jpg"]
    assert "[mlcore:image:tiny]" in reasons["tiny.png"]
    check_pairs(find_pairs(tmp_path / "out"))


def test_an_interrupted_run_goes_on_and_ends_alike(source: Path, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_pairs(source, tmp_path / "broken", on_progress=stop)
    with (tmp_path / "broken" / MANIFEST).open("a") as manifest:
        manifest.write('{"stem": "torn')
    report = write_pairs(source, tmp_path / "broken")
    assert (report.written, report.kept) == (1, 2)
    write_pairs(source, tmp_path / "whole")
    assert _manifest(tmp_path / "broken") == _manifest(tmp_path / "whole")
    for path in (tmp_path / "whole").rglob("*.png"):
        assert path.read_bytes() == (tmp_path / "broken" / path.relative_to(tmp_path / "whole")).read_bytes()


def test_a_lost_file_is_made_again(source: Path, tmp_path: Path) -> None:
    write_pairs(source, tmp_path / "out")
    victim = tmp_path / "out/degraded/heavy/one.png"
    before = victim.read_bytes()
    victim.unlink()
    assert write_pairs(source, tmp_path / "out").written == 1
    assert victim.read_bytes() == before


def test_another_seed_into_the_same_folder_is_refused(source: Path, tmp_path: Path) -> None:
    write_pairs(source, tmp_path / "out", seed=1)
    with pytest.raises(PairingError) as caught:
        write_pairs(source, tmp_path / "out", seed=2)
    assert caught.value.code == "mlcore:dataset:other-seed"


def test_fitting_gives_squares(source: Path, tmp_path: Path) -> None:
    write_pairs(source, tmp_path / "out", levels=["light"], size=48)
    assert load_rgb(tmp_path / "out/clean/one.png").shape == (48, 48, 3)


def test_names_that_differ_in_their_ending_alone_do_not_meet(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.png").write_bytes(pictures.png(pictures.portrait(40, 40, seed=1)))
    (source / "a.jpg").write_bytes(pictures.jpeg(pictures.portrait(40, 40, seed=2)))
    write_pairs(source, tmp_path / "out", levels=["light"])
    assert {path.name for path in (tmp_path / "out/clean").iterdir()} == {"a-png.png", "a-jpg.png"}
