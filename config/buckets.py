"""Whether stored files lie in a bucket, from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from archive.files.bucket_settings import BucketSettings

_FIELDS = {
    "PULIH_BUCKET": "name",
    "PULIH_BUCKET_ENDPOINT": "endpoint",
    "PULIH_BUCKET_REGION": "region",
    "PULIH_BUCKET_PREFIX": "prefix",
    "PULIH_BUCKET_ADDRESSING": "addressing",
    "PULIH_BUCKET_ACCESS_KEY": "access_key",
    "PULIH_BUCKET_SECRET_KEY": "secret_key",
    "PULIH_BUCKET_TIMEOUT_SECONDS": "timeout",
}


def bucket_settings(environment: Mapping[str, str]) -> BucketSettings | None:
    """The bucket that PULIH_BUCKET names; None without one, and files lie on the disk.

    Raises ImproperlyConfigured for what cannot work, and for names that nobody reads.
    """
    said = {name: value for name, value in environment.items() if name.startswith("PULIH_BUCKET") and value}
    if not said:
        return None
    if unknown := sorted(said.keys() - _FIELDS.keys()):
        raise ImproperlyConfigured(f"There is no setting {unknown[0]}.")
    if "PULIH_BUCKET" not in said:
        raise ImproperlyConfigured(f"{min(said)} is set, but PULIH_BUCKET names no bucket.")
    values: dict[str, str | float] = {_FIELDS[name]: value for name, value in said.items()}
    try:
        if "timeout" in values:
            values["timeout"] = float(values["timeout"])
        return BucketSettings(**values)  # type: ignore[arg-type]  # each as its field says
    except ValueError as error:
        raise ImproperlyConfigured(f"{error}.") from error
