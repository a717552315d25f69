"""Datasets with one fault each, and the check that finds it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

from mebench.api import (
    Dataset,
    FrameLayout,
    Remark,
    Repair,
    RepairSet,
    TwinRecipe,
    clip_rows,
    make_clip_table,
    read_sheet,
)

_FIELDS = ("subject", "clip", "onset", "apex", "offset", "emotion", "aus")
_RECIPE: dict[str, Any] = {
    "subject": "s{n}",
    "clips": ("c{index}",),
    "fps": 100.0,
    "frames": (5, 7),
    "first_frame": 1,
    "emotions": {"happiness": 1, "surprise": 1},
    "annotation_file": "labels.csv",
}


class Sound(Dataset):
    name = "odd"
    annotation_files = ("labels",)
    layouts = (FrameLayout("frames/{subject}/{clip}/{frame}.png"),)
    twin = TwinRecipe(**_RECIPE)

    def read_annotation(self, path: Path) -> pd.DataFrame:
        columns = {name: (name,) for name in _FIELDS}
        return make_clip_table(self.name, read_sheet(path, columns, sheet="any"), fps=100.0)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(_FIELDS)
            rows.writerows([getattr(clip, name) for name in _FIELDS] for clip in self.written(table))

    def written(self, table: pd.DataFrame) -> list[Any]:
        return list(clip_rows(table))


class Losing(Sound):
    def written(self, table: pd.DataFrame) -> list[Any]:
        return super().written(table)[1:]


class NoFrames(Sound):
    layouts = (FrameLayout("frames/{subject}/{clip}/1.png"),)


class WithEnding(Sound):
    annotation_files = ("labels.csv", "labels")


class Breaking(Sound):
    def read_annotation(self, path: Path) -> pd.DataFrame:
        first = path.read_text(errors="replace").splitlines()[0]
        assert first.startswith("subject")
        return super().read_annotation(path)


class Writing(Sound):
    def read_annotation(self, path: Path) -> pd.DataFrame:
        (path.parent / "read.log").write_text("read")
        return super().read_annotation(path)


class EmptyRepair(Sound):
    repairs = RepairSet("odd", (Repair("odd/s1/c1/3", "apex", 3, 4, "", "somebody"),))


class OtherRate(Sound):
    def read_annotation(self, path: Path) -> pd.DataFrame:
        return super().read_annotation(path).assign(fps=0.0)


class Strange(Sound):
    def remarks(self, table: pd.DataFrame) -> list[Remark]:
        return [Remark("odd/nobody/c/1", 1, "what a clip")]


FAULTS = {
    Losing: ("the twin is read back clip by clip", "1 of 6 clips of the twin are not read back"),
    NoFrames: ("layouts lead from names to the pictures of a clip", r"no {frame} in its last part"),
    WithEnding: ("patterns of its annotation file are names without an ending", "leave the ending out"),
    Breaking: ("a damaged annotation is one sentence that names the file", "raise a MebenchError"),
    Writing: ("reading changes nothing in its folder", "wrote .*read.log"),
    EmptyRepair: ("repairs name a cell, what it holds, and who found it", "does not say why"),
    OtherRate: ("windows and rates are possible", "0.0 frames a second"),
    Strange: ("what it remarks on clips are remarks", "no clip of it"),
}
