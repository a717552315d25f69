r"""A study as files: ``table.md``, ``table.csv``, ``table.tex`` and the plot of differences.

    for path in write_study(results, Path("ablation")): print(path)

Markdown and LaTeX hold the table as it is shown. CSV holds numbers as they are, shares as shares, a row a variant. The
LaTeX is a float that ``\input`` takes in; it needs the packages booktabs and graphicx.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mebench.files import disk_errors, write_atomically
from mebench.plain_text import markdown as to_markdown
from mebench.plain_text import named_cells
from mebench.scoring.typeset import latex_table, titled_markdown
from mebench.study.figures import study_figures
from mebench.study.plot import draw_differences
from mebench.study.results import Results
from mebench.study.table import study_notes, study_table

# Headings that would make their columns wider than the figures below.
_SHORT = {
    "UF1 difference": r"$\Delta$UF1",
    "AU F1 difference": r"$\Delta$AU F1",
    "p (Holm)": r"$p$",
    "parameters": "params",
}


def write_study(found: Results, folder: Path) -> list[Path]:
    """Write a study's tables to a folder, then the plot, and return the files; without matplotlib, warn.

    Raises:
        MebenchError: the disk refuses.
    """
    written = []
    for name, text in (
        ("table.md", markdown(found)),
        ("table.csv", as_csv(found)),
        ("table.tex", latex(found)),
    ):
        write_atomically(folder / name, text)
        written.append(folder / name)
    return [*written, *draw_differences(found, folder)]


def refuse_unwritable(folder: Path) -> None:
    """Make a folder, so that a study need not be computed to hear that it cannot be written.

    Raises:
        MebenchError: the disk refuses.
    """
    with disk_errors(folder, "choose another --out folder"):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


def markdown(found: Results) -> str:
    """Return the study as Markdown: title, table, notes."""
    table = study_table(found)
    lines = titled_markdown(table)
    lines += ["", *(f"- {to_markdown(note)}" for note in study_notes(found))]
    return "\n".join(lines) + "\n"


def as_csv(found: Results) -> str:
    """Return the study's figures as CSV, for programs: shares between 0 and 1, differences of shares, counts."""
    rows = [
        {name: str(cell).lower() if isinstance(cell, bool) else cell for name, cell in figures.items()}
        for figures in (study_figures(found, row) for row in found.rows)
    ]
    return csv_text(rows)


def csv_text(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows of the same names as CSV, the names first."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(named_cells, rows))
    return stream.getvalue()


def latex(found: Results) -> str:
    """Return the study as a LaTeX table with booktabs' rules; the title and how to read it are its caption."""
    table = study_table(found)
    rows: list[list[str] | None] = []
    before = None
    for row, cells in zip(found.rows, table.cells(), strict=True):
        new = row.axis != before
        if new and before is not None:
            rows.append(None)
        before = row.axis
        rows.append(cells if new or found.factors else ["", *cells[1:]])  # an axis is named once
    return latex_table(
        table,
        rows,
        caption=f"{table.title}. {_caption(found)}",
        comments=study_notes(found)[2:],
        short=_SHORT,
    )


def _caption(found: Results) -> str:
    return " ".join(f"{note[0].upper()}{note[1:]}." for note in study_notes(found)[:2])
