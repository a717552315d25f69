"""Runs compared, as files: ``comparison.md``, ``.csv`` and ``.tex``, and the matrix of differences as a picture.

    for path in write_comparison(compare_runs(runs), Path("compared")): print(path)

The matrix is that of aeon (A. Ismail-Fawaz et al., An Approach to Multiple Comparison Benchmark Evaluations that is
Stable Under Manipulation of the Comparate Set, 2023), with differences of pooled scores and p of swaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mebench.files import write_atomically
from mebench.plain_text import markdown as to_markdown
from mebench.plain_text import plain
from mebench.scoring.compared_runs import Comparison
from mebench.scoring.comparison_tables import (
    between,
    comparison_note,
    comparison_tables,
    matrices,
    p_text,
    points,
)
from mebench.scoring.tables import METRIC_NAMES, percent
from mebench.scoring.tie_groups import LEVEL
from mebench.scoring.typeset import latex_table, titled_markdown
from mebench.study.drawn import write_figure
from mebench.study.written import csv_text


def write_comparison(found: Comparison, folder: Path) -> list[Path]:
    """Write a comparison to a folder and return the files; the picture needs three runs, and matplotlib.

    Raises:
        MebenchError: the disk refuses.
    """
    written = []
    for name, text in (
        ("comparison.md", comparison_markdown(found)),
        ("comparison.csv", csv_text(list(_rows(found)))),
        ("comparison.tex", _latex(found)),
    ):
        write_atomically(folder / name, text)
        written.append(folder / name)
    return [*written, *write_figure(folder, "matrix", _drawing(found))]


def comparison_markdown(found: Comparison) -> str:
    """Return all tables as Markdown, with what a reader should mind."""
    lines: list[str] = []
    for table in comparison_tables(found):
        lines += [*titled_markdown(table), ""]
    notes = [*found["notes"], *comparison_note(found).split("; ")]
    return "\n".join([*lines, *(f"- {to_markdown(note)}" for note in notes)]) + "\n"


def _rows(found: Comparison) -> Iterator[dict[str, object]]:
    """Yield the pairs' figures by name, shares and not percent; ``difference`` is what ``second`` has more."""
    for pair in found["pairs"]:
        for name, score in pair["scores"].items():
            seeds = pair["over_seeds"].get(name, {"better": None, "low": None, "high": None})
            yield {
                "first": pair["a"],
                "first_run": found["runs"][pair["a"]]["run"],
                "second": pair["b"],
                "second_run": found["runs"][pair["b"]]["run"],
                "score": name,
                **{f"{key}_score": score[key] for key in ("a", "b")},  # type: ignore[literal-required]
                **{key: score[key] for key in ("difference", "low", "high", "p", "holm")},  # type: ignore[literal-required]
                **{f"over_seeds_{key}": value for key, value in seeds.items()},
            }


def _latex(found: Comparison) -> str:
    """Return the matrices as LaTeX; of two runs, or with a reference, the table of differences."""
    tables = matrices(found) or [table for table in comparison_tables(found) if table.title == "Differences"]
    runs = "; ".join(f"{letter}: {run['run']}" for letter, run in found["runs"].items())
    floats = []
    for table in tables:
        comments = comparison_note(found).split("; ")
        floats.append(latex_table(table, caption=f"{table.title}. {runs}.", comments=comments))
    return "\n".join(floats)


def _drawing(found: Comparison) -> Callable[[Any], None] | None:
    metric = next((name for name in ("uf1", "au_f1") if len(found["groups"].get(name, ())) > 2), None)
    return None if metric is None else lambda figure: _draw(figure, found, metric)


def _draw(figure: Any, found: Comparison, metric: str) -> None:
    order = list(found["groups"][metric])
    cells = {(row, column): between(found, metric, row, column) for row in order for column in order}
    largest = max((abs(value) for value, _ in cells.values() if value is not None), default=0.0) or 1.0
    size = len(order)
    figure.set_size_inches(3.2 + 0.85 * size, 1.5 + 0.5 * size)
    axes = figure.add_subplot()
    grid = [[(cells[row, column][0] or 0.0) / largest for column in order] for row in order]
    axes.imshow(grid, cmap="RdBu", vmin=-1.6, vmax=1.6, aspect="auto")  # pale enough for black figures
    for (row, column), (value, p) in cells.items():
        if value is None:
            continue
        sure = p is not None and p < LEVEL
        axes.text(
            order.index(column),
            order.index(row),
            f"{points(value)}\np {p_text(p)}",
            ha="center",
            va="center",
            fontsize=8,
            fontweight="bold" if sure else "normal",
        )
    labels = []
    for each in order:
        run, group = found["runs"][each], found["groups"][metric][each]
        name = str(run["run"]).rpartition("/")[2]
        labels.append(plain(f"{each}  {name}  {percent(run[metric]['mean'], run[metric]['sd'])}  [{group}]"))
    axes.set_yticks(range(size), labels)
    axes.set_xticks(range(size), order)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    synthetic = any(run["synthetic"] for run in found["runs"].values())
    title = f"{METRIC_NAMES[metric]}: row less column, points; bold: p (Holm) < {LEVEL:g}; [tie group]"
    figure.suptitle(
        title + (" - SYNTHETIC data" if synthetic else ""),
        fontsize=9,
        color="#b3261e" if synthetic else "black",
    )
