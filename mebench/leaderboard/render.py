"""A board as Markdown and as LaTeX; the same rows give the same bytes."""

from __future__ import annotations

from dataclasses import replace

from mebench.leaderboard.board import Board
from mebench.leaderboard.cells import Notes
from mebench.leaderboard.tables import Section, sections
from mebench.plain_text import markdown as to_markdown
from mebench.scoring.tables import Table
from mebench.scoring.typeset import latex_table, markdown_table

# What is read by scrolling, and what fits on a page; the CSV holds all rows.
MOST_ROWS = 100
MOST_ROWS_OF_A_PAGE = 40


def markdown(board: Board) -> str:
    """Return a board for people: a table of each kind of figures, and the notes below."""
    notes = Notes()
    lines = [f"# {board.protocol}{' on SYNTHETIC data' if board.synthetic else ''}", ""]
    if board.title:
        lines += [f"**{to_markdown(board.title)}**", ""]
    if board.synthetic:
        lines += [
            "These figures come from synthetic twins: faces drawn by code. They say that the software works, and",
            "nothing about real micro-expressions.",
            "",
        ]
    lines += [*_how_to_read(board), ""]
    for section in sections(board, notes):
        lines += [f"## {section.heading}", ""]
        lines += [section.lead, ""] if section.lead else []
        table, left = _first_rows(section, MOST_ROWS)
        lines += [*markdown_table(table), ""]
        lines += [left, ""] if left else []
    if told := notes.lines():
        lines += ["## Notes", "", *(f"- {to_markdown(note)}" for note in told), ""]
    return "\n".join(lines)


def latex(board: Board) -> str:
    """Return a board as floats of LaTeX, one for each kind of figures, each with its notes below."""
    notes = Notes()
    found = []
    for section in sections(board, notes):
        table, left = _first_rows(section, MOST_ROWS_OF_A_PAGE)
        found.append(
            latex_table(
                table,
                caption=_caption(board, section),
                notes=[*([left] if left else []), *notes.lines(section.notes)],
            )
        )
    return "\n".join(found)


def _how_to_read(board: Board) -> list[str]:
    scores = (
        "UF1, UAR and accuracy are"
        if not board.units_alone
        else "Mean F1 (of presence, over the action units) is"
    )
    file = f"{board.protocol}.csv"
    return [
        f"{scores} in percent, pooled over all folds; ± is the standard deviation over training seeds, 95 % the "
        f"interval from resampled subjects. [{file}]({file}) holds every row, figure and setting."
    ]


def _caption(board: Board, section: Section) -> str:
    synthetic = " on SYNTHETIC data" if board.synthetic else ""
    lead = section.lead.replace("`", "")
    return f"{board.protocol}{synthetic}. {section.heading}, in percent. {lead}".strip()


def _first_rows(section: Section, most: int) -> tuple[Table, str]:
    """Return the first rows of a table, and a sentence about those that are left out."""
    table = section.table
    over = len(table.rows) - most
    if over <= 0:
        return table, ""
    return replace(table, rows=table.rows[:most]), f"The CSV holds {over} more rows."
