"""The examples in the commands' help are command lines that the commands understand."""

import importlib
import pkgutil
import shlex
import textwrap

import pytest
from django.core.management import load_command_class

from archive.management import commands as archive_commands
from restoration.management import commands

APPS = {"archive": archive_commands, "restoration": commands}


def examples(app: str = "restoration") -> list[str]:
    """Every line of a docstring of the app's commands that begins with `manage.py`."""
    found = []
    package = APPS[app]
    for module in pkgutil.iter_modules(package.__path__):
        docstring = importlib.import_module(f"{package.__name__}.{module.name}").__doc__ or ""
        found += [line for line in textwrap.dedent(docstring).split("\n") if "manage.py " in line]
    return [line.strip() for line in found if line.strip().startswith("manage.py ")]


@pytest.mark.parametrize(("app", "example"), [(app, example) for app in APPS for example in examples(app)])
def test_an_example_is_understood(app: str, example: str) -> None:
    program, name, *arguments = shlex.split(example)
    load_command_class(app, name).create_parser(program, name).parse_args(arguments)


@pytest.mark.parametrize("name", ["benchmark_metrics", "restore_image", "degrade_dataset", "train_pix2pix"])
def test_the_commands_of_the_ml_engineer_show_two_examples(name: str) -> None:
    assert sum(f" {name} " in example for example in examples()) >= 2


@pytest.mark.parametrize("name", ["benchmark_metrics", "restore_image"])
def test_help_shows_the_examples_on_lines_of_their_own(name: str) -> None:
    lines = [
        line.strip()
        for line in load_command_class("restoration", name).create_parser("", name).format_help().splitlines()
    ]
    for example in examples():
        assert (example in lines) == (f" {name} " in example)
