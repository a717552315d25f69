"""The live view of a run: folds done, time left, and the loss of each fold in flight."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TypeVar

from rich.console import Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mebench.display.consoles import errors, say
from mebench.display.progress import bars, plain_report
from mebench.models.base import Progress as FitProgress
from mebench.records import Task
from mebench.runner.outcome import Outcome
from mebench.scoring.stood_in import tell_ready, tell_substitutions
from mebench.scoring.tables import local_mark, selection_mark, shown_model

View = TypeVar("View")
Live_ = TypeVar("Live_", bound="LiveView")


class PlainView:
    """Plain lines, for pipes and logs: one for each fold that ends."""

    def __init__(self) -> None:
        self.features = plain_report()
        self._done = self._total = 0
        self._began = time.monotonic()
        self._losses: dict[Task, float | None] = {}
        self._together = False

    def __enter__(self: View) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Say what is done already and what will be run."""
        self._done, self._total, self._began = 0, waiting, time.monotonic()
        self._tell_planned(outcome, waiting)

    def _tell_planned(self, outcome: Outcome, waiting: int) -> None:
        self._together = _are_together(outcome)
        for line in header(outcome, waiting):
            say(line, err=True)

    def started(self, task: Task) -> None:
        """Remember that a fold began."""
        self._losses[task] = None

    def progress(self, task: Task, progress: FitProgress) -> None:
        """Remember the last loss."""
        self._losses[task] = progress.loss

    def ended(self, task: Task, problem: str | None) -> None:
        """Print one line."""
        self._line(task, self._losses.pop(task, None), problem, "")

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Print one line."""
        self._line(task, None, problem, " by another process")

    def _line(self, task: Task, loss: float | None, problem: str | None, where: str) -> None:
        self._done += 1
        ended = "done" + (f", loss {loss:.3f}" if loss is not None else "")
        state = f"failed{where}: {problem}" if problem else ended + where
        rest = f" ({left})" if (left := self._left()) else ""
        say(f"[{self._done}/{self._total}] {self._name(task)} {state}{rest}", err=True)

    def _name(self, task: Task) -> str:
        return _name(task)

    def _left(self) -> str:
        """Return how long the folds still take, in words; nothing after the last, or where all end at one time."""
        if self._done >= self._total or self._together:
            return ""
        seconds = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        return f"about {seconds:.0f} s left"


class LiveView:
    """Bars on a terminal."""

    def __init__(self) -> None:
        self._features = bars()
        self._folds = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(compact=True),
            console=errors(),
        )
        self._flight = Progress(
            TextColumn("  {task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}", markup=False),
            console=errors(),
        )
        self._tasks: dict[str | Task, object] = {}
        self._live = Live(
            Group(self._features, self._folds, self._flight), console=errors(), refresh_per_second=8
        )

    def __enter__(self: Live_) -> Live_:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in [t for t in self._tasks if isinstance(t, Task)]:
            self._flight.remove_task(self._tasks.pop(task))  # type: ignore[arg-type]
        self._live.stop()

    def features(self, what: str, done: int, total: int) -> None:
        """Draw the features' bar."""
        if what not in self._tasks:
            self._tasks[what] = self._features.add_task(what, total=total)
        self._features.update(self._tasks[what], completed=done)  # type: ignore[arg-type]

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Draw the folds' bar."""
        for line in header(outcome, waiting):
            self._live.console.print(line, markup=False)
        self._tasks["folds"] = self._folds.add_task("folds", total=waiting)

    def _name(self, task: Task) -> str:
        return _name(task)

    def started(self, task: Task) -> None:
        """Add a bar for a fold in flight."""
        self._tasks[task] = self._flight.add_task(self._name(task), total=None, state="")

    def progress(self, task: Task, progress: FitProgress) -> None:
        """Move a fold's bar."""
        loss = "" if progress.loss is None else f", loss {progress.loss:.3f}"
        state = f"{progress.step}/{progress.steps}{loss}"
        self._flight.update(self._tasks[task], completed=progress.step, total=progress.steps, state=state)  # type: ignore[arg-type]

    def ended(self, task: Task, problem: str | None) -> None:
        """Take a fold's bar away; a failure stays on the screen."""
        self._flight.remove_task(self._tasks.pop(task))  # type: ignore[arg-type]
        self.ended_elsewhere(task, problem)

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Count a fold; a failure stays on the screen."""
        if problem:
            self._live.console.print(f"{self._name(task)} failed: {problem}", style="red", markup=False)
        self._folds.advance(self._tasks["folds"])  # type: ignore[arg-type]


class SilentView:
    """Nothing, for who wants no progress."""

    def features(self, what: str, done: int, total: int) -> None:
        """Show nothing."""

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Show nothing."""

    def started(self, task: Task) -> None:
        """Show nothing."""

    def progress(self, task: Task, progress: FitProgress) -> None:
        """Show nothing."""

    def ended(self, task: Task, problem: str | None) -> None:
        """Show nothing."""

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Show nothing."""


def run_view() -> LiveView | PlainView:
    """Return the view that suits standard error."""
    return LiveView() if errors().is_terminal else PlainView()


def _are_together(outcome: Outcome) -> bool:
    return bool(outcome.run["decided_by"].get("folds_together"))


def header(outcome: Outcome, waiting: int) -> list[str]:
    """Return what is run, where, and how much of it is done already."""
    run, cohort = outcome.run, outcome.run["cohort"]
    kind = "synthetic clips" if run["synthetic"] else "clips"
    bridged, ready = tell_substitutions(run.get("substitutions")), tell_ready(run)
    model = " ".join(filter(None, (shown_model(run), local_mark(run.get("local_code")))))
    if mark := selection_mark(run["selection"]):
        model += f" ({mark})"
    return [
        f"{model} under {run['protocol']}: {cohort['clips']} {kind} of {cohort['subjects']} subjects, "
        f"{cohort['folds']} folds{' as one network' if _are_together(outcome) else ''}; {run['device']}, "
        f"{run['precision']}",
        f"{outcome.directory.path}: {outcome.done_before} of {outcome.done_before + outcome.missing} folds done, "
        f"{waiting} to run",
        *([f"inputs from files: {ready}"] if ready else []),
        *([f"bridged: {bridged}"] if bridged else []),
    ]


def _name(task: Task) -> str:
    return f"{task.fold} seed {task.seed}"
