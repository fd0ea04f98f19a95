"""restore_image through the front door: files, folders, bad files, and originals that nothing may overwrite.

No test here asks for the database, and pytest-django lets nobody reach it unasked: the command works without
one.
"""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image

from mlcore.inference import Restorer
from mlcore.masters import DIGITAL_SOURCE_TYPE, open_repair
from restoration.presentation.file_notes import NOTES
from tests import pictures


def restore(*arguments: object, verbosity: int = 0) -> tuple[str, str]:
    """Run the command; what it wrote to stdout and to stderr."""
    out, err = StringIO(), StringIO()
    call_command("restore_image", *map(str, arguments), stdout=out, stderr=err, verbosity=verbosity)
    return out.getvalue(), err.getvalue()


def restore_failing(*arguments: object) -> tuple[str, str, str]:
    """Run the command, which must fail; its message, stdout and stderr."""
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("restore_image", *map(str, arguments), stdout=out, stderr=err, verbosity=0)
    assert caught.value.returncode == 1
    return str(caught.value), out.getvalue(), err.getvalue()


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with three pictures, one of them in a folder of its own, and something else."""
    folder = tmp_path / "scans"
    (folder / "box 1").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(pictures.jpeg())
    (folder / "b.png").write_bytes(pictures.png())
    (folder / "box 1" / "c.tif").write_bytes(pictures.encoded(pictures.gradient(), "TIFF"))
    (folder / "notes.txt").write_text("not a picture", encoding="utf-8")
    return folder


def test_a_file_becomes_what_the_restorer_makes_of_it(tmp_path: Path, weights: Path) -> None:
    source = tmp_path / "torn.png"
    source.write_bytes(pictures.png(pictures.scratched(pictures.gradient(109, 61))))
    out, _ = restore(source, tmp_path / "restored.png", "--model", weights)
    expected = Restorer.from_checkpoint(weights).restore(pixels(source)).image
    np.testing.assert_array_equal(pixels(tmp_path / "restored.png"), expected)
    assert (expected != pixels(source)).any()
    assert out == "1 restored, 0 there already, 0 failed\n"


def test_thorough_looks_from_eight_sides(tmp_path: Path, weights: Path) -> None:
    source = tmp_path / "torn.png"
    source.write_bytes(pictures.png(pictures.scratched(pictures.gradient(109, 61))))
    restore(source, tmp_path / "r.png", "--model", weights, "--thorough")
    once, often = (Restorer.from_checkpoint(weights, looks=looks).restore(pixels(source)) for looks in (1, 8))
    np.testing.assert_array_equal(pixels(tmp_path / "r.png"), often.image)
    assert (once.image != often.image).any()


def test_a_result_is_turned_as_its_original_and_says_that_a_network_had_a_hand_in_it(
    tmp_path: Path, weights: Path
) -> None:
    source = tmp_path / "sideways.jpg"
    source.write_bytes(pictures.rotated_jpeg(6))
    restore(source, tmp_path / "r.jpg", "--model", weights)
    with Image.open(tmp_path / "r.jpg") as result, Image.open(source) as original:
        assert result.size == original.size
        assert result.getexif()[pictures.EXIF_ORIENTATION] == 6
        assert DIGITAL_SOURCE_TYPE in result.info["xmp"].decode()


@pytest.mark.parametrize(
    ("ending", "kind"), [("png", "PNG"), ("tif", "TIFF"), ("TIFF", "TIFF"), ("jpg", "JPEG")]
)
def test_the_ending_of_out_decides_its_format(tmp_path: Path, weights: Path, ending: str, kind: str) -> None:
    source = tmp_path / "in.bmp"
    source.write_bytes(pictures.encoded(pictures.gradient(), "BMP"))
    restore(source, tmp_path / f"r.{ending}", "--model", weights)
    with Image.open(tmp_path / f"r.{ending}") as result:
        assert result.format == kind


def test_strength_repair_and_hand(tmp_path: Path, weights: Path) -> None:
    """At no strength nothing is changed; what is protected is not changed at any."""
    source, hand = tmp_path / "torn.png", tmp_path / "hand.png"
    source.write_bytes(pictures.png(pictures.scratched(pictures.gradient(120, 80))))
    values = np.zeros((40, 60), np.uint8)
    values[20:] = 128
    hand.write_bytes(pictures.png(Image.fromarray(values)))
    common = ("--model", weights, "--hand", hand)
    restore(source, tmp_path / "none.png", *common, "--strength", 0)
    restore(source, tmp_path / "all.png", *common, "--repair", tmp_path / "repair.tif")
    before, after = pixels(source), pixels(tmp_path / "all.png")
    np.testing.assert_array_equal(pixels(tmp_path / "none.png"), before)
    assert (after[:36] != before[:36]).any()
    np.testing.assert_array_equal(after[40:], before[40:])
    repair = open_repair(tmp_path / "repair.tif").pages[0]
    samples, share = repair.rows(0, 80)
    assert (share[40:] == 0).all()
    assert (samples[share == 255] == after[share == 255]).all()


def test_a_hand_that_does_not_fit_is_told(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "in.png").write_bytes(pictures.png())
    (tmp_path / "hand.png").write_bytes(pictures.png(Image.new("L", (48, 64), 255)))
    _, _, err = restore_failing(
        tmp_path / "in.png", tmp_path / "r.png", "--model", weights, "--hand", tmp_path / "hand.png"
    )
    assert err == f"{tmp_path / 'in.png'}: The hand's mask has other proportions than the photo.\n"


def test_a_grey_original_stays_grey(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "one.png").write_bytes(pictures.png(pictures.gradient().convert("L")))
    (tmp_path / "three.png").write_bytes(pictures.png(pictures.gradient().convert("L").convert("RGB")))
    restore(tmp_path / "one.png", tmp_path / "r1.png", "--model", weights)
    restore(tmp_path / "three.png", tmp_path / "r3.png", "--model", weights)
    one, three = pixels(tmp_path / "r1.png"), pixels(tmp_path / "r3.png")
    assert one.ndim == 2
    assert (three == one[..., None]).all()


def test_an_existing_folder_as_out_takes_the_file_under_its_own_name(tmp_path: Path, weights: Path) -> None:
    source = tmp_path / "torn.jpg"
    source.write_bytes(pictures.jpeg())
    (tmp_path / "out").mkdir()
    restore(source, tmp_path / "out", "--model", weights)
    assert (tmp_path / "out" / "torn.jpg").is_file()


def test_a_folder_is_restored_as_a_tree(scans: Path, tmp_path: Path, weights: Path) -> None:
    out, _ = restore(scans, tmp_path / "out", "--model", weights)
    assert out == "3 restored, 0 there already, 0 failed\n"
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert written == {"a.jpg", "b.png", "box 1/c.tif"}


def test_pictures_that_differ_only_by_their_ending_do_not_meet(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.bmp").write_bytes(pictures.encoded(pictures.gradient(), "BMP"))
    (folder / "a.png").write_bytes(pictures.png())
    restore(folder, tmp_path / "out", "--model", weights)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.bmp.png", "a.png.png"}


def test_bad_files_are_named_and_counted_and_the_others_are_done(
    scans: Path, tmp_path: Path, weights: Path
) -> None:
    (scans / "broken.jpg").write_bytes(pictures.truncated(pictures.jpeg()))
    (scans / "empty.png").write_bytes(b"")
    message, out, err = restore_failing(scans, tmp_path / "out", "--model", weights)
    assert message == "2 of 5 pictures could not be restored"
    assert out == "3 restored, 0 there already, 2 failed\n"
    broken, empty = err.splitlines()
    assert broken.startswith(f"{scans / 'broken.jpg'}: ")
    assert empty.startswith(f"{scans / 'empty.png'}: not a ")
    assert len([path for path in (tmp_path / "out").rglob("*") if path.is_file()]) == 3


def test_a_picture_too_large_for_memory_is_named_and_the_others_are_done(
    scans: Path, tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Restorer.restore_file

    def only_small(self: Restorer, source: Path, *rest: object, **options: object) -> object:
        if source.name == "poster.png":
            raise MemoryError
        return whole(self, source, *rest, **options)

    monkeypatch.setattr(Restorer, "restore_file", only_small)
    (scans / "poster.png").write_bytes(pictures.png(pictures.gradient(20, 101)))
    message, _, err = restore_failing(scans, tmp_path / "out", "--model", weights)
    assert message == "1 of 4 pictures could not be restored"
    assert err == f"{scans / 'poster.png'}: not enough memory; try a smaller --tile\n"


def test_a_second_run_keeps_what_is_there_and_does_the_rest(
    scans: Path, tmp_path: Path, weights: Path
) -> None:
    restore(scans, tmp_path / "out", "--model", weights)
    (tmp_path / "out" / "b.png").unlink()
    before = (tmp_path / "out" / "a.jpg").stat().st_mtime_ns
    out, _ = restore(scans, tmp_path / "out", "--model", weights)
    assert out == "1 restored, 2 there already, 0 failed\n"
    assert (tmp_path / "out" / "a.jpg").stat().st_mtime_ns == before


def test_overwrite_makes_results_anew(scans: Path, tmp_path: Path, weights: Path) -> None:
    restore(scans, tmp_path / "out", "--model", weights)
    (tmp_path / "out" / "a.jpg").write_bytes(b"old")
    out, _ = restore(scans, tmp_path / "out", "--model", weights, "--overwrite")
    assert out == "3 restored, 0 there already, 0 failed\n"
    assert pixels(tmp_path / "out" / "a.jpg").shape == (48, 64, 3)


def test_results_inside_the_source_are_not_restored_again(scans: Path, weights: Path) -> None:
    restore(scans, scans / "restored", "--model", weights)
    out, _ = restore(scans, scans / "restored", "--model", weights)
    assert out == "0 restored, 3 there already, 0 failed\n"


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_no_original_is_ever_overwritten(scans: Path, weights: Path, overwrite: list[str]) -> None:
    before = {path: path.read_bytes() for path in scans.rglob("*.*")}
    message, _, _ = restore_failing(scans, scans, "--model", weights, *overwrite)
    assert message == f"{scans / 'a.jpg'} is one of the originals and would be overwritten; name another OUT"
    assert {path: path.read_bytes() for path in scans.rglob("*.*")} == before


@pytest.mark.parametrize("how", ["same path", "symbolic link", "hard link"])
def test_a_single_original_is_safe_under_any_of_its_names(tmp_path: Path, weights: Path, how: str) -> None:
    source = tmp_path / "only.png"
    source.write_bytes(pictures.png())
    target = {"same path": source, "symbolic link": tmp_path / "s.png", "hard link": tmp_path / "h.png"}[how]
    if how == "symbolic link":
        target.symlink_to(source)
    elif how == "hard link":
        target.hardlink_to(source)
    message, _, _ = restore_failing(source, target, "--model", weights, "--overwrite")
    assert message == f"{target} is one of the originals and would be overwritten; name another OUT"
    assert source.read_bytes() == pictures.png()


def test_a_single_result_that_exists_is_not_replaced_unasked(tmp_path: Path, weights: Path) -> None:
    source, target = tmp_path / "in.png", tmp_path / "other.png"
    source.write_bytes(pictures.png())
    target.write_bytes(b"precious")
    message, _, _ = restore_failing(source, target, "--model", weights)
    assert message == f"{target} exists already; --overwrite makes it anew"
    assert target.read_bytes() == b"precious"


def test_nothing_half_written_is_left_when_the_disk_refuses(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Restorer, source: Path, target: Path, *, scratch: Path, **_: object) -> None:
        (scratch / "rows").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Restorer, "restore_file", refuse)
    (tmp_path / "in.png").write_bytes(pictures.png())
    _, _, err = restore_failing(tmp_path / "in.png", tmp_path / "r.png", "--model", weights)
    assert "No space left on device" in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("absent.jpg", "r.png"), "absent.jpg: no such file or folder"),
        (("empty", "out"), "empty: no pictures found"),
        (
            ("in.png", "r.gif"),
            "r.gif: name a file that ends in .tif, .png, .jpg, or a folder that exists",
        ),
        (("full", "in.png"), "in.png is a file; a folder of pictures needs a folder for its results"),
        (("in.png", "r.png", "--model", "absent.safetensors"), "absent.safetensors: there is no such file"),
        (("in.png", "r.png", "--model", "in.png"), "in.png: not a safetensors file"),
        (("in.png", "r.png", "--overlap", "900"), "overlap 900 must be between 0 and half of tile"),
        (("full", "out", "--repair", "repair.tif"), "--hand and --repair belong to one picture"),
        (("full", "out", "--hand", "hand.png"), "--hand and --repair belong to one picture"),
        (("in.png", "r.png", "--repair", "in.png"), "in.png is one of the originals and would be"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("full").mkdir()
    Path("full/x.png").write_bytes(pictures.png())
    Path("in.png").write_bytes(pictures.png())
    model = () if "--model" in arguments else ("--model", weights)
    assert restore_failing(*arguments, *model)[0].startswith(message)
    assert not Path("r.png").exists()


def test_progress_goes_to_stderr_and_can_be_silenced(
    tmp_path: Path, weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.png").write_bytes(pictures.png())
    restore(tmp_path / "in.png", tmp_path / "loud.png", "--model", weights, verbosity=1)
    loud = capfd.readouterr()
    restore(tmp_path / "in.png", tmp_path / "quiet.png", "--model", weights, verbosity=0)
    assert "restoring: 100%" in loud.err
    assert loud.out == ""
    assert capfd.readouterr().err == ""


def test_what_became_of_each_file_and_what_is_not_known_goes_to_stderr(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(pictures.png(pictures.scratched(pictures.gradient(1100, 40))))
    (folder / "b.png").write_bytes(pictures.png(pictures.portrait().quantize(16)))
    _, err = restore(folder, tmp_path / "out", "--model", weights, verbosity=1)
    of_a, of_b = ([line for line in err.splitlines() if f"{name}.png: " in line] for name in "ab")
    assert (
        f"{folder / 'a.png'}: How well this model restores damage of this level has not been measured."
        in of_a
    )
    assert any("The photo is 1100 pixels long" in line for line in of_a)
    assert not any("palette" in line for line in of_a)
    assert f"{folder / 'b.png'}: {NOTES['palette-to-rgb']}" in of_b
    _, err = restore(folder, tmp_path / "silent", "--model", weights, verbosity=0)
    assert err == ""


def test_the_benchmarks_beside_the_weights_say_what_to_expect(tmp_path: Path, weights: Path) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(weights.read_bytes())
    for ending, group, ssim in ((".json", "faces-val", 0.9), (".photos.json", "photos-val", 0.8)):
        scores = [
            {"method": "model", "group": group, "level": level, "ssim": ssim}
            for level in ("light", "medium", "heavy")
        ]
        model.with_suffix(ending).write_text(json.dumps({"scores": scores}), encoding="utf-8")
    (tmp_path / "in.png").write_bytes(pictures.png(pictures.scratched(pictures.gradient(1100, 40))))
    _, err = restore(tmp_path / "in.png", tmp_path / "r.png", "--model", model, verbosity=1)
    assert "On photographs of all kinds with damage of this level, nine of ten results had an SSIM" in err
    assert "from 0.80 to 0.80 (benchmark on photos-val, 1 results)" in err
    assert "has not been measured" not in err


def test_from_the_shell_a_bad_file_exits_1_and_no_database_file_appears(
    tmp_path: Path, weights: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.png").write_bytes(pictures.png())
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    command = [sys.executable, "manage.py", "restore_image", folder, tmp_path / "out", "--model", weights]
    done = subprocess.run(
        list(map(str, command)),
        cwd=settings.BASE_DIR,
        env={"PULIH_VAR_DIR": str(tmp_path / "var"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "1 of 2 pictures could not be restored" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "good.png").is_file()
    assert list((tmp_path / "var").glob("*sqlite*")) == []
