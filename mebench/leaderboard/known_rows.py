"""Rows of a leaderboard as they were built last: a run of which nothing was touched since is not scored again.

    known = KnownRows(Path("runs"))
    row = known.row(directory)           # None where it is not known, or a file of the run's may be another
    known.keep({directory: row, ...})

A row comes of ``run.json``, ``cohort.csv`` and the records, by the code that scores. It is known as long as none of
these files came, went or changed (their signatures tell, :func:`mebench.files.signature`), and the code, Python and
numpy are the same. So evidence that was altered is always looked at again. A damaged file of rows counts as none.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.files import read_json, settled, signature, to_json, write_atomically
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
    """The rows of the runs below one folder."""

    def __init__(self, runs: Path) -> None:
        place = str(runs.absolute())
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

    def row(self, directory: RunDirectory) -> Reproduced | None:
        """Return the row of a run; None where it has to be made."""
        state = self._states[directory.path] = _state_of(directory)
        known = self._rows.get(_name(directory))
        if not state or known is None or known["state"] != state:
            return None
        with suppress(TypeError, KeyError, ValueError, AttributeError):
            return Reproduced.of_json(known["row"])
        return None

    def keep(self, rows: Mapping[Path, Reproduced]) -> None:
        """Keep the rows of a build in place of those of before, but of runs that were touched just before it."""
        kept = {
            _name(RunDirectory(path)): {"state": state, "row": row.as_json()}
            for path, row in rows.items()
            if (state := self._states.get(path))
        }
        if kept == self._rows:
            return
        content = {"made_by": self._made_by, "rows": kept}
        # It is only quicker with it: a full disk is no reason to fail.
        with suppress(MebenchError, OSError):
            write_atomically(self.file, to_json({**content, "sum": _sum_of(content)}))

    def _read(self) -> dict[str, Any]:
        with suppress(MebenchError, OSError, LookupError, TypeError, AttributeError):
            content = read_json(self.file, limit=_LIMIT)
            if content.pop("sum") == _sum_of(content) and content["made_by"] == self._made_by:
                rows: dict[str, Any] = content["rows"]
                return rows
        return {}


def _state_of(directory: RunDirectory) -> str:
    """Return what changes whenever a file that a row comes of does; empty where such a change might not show."""
    found = []
    with suppress(OSError):
        states = [(each.name, each.stat()) for each in (directory.run_file, directory.cohort_file)]
        with os.scandir(directory.path / "folds") as entries:
            states += [(entry.name, os.stat(entry.path)) for entry in entries if entry.name.endswith(".json")]  # noqa: PTH116
        found = [(name, signature(state)) for name, state in sorted(states, key=lambda pair: pair[0])]
    if not found or not all(settled(each) for _, each in found):
        return ""
    return hashlib.sha256(repr(found).encode(errors="surrogateescape")).hexdigest()


def _name(directory: RunDirectory) -> str:
    return f"{directory.path.parent.name}/{directory.path.name}"


def _sum_of(content: Any) -> str:
    return hashlib.sha256(to_json(content).encode(errors="surrogateescape")).hexdigest()
