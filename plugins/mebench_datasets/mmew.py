"""MMEW (Ben et al. 2021, doi:10.1109/TPAMI.2021.3067464): 300 micro-expressions, 90 fps, cropped colour faces.

The annotation is the first sheet of ``MMEW_Micro_Exp.xlsx``. It numbers its subjects; they are named here as in
the names of clips and folders, ``S13`` of ``S13-07-001``. Frames lie under their emotion
(``Micro_Expression/anger/S13-07-001/1.jpg``), counted from 1; the sheet's ``others`` may lie in ``repression``.

No repairs are made. Apex and offset of 16 clips are known not to fit the files, but replacements were published
(tvaranka/meb, meb/datasets/datasets.py) by row number alone: neither the clips nor the cells' old values are
certain. A window that cannot be true is left out with that reason, and an apex outside its window gives way to the
middle; a false value that looks possible stays. Seven cells of action units write the side after the number
(``12L``, ``4R+7``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import Dataset, Edition, FrameLayout, TwinRecipe, clip_rows, make_clip_table
from mebench.synthetic.workbook import save_workbook
from mebench_datasets.sheet_search import read_first_sheet
from mebench_datasets.subject_name import subject_name

if TYPE_CHECKING:
    import pandas as pd

_SUBJECT = "S{:02d}"
# Canonical name -> the owner's header.
_COLUMNS = {
    "subject": "Subject",
    "clip": "Filename",
    "onset": "OnsetFrame",
    "apex": "ApexFrame",
    "offset": "OffsetFrame",
    "aus": "Action Units",
    "emotion": "Estimated Emotion",
}
_FPS = 90.0


class Mmew(Dataset):
    """The micro-expressions of MMEW."""

    name = "mmew"
    annotation_files = ("MMEW_Micro_Exp", "MMEW_Micro_Exp*")
    annotation_folders = (".", "annotation", "annotations", "MMEW", "Micro_Expression")
    editions = (Edition("300 clips", clips=300),)
    layouts = tuple(
        FrameLayout(prefix + "{emotion}/{clip}/{frame}.jpg", emotion_folders=(("others", "repression"),))
        for prefix in ("Micro_Expression/", "MMEW/Micro_Expression/", "")
    )
    # Dealt so that the three-class and the four-class protocol come out nearly even; windows are short, to
    # keep a twin small. The second number of a clip's name stands for its emotion by a list of the owner's that
    # no public source gives: a twin's clips all have 00.
    twin = TwinRecipe(
        subject="S{n:02d}",
        clips=("{subject}-00-{index:03d}",),
        fps=_FPS,
        frames=(18, 40),
        first_frame=1,
        emotions={
            "happiness": 4,
            "surprise": 4,
            "disgust": 2,
            "others": 3,
            "anger": 1,
            "fear": 1,
            "sadness": 1,
        },
        annotation_file="MMEW_Micro_Exp.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the first sheet that has the columns."""
        raw = read_first_sheet(path, {name: (header,) for name, header in _COLUMNS.items()})
        raw["subject"] = [subject_name(cell, _SUBJECT) for cell in raw["subject"]]
        return make_clip_table(self.name, raw, fps=_FPS)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the owner's sheet: subjects as numbers, and an empty column of remarks."""
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book["Sheet"]
        sheet.title = "Sheet1"
        sheet.append([*_COLUMNS.values(), "remarks"])
        for clip in clip_rows(table):
            number = clip.subject.removeprefix("S")
            subject: int | str = int(number) if number.isdigit() else clip.subject
            sheet.append([subject, *(getattr(clip, name) for name in _COLUMNS if name != "subject")])
        save_workbook(book, path)
