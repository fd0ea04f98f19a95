"""Codes of errors that any address of the API may answer with; those of the subjects stand in `messages`."""

from __future__ import annotations

from django.utils.translation import gettext_noop

GENERAL = {
    "invalid": gettext_noop("Some of the fields were not accepted."),
    "parse_error": gettext_noop("The body is not what its Content-Type says."),
    "bad_request": gettext_noop("The request cannot be understood."),
    "not_authenticated": gettext_noop("Nobody is signed in."),
    "authentication_failed": gettext_noop("The token is unknown, revoked or past its end."),
    "permission_denied": gettext_noop("The person, or the token, may not do this."),
    "not_found": gettext_noop("There is no such thing, or the caller may not see it."),
    "method_not_allowed": gettext_noop("Nothing answers to this method here."),
    "not_acceptable": gettext_noop("None of the kinds in Accept can be had here."),
    "unsupported_media_type": gettext_noop("A body of this Content-Type is not understood here."),
    "throttled": gettext_noop("Too many attempts; Retry-After says when to try again (seconds)."),
    "error": gettext_noop("Something went wrong on our side; the log knows more."),
    "no_room": gettext_noop("There is no room left on the platform's disk; nothing was changed."),
    "storage_unavailable": gettext_noop(
        "The bucket that files are stored in did not answer; nothing was changed. Try again after "
        "Retry-After (seconds)."
    ),
    "busy": gettext_noop("The database did not answer in time; try again after Retry-After (seconds)."),
}
"""What each means; the sentence of an answer may say more."""

STATUSES = {
    "invalid": 400,
    "parse_error": 400,
    "bad_request": 400,
    "not_authenticated": 401,
    "authentication_failed": 401,
    "permission_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "unsupported_media_type": 415,
    "throttled": 429,
    "error": 500,
    "busy": 503,
    "storage_unavailable": 503,
    "no_room": 507,
}
