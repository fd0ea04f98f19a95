"""The commands of docs/training-on-a-gpu.md: short enough to be sent, with options that exist."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mlcore.training_options import add_options, config_asked_for
from tests.processes import ROOT

LONGEST = 2000
PAGE = (ROOT / "docs" / "training-on-a-gpu.md").read_text()
BLOCKS = [
    [line.strip() for line in block.split("\n")]
    for block in PAGE.split("\n\n")
    if all(line.startswith("    ") for line in block.strip("\n").split("\n"))
]
TRAINING = [line for block in BLOCKS for line in block if "examples.train_without_django" in line]


def test_every_block_can_be_sent_as_one_command() -> None:
    assert len(BLOCKS) >= 8
    assert all(len("; ".join(block)) < LONGEST for block in BLOCKS)


@pytest.mark.parametrize("line", TRAINING)
def test_a_training_command_is_understood(line: str) -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    _python, _m, _module, *words = shlex.split(line)
    options = vars(parser.parse_args(words))
    config = config_asked_for(options)
    if not options["resume"]:
        assert config.precision == "bf16"
    assert options["val"] == Path("data/val.tar")


def test_there_is_a_command_for_beginning_and_one_for_going_on() -> None:
    assert sum("--resume" in line for line in TRAINING) >= 2
    assert sum("--init" in line for line in TRAINING) == 1
    assert len(TRAINING) >= 5


def test_the_tests_for_cuda_need_no_django_and_fail_where_there_is_no_cuda() -> None:
    (line,) = [line for block in BLOCKS for line in block if "pytest" in line]
    _python, _m, _pytest, *words = shlex.split(line)
    program = "import sys, pytest; sys.modules['django'] = None; sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "there is no CUDA here" in done.stdout
    # Nothing passed, and nothing was skipped.
    *_, summary = done.stdout.strip().splitlines()
    assert re.fullmatch(r"=* ?(\d+ warnings?, )?\d+ errors in .*", summary), summary
