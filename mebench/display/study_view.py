"""The live view of a study: which variant of how many, and the time left over all of them."""

from __future__ import annotations

import time

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mebench.display.consoles import errors, say
from mebench.display.duration import duration
from mebench.display.view import LiveView, PlainView, SilentView, header
from mebench.records import Task
from mebench.runner.outcome import Outcome
from mebench.scoring.tables import percent
from mebench.study.work import Done


class Pace:
    """How long a study still takes: as many folds as are left, at the mean time of those run so far.

    Folds of variants whose turn has not come are taken for missing, as they are in a study that goes on.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._ended = self._waiting = self._later = self._each = self._variants = 0
        self.number = 0

    def study(self, variants: int, folds: int) -> None:
        """Set how many variants there are, of how many folds each."""
        self._variants, self._each = variants, folds

    def variant(self, number: int) -> None:
        """Take up a variant."""
        self.number, self._waiting = number, 0
        self._later = (self._variants - number) * self._each

    def planned(self, waiting: int) -> None:
        """Set how many folds of the variant are missing."""
        self._waiting = waiting
        if self._began is None:
            self._began = time.monotonic()

    def fold_ended(self) -> None:
        """Count a fold."""
        self._ended += 1
        self._waiting -= 1

    @property
    def place(self) -> str:
        """Return which variant of how many."""
        return f"variant {self.number} of {self._variants}"

    def left(self) -> str:
        """Return the time left in words; nothing until a fold has ended, nor after the last."""
        folds = self._waiting + self._later
        if self._began is None or not self._ended or not folds:
            return ""
        seconds = (time.monotonic() - self._began) / self._ended * folds
        return f"about {duration(seconds)} left"


class PlainStudyView(PlainView):
    """Plain lines, for pipes and logs."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()

    def study(self, variants: int, folds: int) -> None:
        """Remember how much there is to do."""
        self._pace.study(variants, folds)

    def variant(self, number: int, name: str) -> None:
        """Say which variant's turn has come."""
        self._pace.variant(number)
        say(f"{self._pace.place}: {name}", err=True)

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Say what is done already and what will be run."""
        super().planned(outcome, waiting)
        self._pace.planned(waiting)

    def _line(self, task: Task, loss: float | None, problem: str | None, where: str) -> None:
        self._pace.fold_ended()
        super()._line(task, loss, problem, where)

    def _left(self) -> str:
        return self._pace.left().replace("left", "left over all")

    def variant_ended(self, done: Done) -> None:
        """Say what came of it."""
        say(f"{self._pace.place}: {ended_line(done)}", err=True)


class LiveStudyView(LiveView):
    """Bars on a terminal: the study's above those of the variant at hand."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._name, self._first = "", True
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

    def variant(self, number: int, name: str) -> None:
        """Take the bars of the variant before away."""
        self._pace.variant(number)
        self._name = name
        for bar in list(self._tasks):
            if isinstance(bar, Task):  # in flight when the variant before broke off
                self._flight.remove_task(self._tasks.pop(bar))  # type: ignore[arg-type]
            elif bar == "folds":
                self._folds.remove_task(self._tasks.pop(bar))  # type: ignore[arg-type]
        self._told()

    def planned(self, outcome: Outcome, waiting: int) -> None:
        """Draw the folds' bar."""
        super().planned(outcome, waiting)
        self._first = False
        self._pace.planned(waiting)
        self._told()

    def ended_elsewhere(self, task: Task, problem: str | None) -> None:
        """Count a fold; a failure stays on the screen."""
        super().ended_elsewhere(task, problem)
        self._pace.fold_ended()
        self._told()

    def variant_ended(self, done: Done) -> None:
        """Move the study's bar; a line of what came of the variant stays on the screen."""
        self._study.advance(self._bar)
        line = f"[{self._pace.number}] {ended_line(done)}"
        self._live.console.print(line, style="red" if done.problem else None, markup=False)

    def _told(self) -> None:
        state = ", ".join(filter(None, (f"{self._pace.number}: {self._name}", self._pace.left())))
        self._study.update(self._bar, state=state)

    def _header(self, outcome: Outcome, waiting: int) -> list[str]:
        """Say what is run once; of the other variants only the last line counts."""
        return header(outcome, waiting)[: 1 if self._first else 0]


class SilentStudyView(SilentView):
    """Nothing, for who wants no progress."""

    def study(self, variants: int, folds: int) -> None:
        """Show nothing."""

    def variant(self, number: int, name: str) -> None:
        """Show nothing."""

    def variant_ended(self, done: Done) -> None:
        """Show nothing."""


def study_view() -> LiveStudyView | PlainStudyView:
    """Return the view that suits standard error."""
    return LiveStudyView() if errors().is_terminal else PlainStudyView()


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
