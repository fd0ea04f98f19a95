"""Every code that the app raises has a sentence, and no sentence waits for a code that nobody raises."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from restoration import messages
from restoration.models import Restoration

PACKAGE = Path(messages.__file__).parent
CODE = re.compile(r'"(restoration:[a-z]+:[a-z-]+)"')


def test_table_and_code_name_the_same_errors():
    sources = [path for path in PACKAGE.rglob("*.py") if path.name != "messages.py"]
    raised = {code for path in sources for code in CODE.findall(path.read_text())}
    assert len(raised) > 10
    assert raised == set(messages.SENTENCES)


@pytest.mark.parametrize("code", messages.SENTENCES)
def test_every_sentence_ends_like_one(code):
    assert messages.sentence(code).endswith(".")
    assert messages.state_error(code).code == messages.engine_error(code).code == code


def test_a_failure_is_told_in_the_reader_s_language():
    failed = Restoration(error_code="restoration:engine:timeout", error_message="What the table said then.")
    with translation.override("id"):
        told = failed.failure_sentence
    assert told == "Pemulihan berlangsung lebih lama daripada yang diizinkan mesin ini."
    assert failed.failure_sentence == "The restoration took longer than this machine allows."


def test_a_code_of_another_version_is_told_by_the_sentence_kept():
    failed = Restoration(error_code="from:an:older-version", error_message="As it was.")
    assert failed.failure_sentence == "As it was."
    assert Restoration().failure_sentence == ""


WARNING = {
    "side": 4000,
    "measured_side": 256,
    "share": 0.512,
    "measured_share": 0.34,
    "level": "heavy",
    "ssim_low": 0.7249,
    "ssim_high": 0.9,
}


@pytest.mark.parametrize("code", messages.WARNINGS)
def test_a_warning_tells_what_to_expect(code):
    said = messages.warning_sentence({"code": code} | WARNING)
    assert "%(" not in said
    assert said.endswith(" nine of ten results had an SSIM from 0.72 to 0.90.")
    unmeasured = messages.warning_sentence({"code": code} | WARNING | {"ssim_low": None, "ssim_high": None})
    assert said.startswith(unmeasured)
    assert "SSIM" not in unmeasured


def test_a_warning_tells_which_pictures_its_range_comes_from():
    told = {"code": "heavier-than-measured", "ssim_set": "faces-val", "ssim_pictures": 125} | WARNING
    assert messages.warning_sentence(told | {"ssim_portraits": True}).endswith(
        "The photo was taken for a portrait. On portraits with damage of this level, nine of ten results "
        "had an SSIM from 0.72 to 0.90 (benchmark on faces-val, 125 results)."
    )
    assert "On photographs of all kinds" in messages.warning_sentence(told | {"ssim_portraits": False})


def test_shares_are_told_in_per_cent():
    said = messages.warning_sentence({"code": "heavier-than-measured"} | WARNING)
    assert said.startswith("51 % of the photo is damaged.")
    assert "at most 34 %." in said


def test_a_warning_of_another_version_is_told_by_its_code():
    assert messages.warning_sentence({"code": "from-a-later-version"}) == "from-a-later-version"
    assert messages.warning_sentence({"code": "heavier-than-measured"}) == "heavier-than-measured"
