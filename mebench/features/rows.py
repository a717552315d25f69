"""The rows of a cached array: their order, their hashes, and an array that is checked while it is read.

    order_of_rows(["casme3/s1/a/1", ...])       # places in the list, in the order of the rows
    rows = CheckedRows(path, hashes)
    rows[[3, 0]]                                # a copy, once both are what was written

A row is checked when it is first read in this process, and again where its file may have changed since. A disk that
gives another bit than was written changes no signature of a file, so only the bytes can tell.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.arrays import load_array
from mebench.errors import MebenchError
from mebench.features.entry_name import lock_of
from mebench.files import Signature, settled, signature
from mebench.locks import locked


class DamagedRowsError(MebenchError):
    """A cached array that does not hold what was computed."""


@dataclass
class _Checked:
    """What is known of a file: which of its rows were checked, as long as its signature is this one."""

    signature: Signature | None
    hashes: Sequence[str]
    rows: np.ndarray


# By path, as far as this process has read them.
_known: dict[Path, _Checked] = {}


def order_of_rows(keys: Sequence[str]) -> list[int]:
    """Return the places of clips in the order of their rows.

    It is that of the SHA-256 of their keys: the order in which a dataset lists its clips may tell their emotion (it
    does in SMIC), and a row's number would then, too.
    """
    return sorted(range(len(keys)), key=lambda place: hashlib.sha256(keys[place].encode()).digest())


def row_hash(row: np.ndarray) -> str:
    """Return the SHA-256 of a clip's array: of its type, shape and bytes."""
    content = np.ascontiguousarray(row)
    digest = hashlib.sha256(f"{content.dtype.str} {content.shape} ".encode())
    digest.update(content.data)
    return digest.hexdigest()


class CheckedRows:
    """A cached array, (clips, ...), of which each row is checked against ``hashes`` when it is first read."""

    def __init__(self, path: Path, hashes: Sequence[str]) -> None:
        self.path = path
        self.hashes = hashes
        self._array: np.ndarray | None = None
        self._signature: Signature | None = None

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (clips, ...)."""
        return self._opened().shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of its numbers."""
        return self._opened().dtype

    def __getitem__(self, index: int | np.ndarray | Sequence[int]) -> np.ndarray:
        """Return one row, read-only and mapped, or a copy of several.

        Raises:
            DamagedRowsError: they are not what was computed; the entry is removed.
        """
        found: np.ndarray = self._opened()[index]
        rows = found if np.ndim(index) else found[np.newaxis]
        if wrong := self._wrong(np.atleast_1d(np.asarray(index, np.int64)), rows):
            raise self._removed(f"row {wrong[0]} of {self.path.name} is not what was computed")
        return found

    def whole(self) -> np.ndarray:
        """Return the array, memory-mapped and read-only, once every row was checked.

        Raises:
            DamagedRowsError: one is not what was computed; the entry is removed.
        """
        array = self._opened()
        if wrong := self._wrong(np.arange(len(array)), array):
            raise self._removed(f"row {wrong[0]} of {self.path.name} is not what was computed")
        return array

    def __getstate__(self) -> dict[str, Any]:
        # Another process maps the file itself, and checks for itself what it reads.
        return {"path": self.path, "hashes": self.hashes, "_array": None, "_signature": None}

    def _opened(self) -> np.ndarray:
        """Return the array, mapped anew where another file has taken its place."""
        now = self._now()
        if self._array is None or now not in (None, self._signature):
            try:
                array = load_array(self.path, mapped=True)
            except (MebenchError, OSError) as error:
                raise self._removed(str(error)) from error
            if array.ndim == 0 or len(array) != len(self.hashes):
                raise self._removed(
                    f"{self.path.name} is {array.shape} where {len(self.hashes)} rows are due"
                )
            self._array, self._signature = array, now
        return self._array

    def _now(self) -> Signature | None:
        try:
            return signature(self.path.stat())
        except OSError:
            return None  # where the name is gone, what is mapped is still there

    def _wrong(self, numbers: np.ndarray, rows: np.ndarray) -> list[int]:
        """Return the numbers of those rows that are not what their hashes say, and remember the others."""
        known = _known.get(self.path)
        if known is None or known.signature != self._signature or known.hashes != self.hashes:
            known = _Checked(self._signature, self.hashes, np.zeros(len(self), bool))
        unknown = np.flatnonzero(~known.rows[numbers])
        right = [row_hash(rows[place]) == self.hashes[numbers[place]] for place in unknown]
        known.rows[numbers[unknown]] = right
        # Within a tick of the file system's clock another change would not show.
        if self._signature is not None and settled(self._signature):
            _known[self.path] = known
        return [int(numbers[place]) for place, well in zip(unknown, right, strict=True) if not well]

    def _removed(self, reason: str) -> DamagedRowsError:
        folder = self.path.parent
        with (
            suppress(OSError),
            locked(lock_of(folder), f"{folder}, which is damaged"),
        ):
            shutil.rmtree(folder)
        done = "delete it, and" if folder.exists() else "it was removed:"
        return DamagedRowsError(
            f"cache entry {folder} is damaged ({reason}); {done} run the same command again, which computes it anew"
        )
