"""How runs stand, as a table that is drawn again and again on a terminal, and as lines elsewhere.

watch(WatchedRuns(folder), folder, seconds=2)       # until Ctrl-C
cells(standing), line(standing)                     # once: a row of a table, a line
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from mebench.display.consoles import output, say
from mebench.display.duration import duration
from mebench.display.tables import rich_tables
from mebench.runner.watching import Standing, WatchedRuns

COLUMNS = ("run", "seeds", "folds", "running", "failed", "a minute", "left", "last failure")
RIGHT = ("folds", "running", "failed", "a minute", "left")


def watch(watched: WatchedRuns, folder: Path, seconds: float) -> None:
    """Show how the runs stand, again and again; those that were complete from the start are only counted."""
    if output().is_terminal:
        _live(watched, folder, seconds)
    else:
        _lines(watched, seconds)


def shown(standings: Sequence[Standing], before: frozenset[str]) -> tuple[list[Standing], int]:
    """Return the runs to show, and how many complete ones of ``before`` are left out."""
    kept = [each for each in standings if not (each.complete and each.run in before)]
    return kept, len(standings) - len(kept)


def complete(standings: Sequence[Standing]) -> frozenset[str]:
    """Return the names of the runs that lack no fold."""
    return frozenset(each.run for each in standings if each.complete)


def cells(standing: Standing) -> tuple[str, ...]:
    """Return a run as a row of :data:`COLUMNS`."""
    if standing.problem:
        return (standing.run, "", "", "", "", "", "", standing.problem)
    return (
        standing.run,
        ",".join(map(str, standing.seeds)),
        f"{standing.done}/{standing.total}",
        str(standing.running or ""),
        str(standing.failed or ""),
        "" if standing.rate is None else f"{standing.rate:.3g}",
        "complete" if standing.complete else "" if standing.left is None else duration(standing.left),
        standing.failure,
    )


def line(standing: Standing) -> str:
    """Return a run in one line."""
    if standing.problem:
        return f"{standing.run}: {standing.problem}"
    parts = [f"{standing.done} of {standing.total} folds"]
    if standing.running:
        parts.append(f"{standing.running} running")
    if standing.rate is not None:
        parts.append(f"{standing.rate:.3g} a minute")
    if standing.left is not None:
        parts.append(f"about {duration(standing.left)} left")
    if standing.failed:
        parts.append(f"{standing.failed} failed, the last {standing.failure}")
    return f"{standing.run}: {', '.join(parts)}"


def summary(standings: Sequence[Standing], left_out: int) -> str:
    """Return in one line what all runs come to."""
    done, total = (sum(getattr(each, name) for each in standings) for name in ("done", "total"))
    running, failed = (sum(getattr(each, name) for each in standings) for name in ("running", "failed"))
    told = f"{len(standings)} run(s): {done} of {total} folds, {running} running, {failed} failed"
    return told + (f"; {left_out} complete run(s) are not shown" if left_out else "")


def _live(watched: WatchedRuns, folder: Path, seconds: float) -> None:
    standings = watched.look()
    before = complete(standings)
    with Live(console=output(), auto_refresh=False, screen=False) as live:
        while True:
            live.update(_drawn(*shown(standings, before), folder), refresh=True)
            time.sleep(seconds)
            standings = watched.look()


def _drawn(standings: Sequence[Standing], left_out: int, folder: Path) -> RenderableType:
    console = output()
    parts: list[RenderableType] = [Text(f"Runs in {folder}", "bold")]
    # What fits: a table that is longer than the screen cannot be drawn again in place.
    room = max(1, console.height - 6)
    if standings:
        parts += rich_tables(COLUMNS, [cells(each) for each in standings[:room]], RIGHT, console.width)
    if len(standings) > room:
        parts.append(Text(f"... and {len(standings) - room} more"))
    parts.append(Text(summary(standings, left_out)))
    return Group(*parts)


def _lines(watched: WatchedRuns, seconds: float) -> None:
    """Print a line for each run, and again when its folds changed."""
    standings = watched.look()
    before = complete(standings)
    told: dict[str, tuple[object, ...]] = {}
    kept, left_out = shown(standings, before)
    say(summary(kept, left_out))
    while True:
        for each in shown(standings, before)[0]:
            now = (each.done, each.running, each.failed, each.failure, each.problem)
            if told.get(each.run) != now:
                told[each.run] = now
                say(line(each))
        time.sleep(seconds)
        standings = watched.look()
