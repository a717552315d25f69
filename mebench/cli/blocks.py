"""What a command says, before it is known where: lists and tables with a title.

print_blocks([Lines("Folds", ["leave one subject out"]), Table("Labels", ("word", "class"), rows)])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mebench.cli.console import print_lines, print_table
from mebench.scoring.tables import Table


@dataclass(frozen=True)
class Lines:
    """A titled list; one without a line says nothing."""

    title: str
    lines: Sequence[str]


Block = Lines | Table


def print_blocks(blocks: Iterable[Block]) -> None:
    """Print lists and tables one after the other."""
    for block in blocks:
        if isinstance(block, Lines):
            print_lines(block.title, block.lines)
        else:
            print_table(block.title, block.columns, block.rows, right=block.right)
