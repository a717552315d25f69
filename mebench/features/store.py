"""The feature cache: one memory-mapped array for each dataset and input, under a content-addressed key.

    store = FeatureStore(cache_folder() / "features")
    features = store.get(clip_data, ApexFrame(size=112))
    features.open()[features.rows["casme3/spNO.1/b/166"]]     # uint8 (112, 112, 3)

The key hashes everything the array depends on (:mod:`mebench.features.key`): of the pictures, those that the input
looked at, which the entry names. Two runs that want the same at once build it once: the second waits. An entry is
renamed into place when it is whole; one that was changed or cut short later is noticed and rebuilt. Its rows lie in an
order that tells nothing of the clips, and each is checked when it is first read (:mod:`mebench.features.rows`).
"""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mebench.data.arrays import load_array
from mebench.data.contents import ContentIndex
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.entry import ARRAY, ENTRY, StoredEntry, read_entry
from mebench.features.entry_name import entries_of, kind_named, kind_of, lock_of, named
from mebench.features.inputs import Input
from mebench.features.key import clip_windows, entry_key
from mebench.features.looked_at import Pictures
from mebench.features.reader import PictureNotes
from mebench.features.rows import CheckedRows, order_of_rows
from mebench.features.writing import write_features
from mebench.files import disk_errors, whole_folder
from mebench.locks import locked
from mebench.paths import cache_folder

Progress = Callable[[str, int, int], None]
Damaged = Callable[[Path, str], None]

_PART = ".part"

# What is known of the content of picture files, a file a dataset; another is of the arrays themselves.
CONTENTS = "{}.contents.npy"


@dataclass(frozen=True)
class Features:
    """A cached array of shape ``(clips, *input.shape)``; ``rows`` maps a clip's key to its row, in the clips' order.

    ``notes`` says by clip key what had to be done to pictures while it was made, for clips that needed anything.
    ``hashes`` are the SHA-256 of the rows: of each clip's type, shape and bytes.
    """

    key: str
    path: Path
    rows: Mapping[str, int]
    notes: Mapping[str, PictureNotes]
    hashes: tuple[str, ...] = ()

    def content(self, clips: Iterable[str]) -> str:
        """Return a hash of what the clips with these keys hold, in any order; other clips have no part in it."""
        lines = sorted(f"{key}\t{self.hashes[self.rows[key]]}\n" for key in clips)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def open(self) -> np.ndarray:
        """Return the array, memory-mapped and read-only, once each of its rows was checked.

        Raises:
            DamagedRowsError: one is not what was computed; the entry is removed.
        """
        return CheckedRows(self.path, self.hashes).whole()


def user_store() -> FeatureStore:
    """Return the cache in the user's own folder."""
    return FeatureStore(cache_folder() / "features")


@dataclass(frozen=True)
class CacheEntry:
    """One entry as `mebench cache` shows it."""

    name: str
    dataset: str
    description: str
    clips: int
    bytes: int
    made: str
    folder: Path


