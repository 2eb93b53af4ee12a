"""`hubflow doctor`: looks at an installation and says what to mend."""

from __future__ import annotations

from hubflow.cli import checks
from hubflow.cli.base import ALIASES
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.config import Email, Scheduler, Service
from hubflow.services.unit import Backend

_MARKS = {checks.OK: "ok     ", checks.WARNING: "warning", checks.FAILED: "FAILED "}


class DoctorApp(OutputApp):
    """Check this installation, and say what is wrong and what to do.

    Ends with status 1 if something does not work, 0 if there are warnings at most.
    """

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        core, service = self.core, Service(config=self.config)
        backend = Backend(self.database, core.paths, service, fernet_key=core.fernet_key)
        patient = checks.Patient(
            backend, core, Email(config=self.config), Scheduler(config=self.config)
        )
        findings = []
        for finding in checks.examine(patient):
            findings.append(finding)
            if self.output == "table":
                _show(finding)
        if self.output != "table":
            self.emit(findings, [])
        if any(finding.status == checks.FAILED for finding in findings):
            raise SystemExit(1)


def _show(finding: checks.Finding) -> None:
    print(f"{_MARKS[finding.status]}  {finding.check}: {finding.message}", flush=True)
    if finding.advice and finding.status != checks.OK:
        print(f"         → {finding.advice}", flush=True)
