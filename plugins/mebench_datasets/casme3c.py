"""CAS(ME)^3 part C (Li et al. 2022, doi:10.1109/TPAMI.2022.3174895): a mock crime, 30 subjects, 30 fps.

The annotation is the owner's ``CAS(ME)3_part_C_ME.xlsx``: 165 micro-expressions, each with the number (``count``)
that it has among its subject's. No apex is given, so it is taken as the middle of the window. Action units are
separated by commas, some of them full-width; the text is kept as it stands, since
:func:`mebench.data.clips.aus.parse_aus` reads both.

Frames lie in one recording a subject, as released, or in folders of one expression each, as its readers cut
them; frame numbers are those of the recording in both.
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

_FPS = 30.0
_SUBJECT = "{:02d}"
_SHEET = "mockCrimeME"
_COLUMNS = {
    "subject": ("sub", "Subject"),
    "clip": ("count",),
    "onset": ("onset",),
    "offset": ("offset",),
    "aus": ("au", "AUs"),
    "emotion": ("emotion",),
}


class Casme3C(Dataset):
    """The colour frames of CAS(ME)^3 part C."""

    name = "casme3c"
    annotation_files = ("CAS(ME)3_part_C_ME", "*part_C_ME*")
    editions = (Edition("165 clips", clips=165),)
    annotation_folders = (
        ".",
        "annotation",
        "annotation/partC",
        "annotation/part_C",
        "part_C",
        "part_C/annotation",
    )
    layouts = (
        FrameLayout("ME_C/{subject}/{clip}/color/{frame}.jpg", numbers_by_value=True),
        FrameLayout("{subject}/color/{subject}_{clip}/{frame}.jpg", numbers_by_value=True),
        FrameLayout("sub{subject}/color/{subject}_{clip}/{frame}.jpg", numbers_by_value=True),
        FrameLayout("RGB_Depth/part_C/part_C/{subject}/a/color/{frame}.jpg", numbers_by_value=True),
        FrameLayout("part_C/{subject}/a/color/{frame}.jpg", numbers_by_value=True),
    )
    # The owner has 99 negative clips and 16 positive ones; a twin's classes are even.
    twin = TwinRecipe(
        subject="{n:02d}",
        clips=("{index}",),
        fps=_FPS,
        frames=(6, 15),
        first_frame=1,
        emotions={"negative": 1, "positive": 1, "surprise": 1, "others": 1},
        annotation_file="CAS(ME)3_part_C_ME.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the sheet ``mockCrimeME``; every apex is missing."""
        raw = read_first_sheet(path, _COLUMNS, first=_SHEET)
        raw["subject"] = [subject_name(cell, _SUBJECT) for cell in raw["subject"]]
        raw["apex"] = None
        return make_clip_table(self.name, raw, fps=_FPS)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the sheet ``mockCrimeME``, action units separated by commas."""
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book["Sheet"]
        sheet.title = _SHEET
        sheet.append([spellings[0] for spellings in _COLUMNS.values()])
        for clip in clip_rows(table):
            subject, count = (int(name) if name.isdigit() else name for name in (clip.subject, clip.clip))
            aus: int | str = int(clip.aus) if clip.aus.isdigit() else clip.aus.replace("+", ",")
            sheet.append([subject, count, clip.onset, clip.offset, aus, clip.emotion])
        save_workbook(book, path)
