"""Look at everything that Pulih needs, say what is wrong, and how to mend it.

Parts: versions, settings, database, disk, storage, queue, model, mail, webhooks, clock. Nothing is changed;
small files are written and removed again, and the mail server is asked whether it lets us in.

Ends with status 1 when anything is broken, with --strict also when there is a warning.

  manage.py pulih_doctor
  manage.py pulih_doctor --only database storage
  manage.py pulih_doctor --json --strict
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from archive.health.findings import Finding, Grade, worst
from archive.management.documented import DocumentedCommand
from restoration.health.examination import examine, parts

_SIGNS = {Grade.OK: "ok     ", Grade.WARNING: "warning", Grade.BROKEN: "BROKEN "}


class Command(DocumentedCommand):
    help = __doc__
    # What they say is one of the findings; a fault must not keep the doctor from looking.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="+", choices=list(parts()), default=[], metavar="PART")
        parser.add_argument(
            "--files", action="store_true", help="count missing and unknown files, however many there are"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument("--strict", action="store_true", help="end with status 1 for a warning, too")

    def handle(self, **options: Any) -> None:
        found: list[tuple[str, Finding]] = []
        for part, findings in examine(options["only"], every_file=options["files"]):
            found += [(part, finding) for finding in findings]
            if not options["json"]:
                self._show(part, findings)
        grade = worst(finding for _part, finding in found)
        if options["json"]:
            listed = [{"part": part, **asdict(finding)} for part, finding in found]
            self.stdout.write(json.dumps({"status": grade, "findings": listed}, indent=2))
        else:
            counts = {each: sum(finding.grade is each for _part, finding in found) for each in Grade}
            self.stdout.write(", ".join(f"{count} {each}" for each, count in counts.items()))
        if grade is Grade.BROKEN or (options["strict"] and grade is Grade.WARNING):
            sys.exit(1)

    def _show(self, part: str, findings: list[Finding]) -> None:
        styles = {
            Grade.OK: self.style.SUCCESS,
            Grade.WARNING: self.style.WARNING,
            Grade.BROKEN: self.style.ERROR,
        }
        for each in findings:
            sign = styles[each.grade](_SIGNS[each.grade])
            self.stdout.write(f"{sign} {part:9} {each.name}: {each.found}")
            if each.mend:
                self.stdout.write(f"                  -> {each.mend}")