class FeatureStore:
    """The cache in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(
        self, data: ClipData, wanted: Input, progress: Progress = lambda what, done, total: None
    ) -> Features:
        """Return a dataset's features, computing them on every core where they are not cached yet.

        Args:
            data: the dataset; features are made of all its usable clips, whatever the protocol.
            wanted: the input.
            progress: called with a description, clips done and clips in all.

        Raises:
            NothingReadableError: a clip has no readable frame.
            UnreachableError: the system cannot read a file; nothing is cached then.
            MebenchError: the disk refuses the entry.
        """
        return self.get_each(data, {"": wanted}, progress)[""]

    def get_each(
        self,
        data: ClipData,
        inputs: Mapping[str, Input],
        progress: Progress = lambda what, done, total: None,
    ) -> dict[str, Features]:
        """Return a dataset's features of several inputs, by the inputs' names; its files are looked at once.

        Raises:
            MebenchError: see :meth:`get`.
        """
        windows = clip_windows(data)
        keys = {name: entry_key(data, wanted, windows) for name, wanted in inputs.items()}
        return self._of_keys(data, inputs, keys, progress)

    def _of_keys(
        self, data: ClipData, inputs: Mapping[str, Input], keys: Mapping[str, str], progress: Progress
    ) -> dict[str, Features]:
        """Return features of inputs, by the inputs' names, of which the keys are known."""
        if not inputs:
            return {}
        with disk_errors(
            self.folder, "free some space (`mebench cache clear`) or set MEBENCH_CACHE to another folder"
        ):
            index = ContentIndex(self.folder / CONTENTS.format(data.dataset))
            held = index.look(path for key in data.table["key"] for path in data.frames[key].paths)
            return {
                name: self._get(data, each, keys[name], Pictures(data, held, keys[name], progress), progress)
                for name, each in inputs.items()
            }

    def _get(
        self, data: ClipData, wanted: Input, key: str, pictures: Pictures, progress: Progress
    ) -> Features:
        kind = kind_of(self.folder, f"{data.dataset}-{type(wanted).__name__}", key)
        clips = list(data.table["key"])
        places = order_of_rows(clips)
        row_of = {place: row for row, place in enumerate(places)}
        rows = {clip: row_of[place] for place, clip in enumerate(clips)}
        what = f"{type(wanted).__name__} of {data.dataset}, which is computed"
        # An entry is renamed into place, so that one that is whole is read without a lock.
        entry, content = self._stored(kind, wanted, len(places), pictures, lambda folder, reason: None)
        if entry is None:
            with locked(lock_of(named(kind, "")), what):
                entry, content = self._stored(kind, wanted, len(places), pictures, _forget)
                if entry is None:
                    # What it is called depends on the pictures that are looked at.
                    with whole_folder(kind, lambda: named(kind, content)) as temporary:
                        entry = write_features(temporary, data, wanted, places, pictures, progress)
                        content = pictures.key(entry.looked_at) or ""
                        pictures.require_unchanged(entry.looked_at)
        return Features(content, named(kind, content) / ARRAY, rows, entry.notes, entry.hashes)

    def entries(self) -> list[CacheEntry]:
        """Return what is cached, by name; a damaged entry says so in place of what it holds."""
        folders = {file.parent for name in (ENTRY, ARRAY) for file in self.folder.glob(f"*/{name}")}
        return [_listed(folder) for folder in sorted(folders) if folder.suffix != _PART]

    def _stored(
        self, kind: Path, wanted: Input, clips: int, pictures: Pictures, damaged: Damaged
    ) -> tuple[StoredEntry | None, str]:
        """Return the first entry of a kind that :meth:`_intact` returns, with its key."""
        for folder in entries_of(kind):
            entry, content = self._intact(folder, wanted, clips, pictures, damaged)
            if entry is not None:
                return entry, content
        return None, ""

    def _intact(
        self, folder: Path, wanted: Input, clips: int, pictures: Pictures, damaged: Damaged
    ) -> tuple[StoredEntry | None, str]:
        """Return an entry and its key, if it is of what the pictures hold now and its array is whole.

        ``damaged`` is called with one that is not whole, and why.
        """
        try:
            entry = read_entry(folder / ENTRY)
        except (MebenchError, OSError) as error:
            damaged(folder, str(error))
            return None, ""
        content = pictures.key(entry.looked_at)
        if content is None or named(kind_named(folder), content) != folder:
            return None, ""
        try:
            array = load_array(folder / ARRAY, mapped=True)
            due = (clips, *wanted.shape)
            if array.shape != entry.shape or entry.shape != due:
                reason = f"its array is {array.shape} where {due} is due"
            elif str(array.dtype.str) != entry.dtype or array.dtype != wanted.dtype:
                reason = f"its array is {array.dtype} where {wanted.dtype} is due"
            elif len(entry.hashes) != len(array):
                reason = f"{ENTRY} does not fit its array"
            elif self._content_of(folder / ARRAY) != entry.sha256:
                reason = "its array was changed"
            else:
                return entry, content
        except (MebenchError, OSError) as error:
            reason = str(error)
        damaged(folder, reason)
        return None, ""

    def _content_of(self, array: Path) -> str:
        """Return the SHA-256 of an array's file; it is read once, and again only where it was touched."""
        held = ContentIndex(self.folder / CONTENTS.format("cache")).look([array])
        held.read([array])
        return held.hashes[array].hex()


def _listed(folder: Path) -> CacheEntry:
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    try:
        entry = read_entry(folder / ENTRY)
    except MebenchError:
        return CacheEntry(folder.name, "", "damaged: it is computed again", 0, size, "", folder)
    return CacheEntry(folder.name, entry.dataset, entry.description, entry.shape[0], size, entry.made, folder)


def _forget(folder: Path, reason: str) -> None:
    """Remove an entry, and say why."""
    warnings.warn(
        f"cache entry {folder} is damaged ({reason}); it is computed again", MebenchWarning, stacklevel=3
    )
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink()
