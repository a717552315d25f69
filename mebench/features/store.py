"""The feature cache: one memory-mapped array for each dataset and input, under a content-addressed key.

    store = FeatureStore(cache_folder() / "features")
    features = store.get(clip_data, ApexFrame(size=112))
    features.open()[features.rows["casme3/spNO.1/b/166"]]     # uint8 (112, 112, 3)

The key hashes everything the array depends on (:mod:`mebench.features.key`). Two runs that want the same key at once
build it once: the second waits. An entry is renamed into place when it is whole; one that was changed or cut short
later is noticed and rebuilt.
"""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.sheet import sha256_of
from mebench.data.clips.table import clip_rows
from mebench.data.contents import ContentIndex, Held, changed_meanwhile
from mebench.data.reading import ClipData
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.inputs import Input, as_declared
from mebench.features.key import clip_contents, entry_key
from mebench.features.reader import ClipReader, NothingReadableError, PictureNotes
from mebench.files import disk_errors, read_json, to_json, whole_folder
from mebench.locks import locked
from mebench.parallel import cores, map_threads
from mebench.paths import cache_folder

Progress = Callable[[str, int, int], None]

_ARRAY = "array.npy"
_ENTRY = "entry.json"
_PART = ".part"

# What is known of the content of picture files, a file a dataset; another is of the arrays themselves.
CONTENTS = "{}.contents.npy"


@dataclass(frozen=True)
class Features:
    """A cached array of shape ``(clips, *input.shape)``; ``rows`` maps a clip's key to its row.

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
        """Return the array, memory-mapped and read-only."""
        array: np.ndarray = np.load(self.path, mmap_mode="r")
        return array


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
        rows = {key: row for row, key in enumerate(data.table["key"])}
        what = f"{type(wanted).__name__} of {data.dataset}, which is computed"
        with locked(folder.with_name(folder.name + ".lock"), what):
            entry = self._intact(folder)
            if entry is None:
                with whole_folder(folder) as temporary:
                    entry = self._write(temporary, data, wanted, progress)
                    if path := held.changed():
                        raise changed_meanwhile(path)
        return Features(digest, folder / _ARRAY, rows, _notes_of(entry), tuple(entry["hashes"]))

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

    def _intact(self, folder: Path) -> dict[str, Any] | None:
        """Return an entry whose array is whole; a damaged one is named, removed and not returned."""
        if not folder.exists():
            return None
        try:
            entry: dict[str, Any] = read_json(folder / _ENTRY)
            array = np.load(folder / _ARRAY, mmap_mode="r")
            _notes_of(entry)
            if list(array.shape) != entry["shape"]:
                reason = f"its array is {list(array.shape)} where {entry['shape']} is due"
            elif len(entry["hashes"]) != len(array):
                reason = f"{_ENTRY} does not fit its array"
            elif self._content_of(folder / _ARRAY) != entry["sha256"]:
                reason = "its array was changed"
            else:
                return entry
        except (MebenchError, ValueError, OSError, EOFError, LookupError, TypeError, AttributeError) as error:
            reason = str(error)
        warnings.warn(
            f"cache entry {folder} is damaged ({reason}); it is computed again", MebenchWarning, stacklevel=2
        )
        shutil.rmtree(folder)
        return None

    def _content_of(self, array: Path) -> str:
        """Return the SHA-256 of an array's file; it is read once, and again only where it was touched."""
        index = ContentIndex(self.folder / CONTENTS.format("cache"))
        return index.read([array]).hashes[array].hex()

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

        hashes: list[str] = []
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
                content = np.ascontiguousarray(as_declared(wanted, array))
                file.write(content.data)
                row = hashlib.sha256(f"{content.dtype.str} {content.shape} ".encode())
                row.update(content.data)
                hashes.append(row.hexdigest())
                progress(what, done, shape[0])
        if hopeless:
            more = f" (and {len(hopeless) - 1} more clip(s) like it)" if len(hopeless) > 1 else ""
            raise NothingReadableError(f"{hopeless[0]}{more}")
        entry = {
            "dataset": data.dataset,
            "description": str(wanted),
            "shape": list(shape),
            "notes": {key: asdict(each) for key, each in notes.items() if each != PictureNotes()},
            "hashes": hashes,
            "sha256": sha256_of(temporary / _ARRAY),
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
