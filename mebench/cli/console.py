"""What the command line prints with: tables on a terminal, plain text in a pipe, JSON for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.padding import Padding
from rich.text import Text

from mebench.display.consoles import errors, output, say_lines
from mebench.display.tables import rich_tables
from mebench.plain_text import json_text, plain


def print_json(content: Any) -> None:
    """Print content for machines."""
    say_lines(json_text(content))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """Print a table; in a pipe, aligned columns without lines. ``right`` names the right-aligned columns."""
    # Made plain before columns are measured.
    cells = [["" if cell is None else plain(str(cell)) for cell in row] for row in rows]
    title, columns = plain(title), [*map(plain, columns)]
    right = [*map(plain, right)]
    if not cells:
        say_lines(f"{title}: none\n")
        return
    if not sys.stdout.isatty():
        _print_plain(title, columns, cells, right)
        return
    # The title stands outside the table: inside, a narrow table would break it into many lines.
    output().print(Text(title, "bold"))
    for table in rich_tables(columns, cells, right, output().width):
        output().print()
        output().print(table)
    output().print()


def renumbering_line(renumbered: Mapping[str, str], what: str) -> str:
    """Return the sentence for a file that numbers its classes otherwise than the protocol does."""
    moved = ", ".join(f"its {given} is {own} here" for given, own in renumbered.items())
    return (
        f"THE CLASSES ARE NUMBERED OTHERWISE: every label of the {what} is the cohort's once they are exchanged "
        f"({moved}), so figures mean nothing until it names its classes or numbers them as the protocol does"
    )


def print_lines(title: str, lines: Sequence[str], *, most: int | None = None) -> None:
    """Print a titled list; nothing where it is empty. Of a longer one than ``most`` only the first are shown."""
    if not lines:
        return
    title, shown = plain(title), [*map(plain, lines[:most])]
    if len(shown) < len(lines):
        shown.append(f"... and {len(lines) - len(shown)} more (--json shows all)")
    output().print(Text(title, "bold"))
    for line in shown:
        # Padding, not spaces: a line that wraps keeps its indentation.
        output().print(Padding(Text(line), (0, 0, 0, 2)) if sys.stdout.isatty() else Text(f"  {line}"))
    output().print()


def warn(message: str) -> None:
    """Print one warning to standard error."""
    errors().print(Text.assemble(("warning: ", "yellow"), message))


def note(message: str) -> None:
    """Print to standard error what is going on."""
    errors().print(Text(message))


def _print_plain(title: str, columns: Sequence[str], cells: list[list[str]], right: Sequence[str]) -> None:
    widths = [max(len(line[i]) for line in [list(columns), *cells]) for i in range(len(columns))]
    lines = [title] if title else []
    for row in [list(columns), *cells]:
        aligned = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ]
        lines.append("  ".join(aligned).rstrip())
    say_lines("\n".join(lines) + "\n")
