"""Settings of the bucket: none, right ones, and wrong ones that are refused at start."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from archive.files.bucket_settings import BucketSettings
from config.buckets import bucket_settings

ROOT = Path(__file__).resolve().parents[2]
RIGHT = {
    "PULIH_BUCKET": "pulih",
    "PULIH_BUCKET_ENDPOINT": "https://s3.example.org",
    "PULIH_BUCKET_ACCESS_KEY": "a",
    "PULIH_BUCKET_SECRET_KEY": "b",
}


def heard(environment: dict[str, str]) -> BucketSettings | None:
    env = environ.Env()
    env.ENVIRON = environment
    return bucket_settings(env)


def test_without_a_name_files_lie_on_the_disk() -> None:
    assert heard({}) is None
    assert heard({"PULIH_BUCKET": "", "PULIH_BUCKET_ENDPOINT": ""}) is None


def test_all_that_is_said_is_heard() -> None:
    more = {
        "PULIH_BUCKET_REGION": "eu-central-1",
        "PULIH_BUCKET_PREFIX": "archive/pulih",
        "PULIH_BUCKET_ADDRESSING": "path",
        "PULIH_BUCKET_TIMEOUT_SECONDS": "2.5",
    }
    found = heard(RIGHT | more)
    assert found is not None
    assert (found.name, found.endpoint) == ("pulih", "https://s3.example.org")
    assert (found.access_key, found.secret_key) == ("a", "b")
    assert (found.region, found.prefix) == ("eu-central-1", "archive/pulih")
    assert (found.addressing, found.timeout) == ("path", 2.5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"PULIH_BUCKET": "Not A Name"}, "no bucket's name"),
        ({"PULIH_BUCKET": ""}, "PULIH_BUCKET_ACCESS_KEY is set, but PULIH_BUCKET names no bucket"),
        ({"PULIH_BUCKET_ENDPOINT": "s3.example.org"}, "PULIH_BUCKET_ENDPOINT must be an address"),
        ({"PULIH_BUCKET_ENDPOINT": "https://s3.example.org/pulih"}, "without a path"),
        ({"PULIH_BUCKET_ENDPOINT": "https://key:secret@s3.example.org"}, "must not hold a password"),
        ({"PULIH_BUCKET_PREFIX": "/pulih/"}, "PULIH_BUCKET_PREFIX"),
        ({"PULIH_BUCKET_ADDRESSING": "host"}, "auto, path, virtual"),
        ({"PULIH_BUCKET_SECRET_KEY": ""}, "go together"),
        ({"PULIH_BUCKET_TIMEOUT_SECONDS": "0"}, "PULIH_BUCKET_TIMEOUT_SECONDS"),
        ({"PULIH_BUCKET_TIMEOUT_SECONDS": "soon"}, "soon"),
        ({"PULIH_BUCKET_ENDPIONT": "x"}, "There is no setting PULIH_BUCKET_ENDPIONT"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        heard(RIGHT | wrong)


def test_no_process_starts_with_wrong_settings() -> None:
    environment = {**os.environ, **RIGHT, "PULIH_BUCKET_ADDRESSING": "host"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    command = [sys.executable, "manage.py", "check"]
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert started.returncode != 0
    assert "PULIH_BUCKET_ADDRESSING must be one of auto, path, virtual" in started.stderr
