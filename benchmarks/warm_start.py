"""Seconds until cached features of a whole database are there again, and until each row was checked.

    python benchmarks/warm_start.py                 # 860 clips, 27,000 frames, three inputs
    python benchmarks/warm_start.py --clips 100

Frames are small pictures, each different; their size does not matter to a warm start, which reads none of them. Each
warm start has a store of its own, as a new process has. That is the start of every run after the first; what its folds
then read is checked row by row against its SHA-256, the first time: the second figure, of rows as large as those of a
112-pixel colour picture.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import make_clip_table
from mebench.data.reading import ClipData
from mebench.features.inputs import ApexFrame, MiddleFrame, OnsetFrame
from mebench.features.rows import CheckedRows, row_hash
from mebench.features.store import Features, FeatureStore
from mebench.parallel import cores


def pictures(folder: Path, clips: int, frames: int) -> ClipData:
    """Write ``frames`` small pictures in all as the frames of invented clips, a folder for each."""
    rng = np.random.default_rng(0)
    rows, listed = [], []
    counts = np.full(clips, frames // clips) + (np.arange(clips) < frames % clips)
    for clip, count in enumerate(counts.tolist()):
        place = folder / f"subject{clip % 100}" / f"clip{clip}"
        place.mkdir(parents=True)
        paths = tuple(place / f"{number}.png" for number in range(count))
        for path in paths:
            content = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(content, "PNG")
            path.write_bytes(content.getvalue())
        name = {
            "row": clip + 2,
            "subject": f"{clip % 100}",
            "clip": f"{clip}",
            "emotion": "others",
            "aus": "",
        }
        rows.append({**name, "onset": 0, "apex": count // 2, "offset": count - 1})
        listed.append(FrameList(tuple(range(count)), paths))
    table = make_clip_table("invented", pd.DataFrame(rows), fps=30.0)
    by_key = dict(zip(table["key"], listed, strict=True))
    return ClipData("invented", folder, folder / "none", "0" * 64, table, (), RepairReport(""), by_key, False)


def started(data: ClipData, folder: Path) -> tuple[float, dict[str, Features]]:
    inputs = {"apex": ApexFrame(16), "onset": OnsetFrame(16), "middle": MiddleFrame(16)}
    start = time.perf_counter()
    features = FeatureStore(folder).get_each(data, inputs)
    for each in features.values():
        each.content(data.table["key"])
    return time.perf_counter() - start, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=860)
    parser.add_argument("--frames", type=int, default=27_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = pictures(folder / "data", arguments.clips, arguments.frames)
        time.sleep(2.5)  # what was written just now is not trusted to stay
        cold, before = started(data, folder / "cache")
        time.sleep(2.5)
        started(data, folder / "cache")  # reads the new arrays once
        warm = []
        for _ in range(arguments.rounds):
            seconds, after = started(data, folder / "cache")
            warm.append(seconds)
            assert {name: each.key for name, each in after.items()} == {n: e.key for n, e in before.items()}
        checked = first_read(folder / "rows", arguments.clips)
    print(f"{arguments.frames} frames of {arguments.clips} clips, {cores()} cores, {arguments.rounds} rounds")
    print(f"cold {cold:.2f} s, warm {statistics.median(warm):.2f} s (longest {max(warm):.2f} s)")
    print(
        f"rows of {arguments.clips} pictures: read and checked {checked[0]:.3f} s, read again {checked[1]:.3f} s"
    )


def first_read(folder: Path, clips: int) -> tuple[float, float]:
    """Return the seconds that a stack of all rows takes at first, and once each was checked."""
    folder.mkdir()
    rows = np.random.default_rng(0).integers(0, 256, (clips, 112, 112, 3), dtype=np.uint8)
    np.save(folder / "array.npy", rows)
    time.sleep(2.5)
    checked = CheckedRows(folder / "array.npy", tuple(map(row_hash, rows)))
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        checked[np.arange(clips)]
        seconds.append(time.perf_counter() - start)
    return seconds[0], seconds[1]


if __name__ == "__main__":
    main()
