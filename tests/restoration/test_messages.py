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
