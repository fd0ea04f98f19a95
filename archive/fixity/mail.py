"""Telling the operators what a fixity run found."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from archive.events.verification import chain_head
from archive.models import FixityFinding, FixityRun

_LISTED = 100

logger = logging.getLogger(__name__)


def operators() -> list[str]:
    """Addresses of those who are told: the setting PULIH_OPERATORS."""
    return list(settings.PULIH_OPERATORS)


def mail_findings(run: FixityRun) -> bool:
    """Tell the operators of everything new that a finished run found; False when the mail could not be sent.

    In the platform's own language. The mail names the head of the event log, so that the newest link is noted
    on another machine.
    """
    findings = list(run.findings.order_by("kind", "path"))
    if not findings or not operators():
        return True
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Pulih: %(count)s stored files are not as they should be") % {"count": len(findings)}
        body = _body(run, findings)
    try:
        send_mail(subject, body, None, operators())
    except OSError:
        logger.exception("fixity run %s: the operators could not be told", run.pk)
        return False
    return True


def _body(run: FixityRun, findings: list[FixityFinding]) -> str:
    lines = [
        _("A check of %(files)s files (%(scope)s) found these:")
        % {"files": run.file_count, "scope": run.get_scope_display()},
        "",
        *(f"{finding.get_kind_display()}: {finding.path}" for finding in findings[:_LISTED]),
    ]
    if len(findings) > _LISTED:
        lines.append(_("and %(count)s more.") % {"count": len(findings) - _LISTED})
    lines += ["", _("Nothing was changed. Put back from a backup what is missing or changed.")]
    lines.append(_("Head of the event log: %s") % (chain_head() or "-"))
    return "\n".join(lines)
