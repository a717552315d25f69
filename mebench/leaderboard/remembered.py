"""What was computed before, kept in the cache as JSON with what it was made by; a damaged file counts as none.

kept = Remembered(folder / "0a1b2c3d.json")
kept.content                 # {} where it is missing, damaged, or made by other code
kept.keep({...})
"""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.files import read_content, write_atomically
from mebench.paths import cache_folder
from mebench.plugin.source import source_of

_FORMAT = 2
# Of ten thousands of runs.
_LIMIT = 512 << 20


def rows_folder() -> Path:
    """Return the cache's folder of what leaderboards are made of."""
    return cache_folder() / "leaderboard"


def named_by(folder: Path) -> str:
    """Return the name of what is kept of a folder."""
    return hashlib.sha256(str(folder.absolute()).encode(errors="surrogateescape")).hexdigest()[:16]


class Remembered:
    """A file whose first line says what made it, and whose second holds the content.

    The sum of a text is quicker than that of its content, which would have to be written again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._made_by = {
            "format": _FORMAT,
            "code": source_of("mebench"),
            "python": sys.version,
            "numpy": np.__version__,
        }

    @cached_property
    def content(self) -> dict[str, Any]:
        """Return what is kept; nothing where it was made by other code, or does not agree with its sum."""
        with suppress(MebenchError, OSError, LookupError, TypeError, AttributeError, ValueError):
            head, _, body = read_content(self.file, limit=_LIMIT).decode().partition("\n")
            told = json.loads(head)
            if told["sum"] == _sum_of(body.removesuffix("\n")) and told["made_by"] == self._made_by:
                found: dict[str, Any] = json.loads(body)
                return found
        return {}

    def keep(self, content: dict[str, Any]) -> None:
        """Keep something in place of what was kept; a full disk is no reason to fail, since it only saves time."""
        with suppress(MebenchError, OSError):
            body = json.dumps(content, separators=(",", ":"))
            head = json.dumps({"made_by": self._made_by, "sum": _sum_of(body)})
            write_atomically(self.file, f"{head}\n{body}\n")


def _sum_of(body: str) -> str:
    return hashlib.sha256(body.encode(errors="surrogateescape")).hexdigest()
