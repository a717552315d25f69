"""The key of a cache entry: a hash of everything that its array depends on.

    kind = entry_key(data, ApexFrame(size=112), clip_windows(data))
    content_key(kind, data, hashes, looked_at)

That is the clips' windows, the repair set, and the input with its version, its code and the libraries that decode and
compute; and the content of the pictures that the input looked at. An input of one frame looks at one of thirty, and
which it looks at follows from what those hold. Where the files lie, what their folder is called and when they were
written is no part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mebench.data.clips.table import clip_rows
from mebench.data.reading import ClipData
from mebench.features.inputs import Input
from mebench.files import to_json
from mebench.plugin.source import code_of_class, source_of

_LIBRARIES = ("numpy", "pillow", "scipy")


def entry_key(data: ClipData, wanted: Input, clips: list[list[Any]]) -> str:
    """Return the key of all that features of an input depend on, but for what the clips' pictures hold."""
    identity = {
        "input": wanted.describe(),
        "code": _code(type(wanted)),
        "libraries": _libraries(),
        "dataset": data.dataset,
        "repairs": data.repairs.name,
        "clips": clips,
        "format": 6,
    }
    return hashlib.sha256(to_json(identity).encode()).hexdigest()


def clip_windows(data: ClipData) -> list[list[Any]]:
    """Return what each clip is, but for its pictures' content: its window and a hash of its frames' numbers."""
    return [
        [
            clip.key,
            clip.onset,
            clip.apex,
            clip.offset,
            hashlib.sha256(repr(data.frames[clip.key].numbers).encode()).hexdigest(),
        ]
        for clip in clip_rows(data.table)
    ]


def content_key(
    kind: str, data: ClipData, hashes: Mapping[Path, bytes], looked_at: Mapping[str, Sequence[int]]
) -> str:
    """Return the key of features of a kind, as :func:`entry_key` gives it, of what their pictures hold.

    Args:
        kind: the key of all but the pictures.
        data: the dataset.
        hashes: the SHA-256 of the pictures.
        looked_at: by clip key the places, in the clip's list of frames, of the pictures that were looked at.
    """
    digest = hashlib.sha256(kind.encode())
    for key in data.table["key"]:
        paths = data.frames[key].paths
        digest.update(f"\n{key}".encode())
        for place in looked_at[key]:
            digest.update(b"\t%d " % place + hashes[paths[place]].hex().encode())
    return digest.hexdigest()


@lru_cache
def _libraries() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}


@lru_cache
def _code(kind: type[Input]) -> dict[str, str]:
    """Return the hashes of the code that an input is. Of the core only the rooms that an input can use count."""
    homes = set(code_of_class(kind, Input))
    if "mebench" in homes:
        homes = homes - {"mebench"} | {"mebench.data", "mebench.features"}
    return {home: source_of(home) for home in sorted(homes)}
