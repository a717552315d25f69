r"""A table as Markdown, and as a float of LaTeX that ``\input`` takes in; it needs the packages booktabs and graphicx.

"\n".join(markdown_table(table))
latex_table(heads, "lrr", rows, caption="MEGC2019", notes=["[1] one seed"])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from mebench.plain_text import markdown, plain
from mebench.scoring.comparison_tables import points as signed
from mebench.scoring.tables import Table

MINUS = "\N{MINUS SIGN}"
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


def points(value: float | None) -> str:
    """Return a difference of shares in points, always with its sign."""
    text = signed(value)
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", MINUS)


def point_bounds(low: float | None, high: float | None) -> str:
    """Return the bounds of a difference in points; nothing where they are not known."""
    return "" if low is None or high is None else f"{points(low)} to {points(high)}"


def markdown_table(table: Table) -> list[str]:
    """Return the lines of a table; its title is not among them."""
    rule = "|" + "|".join(" ---: " if name in table.right else " --- " for name in table.columns) + "|"
    return [_piped(table.columns), rule, *map(_piped, table.cells())]


def titled_markdown(table: Table) -> list[str]:
    """Return the lines of a table, its title first."""
    return [f"**{markdown(table.title)}**", "", *markdown_table(table)]


def latex_table(
    table: Table,
    rows: Iterable[Sequence[str] | None] | None = None,
    *,
    caption: str,
    comments: Iterable[str] = (),
    notes: Sequence[str] = (),
    short: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return a table as a float with booktabs' rules.

    Args:
        table: its columns, and which of them are aligned to the right.
        rows: cells as text, where they are others than the table's; None leaves a little space.
        caption: as text.
        comments: sentences that stand in the file alone.
        notes: sentences below the table.
        short: heading -> a shorter one, in LaTeX.
    """
    sides = "".join("r" if name in table.right else "l" for name in table.columns)
    heads = [short.get(name, escaped(name)) for name in table.columns]
    body = table.cells() if rows is None else rows
    lines = [
        r"% Written by mebench. It needs \usepackage{booktabs,graphicx}; in two columns, let it be a table*.",
        *(f"% {_on_one_line(comment)}" for comment in comments),
        r"\begin{table}",
        r"\centering\setlength{\belowcaptionskip}{6pt}",
        rf"\caption{{{escaped(caption)}}}",
        r"\footnotesize\setlength{\tabcolsep}{3pt}",
        # A table that is wider than the text is made narrower, as \resizebox would with every table.
        rf"\sbox0{{\begin{{tabular}}{{@{{}}{sides}@{{}}}}",
        r"\toprule",
        " & ".join(heads) + r" \\",
        r"\midrule",
        *(r"\addlinespace" if cells is None else " & ".join(map(escaped, cells)) + r" \\" for cells in body),
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
    ]
    if notes:
        lines += [
            r"\par\smallskip\begin{minipage}{\linewidth}\scriptsize\raggedright",
            *(rf"{escaped(note)}\par" for note in notes),
            r"\end{minipage}",
        ]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def escaped(text: str) -> str:
    r"""Return a text as LaTeX sets it.

    >>> escaped("attention_axes=channel & 5 %")
    'attention\\_axes=channel \\& 5 \\%'
    """
    return "".join(_LATEX.get(sign, sign) for sign in _on_one_line(text))


def _piped(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, cells)) + " |"


def _on_one_line(text: str) -> str:
    """Return a text without breaks, which would end a comment of LaTeX, and without control characters."""
    return plain(" ".join(text.split()))
