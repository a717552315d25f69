"""The key of a cache entry: a hash of everything that its array depends on.

    clips = clip_contents(data, held)
    entry_key(data, ApexFrame(size=112), clips)

That is the clips' windows, the content of their files, the repair set, and the input with its version, its code and
the libraries that decode and compute. Where the files lie, what their folder is called and when they were written is
no part of it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from mebench.data.clips.table import clip_rows
from mebench.data.contents import Held
from mebench.data.reading import ClipData
from mebench.features.inputs import Input
from mebench.files import to_json
from mebench.plugin.source import code_of_class, source_of

_LIBRARIES = ("numpy", "pillow", "scipy")


def entry_key(data: ClipData, wanted: Input, clips: list[list[Any]]) -> str:
    """Return the key of a dataset's features of an input, whose clips are as :func:`clip_contents` says."""
    identity = {
        "input": wanted.describe(),
        "code": _code(type(wanted)),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "dataset": data.dataset,
        "repairs": data.repairs.name,
        "clips": clips,
        "format": 5,
    }
    return hashlib.sha256(to_json(identity).encode()).hexdigest()


def clip_contents(data: ClipData, held: Held) -> list[list[Any]]:
    """Return what each clip is: its window, and number and content of its frames."""
    contents = []
    for clip in clip_rows(data.table):
        frames = data.frames[clip.key]
        pictures = hashlib.sha256()
        for number, path in zip(frames.numbers, frames.paths, strict=True):
            pictures.update(b"%d " % number + held.hashes[path])
        contents.append([clip.key, clip.onset, clip.apex, clip.offset, pictures.hexdigest()])
    return contents


@lru_cache
def _code(kind: type[Input]) -> dict[str, str]:
    """Return the hashes of the code that an input is. Of the core only the rooms that an input can use count."""
    homes = set(code_of_class(kind, Input))
    if "mebench" in homes:
        homes = homes - {"mebench"} | {"mebench.data", "mebench.features"}
    return {home: source_of(home) for home in sorted(homes)}
