"""The dot plot of a study: each variant's difference to the reference, with its interval, around a line at nothing.

    draw_differences(results, Path("ablation"))      # differences.svg, differences.png

A dot is full where the corrected p is below .05, and hollow where the difference may be chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

from mebench.models.setting_text import in_words
from mebench.plain_text import plain
from mebench.scoring.tables import METRIC_NAMES, percent
from mebench.study.drawn import write_figure
from mebench.study.results import Results

LEVEL = 0.05
_BLUE, _GREY, _RED = "#1f5fa8", "#6b6b6b", "#b3261e"
_WIDE = 60  # characters of a label's line at most


class _Dot(NamedTuple):
    """A variant in the plot: difference and bounds in points, and whether it is no chance."""

    label: str
    axis: str
    difference: float
    bounds: tuple[float, float] | None
    sure: bool


def draw_differences(found: Results, folder: Path) -> list[Path]:
    """Write the plot as ``differences.svg`` and ``differences.png``; nothing where no difference is known.

    Without matplotlib, a warning says what to install. A plot of before is removed: it would not fit the tables.

    Raises:
        MebenchError: the disk refuses.
    """
    dots = list(_dots(found))
    return write_figure(folder, "differences", (lambda figure: _draw(figure, found, dots)) if dots else None)


def _dots(found: Results) -> Iterator[_Dot]:
    for row in found.rows:
        each = row.difference
        if each is None or each["difference"] is None:
            continue
        bounds = (
            None if each["low"] is None or each["high"] is None else (100 * each["low"], 100 * each["high"])
        )
        sure = row.p_holm is not None and row.p_holm < LEVEL
        yield _Dot(fill(plain(row.name), _WIDE), row.axis, 100 * each["difference"], bounds, sure)


def _draw(figure: Any, found: Results, dots: Sequence[_Dot]) -> None:
    metric, places = METRIC_NAMES[found.metric], _places(dots)
    lines = sum(dot.label.count("\n") for dot in dots)
    figure.set_size_inches(7.2, 1.9 + 0.28 * (places[-1] + 1) + 0.12 * lines)
    axes = figure.add_subplot()
    axes.axvline(0, color=_GREY, linewidth=1, zorder=1)
    for dot, y in zip(dots, places, strict=True):
        if dot.bounds is not None:
            axes.plot(dot.bounds, [y, y], color=_BLUE, linewidth=1.6, zorder=2, solid_capstyle="butt")
        face = _BLUE if dot.sure else "white"
        axes.plot(dot.difference, y, "o", markersize=6, color=_BLUE, markerfacecolor=face, zorder=3)
    if not any(dot.difference or dot.bounds for dot in dots):
        axes.set_xlim(-1, 1)
    axes.set_yticks(places, [dot.label for dot in dots])
    axes.set_ylim(places[-1] + 0.8, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{metric} difference to the reference, points (95 % interval over subjects)")
    colour = _RED if found.synthetic else "black"
    figure.suptitle(fill(plain(found.title), 76), fontsize=10, color=colour)
    _legend(figure, _reference_line(found, metric))


def _places(dots: Sequence[_Dot]) -> list[float]:
    """Return each variant's height: a little room lies between two axes."""
    places = [0.0]
    for before, dot in pairwise(dots):
        places.append(places[-1] + (1.0 if dot.axis == before.axis else 1.5))
    return places


def _reference_line(found: Results, metric: str) -> str:
    """Return what the line at nothing stands for."""
    reference = next(row for row in found.rows if row.reference)
    spread = getattr(reference, found.metric)
    settings = f" with {in_words(reference.factors)}" if reference.factors else ""
    return f"reference: {found.model}{settings}, {metric} {percent(spread['mean'], spread['sd'])}"


def _legend(figure: Any, reference: str) -> None:
    """Say below the figure, which is wider than the axes beside long names, what dots and the line at nothing are."""
    from matplotlib.lines import Line2D

    def dot(face: str, label: str) -> Any:
        return Line2D([], [], marker="o", linestyle="", color=_BLUE, markerfacecolor=face, label=label)

    handles = [dot(_BLUE, f"p < {LEVEL:g} (Holm)"), dot("white", "may be chance")]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=8,
        title=fill(plain(reference), 100),
        title_fontsize=8,
    )
