"""An input that takes its time and leaves a line for every clip it is computed of, and clips on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from invented import invented_clips
from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.data.reading import ClipData
from mebench.features import making
from mebench.features.inputs import ApexFrame
from mebench.features.reader import ClipReader
from mebench.features.store import FeatureStore
from mebench.plugin import integrity


@dataclass(frozen=True)
class Counted(ApexFrame):
    """The apex frame; ``log`` gains a line a clip, and the variable ``ODD_PAUSE`` is how long each takes."""

    log: str = ""

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the apex frame."""
        with Path(self.log).open("a") as file:
            file.write(f"{clip.key}\n")
        time.sleep(float(os.environ.get("ODD_PAUSE", "0")))
        return super().compute(clip)


def clips_on_disk(folder: Path) -> ClipData:
    """Return 2 x 3 clips with the frames 10 to 12, written where they are not there yet."""
    data = invented_clips(2, 3, window=(10, 11, 12))
    frames = {}
    for place, key in enumerate(data.table["key"]):
        paths = tuple(folder / f"{place}-{number}.png" for number in (10, 11, 12))
        for number, path in enumerate(paths):
            if not path.exists():
                folder.mkdir(exist_ok=True)
                Image.new("RGB", (4, 4), (place * 20 + number,) * 3).save(path)
        frames[key] = FrameList((10, 11, 12), paths)
    return invented_clips(2, 3, window=(10, 11, 12), frames=frames)


def compute_here(change: Callable[[object, str, object], None] = setattr) -> None:
    """Let this process compute whatever input it is given, as it does those of the core."""
    change(making, "is_of_core", lambda wanted: True)
    change(integrity, "refuse_patched", lambda: None)


def build(pictures: str, cache: str, log: str) -> None:
    """Build one entry: for a process of its own."""
    compute_here()
    FeatureStore(Path(cache)).get(clips_on_disk(Path(pictures)), Counted(8, log))
