"""What `.env` says counts for every way in, above all which settings are meant."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT

SAID = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "PULIH_SECRET_KEY": secrets.token_urlsafe(50),
    "PULIH_ALLOWED_HOSTS": "pulih.example.org",
    "PULIH_ADDRESS": "https://pulih.example.org",
}
ASK = "import os; from django.conf import settings; print(settings.SETTINGS_MODULE, settings.ALLOWED_HOSTS)"


def a_checkout(folder: Path) -> Path:
    """The code in a folder of its own, with a `.env`."""
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copy(ROOT / "manage.py", folder)
    for name in ("archive", "restoration", "mlcore", "templates", "static", "locale", "node_modules"):
        (folder / name).symlink_to(ROOT / name)
    said = SAID | {"PULIH_VAR_DIR": str(folder / "var")}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in said.items()))
    return folder


def ran(folder: Path, *arguments: str, **environment: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_typed_by_hand_mean_the_settings_of_the_file(tmp_path: Path) -> None:
    told = ran(a_checkout(tmp_path), "manage.py", "shell", "--verbosity", "0", "-c", ASK)
    assert told.split(maxsplit=1) == ["config.settings.production", "['pulih.example.org']\n"]


def test_the_web_means_them_too(tmp_path: Path) -> None:
    told = ran(a_checkout(tmp_path), "-c", f"import config.wsgi; {ASK}")
    assert "config.settings.production ['pulih.example.org']" in told


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    folder = a_checkout(tmp_path)
    told = ran(
        folder, "manage.py", "shell", "--verbosity", "0", "-c", ASK, PULIH_ALLOWED_HOSTS="other.example.org"
    )
    assert "other.example.org" in told


def test_what_is_collected_has_the_names_that_production_asks_for(tmp_path: Path) -> None:
    """With other settings it would be there under plain names, and every page fail."""
    folder = a_checkout(tmp_path)
    ran(
        folder,
        "manage.py",
        "collectstatic",
        "--no-input",
        "--verbosity",
        "0",
        PULIH_STATIC_DIR=str(tmp_path / "s"),
    )
    assert (tmp_path / "s" / "staticfiles.json").is_file()
