"""The live view of a study: variants that ended, and one progress over the folds of all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mebench.display.consoles import errors, say
from mebench.display.duration import duration
from mebench.display.view import LiveView, PlainView, SilentView, header
from mebench.models.base import Progress as FitProgress
from mebench.records import Task
from mebench.runner.outcome import Observer, Outcome
from mebench.scoring.tables import percent
from mebench.study.work import Done


class Pace:
    """How long a study still takes: as many folds as are left, at the mean time of those run so far.

    Folds of variants that are not prepared yet are taken for missing, as they are in a study that goes on.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._ended = self._each = 0
        self.variants = 0
        self._left: dict[int, int] = {}

    def study(self, variants: int, folds: int) -> None:
        """Set how many variants there are, of how many folds each."""
        self.variants, self._each = variants, folds

    def planned(self, number: int, waiting: int) -> None:
        """Set how many folds of a variant are missing."""
        self._left[number] = waiting
        if not self._ended:
            self._began = time.monotonic()

    def fold_ended(self, number: int) -> None:
        """Count a fold of a variant."""
        self._ended += 1
        self._left[number] -= 1

    def variant_ended(self, number: int) -> None:
        """Expect no more folds of a variant."""
        self._left[number] = 0

    def place(self, number: int) -> str:
        """Return which variant of how many."""
        return f"variant {number} of {self.variants}"

    @property
    def folds_left(self) -> int:
        """Return how many folds are still to be run."""
        return sum(self._left.values()) + (self.variants - len(self._left)) * self._each

    @property
    def folds(self) -> int:
        """Return how many folds are run in all."""
        return self._ended + self.folds_left

    def left(self) -> str:
        """Return the time left in words; nothing until a fold has ended, nor after the last."""
        if not self._ended or not self.folds_left:
            return ""
        seconds = (time.monotonic() - self._began) / self._ended * self.folds_left
        return f"about {duration(seconds)} left"


@dataclass(frozen=True, order=True)
class NumberedTask(Task):
    """A fold of the variant with a number."""

    number: int = 0


class _View(Protocol):
    """What shows folds of several variants."""

    def features(self, what: str, done: int, total: int) -> None: ...
    def planned_of(self, number: int, outcome: Outcome, waiting: int) -> None: ...
    def started(self, task: Task) -> None: ...
    def progress(self, task: Task, progress: FitProgress) -> None: ...
    def ended(self, task: Task, problem: str | None) -> None: ...
    def ended_elsewhere(self, task: Task, problem: str | None) -> None: ...


class _OfVariant:
    """Watches the run of one variant, for a view of all."""

    def __init__(self, view: _View, number: int) -> None:
        self._view, self._number = view, number

    def _named(self, task: Task) -> Task:
        return NumberedTask(task.seed, task.fold, self._number)

    def features(self, what: str, done: int, total: int) -> None:
        self._view.features(what, done, total)

    def planned(self, outcome: Outcome, waiting: int) -> None:
        self._view.planned_of(self._number, outcome, waiting)

    def started(self, task: Task) -> None:
        self._view.started(self._named(task))

    def progress(self, task: Task, progress: FitProgress) -> None:
        self._view.progress(self._named(task), progress)

    def ended(self, task: Task, problem: str | None) -> None:
        self._view.ended(self._named(task), problem)

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        self._view.ended_elsewhere(self._named(task), problem)


