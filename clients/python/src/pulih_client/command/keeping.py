"""What the command keeps between two runs: who is signed in where, and which uploads were begun.

The token lies in a file that only its owner can read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Login:
    """Where one is signed in, and by which token."""

    address: str
    token: str


def read_login() -> Login | None:
    """What `pulih login` kept; None where one has not signed in."""
    kept = _read(_login_path())
    return Login(kept["address"], kept["token"]) if {"address", "token"} <= kept.keys() else None


def keep_login(login: Login) -> Path:
    """Keep it until `forget_login`; the file that it lies in."""
    _write(_login_path(), {"address": login.address, "token": login.token})
    return _login_path()


def forget_login() -> None:
    """No harm where there is none."""
    _login_path().unlink(missing_ok=True)


class Places:
    """Where uploads that were begun go on, by server, collection and SHA-256: what a killed command leaves to
    the next one.
    """

    def __init__(self, address: str, collection: str) -> None:
        self._prefix = f"{address} {collection} "

    def of(self, sha256: str) -> str | None:
        """Where that file was begun to be sent."""
        place = _read(_places_path()).get(self._prefix + sha256)
        return place if isinstance(place, str) else None

    def keep(self, sha256: str, place: str) -> None:
        """It begins there."""
        _write(_places_path(), _read(_places_path()) | {self._prefix + sha256: place})

    def forget(self, sha256: str) -> None:
        """It has come to an end, whichever."""
        kept = _read(_places_path())
        if kept.pop(self._prefix + sha256, None):
            _write(_places_path(), kept)


def _login_path() -> Path:
    return _folder("XDG_CONFIG_HOME", ".config") / "login.json"


def _places_path() -> Path:
    return _folder("XDG_STATE_HOME", ".local/state") / "uploads.json"


def _folder(variable: str, usual: str) -> Path:
    named = os.environ.get(variable)
    return (Path(named) if named else Path.home() / usual) / "pulih"


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    """All of it or, when killed meanwhile, what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file)
    new.replace(path)
