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
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.files import read_content, settled, signature, write_atomically
from mebench.leaderboard.rows import Reproduced
from mebench.paths import cache_folder
from mebench.plugin.source import source_of
from mebench.records import RunDirectory

_FORMAT = 2
# Of ten thousands of runs.
_LIMIT = 256 << 20


def rows_folder() -> Path:
    """Return the cache's folder of rows."""
    return cache_folder() / "leaderboard"


class KnownRows:
    """The rows of the runs, or of the stored results, below one folder."""

    def __init__(self, folder: Path) -> None:
        place = str(folder.absolute())
        self.file = (
            rows_folder() / f"{hashlib.sha256(place.encode(errors='surrogateescape')).hexdigest()[:16]}.json"
        )
        self._made_by = {
            "format": _FORMAT,
            "code": source_of("mebench"),
            "python": sys.version,
            "numpy": np.__version__,
        }
        self._rows: dict[str, Any] = self._read()
        self._states: dict[Path, str] = {}

    def row(self, path: Path, state: str) -> Reproduced | None:
        """Return the row of a run or a result whose files are in a state; None where it has to be made."""
        self._states[path] = state
        known = self._rows.get(_name(path))
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
        if {name: each["state"] for name, each in kept.items()} == {
            name: each["state"] for name, each in self._rows.items()
        }:
            return
        # It is only quicker with it: a full disk is no reason to fail.
        with suppress(MebenchError, OSError):
            body = json.dumps(kept, separators=(",", ":"))
            head = json.dumps({"made_by": self._made_by, "sum": _sum_of(body)})
            write_atomically(self.file, f"{head}\n{body}\n")

    def _read(self) -> dict[str, Any]:
        with suppress(MebenchError, OSError, LookupError, TypeError, AttributeError, ValueError):
            # One line says what made the rows, the other holds them: the sum of a text is quicker than that of its
            # content, which would have to be written again.
            head, _, body = read_content(self.file, limit=_LIMIT).decode().partition("\n")
            told = json.loads(head)
            if told["sum"] == _sum_of(body.removesuffix("\n")) and told["made_by"] == self._made_by:
                rows: dict[str, Any] = json.loads(body)
                return rows
        return {}


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


def _sum_of(body: str) -> str:
    return hashlib.sha256(body.encode(errors="surrogateescape")).hexdigest()
