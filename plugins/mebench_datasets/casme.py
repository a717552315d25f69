"""CASME (Yan et al. 2013, doi:10.1109/FG.2013.6553799): 19 subjects, 60 fps, cropped faces or raw frames.

The sheet goes round as ``casme.xlsx`` and as ``CASME.xls`` (where both lie and differ, ``--annotations`` must say
which counts); 189 of the 195 published clips have a row. A second
apex (``ApexF2``) is not used. 33 rows share subject and recording with another row, so that only the onset
tells their clips apart; all are looked for in the recording's one folder.

No repairs are made: the published ones (tvaranka/meb: three onsets, five offsets, three apexes) name rows of the
sheet, not clips, and an edition with other rows would be changed in the wrong places.
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

_FPS = 60.0
_SUBJECT = "sub{:02d}"
_COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetF", "OnsetFrame", "Onset"),
    "apex": ("ApexF1", "ApexF", "ApexFrame", "Apex"),
    "offset": ("OffsetF", "OffsetFrame", "Offset"),
    "emotion": ("Emotion", "Estimated Emotion"),
}
_OPTIONAL = {"aus": ("AU", "AUs", "Action Units")}
# As the owner writes them; the third and eighth column are empty and have no name.
_HEADER = (
    "Subject",
    "Filename",
    None,
    "OnsetF",
    "ApexF1",
    "ApexF2",
    "OffsetF",
    None,
    "AU",
    "Emotion",
)


class Casme(Dataset):
    """The cropped faces of CASME, or its raw frames where no cropped ones are there."""

    name = "casme"
    annotation_files = ("casme",)
    annotation_folders = (".", "annotation", "annotations")
    editions = (Edition("189 clips", clips=189),)
    layouts = (
        FrameLayout(
            "Cropped/{subject}/{clip}/reg_{clip}-{frame:03d}.jpg", other_files=("{clip}-{frame}.jpg",)
        ),
        FrameLayout("CASME_raw_selected/{subject}/{clip}/{clip}-{frame:03d}.jpg"),
        FrameLayout("{subject}/{clip}/reg_{clip}-{frame:03d}.jpg"),
        FrameLayout("{subject}/{clip}/{clip}-{frame:03d}.jpg"),
    )
    # The owner's classes are very unequal (68 tense, 2 fear); a twin is there to be learnt from.
    twin = TwinRecipe(
        subject="sub{n:02d}",
        clips=("EP01_5", "EP01_12", "EP02_3"),
        fps=_FPS,
        frames=(10, 30),
        first_frame=1,
        emotions={
            "tense": 3,
            "disgust": 3,
            "repression": 3,
            "surprise": 3,
            "happiness": 2,
            "sadness": 1,
            "contempt": 1,
            "fear": 1,
        },
        annotation_file="casme.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the sheet."""
        raw = read_first_sheet(path, _COLUMNS, optional=_OPTIONAL)
        raw["subject"] = [subject_name(cell, _SUBJECT) for cell in raw["subject"]]
        return make_clip_table(self.name, raw, fps=_FPS)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the owner's sheet."""
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book["Sheet"]
        sheet.title = "Sheet1"
        sheet.append(_HEADER)
        for clip in clip_rows(table):
            number = clip.subject.removeprefix("sub")
            subject: int | str = int(number) if number.isdigit() else clip.subject
            aus: int | str = int(clip.aus) if clip.aus.isdigit() else clip.aus
            window = (clip.onset, clip.apex, None, clip.offset)
            sheet.append((subject, clip.clip, None, *window, None, aus, clip.emotion))
        save_workbook(book, path)
