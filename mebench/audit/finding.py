"""What a check found: a verdict and its evidence, in one sentence.

Finding("d", True, "asked twice, fresh and in place: the largest difference is 0")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What each check asks, by its letter, in the order in which they are told.
TITLES = {
    "a": "hidden labels permuted",
    "b": "test order reversed",
    "c": "clip by clip",
    "d": "asked again",
    "e": "foreign clips added",
    "f": "folds alone, in reverse",
    "g": "trained on shuffled labels",
    "h": "nothing on both sides",
    "i": "everything learns",
    "j": "isolation in force",
    "k": "folds together",
}


@dataclass(frozen=True)
class Finding:
    """What one check found; ``passed`` is None where it does not apply or cannot tell, and ``evidence`` says why.

    ``figures`` are the numbers behind the sentence, for machines.
    """

    check: str
    passed: bool | None
    evidence: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return what was asked, in a few words."""
        return TITLES[self.check]

    def described(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "check": self.check,
            "title": self.title,
            "passed": self.passed,
            "evidence": self.evidence,
            "figures": dict(self.figures),
        }
