"""Rows of a leaderboard as they were built last: a run of which nothing was touched since is not scored again.

    known = KnownRows(Path("runs"))
    row = known.row(path, state_of_run(RunDirectory(path)))    # None where it is not known, or a file may be another
    known.keep({path: row, ...})

A row comes of ``run.json``, ``cohort.csv`` and the records, by the code that scores, or of the file of a stored result.
It is known as long as none of these files came, went or changed (their signatures tell,
:func:`mebench.files.signature`), and the code, Python and numpy are the same. So evidence that was altered is always
looked at again. A damaged file of rows counts as none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mebench.files import settled, signature
from mebench.leaderboard.remembered import Remembered, named_by, rows_folder
from mebench.leaderboard.rows import Reproduced
from mebench.records import RunDirectory


class KnownRows:
    """The rows of the runs, or of the stored results, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._kept = Remembered(rows_folder() / f"{named_by(folder)}.json")
        self._states: dict[Path, str] = {}

    def row(self, path: Path, state: str) -> Reproduced | None:
        """Return the row of a run or a result whose files are in a state; None where it has to be made."""
        self._states[path] = state
        known = self._kept.content.get(_name(path))
        if not state or known is None or known["state"] != state:
            return None
        with suppress(TypeError, KeyError, ValueError, AttributeError):
            return Reproduced.of_json(known["row"])
        return None

    def keep(self, rows: Mapping[Path, Reproduced]) -> None:
        """Keep the rows of a build in place of those of before, but of what was touched just before it."""
        kept = {
            _name(path): {"state": state, "row": row.as_json()}
            for path, row in rows.items()
            if (state := self._states.get(path))
        }
        before = {name: each["state"] for name, each in self._kept.content.items()}
        if {name: each["state"] for name, each in kept.items()} != before:
            self._kept.keep(kept)


def state_of_run(directory: RunDirectory) -> str:
    """Return what changes whenever a file that a row comes of does; empty where such a change might not show."""
    with suppress(OSError):
        states = [(each.name, each.stat()) for each in (directory.run_file, directory.cohort_file)]
        with os.scandir(directory.path / "folds") as entries:
            states += [(entry.name, os.stat(entry.path)) for entry in entries if entry.name.endswith(".json")]  # noqa: PTH116
        return _state(states)
    return ""


def state_of_file(path: Path) -> str:
    """Return the same of a single file."""
    with suppress(OSError):
        return _state([(path.name, path.stat())])
    return ""


def _state(states: Sequence[tuple[str, os.stat_result]]) -> str:
    found = [(name, signature(state)) for name, state in sorted(states, key=lambda pair: pair[0])]
    if not found or not all(settled(each) for _, each in found):
        return ""
    return hashlib.sha256(repr(found).encode(errors="surrogateescape")).hexdigest()


def _name(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
