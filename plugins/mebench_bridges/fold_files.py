"""A fold as plain files, which any language reads. docs/command.md has the layout.

    fold = FoldFiles(folder, formats=("png",), classes=classes, au_numbers=(1, 4))
    fold.write_train(train)
    clips = fold.write_test(test)       # ["clip-00001", ...]: opaque names, in the order of the test set

Names number the clips as they are given, which for test clips is a shuffled order; all files have one and the same
time. So nothing but the pictures themselves tells test clips apart.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from mebench.api import AU_UNKNOWN, ClipReader, FeatureView, Input, TestSet, TrainSet

Format = Literal["png", "npy", "csv", "mat"]

# 1 January 2000, in seconds: when a file was written must not tell in which order.
_TIME = 946_684_800
_CHUNK = 64


@dataclass(frozen=True)
class FramePlaces(Input):
    """Which of ``n`` frames spread from onset to offset are onset, apex and offset, (3,), counted from 1."""

    kind = "measurement"
    dtype = np.dtype(np.int64)

    n: int = 16

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (3,)."""
        return (3,)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the places; the apex's is the nearest one in time."""
        length = max(1, clip.offset - clip.onset)
        apex = round((clip.apex - clip.onset) / length * (self.n - 1))
        return np.array([1, 1 + apex, self.n])


PLACES = "places"
_PLACE_COLUMNS = ("onset", "apex", "offset")


@dataclass(frozen=True)
class FoldFiles:
    """Writes one fold below ``folder``."""

    folder: Path
    formats: Sequence[Format]
    classes: Sequence[str]
    au_numbers: Sequence[int]

    @property
    def train(self) -> Path:
        """Return the folder of the training clips."""
        return self.folder / "train"

    @property
    def test(self) -> Path:
        """Return the folder of the test clips."""
        return self.folder / "test"

    @property
    def out(self) -> Path:
        """Return the file that the command is to write."""
        return self.folder / "out.csv"

    def write_train(self, train: TrainSet) -> None:
        """Write the training clips, and ``labels.csv`` with what is known of them."""
        clips = self._write_clips(self.train, train.features, len(train))
        columns: dict[str, Iterable[Any]] = {"clip": clips}
        if self.classes:
            columns |= {"class": [self.classes[each] for each in train.labels], "label": train.labels}
        columns |= {"subject": train.subjects, **_places(train.features)}
        for place, number in enumerate(self.au_numbers):
            columns[f"au{number}"] = ["" if each == AU_UNKNOWN else each for each in train.aus[:, place]]
        _write_table(self.train / "labels.csv", columns)
        _same_times(self.train)

    def write_test(self, test: TestSet) -> list[str]:
        """Write the test clips, and ``clips.csv``; return their names, in their order."""
        clips = self._write_clips(self.test, test.features, len(test))
        _write_table(self.test / "clips.csv", {"clip": clips, **_places(test.features)})
        _same_times(self.test)
        return clips

    def _write_clips(self, folder: Path, features: Mapping[str, FeatureView], size: int) -> list[str]:
        folder.mkdir()
        clips = [f"clip-{number:05d}" for number in range(1, size + 1)]
        for name, view in features.items():
            if name == PLACES:
                continue
            pictures = view.dtype == np.uint8
            for form in dict.fromkeys(each if pictures or each != "png" else "npy" for each in self.formats):
                _WRITERS[form](folder, name, view, clips)
        return clips


def _write_png(folder: Path, name: str, view: FeatureView, clips: Sequence[str]) -> None:
    for place, clip in enumerate(clips):
        array = view[place]
        (folder / clip).mkdir(exist_ok=True)
        named = (
            [(name, array)]
            if array.ndim == 3
            else [(f"frame-{i:03d}", each) for i, each in enumerate(array, 1)]
        )
        for stem, picture in named:
            Image.fromarray(picture).save(folder / clip / f"{stem}.png", compress_level=1)


def _write_npy(folder: Path, name: str, view: FeatureView, clips: Sequence[str]) -> None:
    array = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", view.dtype, view.shape)
    for first in range(0, len(clips), _CHUNK):
        array[first : first + _CHUNK] = view[first : first + _CHUNK]
    array.flush()


def _write_csv(folder: Path, name: str, view: FeatureView, clips: Sequence[str]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        for place, clip in enumerate(clips):
            file.write(",".join((clip, *map(str, view[place].ravel().tolist()))) + "\n")


def _write_mat(folder: Path, name: str, view: FeatureView, clips: Sequence[str]) -> None:
    from scipy.io import savemat

    savemat(folder / f"{name}.mat", {name: view[:]})


_WRITERS = {"png": _write_png, "npy": _write_npy, "csv": _write_csv, "mat": _write_mat}


def _places(features: Mapping[str, FeatureView]) -> dict[str, Iterable[Any]]:
    return dict(zip(_PLACE_COLUMNS, features[PLACES][:].T, strict=True)) if PLACES in features else {}


def _write_table(path: Path, columns: Mapping[str, Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _same_times(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (_TIME, _TIME))