class PlainStudyView(PlainView):
    """Plain lines, for pipes and logs; a fold's begins with the number of its variant."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()

    def study(self, variants: int, folds: int) -> None:
        """Remember how much there is to do."""
        self._pace.study(variants, folds)

    def variant(self, number: int, name: str) -> Observer:
        """Say which variant is prepared."""
        say(f"{self._pace.place(number)}: {name}", err=True)
        return _OfVariant(self, number)

    def planned_of(self, number: int, outcome: Outcome, waiting: int) -> None:
        """Say what is done already of a variant and what will be run."""
        self._tell_planned(outcome, waiting)
        self._pace.planned(number, waiting)

    def variant_ended(self, number: int, done: Done) -> None:
        """Say what came of it."""
        self._pace.variant_ended(number)
        say(f"{self._pace.place(number)}: {ended_line(done)}", err=True)

    def _line(self, task: Task, loss: float | None, problem: str | None, where: str) -> None:
        self._pace.fold_ended(_number(task))
        self._total = self._pace.folds
        super()._line(task, loss, problem, where)

    def _name(self, task: Task) -> str:
        return f"{_number(task)}: {super()._name(task)}"

    def _left(self) -> str:
        return self._pace.left().replace("left", "left over all")


class LiveStudyView(LiveView):
    """Bars on a terminal: variants that ended, the folds of all, and those in flight with their variant's number."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._first = True
        self._study = Progress(
            TextColumn("[bold]variants"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            console=errors(),
        )
        parts = Group(self._study, self._features, self._folds, self._flight)
        self._live = Live(parts, console=errors(), refresh_per_second=8)

    def study(self, variants: int, folds: int) -> None:
        """Draw the study's bar."""
        self._pace.study(variants, folds)
        self._bar = self._study.add_task("", total=variants, state="")

    def variant(self, number: int, name: str) -> Observer:
        """Say which variant is prepared."""
        self._study.update(self._bar, state=f"preparing {number}: {name}")
        return _OfVariant(self, number)

    def planned_of(self, number: int, outcome: Outcome, waiting: int) -> None:
        """Draw the folds' bar, or let it grow."""
        if self._first:  # what is run is said once; of the variants only the last line counts
            self._live.console.print(header(outcome, waiting)[0], markup=False)
            self._first = False
            self._tasks["folds"] = self._folds.add_task("folds", total=None)
        self._pace.planned(number, waiting)
        self._told()

    def started(self, task: Task) -> None:
        """Add a bar for a fold in flight."""
        super().started(task)
        self._told()

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Count a fold; a failure stays on the screen."""
        super().ended_elsewhere(task, problem)
        self._pace.fold_ended(_number(task))
        self._told()

    def variant_ended(self, number: int, done: Done) -> None:
        """Move the study's bar; a line of what came of the variant stays on the screen."""
        self._pace.variant_ended(number)
        for bar in [each for each in self._tasks if isinstance(each, Task) and _number(each) == number]:
            self._flight.remove_task(self._tasks.pop(bar))  # type: ignore[arg-type]  # it broke off
        self._study.advance(self._bar)
        self._told()
        line = f"[{number}] {ended_line(done)}"
        self._live.console.print(line, style="red" if done.problem else None, markup=False)

    def _name(self, task: Task) -> str:
        return f"{_number(task)}: {super()._name(task)}"

    def _told(self) -> None:
        self._study.update(self._bar, state=self._pace.left())
        if "folds" in self._tasks:
            self._folds.update(self._tasks["folds"], total=self._pace.folds)  # type: ignore[arg-type]


class SilentStudyView(SilentView):
    """Nothing, for who wants no progress."""

    def study(self, variants: int, folds: int) -> None:
        """Show nothing."""

    def variant(self, number: int, name: str) -> Observer:
        """Show nothing of its run either."""
        return self

    def variant_ended(self, number: int, done: Done) -> None:
        """Show nothing."""


def study_view() -> LiveStudyView | PlainStudyView:
    """Return the view that suits standard error."""
    return LiveStudyView() if errors().is_terminal else PlainStudyView()


def _number(task: Task) -> int:
    return task.number if isinstance(task, NumberedTask) else 0


def ended_line(done: Done) -> str:
    """Return in one line what came of a variant."""
    if done.problem:
        return f"{done.variant.name} failed: {done.problem}"
    outcome, scores = done.outcome, done.scores
    if outcome is None or scores is None:
        return f"{done.variant.name}: {done.missing} fold(s) are still missing"
    shown = ("UF1", scores["uf1"]["mean"]) if "uf1" in scores else ("AU F1", scores["au"]["f1"]["mean"])
    ran = f"{outcome.done_now} folds run" if outcome.done_now else "all folds were there"
    return f"{done.variant.name}: {shown[0]} {percent(shown[1])}, {ran}"
