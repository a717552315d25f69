"""The rows of stored results: those below a folder, each or what is wrong with its file.

for path, row in stored_rows(Path("leaderboards")): print(path, row if isinstance(row, str) else row.uf1["mean"])
"""

from __future__ import annotations

from pathlib import Path

from mebench.errors import MebenchError
from mebench.leaderboard.known_rows import KnownRows, state_of_file
from mebench.leaderboard.results.alone import misplaced, problems_alone
from mebench.leaderboard.results.files import find_results, read_result
from mebench.leaderboard.rows import Reproduced, row_of_result
from mebench.plugin.registry import Registry

RESULTS = "results"
"""The folder of stored results in a folder of tables."""


def stored_rows(out: Path, registry: Registry) -> list[tuple[Path, Reproduced | str]]:
    """Return each stored result in a folder of tables with its row, or why it has none, in the order of their names."""
    folder = out / RESULTS
    known = KnownRows(folder)
    rows: list[tuple[Path, Reproduced | str]] = []
    for path in find_results(folder) if folder.is_dir() else []:
        row = known.row(path, state_of_file(path))
        rows.append((path, _row_or_reason(path, path.relative_to(out), registry) if row is None else row))
    known.keep({path: row for path, row in rows if isinstance(row, Reproduced)})
    return rows


def _row_or_reason(path: Path, place: Path, registry: Registry) -> Reproduced | str:
    try:
        result = read_result(path)
        if problems := [*misplaced(path, result), *problems_alone(result, registry)]:
            return "; ".join(problems)
        return row_of_result(result, place.as_posix())
    except MebenchError as error:
        return str(error).removeprefix(f"{path}: ")
