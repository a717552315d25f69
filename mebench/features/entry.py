"""What ``entry.json`` says of a cache entry's array, read strictly: a changed byte of it is noticed, too.

entry = StoredEntry(dataset="casme3", description="ApexFrame(size=112)", ...)
write_entry(folder / ENTRY, entry)
entry = read_entry(folder / ENTRY)        # MebenchError where it is not what was written
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from mebench.errors import MebenchError
from mebench.features.reader import PictureNotes
from mebench.files import read_json, to_json

ARRAY = "array.npy"
ENTRY = "entry.json"

_SUM = "checksum"


class StoredEntry(BaseModel):
    """One entry: ``hashes`` are the SHA-256 of its array's rows, ``sha256`` that of the array's file.

    ``shape`` and ``dtype`` are the array's; ``notes`` says by clip key what had to be done to pictures. ``looked_at``
    says by clip key which pictures the array was made of, as places in the clip's list of frames.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    dataset: str
    description: str
    shape: tuple[int, ...]
    dtype: str
    notes: dict[str, PictureNotes]
    looked_at: dict[str, tuple[int, ...]]
    hashes: tuple[str, ...]
    sha256: str
    made: str


def write_entry(file: Path, entry: StoredEntry) -> None:
    """Write an entry's description, with a hash of itself."""
    content = entry.model_dump(mode="json")
    file.write_text(to_json({**content, _SUM: _sum_of(content)}), encoding="utf-8")


def read_entry(file: Path) -> StoredEntry:
    """Read an entry's description.

    Raises:
        MebenchError: it is missing, or not what :func:`write_entry` wrote.
    """
    content = read_json(file)
    if not isinstance(content, dict) or content.pop(_SUM, None) != _sum_of(content):
        raise MebenchError(f"{file.name} is not what was written")
    try:
        # From JSON's lists to tuples, and nothing else is made of anything else.
        return StoredEntry.model_validate_json(to_json(content))
    except ValidationError as error:
        first = error.errors()[0]
        raise MebenchError(
            f"{file.name}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
        ) from error


def _sum_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()
