"""What comes of a run, and who is told of it as it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from mebench.records import RunDirectory, Task
from mebench.scoring.schema import Scores

if TYPE_CHECKING:
    from mebench.models.base import Progress


@dataclass
class Outcome:
    """What came of a run; ``missing`` are the folds without a record, ``failed`` maps some of them to why.

    Other processes may have worked at the same run: ``done_elsewhere`` are the folds they recorded meanwhile.
    """

    directory: RunDirectory
    run: dict[str, Any]
    done_before: int = 0
    done_now: int = 0
    done_elsewhere: int = 0
    missing: int = 0
    failed: dict[Task, str] = field(default_factory=dict)
    scores: Scores | None = None

    @property
    def done(self) -> int:
        """Return how many folds are recorded, by whom and whenever."""
        return self.done_before + self.done_now + self.done_elsewhere

    def problem(self, again: str = "the same call") -> str | None:
        """Return in one sentence why folds failed, and what tries them again; None where none did."""
        if not self.failed:
            return None
        return (
            f"{len(self.failed)} fold(s) failed ({next(iter(self.failed.values()))}); tracebacks are in "
            f"{self.directory.path / 'folds'}/*.error.txt, and {again} tries them again"
        )


class Observer(Protocol):
    """Who watches a run."""

    def features(self, what: str, done: int, total: int) -> None:
        """Be told that features of ``done`` of ``total`` clips are there."""

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Be told how many folds are done already and how many will be run."""

    def started(self, task: Task) -> None:
        """Be told that a fold began."""

    def progress(self, task: Task, progress: Progress) -> None:
        """Be told how a fold in flight goes."""

    def ended(self, task: Task, problem: str | None) -> None:
        """Be told that a fold was recorded, or why not."""

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Be told that another process recorded a fold, or why it failed there."""
