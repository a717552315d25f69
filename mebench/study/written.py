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
from mebench.plain_text import named_cells, plain
from mebench.scoring.tables import Table
from mebench.study.figures import study_figures
from mebench.study.plot import draw_differences
from mebench.study.results import Results
from mebench.study.table import MINUS, study_notes, study_table

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # \textquotedbl is not in every encoding, and babel's shorthands read the sign itself.
    '"': r"\char34{}",
    # At the start of a row, a bracket would belong to the end of the row before.
    "[": "{[}",
    "]": "{]}",
    "±": r"$\pm$",
    MINUS: "$-$",
    "+": "$+$",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}

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
    lines = markdown_table(table)
    lines += ["", *(f"- {to_markdown(note)}" for note in study_notes(found))]
    return "\n".join(lines) + "\n"


def markdown_table(table: Table) -> list[str]:
    """Return the lines of a table as Markdown, its title first."""
    lines = [f"**{to_markdown(table.title)}**", "", _piped(table.columns)]
    lines.append("|" + "|".join(" ---: " if name in table.right else " --- " for name in table.columns) + "|")
    return [*lines, *(_piped(cells) for cells in table.cells())]


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
    body = []
    before = None
    for row, cells in zip(found.rows, table.cells(), strict=True):
        new = row.axis != before
        if new and before is not None:
            body.append(r"\addlinespace")
        before = row.axis
        told = cells if new or found.factors else ["", *cells[1:]]  # an axis is named once
        body.append(" & ".join(map(escaped, told)) + r" \\")
    caption = f"{escaped(table.title)}. {escaped(_caption(found))}"
    return latex_float(table, body, caption, study_notes(found)[2:])


def latex_float(table: Table, body: Sequence[str], caption: str, comments: Sequence[str]) -> str:
    """Return a table's columns over rows that are LaTeX already, as a float with a caption; comments stand before."""
    shown = [_SHORT.get(name, escaped(name)) for name in table.columns]
    sides = "".join("r" if name in table.right else "l" for name in table.columns)
    lines = [
        r"% Written by mebench. It needs \usepackage{booktabs,graphicx}; in two columns, let it be a table*.",
        *(f"% {_on_one_line(comment)}" for comment in comments),
        r"\begin{table}",
        r"\centering\setlength{\belowcaptionskip}{6pt}",
        rf"\caption{{{caption}}}",
        r"\footnotesize\setlength{\tabcolsep}{3pt}",
        # A table that is wider than the text is made narrower, as \resizebox would with every table.
        rf"\sbox0{{\begin{{tabular}}{{@{{}}{sides}@{{}}}}",
        r"\toprule",
        " & ".join(shown) + r" \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Return a text as LaTeX sets it.

    >>> escaped("attention_axes=channel & 5 %")
    'attention\\_axes=channel \\& 5 \\%'
    """
    return "".join(_LATEX.get(sign, sign) for sign in _on_one_line(text))


def _caption(found: Results) -> str:
    return " ".join(f"{note[0].upper()}{note[1:]}." for note in study_notes(found)[:2])


def _piped(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(map(to_markdown, cells)) + " |"


def _on_one_line(text: str) -> str:
    """Return a text without breaks, which would end a comment of LaTeX, and without control characters."""
    return plain(" ".join(text.split()))
