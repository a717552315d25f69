"""What an audit comes to: a page of findings under a title, for people and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mebench.audit.finding import Finding
from mebench.scoring.tables import run_title


@dataclass(frozen=True)
class Verdict:
    """The findings of a model under a protocol; ``about`` says of which, as plain values."""

    about: Mapping[str, Any]
    findings: Sequence[Finding]
    seconds: float

    @property
    def failed(self) -> list[Finding]:
        """Return the findings that no one should overlook."""
        return [finding for finding in self.findings if finding.passed is False]

    @property
    def title(self) -> str:
        """Return what was audited."""
        about = self.about
        return "Audit of " + run_title(
            about["model"],
            about["protocol"],
            synthetic=about["synthetic"],
            subject_dependent=about["subject_dependent"],
            local_code=about["local_code"],
        )

    @property
    def summary(self) -> str:
        """Return the verdict in one sentence."""
        asked = [finding for finding in self.findings if finding.passed is not None]
        if not self.failed:
            rest = len(self.findings) - len(asked)
            return f"all {len(asked)} checks passed" + (f"; {rest} did not apply" if rest else "")
        letters = ", ".join(finding.check for finding in self.failed)
        return f"{len(self.failed)} of {len(asked)} checks FAILED: {letters}"

    def described(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **self.about,
            "passed": not self.failed,
            "summary": self.summary,
            "checks": [finding.described() for finding in self.findings],
            "seconds": round(self.seconds, 1),
        }
