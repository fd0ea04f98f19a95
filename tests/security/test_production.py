"""A server that others reach: nothing is guessed, nothing weak is taken, and no secret stands in a file."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.secret_key import strong_secret_key
from tests.processes import ROOT

KEY = "k9!" * 20 + "abcdefghij"
SECRET = ("SECRET", "PASSWORD", "TOKEN", "KEY")


def production(*arguments: str, var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with production settings and nothing of this process's own."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PULIH_VAR_DIR": str(var_dir),
        "PULIH_SECRET_KEY": KEY,
        "PULIH_ALLOWED_HOSTS": "pulih.example.org",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | given | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_deployment_check_is_clean_with_no_more_than_must_be_said(tmp_path: Path) -> None:
    done = production("manage.py", "check", "--deploy", "--fail-level", "DEBUG", var_dir=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "WARNINGS" not in done.stderr


SHOWN = """
import json
from django.conf import settings as s
names = ["DEBUG", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_PRELOAD",
    "SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_PROXY_SSL_HEADER", "PULIH_PROXIES", "SILENCED_SYSTEM_CHECKS"]
print(json.dumps({name: getattr(s, name) for name in names}))
"""


def test_what_holds_without_being_asked_for(tmp_path: Path) -> None:
    done = production("-c", SHOWN, var_dir=tmp_path)
    assert json.loads(done.stdout) == {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 30 * 24 * 3600,
        "SECURE_HSTS_PRELOAD": False,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_PROXY_SSL_HEADER": None,
        "PULIH_PROXIES": 0,
        "SILENCED_SYSTEM_CHECKS": ["security.W005", "security.W021"],
    }, done.stderr


@pytest.mark.parametrize(
    "key",
    ["", "short", "x" * 60, "ab" * 40, "django-insecure-" + KEY, "changeme" + KEY, "for tests only" + KEY],
)
def test_weak_keys_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="50 or more random characters"):
        strong_secret_key(key, development=tmp_path / "secret_key")


def test_a_server_does_not_start_with_the_key_of_development(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(KEY)
    done = production("-c", "import config.wsgi", var_dir=tmp_path)
    assert done.returncode != 0
    assert "not the key that Pulih made for development" in done.stderr
    (tmp_path / "secret_key").write_text("x" + KEY)
    assert strong_secret_key(KEY, development=tmp_path / "secret_key") == KEY


def test_no_secret_stands_in_the_settings() -> None:
    """Whatever is named like one comes from a call (of the environment), never from the file."""
    written = []
    for name in ("base", "dev", "production"):
        tree = ast.parse((ROOT / "config" / "settings" / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value:
                targets = [each.id for each in node.targets if isinstance(each, ast.Name)]
                written += [each for each in targets if any(word in each for word in SECRET)]
    assert written == []


def test_no_secret_is_kept_in_the_repository() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [Path(line).name for line in tracked.splitlines()]
    assert not {".env", "secret_key", "id_rsa", "credentials.json"}.intersection(names)
    assert [name for name in names if name.endswith((".pem", ".key", ".p12", ".sqlite3"))] == []
