"""``rescored.csv``: what others' published predictions score under a protocol's cohort, and which file they are in.

    rows = read_rescored(Path("leaderboards/rescored.csv"))
    rows[0].uf1, rows[0].sha256, rows[0].place      # the file itself is its owners': it is not shipped

Such figures are neither print's (:mod:`mebench.leaderboard.reported`) nor those of a run: mebench computed them, from
predictions of which it does not know how they were made. :mod:`mebench.leaderboard.rescoring` makes the rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.files import write_atomically
from mebench.leaderboard.figure_files import figures_of, read_rows, wrong_cell

_SHARES = ("uf1", "uar", "accuracy", "precision")
_BOUNDS = ("uf1_low", "uf1_high", "uar_low", "uar_high")
_COUNTS = ("clips", "missing")
_DIGITS = 6


@dataclass(frozen=True)
class Rescored:
    """The figures of one file, of all clips of a protocol or of one ``part`` (a dataset) of it; shares, not percent.

    ``place`` says where the file is published, ``sha256`` which bytes it has. ``clips`` are scored and ``missing``
    have no prediction in it. ``precision`` is the mean over the classes, which some print as UAR. ``confusion`` holds
    the counts, rows truth. Bounds are None where they are not known.
    """

    protocol: str
    part: str
    model: str
    method: str
    year: int
    place: str
    sha256: str
    clips: int
    missing: int
    uf1: float
    uf1_low: float | None
    uf1_high: float | None
    uar: float
    uar_low: float | None
    uar_high: float | None
    accuracy: float
    precision: float | None
    confusion: tuple[tuple[int, ...], ...]
    source: str
    caveat: str


HEADER = tuple(field.name for field in fields(Rescored))


def read_rescored(path: Path) -> list[Rescored]:
    """Return the rows of a CSV file.

    Raises:
        MebenchError: a column is missing, or a cell is not what its column holds; the row is named.
    """
    return read_rows(path, due=HEADER, header=",".join(HEADER), row_of=_row)


def rescored_figures(out: Path) -> list[Rescored]:
    """Return the stored rows: ``rescored.csv`` of a folder of leaderboards, else the one mebench ships.

    A folder with published figures of its own stands for itself, and has no rescored ones where it holds none.
    """
    if (out / "reported.csv").exists() and not (out / "rescored.csv").exists():
        return []
    return figures_of(out, "rescored.csv", read_rescored)


def part_names(datasets: Sequence[str]) -> dict[str, str]:
    """Return dataset -> how tables call it as a part of a protocol: ``smic`` of ``smic-hs``, if only one is so."""
    short = [name.partition("-")[0] for name in datasets]
    return {
        name: each if short.count(each) == 1 else name for name, each in zip(datasets, short, strict=True)
    }


def rescored_csv(rows: Iterable[Rescored], *, header: bool = True) -> str:
    """Return rows as CSV, as :func:`read_rescored` reads them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(HEADER)
    writer.writerows([_cell(getattr(row, name)) for name in HEADER] for row in rows)
    return text.getvalue()


def write_rescored(path: Path, rows: Iterable[Rescored]) -> None:
    """Write rows, by protocol and in their order.

    Raises:
        MebenchError: the disk refuses.
    """
    write_atomically(path, rescored_csv(sorted(rows, key=lambda row: row.protocol)))


def rounded(value: float | None) -> float | None:
    """Return a figure with the digits that the file holds."""
    return None if value is None else round(value, _DIGITS)


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(" ".join(map(str, row)) for row in value)
    if isinstance(value, float):
        return f"{value:.{_DIGITS}f}"
    return "" if value is None else str(value)


def _row(path: Path, number: int, row: dict[str, str]) -> Rescored:
    def refused(column: str, due: str) -> MebenchError:
        return wrong_cell(path, number, row, column, due)

    # The name becomes a file name.
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", row["protocol"]):
        raise refused("protocol", "a protocol's name")
    if not re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
        raise refused("sha256", "64 hexadecimal digits")
    for column in ("year", *_COUNTS):
        if not re.fullmatch(r"\d+", row[column], re.ASCII):
            raise refused(column, "a whole number")
    shares: dict[str, float | None] = {}
    for column in (*_SHARES, *_BOUNDS):
        text = row[column]
        known = column in ("precision", *_BOUNDS) and not text
        if not known and not re.fullmatch(r"0?\.\d+|0|1(\.0+)?", text, re.ASCII):
            raise refused(column, "a share between 0 and 1")
        shares[column] = float(text) if text else None
    confusion = _confusion(row["confusion"])
    if not confusion or sum(map(sum, confusion)) != int(row["clips"]):
        raise refused("confusion", f"a square of counts, such as '3 1;0 2', of {row['clips']} clips")
    cells: dict[str, Any] = {**row, **shares, "confusion": confusion}
    cells |= {name: int(row[name]) for name in ("year", *_COUNTS)}
    return Rescored(**{name: cells[name] for name in HEADER})


def _confusion(text: str) -> tuple[tuple[int, ...], ...]:
    """Return a square of counts; nothing where the text is none."""
    if not re.fullmatch(r"\d+( \d+)*(;\d+( \d+)*)*", text, re.ASCII):
        return ()
    rows = tuple(tuple(map(int, line.split())) for line in text.split(";"))
    return rows if all(len(line) == len(rows) for line in rows) else ()
