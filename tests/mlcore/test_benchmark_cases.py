"""Where a benchmark's pictures come from: pairs, or clean pictures damaged as degrade_dataset would do it."""

import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from mlcore.benchmark_cases import choose, clean_subjects, groups_of, levels_of, paired_subjects
from mlcore.dataset_writer import write_pairs
from mlcore.errors import ImageError
from mlcore.images import load_rgb, save_png
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import clean_picture, write_data_set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    (folder / "sub").mkdir(parents=True)
    save_png(folder / "a.png", clean_picture(1, side=64))
    save_png(folder / "sub" / "b.png", np.ascontiguousarray(clean_picture(2, side=80)[:56]))
    return folder


@pytest.mark.parametrize("size", [None, 48])
def test_damage_on_the_fly_is_what_degrade_dataset_writes_with_that_seed(
    folder: Path, tmp_path: Path, size: int | None
) -> None:
    subjects = {subject.stem: subject for subject in clean_subjects([folder], seeds=(3, 7), size=size)}
    assert list(subjects) == ["a.png", "sub/b.png"]
    for seed in (3, 7):
        written = tmp_path / str(seed)
        write_pairs(folder, written, seed=seed, size=size)
        for stem, name in (("a.png", "a"), ("sub/b.png", "sub__b")):
            cases = {case.level: case for case in subjects[stem].cases() if case.seed == seed}
            assert list(cases) == ["light", "medium", "heavy"]
            for level, case in cases.items():
                np.testing.assert_array_equal(case.clean, load_rgb(written / "clean" / f"{name}.png"))
                np.testing.assert_array_equal(
                    case.degraded, load_rgb(written / "degraded" / level / f"{name}.png")
                )
                assert case.mask is not None
                np.testing.assert_array_equal(
                    case.mask, load_rgb(written / "mask" / level / f"{name}.png")[..., 0]
                )


def test_a_tar_holds_the_same_pictures_as_its_folder(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "faces.tar"
    with tarfile.open(packed, "w") as archive:
        archive.add(folder, arcname=".")
    ours, theirs = (
        {subject.stem.removeprefix("./"): next(subject.cases()) for subject in clean_subjects([source])}
        for source in (folder, packed)
    )
    assert ours.keys() == theirs.keys()
    for stem, case in ours.items():
        np.testing.assert_array_equal(case.degraded, theirs[stem].degraded)


def test_a_subject_sent_to_another_process_is_damaged_alike(folder: Path) -> None:
    subject = clean_subjects([folder], seeds=(5,))[0]
    returned = pickle.loads(pickle.dumps(subject))
    for ours, theirs in zip(subject.cases(), returned.cases(), strict=True):
        np.testing.assert_array_equal(ours.degraded, theirs.degraded)


def test_one_seed_gives_one_damage_a_level(folder: Path) -> None:
    subject = clean_subjects([folder], seeds=(5, 6))[0]
    assert [(case.level, case.seed) for case in subject.cases(one_seed=True)] == [
        ("light", 5),
        ("medium", 5),
        ("heavy", 5),
    ]
    assert sum(1 for _ in subject.cases()) == 6


def test_sources_of_one_name_are_told_apart(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "faces"
    other.mkdir(parents=True)
    save_png(other / "c.png", clean_picture(3, side=40))
    assert groups_of(clean_subjects([folder])) == ["faces"]
    assert groups_of(clean_subjects([folder, other])) == [str(folder), str(other)]


@pytest.mark.parametrize(
    ("content", "code"), [(b"no picture", "mlcore:image:unreadable"), (None, "mlcore:image:tiny")]
)
def test_a_file_that_cannot_be_used_is_named_before_anything_is_measured(
    folder: Path, content: bytes | None, code: str
) -> None:
    if content is None:
        save_png(folder / "z.png", clean_picture(1, side=20))
    else:
        (folder / "z.png").write_bytes(content)
    with pytest.raises(ImageError, match=r"z\.png") as caught:
        clean_subjects([folder])
    assert caught.value.code == code


def test_pairs_of_one_picture_make_one_subject_from_light_to_heavy(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=2, levels=("odd", "heavy", "medium", "light")))
    subjects = paired_subjects(pairs, "set")
    assert [subject.stem for subject in subjects] == ["p0", "p1"]
    assert subjects[0].levels == ("light", "medium", "heavy", "odd")
    assert levels_of(subjects) == ["light", "medium", "heavy", "odd"]
    assert [case.level for case in subjects[0].cases()] == ["light", "medium", "heavy", "odd"]


def test_a_larger_choice_holds_the_smaller_and_each_group_gets_its_share(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=9))
    subjects = [*paired_subjects(pairs, "one"), *paired_subjects(pairs[:8], "two")]
    chosen = {
        limit: [(subject.group, subject.stem) for subject in choose(subjects, limit=limit, seed=3)]
        for limit in (2, 4, None)
    }
    assert [group for group, _ in chosen[2]] == ["one", "one", "two", "two"]
    assert chosen[4][:2] == chosen[2][:2]
    assert sorted(chosen[None]) == sorted((subject.group, subject.stem) for subject in subjects)
    others = {tuple(s.stem for s in choose(subjects, limit=2, seed=seed)) for seed in range(8)}
    assert len(others) > 1
