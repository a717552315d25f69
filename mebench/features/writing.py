"""Writing an entry of the cache: the array, row by row as it is computed, and what is known of it.

entry = write_features(folder, data, ApexFrame(size=112), places, pictures, progress)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from mebench.data.clips.sheet import sha256_of
from mebench.data.reading import ClipData
from mebench.features.entry import ARRAY, ENTRY, StoredEntry, write_entry
from mebench.features.inputs import Input
from mebench.features.looked_at import Pictures
from mebench.features.making import make_each, sees_all
from mebench.features.reader import NothingReadableError, PictureNotes
from mebench.features.rows import row_hash


def write_features(
    folder: Path,
    data: ClipData,
    wanted: Input,
    places: Sequence[int],
    pictures: Pictures,
    progress: Callable[[str, int, int], None],
) -> StoredEntry:
    """Write the array of a dataset's input and what is known of it into a new folder of the cache.

    Args:
        folder: where; what else lies beside it is kept from a plugin's code.
        data: the dataset.
        wanted: the input.
        places: the clips' places in the dataset's table, in the order of the rows.
        pictures: the clips' pictures.
        progress: called with a description, clips done and clips in all.

    Raises:
        NothingReadableError: a clip has no readable frame.
        UnreachableError: the system cannot read a file.
        MebenchError: the input fails, or a picture changes while it is read.
    """
    what = f"{type(wanted).__name__} of {data.dataset}"
    keys = list(data.table["key"])
    shape = (len(places), *wanted.shape)
    notes: dict[str, PictureNotes] = {}
    hopeless: dict[int, NothingReadableError] = {}
    hashes: list[str] = []
    looked_at: dict[str, tuple[int, ...]] = {}
    if everything := sees_all(wanted):
        pictures.key(pictures.all())  # reads them before the input can
    # Plain writes, not a memory map: on a full disk a map kills the process, a write only fails.
    with (folder / ARRAY).open("wb") as file:
        header = {"descr": wanted.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        results = make_each(data, wanted, places, (folder.parent,), pictures.bytes_of)
        for done, (place, result) in enumerate(zip(places, results, strict=True), start=1):
            if isinstance(result, NothingReadableError):
                hopeless[place] = result
                continue
            if result.notes != PictureNotes():
                notes[keys[place]] = result.notes
            file.write(result.array.data)
            hashes.append(row_hash(result.array))
            looked_at[keys[place]] = result.looked_at
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
        looked_at=pictures.all() if everything else looked_at,
        hashes=tuple(hashes),
        sha256=sha256_of(folder / ARRAY),
        made=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    write_entry(folder / ENTRY, entry)
    return entry
