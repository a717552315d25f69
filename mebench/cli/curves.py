"""Loss curves on a terminal as plots; in a pipe, and where a plot has no room, as figures."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from rich.text import Text

from mebench.cli.console import print_table
from mebench.display.consoles import output
from mebench.display.plots import fits, panel
from mebench.errors import MebenchError
from mebench.records import RunDirectory
from mebench.scoring.curves import Curve, read_curves, summarise
from mebench.scoring.recorded import tasks_of, unrecorded
from mebench.scoring.tables import title_of

_WIDEST = 100
_ROWS = 12


def curves_of(directory: RunDirectory) -> dict[str, Curve]:
    """Return the curves of a run's recorded folds.

    Raises:
        MebenchError: no fold has any.
    """
    found = summarise(read_curves(directory))
    if not found and not any(map(directory.has_record, tasks_of(directory))):
        raise MebenchError(f"{directory.path} has no curves yet, since none of its folds is recorded")
    if not found:
        raise MebenchError(
            f"{directory.path} has no curves: its model reported no value of an epoch, or its folds were recorded "
            "before curves were kept; `mebench run` with --fresh records them anew"
        )
    return found


def print_curves(directory: RunDirectory, curves: Mapping[str, Curve]) -> None:
    """Print each curve under the run's title."""
    missing = len(unrecorded(directory))
    several = max(max(curve["folds"]) for curve in curves.values()) > 1
    output().print(Text(title_of(directory.read_run()), "bold"))
    output().print(
        ("median over folds and seeds; the band is its quartiles" if several else "one fold of one seed")
        + (f"; {missing} fold(s) have no record yet" if missing else "")
    )
    output().print()
    drawn = sys.stdout.isatty() and fits(output().width)
    for name, curve in curves.items():
        if drawn:
            width = min(output().width, _WIDEST)
            for line in panel(
                _titled(name, curve), curve["median"], curve["lower"], curve["upper"], width=width
            ):
                output().print(line)
            output().print()
        else:
            _print_figures(name, curve)


def _titled(name: str, curve: Curve) -> str:
    """Return a plot's title: a band that is narrower than a character shows in its figures alone."""
    end, low, high = (curve[key][-1] for key in ("median", "lower", "upper"))
    if end is None or low is None or high is None:
        return name
    return f"{name}: {end:.4g} at last" + (f" ({low:.4g} to {high:.4g})" if high > low else "")


def _print_figures(name: str, curve: Curve) -> None:
    count = len(curve["median"])
    step = max(1, -(-(count - 1) // (_ROWS - 1)))
    shown = sorted({*range(0, count, step), count - 1})
    columns = ("epoch", "median", "lower quartile", "upper quartile", "folds")
    rows = [
        (
            epoch + 1,
            *("" if (v := curve[key][epoch]) is None else f"{v:.4g}" for key in ("median", "lower", "upper")),
            curve["folds"][epoch],
        )
        for epoch in shown
    ]
    print_table(name, columns, rows, right=columns)
