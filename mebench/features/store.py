"""The feature cache: one memory-mapped array for each dataset and input, under a content-addressed key.

    store = FeatureStore(cache_folder() / "features")
    features = store.get(clip_data, ApexFrame(size=112))
    features.open()[features.rows["casme3/spNO.1/b/166"]]     # uint8 (112, 112, 3)

The key hashes everything the array depends on (:mod:`mebench.features.key`). Two runs that want the same key at once
build it once: the second waits. An entry is renamed into place when it is whole; one that was changed or cut short
later is noticed and rebuilt. Its rows lie in an order that tells nothing of the clips, and each is checked when it is
first read (:mod:`mebench.features.rows`).
"""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.arrays import load_array
from mebench.data.clips.sheet import sha256_of
from mebench.data.contents import ContentIndex, Held, changed_meanwhile
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.entry import ARRAY, ENTRY, StoredEntry, read_entry, write_entry
from mebench.features.inputs import Input
from mebench.features.key import clip_contents, entry_key
from mebench.features.making import make_each
from mebench.features.reader import NothingReadableError, PictureNotes
from mebench.features.rows import CheckedRows, order_of_rows, row_hash
from mebench.files import disk_errors, whole_folder
from mebench.locks import locked
from mebench.paths import cache_folder

Progress = Callable[[str, int, int], None]

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
        if not inputs:
            return {}
        with disk_errors(
            self.folder, "free some space (`mebench cache clear`) or set MEBENCH_CACHE to another folder"
        ):
            index = ContentIndex(self.folder / CONTENTS.format(data.dataset))
            held = index.read(
                dict.fromkeys(path for key in data.table["key"] for path in data.frames[key].paths),
                lambda done, total: progress(f"pictures of {data.dataset}", done, total),
            )
            clips = clip_contents(data, held)
            return {name: self._get(data, wanted, clips, held, progress) for name, wanted in inputs.items()}

    def _get(
        self, data: ClipData, wanted: Input, clips: list[list[Any]], held: Held, progress: Progress
    ) -> Features:
        digest = entry_key(data, wanted, clips)
        folder = self.folder / f"{data.dataset}-{type(wanted).__name__}-{digest[:16]}"
        keys = list(data.table["key"])
        places = order_of_rows(keys)
        row_of = {place: row for row, place in enumerate(places)}
        rows = {key: row_of[place] for place, key in enumerate(keys)}
        what = f"{type(wanted).__name__} of {data.dataset}, which is computed"
        with locked(folder.with_name(folder.name + ".lock"), what):
            entry = self._intact(folder, wanted, len(places))
            if entry is None:
                with whole_folder(folder) as temporary:
                    entry = self._write(temporary, data, wanted, places, progress)
                    if path := held.changed():
                        raise changed_meanwhile(path)
        return Features(digest, folder / ARRAY, rows, entry.notes, entry.hashes)

    def entries(self) -> list[CacheEntry]:
        """Return what is cached, by name; a damaged entry says so in place of what it holds."""
        folders = {file.parent for name in (ENTRY, ARRAY) for file in self.folder.glob(f"*/{name}")}
        return [_listed(folder) for folder in sorted(folders) if folder.suffix != _PART]

    def _intact(self, folder: Path, wanted: Input, clips: int) -> StoredEntry | None:
        """Return an entry whose array is whole; a damaged one is named, removed and not returned."""
        if not folder.exists():
            return None
        try:
            entry = read_entry(folder / ENTRY)
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
                return entry
        except (MebenchError, OSError) as error:
            reason = str(error)
        warnings.warn(
            f"cache entry {folder} is damaged ({reason}); it is computed again", MebenchWarning, stacklevel=2
        )
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink()
        return None

    def _content_of(self, array: Path) -> str:
        """Return the SHA-256 of an array's file; it is read once, and again only where it was touched."""
        index = ContentIndex(self.folder / CONTENTS.format("cache"))
        return index.read([array]).hashes[array].hex()

    def _write(
        self, temporary: Path, data: ClipData, wanted: Input, places: Sequence[int], progress: Progress
    ) -> StoredEntry:
        what = f"{type(wanted).__name__} of {data.dataset}"
        keys = list(data.table["key"])
        shape = (len(places), *wanted.shape)
        notes: dict[str, PictureNotes] = {}
        hopeless: dict[int, NothingReadableError] = {}
        hashes: list[str] = []
        # Plain writes, not a memory map: on a full disk a map kills the process, a write only fails.
        with (temporary / ARRAY).open("wb") as file:
            header = {"descr": wanted.dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            results = make_each(data, wanted, places, (self.folder,))
            for done, (place, result) in enumerate(zip(places, results, strict=True), start=1):
                if isinstance(result, NothingReadableError):
                    hopeless[place] = result
                    continue
                if result.notes != PictureNotes():
                    notes[keys[place]] = result.notes
                file.write(result.array.data)
                hashes.append(row_hash(result.array))
                progress(what, done, len(places))
        if hopeless:
            more = f" (and {len(hopeless) - 1} more clip(s) like it)" if len(hopeless) > 1 else ""
            raise NothingReadableError(f"{hopeless[min(hopeless)]}{more}")
        entry = StoredEntry(
            dataset=data.dataset,
            description=str(wanted),
            shape=shape,
            dtype=wanted.dtype.str,
            notes=notes,
            hashes=tuple(hashes),
            sha256=sha256_of(temporary / ARRAY),
            made=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        write_entry(temporary / ENTRY, entry)
        return entry


def _listed(folder: Path) -> CacheEntry:
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    try:
        entry = read_entry(folder / ENTRY)
    except MebenchError:
        return CacheEntry(folder.name, "", "damaged: it is computed again", 0, size, "", folder)
    return CacheEntry(folder.name, entry.dataset, entry.description, entry.shape[0], size, entry.made, folder)
