"""Writing the pages of all boards: ``index.html``, and one page each in ``boards/`` and ``synthetic/``.

    write_site(boards, Path("leaderboards/site"))

A row has an address, ``boards/megc2019.html#megc2019/ststnet-03e0b038``, and ``index.html`` leads there from what
stands behind the ``#``. The same boards give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from markupsafe import Markup

from mebench.files import write_atomically
from mebench.leaderboard.board import Board
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.compared import comparison_data
from mebench.leaderboard.site.details import Details
from mebench.leaderboard.site.overview import overview
from mebench.leaderboard.site.pictures import scatter_of, timeline_of
from mebench.leaderboard.site.print_sheet import print_sheet
from mebench.leaderboard.site.prints import papers
from mebench.leaderboard.site.runs_sheet import runs_sheet
from mebench.models.epoch_rules import LAST
from mebench.pages.document import document, sorting_script, templates


def write_site(boards: Sequence[Board], folder: Path) -> list[Path]:
    """Write the pages of boards into a folder, which can be opened anywhere; return the files.

    Raises:
        MebenchError: the disk refuses.
    """
    pages = {place_of(board): board_page(board) for board in boards}
    made = templates("mebench.leaderboard.site").get_template("index.html").render(**overview(boards))
    body = Markup(made)
    pages["index.html"] = document(
        "mebench leaderboards", body, style=_own("site.css"), script=_own("index.js")
    )
    for name, text in pages.items():
        write_atomically(folder / name, text)
    return [folder / name for name in pages]


def place_of(board: Board) -> str:
    """Return where a board's page lies in the folder."""
    return f"{'synthetic' if board.synthetic else 'boards'}/{board.protocol}.html"


def address_of(board: Board) -> str:
    """Return what the addresses of a board's rows begin with."""
    return f"{'synthetic/' if board.synthetic else ''}{board.protocol}"


def board_page(board: Board) -> str:
    """Return the page of a board."""
    found = papers(board)
    address = address_of(board)
    details = Details(board, address)
    ours = repeated(board)
    sheets = []
    if board.reproduced:
        sheets.append(runs_sheet(board, found, details))
    if found:
        sheets.append(print_sheet(board, found, ours, details))
    made = (
        templates("mebench.leaderboard.site")
        .get_template("board.html")
        .render(
            board=board,
            address=address,
            facts=_facts(board),
            sheets=sheets,
            scatter=scatter_of(found, ours, board, address),
            timeline=timeline_of(found, board, address),
            data=comparison_data(board, found, address),
            rows=[(row.anchor, row.full_name, sheet.name) for sheet in sheets for row in sheet.rows],
            oracles=len(board.oracles),
        )
    )
    body = Markup(made)
    title = f"{board.protocol}{' on SYNTHETIC data' if board.synthetic else ''} - mebench leaderboards"
    return document(title, body, style=_own("site.css"), script=sorting_script() + _own("site.js"))


def repeated(board: Board) -> Mapping[str, Reproduced]:
    """Return model -> the run that repeats it as published: the last epoch, or else the best."""
    found: dict[str, Reproduced] = {}
    for row in board.reproduced:
        if row.factors or row.local_code:
            continue
        if row.model not in found or (row.selection == LAST and found[row.model].selection != LAST):
            found[row.model] = row
    return found


def _facts(board: Board) -> list[str]:
    """Return what the board is about, in a few words each."""
    first = next(iter(board.reproduced), None)
    return [
        *([f"{first.clips} clips of {first.tested_subjects} subjects"] if first else []),
        *([", ".join(board.datasets)] if board.datasets else []),
        *([f"{len(board.classes)} classes: {', '.join(board.classes)}"] if board.classes else []),
        *(
            [f"{len(board.aus)} action units: {', '.join(board.aus)}"]
            if board.aus and not board.classes
            else []
        ),
    ]


@cache
def _own(name: str) -> str:
    return resources.files("mebench.leaderboard.site").joinpath(name).read_text(encoding="utf-8")
