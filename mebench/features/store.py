"""The feature cache: one memory-mapped array for each dataset and input, under a content-addressed key.

    store = FeatureStore(cache_folder() / "features")
    features = store.get(clip_data, ApexFrame(size=112))
    features.open()[features.rows["casme3/spNO.1/b/166"]]     # uint8 (112, 112, 3)

The key hashes everything the array depends on: the clips' windows, their files (name, size, time), the
repair set and the input with its version. Two runs that want the same key at once build it once: the second
waits. An entry is renamed into place when it is whole; one that was cut short later is noticed and rebuilt.
"""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from mebench.data.clips.table import clip_rows
from mebench.data.fetching import state_of
from mebench.data.pictures import DECODING
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.inputs import Input
from mebench.features.reader import ClipReader, NothingReadableError, PictureNotes
from mebench.files import disk_errors, read_json, to_json, whole_folder
from mebench.parallel import cores, map_threads

Progress = Callable[[str, int, int], None]

_ARRAY = "array.npy"
_ENTRY = "entry.json"
_PART = ".part"


@dataclass(frozen=True)
class Features:
    """A cached array of shape ``(clips, *input.shape)``; ``rows`` maps a clip's key to its row.

    ``notes`` says by clip key what had to be done to pictures while it was made, for clips that needed anything.
    """

    key: str
    path: Path
    rows: Mapping[str, int]
    notes: Mapping[str, PictureNotes]

    def open(self) -> np.ndarray:
        """Return the array, memory-mapped and read-only."""
        array: np.ndarray = np.load(self.path, mmap_mode="r")
        return array


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
        digest = hashlib.sha256(to_json(self._identity(data, wanted)).encode()).hexdigest()
        folder = self.folder / f"{data.dataset}-{type(wanted).__name__}-{digest[:16]}"
        rows = {key: row for row, key in enumerate(data.table["key"])}
        with disk_errors(
            folder, "free some space (`mebench cache clear`) or set MEBENCH_CACHE to another folder"
        ):
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.with_name(folder.name + ".lock")):
                entry = self._intact(folder)
                if entry is None:
                    with whole_folder(folder) as temporary:
                        entry = self._write(temporary, data, wanted, progress)
        return Features(digest, folder / _ARRAY, rows, _notes_of(entry))

    def entries(self) -> list[CacheEntry]:
        """Return what is cached, by name."""
        found = []
        for file in sorted(self.folder.glob(f"*/{_ENTRY}")):
            folder = file.parent
            if folder.suffix == _PART:
                continue
            entry = read_json(file)
            size = sum(f.stat().st_size for f in folder.iterdir())
            found.append(
                CacheEntry(
                    folder.name,
                    entry["dataset"],
                    entry["description"],
                    entry["shape"][0],
                    size,
                    entry["made"],
                    folder,
                )
            )
        return found

    @staticmethod
    def _identity(data: ClipData, wanted: Input) -> dict[str, Any]:
        clips = []
        for clip in clip_rows(data.table):
            files = data.frames[clip.key].paths
            stats = [(f.name, s.st_size, s.st_mtime_ns) for f, s in ((f, state_of(f)) for f in files)]
            clips.append([clip.key, clip.onset, clip.apex, clip.offset, stats])
        return {
            "input": wanted.describe(),
            "dataset": data.dataset,
            "repairs": data.repairs.name,
            "clips": clips,
            "decoding": DECODING,
            "format": 2,
        }

    def _intact(self, folder: Path) -> dict[str, Any] | None:
        """Return an entry whose array is whole; a damaged one is named, removed and not returned."""
        if not folder.exists():
            return None
        try:
            entry: dict[str, Any] = read_json(folder / _ENTRY)
            array = np.load(folder / _ARRAY, mmap_mode="r")
            _notes_of(entry)
            if list(array.shape) == entry["shape"]:
                return entry
            reason = f"its array is {list(array.shape)} where {entry['shape']} is due"
        except (MebenchError, ValueError, OSError, EOFError, LookupError, TypeError, AttributeError) as error:
            reason = str(error)
        warnings.warn(
            f"cache entry {folder} is damaged ({reason}); it is computed again", MebenchWarning, stacklevel=2
        )
        shutil.rmtree(folder)
        return None

    @staticmethod
    def _write(temporary: Path, data: ClipData, wanted: Input, progress: Progress) -> dict[str, Any]:
        what = f"{type(wanted).__name__} of {data.dataset}"
        shape = (len(data.table), *wanted.shape)
        notes: dict[str, PictureNotes] = {}
        hopeless: list[NothingReadableError] = []

        def computed(reader: ClipReader) -> tuple[np.ndarray, PictureNotes] | NothingReadableError:
            try:
                return wanted.compute(reader), reader.notes()
            except NothingReadableError as error:
                return error

        # Plain writes, not a memory map: on a full disk a map kills the process, a write only fails.
        with (temporary / _ARRAY).open("wb") as file:
            header = {"descr": wanted.dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            results = map_threads(computed, _readers(data), cores())
            for done, (key, result) in enumerate(zip(data.table["key"], results, strict=True), start=1):
                if isinstance(result, NothingReadableError):
                    hopeless.append(result)
                    continue
                array, notes[key] = result
                if array.shape != wanted.shape or array.dtype != wanted.dtype:
                    raise MebenchError(
                        f"input {wanted} gave {array.dtype} {array.shape} "
                        f"where it declares {wanted.dtype} {wanted.shape}"
                    )
                file.write(np.ascontiguousarray(array).data)
                progress(what, done, shape[0])
        if hopeless:
            more = f" (and {len(hopeless) - 1} more clip(s) like it)" if len(hopeless) > 1 else ""
            raise NothingReadableError(f"{hopeless[0]}{more}")
        entry = {
            "dataset": data.dataset,
            "description": str(wanted),
            "shape": list(shape),
            "notes": {key: asdict(each) for key, each in notes.items() if each != PictureNotes()},
            "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        (temporary / _ENTRY).write_text(to_json(entry), encoding="utf-8")
        return entry


def _notes_of(entry: Mapping[str, Any]) -> dict[str, PictureNotes]:
    return {
        key: PictureNotes(**{kind: tuple(map(int, numbers)) for kind, numbers in each.items()})
        for key, each in entry["notes"].items()
    }


def _readers(data: ClipData) -> Iterator[ClipReader]:
    for clip in clip_rows(data.table):
        yield ClipReader(clip.key, clip.onset, clip.apex, clip.offset, data.frames[clip.key])
