"""Django's LOGGING and gunicorn's: all goes to standard error, where systemd and containers collect it."""

from __future__ import annotations

from typing import Any

FORMATS = ("line", "json")


def log_settings(*, form: str, level: str, queue_level: str, request_lines: bool) -> dict[str, Any]:
    """`form`: "line" for people, "json" for programs. `request_lines`: one for every request.

    Raises ValueError for another form.
    """
    if form not in FORMATS:
        raise ValueError(f"PULIH_LOG_FORMAT must be one of {', '.join(FORMATS)}, not {form!r}")
    return {
        **_handlers(form),
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # At INFO it speaks of its processes by their numbers; what became of a restoration stands in its
            # row.
            "django-q": {"handlers": ["console"], "level": queue_level, "propagate": False},
            # At INFO it tells of every visit that is no failure.
            "axes": {"level": "WARNING"},
            "pulih.requests": {"level": "INFO" if request_lines else "WARNING"},
        },
    }


def gunicorn_log_settings(*, form: str, level: str) -> dict[str, Any]:
    """For gunicorn's `logconfig_dict`; nothing where it may write as it does by itself.

    As JSON it says what it does with its processes; lines for visits are Pulih's own, which name no address
    with a key in it.
    """
    if form != "json":
        return {}
    return {
        **_handlers(form),
        "root": {"handlers": ["console"], "level": level.upper()},
        "loggers": {
            "gunicorn.error": {"handlers": ["console"], "level": level.upper(), "propagate": False},
            "gunicorn.access": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        },
    }


def _handlers(form: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"in_context": {"()": "archive.logs.records.InContext"}},
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}{context}: {message}", "style": "{"},
            "json": {"()": "archive.logs.records.JsonLines"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["in_context"]}
        },
    }
