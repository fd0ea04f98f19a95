"""A client of Pulih's REST API: send photographs, wait for their restorations, bring them home."""

from pulih_client.client import Client, token_for
from pulih_client.connection import Patience
from pulih_client.errors import (
    AlreadyThere,
    ApiError,
    Changed,
    Conflict,
    Damaged,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PulihError,
    RestorationFailed,
    StillWaiting,
    TooManyRequests,
    Unreachable,
)
from pulih_client.records import Branch, Collection, File, Photo, Progress, Restoration, Review

__all__ = [
    "AlreadyThere",
    "ApiError",
    "Branch",
    "Changed",
    "Client",
    "Collection",
    "Conflict",
    "Damaged",
    "File",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "Patience",
    "Photo",
    "Progress",
    "PulihError",
    "Restoration",
    "RestorationFailed",
    "Review",
    "StillWaiting",
    "TooManyRequests",
    "Unreachable",
    "token_for",
]
