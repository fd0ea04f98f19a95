"""Answers that many operations share: components of the schema, by name."""

from typing import Any

ERROR = {"$ref": "#/components/schemas/ApiError"}


def _error(
    about: str, code: str, message: str, fields: dict[str, list[str]] | None = None, headers: Any = None
) -> dict[str, Any]:
    example = {"code": code, "message": message, "fields": fields or {}}
    answer = {"description": about, "content": {"application/json": {"schema": ERROR, "example": example}}}
    return answer | ({"headers": headers} if headers else {})


def _header(about: str, example: str) -> dict[str, Any]:
    return {"description": about, "schema": {"type": "string"}, "example": example}


RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 30}
}

# By status, the name of the component and what it says. Operations may say it in words of their own.
ERRORS: dict[int, tuple[str, dict[str, Any]]] = {
    400: (
        "Invalid",
        _error(
            "Something in the request was not accepted; `fields` says what.",
            "invalid",
            "Some of the fields were not accepted.",
            {"title": ["This field may not be blank."]},
        ),
    ),
    401: (
        "NotSignedIn",
        _error(
            "Nobody is signed in, or the token is unknown, revoked or past its end.",
            "not_authenticated",
            "Authentication credentials were not provided.",
            headers={"WWW-Authenticate": _header("How to sign in.", "Token")},
        ),
    ),
    403: (
        "NotAllowed",
        _error(
            "Your role, or the scopes of your token, are not enough.",
            "permission_denied",
            "You do not have permission to perform this action.",
        ),
    ),
    404: ("NotFound", _error("There is no such thing, or you may not see it.", "not_found", "Not found.")),
    406: (
        "NotAcceptable",
        _error(
            "The request accepts none of the types that there are.",
            "not_acceptable",
            "Could not satisfy the request Accept header.",
        ),
    ),
    409: (
        "Conflict",
        _error(
            "As things stand, this cannot be done.",
            "archive:hold:held",
            "This collection is under legal hold.",
        ),
    ),
    410: ("Gone", _error("It was there once.", "archive:upload:gone", "This upload was refused.")),
    412: (
        "Changed",
        _error(
            "Somebody has changed it since (`If-Match`).",
            "archive:precondition:changed",
            "It has been changed since you read it.",
        ),
    ),
    413: (
        "TooLarge",
        _error("More bytes than are taken.", "archive:file:too-large", "The file is larger than 1.0 GB."),
    ),
    415: (
        "UnsupportedMediaType",
        _error(
            "The request's content type is none that this operation takes.",
            "unsupported_media_type",
            'Unsupported media type "text/plain" in request.',
        ),
    ),
    422: (
        "OtherRequest",
        _error(
            "The `Idempotency-Key` was used for another request.",
            "archive:idempotency:other-request",
            "This key was used for another request.",
        ),
    ),
    429: (
        "TooMany",
        _error(
            "Too many requests; `Retry-After` says how long to wait.",
            "throttled",
            "Request was throttled. Expected available in 30 seconds.",
            headers=RETRY_AFTER,
        ),
    ),
    503: (
        "Busy",
        _error(
            "The platform is busy; the same request may succeed soon.",
            "busy",
            "The platform is busy. Please try again soon.",
            headers=RETRY_AFTER,
        ),
    ),
    507: ("NoRoom", _error("The disk is full.", "archive:upload:no-room", "There is no room for this file.")),
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "A text of your choice, new for everything that is to be made. The same request with the same key is "
        "done once, and answered as it was the first time; kept for 24 hours."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "example": "4b1f6a52-0b7e-4d0e-8d8e-5f0c7a9b1c3d",
}
REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` where this is the answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` as you have read it: refused with 412 if it has been changed since.",
    "schema": {"type": "string"},
    "example": '"1f0c2a9be7d34c60a5b1.88d0f3e2c14b5a697d20"',
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` that you have: 304 without a body if nothing is new.",
    "schema": {"type": "string"},
}
ETAG = {
    "ETag": {
        "description": "For `If-Match` and `If-None-Match`; absent where only some `fields` were asked for.",
        "schema": {"type": "string"},
    }
}
FIELDS = {
    "name": "fields",
    "in": "query",
    "description": "Names of the fields that you want, with commas between them. The answer has only these.",
    "schema": {"type": "string"},
}
LOCATION = {
    "Location": {
        "description": "The address of what was made, or of what tells how far the work is.",
        "schema": {"type": "string"},
    }
}
RANGE = {
    "name": "Range",
    "in": "header",
    "description": "A part of the file; what cannot be read as one is not looked at (RFC 9110).",
    "schema": {"type": "string"},
    "example": "bytes=0-1048575",
}
FILE = {
    "Accept-Ranges": {"description": "`bytes`: parts can be asked for.", "schema": {"type": "string"}},
    "Content-Disposition": {"description": "The name of the file.", "schema": {"type": "string"}},
    "ETag": {"description": "Of these bytes.", "schema": {"type": "string"}},
}
PART = FILE | {
    "Content-Range": {
        "description": "Which bytes of how many.",
        "schema": {"type": "string"},
        "example": "bytes 0-1048575/8345120",
    }
}

COMPONENTS = {"responses": dict(ERRORS.values())}
