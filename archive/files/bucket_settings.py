"""Where the bucket is that stored files lie in, as settings say it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ADDRESSING = ("auto", "path", "virtual")
"""How a bucket is named in addresses: in the path, or as a part of the host's name."""

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSettings:
    """A bucket of S3 or of a server that speaks as S3 does.

    `endpoint`: the server's address, empty for Amazon's; `prefix`: what all keys begin with, without a slash
    at its end, may be empty. Without keys, boto3 looks for some where it always does (AWS_ACCESS_KEY_ID, the
    role of the machine). `timeout`: seconds without a byte after which the server is taken for away.

    Raises ValueError with a sentence that names the variable to correct.
    """

    name: str
    endpoint: str = ""
    region: str
    prefix: str = ""
    addressing: str
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    timeout: float

    def __post_init__(self) -> None:
        address = urlsplit(self.endpoint)
        wrong = {
            f"PULIH_BUCKET={self.name!r} is no bucket's name: 3 to 63 small letters, digits, dots, hyphens": (
                not _NAME.fullmatch(self.name)
            ),
            "PULIH_BUCKET_ENDPOINT must be an address such as https://s3.example.org, without a path": bool(
                self.endpoint
            )
            and not (address.scheme in {"http", "https"} and address.hostname and address.path in {"", "/"}),
            "PULIH_BUCKET_ENDPOINT must not hold a password: name the keys by variables of their own": (
                "@" in address.netloc
            ),
            "PULIH_BUCKET_PREFIX must be words with slashes between, such as archive/pulih": bool(self.prefix)
            and not _PREFIX.fullmatch(self.prefix),
            f"PULIH_BUCKET_ADDRESSING must be one of {', '.join(ADDRESSING)}": (
                self.addressing not in ADDRESSING
            ),
            "PULIH_BUCKET_ACCESS_KEY and PULIH_BUCKET_SECRET_KEY go together: set both, or neither": (
                bool(self.access_key) != bool(self.secret_key)
            ),
            "PULIH_BUCKET_TIMEOUT_SECONDS must be above 0": not self.timeout > 0,
        }
        for sentence, is_so in wrong.items():
            if is_so:
                raise ValueError(sentence)
