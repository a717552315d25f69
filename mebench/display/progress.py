"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mebench.display.consoles import errors, say

# Without a terminal, a line this often says that the work goes on.
PLAIN_SECONDS = 10.0

Report = Callable[[str, int, int], None]


@contextmanager
def progress_bar(*, shown: bool = True) -> Iterator[Report]:
    """Yield ``report(what, done, total)``; each ``what`` gets a bar of its own, or none unless ``shown``."""
    if not shown:
        yield lambda what, done, total: None
        return
    if not errors().is_terminal:
        yield plain_report()
        return
    with bars() as progress:
        tasks: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)  # type: ignore[arg-type]

        yield report


def bars() -> Progress:
    """Return rich bars as mebench draws them, on standard error."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        console=errors(),
    )


def plain_line(text: str) -> None:
    """Print a line to standard error, whose lines are for people."""
    say(text, err=True)


def plain_report() -> Report:
    """Return a report that prints a line at the end and every :data:`PLAIN_SECONDS` before it."""
    last: dict[str, float] = {}

    def report(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last.setdefault(what, now) >= PLAIN_SECONDS:
            last[what] = now
            plain_line(f"{what}: {done}/{total}")

    return report
