"""A view of cached feature arrays that a model indexes like one array.

A composite protocol draws its clips from several datasets, each with an array of its own; a view hides the
seams. Nothing is read from disk until it is indexed.

    view = cohort_view(cohort, features_of(cohort, ApexFrame(size=112), store))
    view.take(fold.train)[:]        # uint8 (n, 112, 112, 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.features.rows import CheckedRows
from mebench.features.store import Features


@dataclass(frozen=True)
class FeatureView:
    """Clips of one input: clip ``i`` lies in ``paths[parts[i]]`` at row ``rows[i]``.

    ``view[i]`` gives one clip's array, ``view[[i, j]]`` or a slice a stack of shape (k, ...). What is read is checked
    where ``hashes``, the SHA-256 of each path's rows, are given (:mod:`mebench.features.rows`). A fold's worker has
    views of arrays in memory (:meth:`of_array`), which have no paths.
    """

    paths: tuple[Path, ...]
    parts: np.ndarray
    rows: np.ndarray
    hashes: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of_array(cls, array: np.ndarray) -> FeatureView:
        """Return the view of clips (n, ...) that lie in memory; it cannot be written to."""
        own = array.view()
        own.flags.writeable = False
        return cls((), np.zeros(len(own), np.int64), np.arange(len(own)))._over([own])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (clips, ...) as if the view were one array."""
        return (len(self), *self._arrays[0].shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of its numbers."""
        return self._arrays[0].dtype

    def __getitem__(self, index: int | slice | Sequence[int] | np.ndarray) -> np.ndarray:
        if isinstance(index, (int, np.integer)):
            return np.asarray(self._arrays[self.parts[index]][self.rows[index]])
        parts, rows = self.parts[index], self.rows[index]
        result = np.empty((len(rows), *self._arrays[0].shape[1:]), self._arrays[0].dtype)
        for part in np.unique(parts):
            chosen = parts == part
            result[chosen] = self._arrays[part][rows[chosen]]
        return result

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        everything = self[:]
        return everything if dtype is None else everything.astype(dtype)

    def held_array(self) -> np.ndarray | None:
        """Return its clips as one array (n, ...) where they lie in memory, shared if it can be; None for files."""
        if self.paths:
            return None
        first = self._arrays[0]
        whole = len(self) == len(first) and len(self._arrays) == 1
        return np.asarray(first) if whole and np.array_equal(self.rows, np.arange(len(self))) else self[:]

    def take(self, indices: np.ndarray) -> FeatureView:
        """Return the view of some of the clips."""
        taken = FeatureView(self.paths, self.parts[indices], self.rows[indices], self.hashes)
        return taken if self.paths else taken._over(self._arrays)

    def in_memory(self, arrays: Mapping[Path, np.ndarray]) -> FeatureView:
        """Return the same clips of arrays that stand in for the files, each for that of its path."""
        moved = FeatureView((), self.parts, self.rows)
        return moved._over([arrays[path] for path in self.paths]) if self.paths else self

    def _over(self, arrays: Sequence[np.ndarray | CheckedRows]) -> FeatureView:
        self.__dict__["_arrays"] = arrays  # in place of what the cached property would map
        return self

    @cached_property
    def _arrays(self) -> Sequence[np.ndarray | CheckedRows]:
        if not self.hashes:
            return [np.load(path, mmap_mode="r") for path in self.paths]
        return [CheckedRows(path, hashes) for path, hashes in zip(self.paths, self.hashes, strict=True)]

    def __getstate__(self) -> dict[str, Any]:
        # As paths, where there are any: whoever gets it maps the files itself.
        kept = {name: getattr(self, name) for name in ("paths", "parts", "rows", "hashes")}
        return kept if self.paths else kept | {"_arrays": self._arrays}


def cohort_view(cohort: Cohort, arrays: Mapping[str, Features]) -> FeatureView:
    """Return the view of a cohort's clips, in its order; ``arrays`` maps a dataset to its features."""
    datasets = list(arrays)
    clips = cohort.clips
    parts = clips["dataset"].map(datasets.index).to_numpy(np.int64)
    pairs = zip(clips["dataset"], clips["key"], strict=True)
    rows = np.array([arrays[dataset].rows[key] for dataset, key in pairs], np.int64)
    return FeatureView(
        tuple(arrays[d].path for d in datasets), parts, rows, tuple(arrays[d].hashes for d in datasets)
    )
