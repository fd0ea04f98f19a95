"""Whether stored files lie in a bucket, from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from archive.files.bucket_settings import BucketSettings

_PREFIX = "PULIH_BUCKET_"
# Names of variables, each with the field that it sets.
_FIELDS = {
    "ENDPOINT": "endpoint",
    "REGION": "region",
    "PREFIX": "prefix",
    "ADDRESSING": "addressing",
    "ACCESS_KEY": "access_key",
    "SECRET_KEY": "secret_key",
    "TIMEOUT_SECONDS": "timeout",
}


def bucket_settings(environment: Mapping[str, str]) -> BucketSettings | None:
    """The bucket that PULIH_BUCKET names; None without one, and files lie on the disk.

    Raises ImproperlyConfigured for what cannot work, and for names that nobody reads.
    """
    said = {
        name.removeprefix(_PREFIX): value for name, value in environment.items() if name.startswith(_PREFIX)
    }
    name = environment.get("PULIH_BUCKET", "")
    given = {word: value for word, value in said.items() if value}
    if not name:
        if given:
            raise ImproperlyConfigured(f"{_PREFIX}{min(given)} is set, but PULIH_BUCKET names no bucket.")
        return None
    if unknown := sorted(said.keys() - _FIELDS.keys()):
        raise ImproperlyConfigured(f"There is no setting {_PREFIX}{unknown[0]}.")
    values: dict[str, str | float] = {_FIELDS[word]: value for word, value in given.items()}
    try:
        if "timeout" in values:
            values["timeout"] = float(values["timeout"])
        return BucketSettings(name=name, **values)  # type: ignore[arg-type]  # each as its field says
    except ValueError as error:
        raise ImproperlyConfigured(f"{error}.") from error
