"""A table drawn: by rich on a terminal, as HTML in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, JustifyMethod
from rich.table import Table as RichTable
from rich.text import Text

from mebench.display.bands import bands
from mebench.plain_text import html, plain, plain_lines
from mebench.scoring.tables import Table


def rich_tables(
    columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[str], room: int
) -> Iterator[RichTable]:
    """Yield the tables that a terminal of a width draws; a title stands outside, where it is not broken."""
    columns, right = [*map(plain, columns)], [*map(plain, right)]
    cells = [[*map(plain, row)] for row in cells]  # before they are measured
    for widths in bands(columns, cells, right, room):
        table = RichTable(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
        for i, width in widths.items():
            justify: JustifyMethod = "right" if columns[i] in right else "left"
            table.add_column(columns[i], justify=justify, overflow="fold", width=width)
        for row in cells:
            table.add_row(*(Text(row[i]) for i in widths))
        yield table


class Shown:
    """What an object says of itself: a title line, tables and a note, wherever it is shown.

    A notebook shows it as HTML, ``rich.print`` as tables, and plain ``repr`` gives the title.
    """

    def _title(self) -> str:
        raise NotImplementedError

    def _tables(self) -> list[Table]:
        raise NotImplementedError

    def _note(self) -> str:
        return ""

    def __repr__(self) -> str:
        return plain(f"<{type(self).__name__}: {self._title()}>")

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html(self._title())}</b></p>"]
        for table in self._tables():
            parts += _html(table)
        if note := self._note():
            parts.append(f"<p>{html(note)}</p>")
        return "\n".join(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text | RichTable]:
        yield Text(plain(self._title()), "bold")
        for table in filter(lambda table: table.rows, self._tables()):
            if table.title:
                yield Text(plain(table.title), "bold")
            for drawn in rich_tables(table.columns, table.cells(), table.right, options.max_width):
                yield Text()
                yield drawn
            yield Text()
        if note := self._note():
            yield Text(plain_lines(note))


def _html(table: Table) -> Iterator[str]:
    sides = ["right" if column in table.right else "left" for column in table.columns]

    def line(tag: str, cells: Sequence[str]) -> str:
        each = (
            f'<{tag} style="text-align: {side}">{html(cell)}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        )
        return f"<tr>{''.join(each)}</tr>"

    yield "<table>"
    if table.title:
        yield f"<caption>{html(table.title)}</caption>"
    yield f"<thead>{line('th', table.columns)}</thead><tbody>"
    yield from (line("td", cells) for cells in table.cells())
    yield "</tbody></table>"
