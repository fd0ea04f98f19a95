"""By what the operations are grouped."""

import re

from django.conf import settings

TAGS: dict[str, str] = {
    "Sign-in": "Tokens: how a program comes in, and what its token is good for.",
    "Me": "Your own account.",
    "Collections": "Collections and what they are part of.",
    "Photos": "Photos: finding, uploading, describing, downloading.",
    "Uploads": "Large files in parts, which survive a broken connection (tus 1.0); imports of ZIPs and bags.",
    "Descriptions": "Descriptions as tables: out, and in again.",
    "Restorations": "Asking for restorations, following them, and their files.",
    "Reviews": "The review room: what awaits a decision, decisions, and taking them back.",
    "Access": "Who may do what in a collection: members, invitations, links for guests, publication.",
    "Keeping": "What happened to every photo, whether its file is still what it was, legal holds, the bin.",
    "Export": "Approved restorations and originals, out of the house.",
    "Models": "Registered models, their figures, and runs of training.",
    "Webhooks": "Calls to addresses of yours when something has happened.",
    "Platform": "The platform itself.",
}

# The first pattern that is found in an address below the API's root says its tag.
_PLACES: list[tuple[str, str]] = [
    (r"^(token|tokens)/", "Sign-in"),
    (r"^me/", "Me"),
    (r"webhook", "Webhooks"),
    (r"^(users)/", "Access"),
    (r"(members|owner|invitations|share-links|publication)/", "Access"),
    (r"^models/|^training-runs/|^benchmarks/|^sample", "Models"),
    (r"(uploads|imports|bags)/", "Uploads"),
    (r"descriptions/|describe/$", "Descriptions"),
    (r"review|reviews/", "Reviews"),
    (r"export", "Export"),
    (r"(events|fixity|hold|bin|take-back|audit)/", "Keeping"),
    (r"(restorations|restore|progress)/", "Restorations"),
    (r"^photos/|/photos/$", "Photos"),
    (r"^collections/", "Collections"),
]


def tag_of(path: str) -> str:
    """The tag of the operations at `path`."""
    below = re.sub(str(settings.SPECTACULAR_SETTINGS["SCHEMA_PATH_PREFIX"]), "", path).lstrip("/")
    return next((tag for pattern, tag in _PLACES if re.search(pattern, below)), "Platform")


def described_tags() -> list[dict[str, str]]:
    """For the schema: every tag with what it is about, in the order of the docs page."""
    return [{"name": name, "description": about} for name, about in TAGS.items()]
