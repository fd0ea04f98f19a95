"""What the platform stands on and how it is set up: versions, settings, mail, webhooks, the clock."""

from __future__ import annotations

import re
import smtplib
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import django
from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from archive.files.storage import incoming_folder
from archive.health.findings import Finding, broken, fine, warning
from archive.models import Original, Webhook, WebhookDelivery

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")
_SENDS_NOTHING = ("console", "dummy", "locmem", "filebased")
_DRIFT_SECONDS = 2.0
# Django's hints name its own settings, which here come from variables.
_MENDS = {
    "security.W004": "Set PULIH_HSTS_SECONDS=31536000 once https is there to stay.",
    "security.W005": "Set PULIH_HSTS_INCLUDE_SUBDOMAINS=true if all subdomains speak https.",
    "security.W008": "Set PULIH_SSL_REDIRECT=true, unless the server in front does it.",
    "security.W009": "Set PULIH_SECRET_KEY to 50 or more random characters, and never change it again.",
    "security.W021": "Set PULIH_HSTS_PRELOAD=true if the domain is to be in the browsers' own lists.",
}
_LATE = timedelta(minutes=30)


def versions() -> Iterator[Finding]:
    """Python and the packages are those that Pulih was tried with: the pins of requirements.txt."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield fine("python", f"{python}, Django {django.get_version()}")
    missing, others = [], []
    pins = _pins(Path(settings.BASE_DIR) / "requirements.txt")
    for name, wanted in pins.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        # "2.14.1+cpu" is 2.14.1, built for some machine.
        if installed.partition("+")[0] != wanted:
            others.append(f"{name} {installed} instead of {wanted}")
    mend = "Run pip install -r requirements.txt in the environment that Pulih runs in, and restart."
    if missing:
        yield broken("packages", f"not installed: {', '.join(missing)}", mend)
    if others:
        yield warning("packages", f"not as tried: {', '.join(others)}", mend)
    if not missing and not others:
        yield fine("packages", f"all {len(pins)} as in requirements.txt")


def configuration() -> Iterator[Finding]:
    """Django's own checks, those for a server that others reach too, and what Pulih asks of settings."""
    is_for_others = settings.SESSION_COOKIE_SECURE and not settings.DEBUG
    if not is_for_others:
        yield warning(
            "settings",
            "they are for one's own machine: cookies travel without https"
            + (", pages show tracebacks" if settings.DEBUG else ""),
            "On a server that others reach, set DJANGO_SETTINGS_MODULE=config.settings.production.",
        )
    said = [
        each for each in checks.run_checks(include_deployment_checks=is_for_others) if not each.is_silenced()
    ]
    for each in said:
        number = str(each.id)
        grade = broken if each.level >= checks.ERROR else warning
        sentence = " ".join(str(each.msg).split()).partition(". ")[0].rstrip(".")
        mend = _MENDS.get(number) or " ".join(str(each.hint or "").split())
        yield grade(f"settings {number}", sentence, mend or f"Look up {number} in Django's list of checks.")
    if not settings.PULIH_ADDRESS:
        yield warning(
            "address",
            "PULIH_ADDRESS is not set, so mails from the queue have no links",
            "Set PULIH_ADDRESS=https://... to where people reach this platform.",
        )
    if not said and is_for_others:
        yield fine("settings", "nothing that Django's checks for deployment mind")


def mail() -> Iterator[Finding]:
    """There is a server for mails and it lets us in; nothing is sent."""
    backend = settings.EMAIL_BACKEND
    if any(f".{kind}." in backend for kind in _SENDS_NOTHING):
        yield warning(
            "mail",
            "mails go to the log and reach nobody",
            "Set PULIH_EMAIL_URL=smtp+tls://user:password@host:587 and PULIH_MAIL_FROM.",
        )
    else:
        yield from _mail_server()
    if not settings.PULIH_OPERATORS:
        yield warning(
            "operators",
            "nobody would hear of missing or changed files",
            "Set PULIH_OPERATORS to the e-mail addresses of those who look after the archive.",
        )


def webhooks() -> Iterator[Finding]:
    """None has given up by itself, and what is due is sent."""
    off = Webhook.objects.filter(disabled_because=Webhook.Reason.FAILING).count()
    due = WebhookDelivery.objects.due(timezone.now() - _LATE)
    late = due.filter(webhook__in=Webhook.objects.free(timezone.now())).count()
    if off:
        yield warning(
            "webhooks",
            f"{off} were switched off because they had failed for days",
            "Ask their owners to mend what receives them and to switch them on again on the webhooks' page.",
        )
    if late:
        yield warning(
            "webhooks",
            f"{late} deliveries are due for more than half an hour",
            "See that a worker runs (manage.py qcluster), and whether it keeps up.",
        )
    if not off and not late:
        yield fine("webhooks", "nothing is late")


def clock() -> Iterator[Finding]:
    """This machine's clock agrees with the disk's and the database's, and with what was written before."""
    mend = "Set the clock by NTP (timedatectl set-ntp true) on this machine and on the servers that it uses."
    drifts = {"disk": disk_drift()}
    if connection.vendor == "postgresql":
        drifts["database server"] = _database_drift()
    wrong = {place: drift for place, drift in drifts.items() if abs(drift) > _DRIFT_SECONDS}
    for place, drift in wrong.items():
        yield broken("clock", f"the clock of the {place} differs by {drift:+.1f} s", mend)
    newest = Original.objects.order_by("-created_at").values_list("created_at", flat=True).first()
    if newest and newest > timezone.now() + timedelta(minutes=1):
        yield broken(
            "clock", f"the newest original came in at {newest:%Y-%m-%d %H:%M:%S} UTC, in the future", mend
        )
    elif not wrong:
        yield fine("clock", f"{timezone.now():%Y-%m-%d %H:%M:%S} UTC")


def _pins(requirements: Path) -> dict[str, str]:
    lines = requirements.read_text().splitlines() if requirements.is_file() else []
    return {found[1]: found[2] for found in map(_PIN.match, lines) if found}


def _mail_server() -> Iterator[Finding]:
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    sender = get_connection()
    try:
        sender.open()
    except smtplib.SMTPAuthenticationError:
        yield broken("mail", f"{server} refuses name or password", "Correct them in PULIH_EMAIL_URL.")
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        yield broken(
            "mail",
            f"{server} cannot be used: {' '.join(str(error).split())}",
            "Correct PULIH_EMAIL_URL, or let this machine reach the mail server through the firewall.",
        )
    else:
        yield fine("mail", f"{server} lets us in")
    finally:
        sender.close()


def disk_drift() -> float:
    """Seconds by which what the disk writes down is ahead of this machine: a server's clock, on NFS."""
    with tempfile.NamedTemporaryFile(dir=incoming_folder()) as file:
        file.write(b"now")
        file.flush()
        return Path(file.name).stat().st_mtime - time.time()


def _database_drift() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0]) - time.time()
