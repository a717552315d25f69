"""The rows of the runs on this machine: those below a folder, each or the reason why it has none.

for path, row in local_rows(Path("runs")): print(path, row if isinstance(row, str) else row.uf1["mean"])
"""

from __future__ import annotations

from pathlib import Path

from mebench.errors import MebenchError
from mebench.leaderboard.known_rows import KnownRows, state_of_run
from mebench.leaderboard.rows import Reproduced, reproduced
from mebench.parallel import cores, map_processes
from mebench.plugin import integrity
from mebench.records import RunDirectory, find_runs

# So many runs to score are worth processes of their own.
_MANY = 64


def local_rows(runs: Path) -> list[tuple[Path, Reproduced | str]]:
    """Return each run below a folder with its row, or why it has none, in the order of their names."""
    integrity.refuse_patched()
    known = KnownRows(runs)
    directories = list(find_runs(runs))
    rows: dict[Path, Reproduced | str | None] = {
        each.path: known.row(each.path, state_of_run(each)) for each in directories
    }
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
