"""Building every leaderboard from the records below a folder.

    build_leaderboards(Path("runs"), Path("leaderboards"))

Synthetic runs go to tables of their own, in ``synthetic/``: they never share one with real results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

from mebench.errors import MebenchError
from mebench.files import write_atomically
from mebench.leaderboard.known_rows import KnownRows
from mebench.leaderboard.render import markdown, table_csv
from mebench.leaderboard.reported import Reported, read_reported
from mebench.leaderboard.rows import Reproduced, reproduced, sort_rows
from mebench.parallel import cores, map_processes
from mebench.plugin import integrity
from mebench.records import RunDirectory, find_runs

# So many runs to score are worth processes of their own.
_MANY = 64


@dataclass
class Built:
    """The files written, and the runs left out with their reasons."""

    written: list[Path] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)


def build_leaderboards(runs: Path, out: Path) -> Built:
    """Write ``<protocol>.md`` and ``.csv`` for every protocol that has a run or a published figure.

    Raises:
        MebenchError: the published figures are damaged, or the disk refuses.
    """
    built = Built()
    rows: list[Reproduced] = []
    for path, found in _rows(runs):
        if isinstance(found, str):
            built.left_out.append((path, found))
        else:
            rows.append(found)
    papers = reported_figures(out)
    for synthetic in (False, True):
        folder = out / "synthetic" if synthetic else out
        here = [row for row in rows if row.synthetic == synthetic]
        beside = [] if synthetic else papers
        for protocol in sorted({row.protocol for row in here} | {paper.protocol for paper in beside}):
            table = sort_rows(row for row in here if row.protocol == protocol)
            printed = [paper for paper in beside if paper.protocol == protocol]
            for suffix, text in (
                (".md", markdown(protocol, table, printed, synthetic=synthetic)),
                (".csv", table_csv(table, printed)),
            ):
                path = folder / f"{protocol}{suffix}"
                write_atomically(path, text)
                built.written.append(path)
    return built


def _rows(runs: Path) -> list[tuple[Path, Reproduced | str]]:
    """Return each run below a folder with its row, or why it has none, in the order of their names."""
    integrity.refuse_patched()
    known = KnownRows(runs)
    directories = list(find_runs(runs))
    rows: dict[Path, Reproduced | str | None] = {each.path: known.row(each) for each in directories}
    unknown = [path for path, row in rows.items() if row is None]
    if len(unknown) < _MANY or cores() == 1:
        rows |= {path: _row_or_reason(path) for path in unknown}
    else:
        rows |= zip(unknown, map_processes(_row_or_reason, unknown, cores()), strict=True)
    integrity.refuse_patched()
    known.keep({path: row for path, row in rows.items() if isinstance(row, Reproduced)})
    return [(path, row) for path, row in rows.items() if row is not None]


def _row_or_reason(path: Path) -> Reproduced | str:
    try:
        return reproduced(RunDirectory(path))
    except MebenchError as error:
        return str(error)


def reported_figures(out: Path) -> list[Reported]:
    """Return the published figures: ``reported.csv`` of the output folder, else the one mebench ships."""
    own = out / "reported.csv"
    if own.exists():
        return read_reported(own)
    shipped = files("mebench.leaderboard") / "reported.csv"
    if not shipped.is_file():
        return []
    with as_file(shipped) as path:
        return read_reported(path)
