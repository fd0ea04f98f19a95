"""Whether stored files lie in a bucket, from the environment."""

from __future__ import annotations

import environ
from django.core.exceptions import ImproperlyConfigured

from archive.files.bucket_settings import BucketSettings


def bucket_settings(env: environ.Env) -> BucketSettings | None:
    """The bucket that PULIH_BUCKET names; None without one, and files lie on the disk.

    Raises ImproperlyConfigured for what cannot work, and for names that nobody reads.
    """
    known = {
        "PULIH_BUCKET": env.str("PULIH_BUCKET", default=""),
        "PULIH_BUCKET_ENDPOINT": env.str("PULIH_BUCKET_ENDPOINT", default=""),
        "PULIH_BUCKET_REGION": env.str("PULIH_BUCKET_REGION", default=""),
        "PULIH_BUCKET_PREFIX": env.str("PULIH_BUCKET_PREFIX", default=""),
        "PULIH_BUCKET_ADDRESSING": env.str("PULIH_BUCKET_ADDRESSING", default=""),
        "PULIH_BUCKET_ACCESS_KEY": env.str("PULIH_BUCKET_ACCESS_KEY", default=""),
        "PULIH_BUCKET_SECRET_KEY": env.str("PULIH_BUCKET_SECRET_KEY", default=""),
        "PULIH_BUCKET_TIMEOUT_SECONDS": env.str("PULIH_BUCKET_TIMEOUT_SECONDS", default=""),
    }
    if unknown := sorted({name for name in env.ENVIRON if name.startswith("PULIH_BUCKET")} - known.keys()):
        raise ImproperlyConfigured(f"There is no setting {unknown[0]}.")
    said = {name: value for name, value in known.items() if value}
    if not said:
        return None
    if "PULIH_BUCKET" not in said:
        raise ImproperlyConfigured(f"{min(said)} is set, but PULIH_BUCKET names no bucket.")
    try:
        return BucketSettings(
            name=said["PULIH_BUCKET"],
            endpoint=known["PULIH_BUCKET_ENDPOINT"],
            region=said.get("PULIH_BUCKET_REGION", "us-east-1"),
            prefix=known["PULIH_BUCKET_PREFIX"],
            addressing=said.get("PULIH_BUCKET_ADDRESSING", "auto"),
            access_key=known["PULIH_BUCKET_ACCESS_KEY"],
            secret_key=known["PULIH_BUCKET_SECRET_KEY"],
            timeout=float(said.get("PULIH_BUCKET_TIMEOUT_SECONDS", "20")),
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"{error}.") from error
