"""SAMM (Davison et al. 2018, doi:10.1109/TAFFC.2016.2573832): 29 subjects with micro-expressions, grey, 200 fps.

The annotation is ``SAMM_Micro_FACS_Codes_v2.xlsx``, sheet ``MICRO_ONLY``, 159 clips under a page of prose; later
copies (``SAMM_20181215_Micro_FACS_Codes_v2.xlsx``, ``SAMM.csv``) begin with the header. A subject's folder has
three digits, also where the sheet holds a number, and ``Others`` is read as the owner's ``Other``. Action units
stay as written (``R6 or R12``, ``ref(7B)+43``): :func:`mebench.data.clips.aus.parse_aus` reads them.

One repair is made: the owner's apex of 032_3_1, 1930, lies outside the window 4896 to 4970, and the edited copies
agree on 4930. That of 028_4_1, 1143, lies outside 1071 to 1134; no two copies agree on another (1088, 1102, 1105,
1113, 1124, 1134), so the middle of the window stands in. Other values in circulation (the apex of 032_3_2, the offset
of 013_1_9) were published by row number, without the cell's old value.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mebench.api import (
    Dataset,
    Edition,
    FrameLayout,
    Repair,
    RepairSet,
    TwinRecipe,
    clip_rows,
    make_clip_table,
    parse_aus,
)
from mebench_datasets.objective_class import objective_class
from mebench_datasets.sheet_search import read_first_sheet
from mebench_datasets.subject_name import subject_name

if TYPE_CHECKING:
    import pandas as pd

_FPS = 200.0
_SHEET = "MICRO_ONLY"
_COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("Onset Frame", "Onset"),
    "apex": ("Apex Frame", "Apex"),
    "offset": ("Offset Frame", "Offset"),
    "aus": ("Action Units", "AU"),
    "emotion": ("Estimated Emotion", "Emotion"),
}
_OPTIONAL = {"objective_class": ("Objective Classes", "Objective Class")}
_WRITTEN = (
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset Frame",
    "Apex Frame",
    "Offset Frame",
    "Duration",
    "Micro",
    "Action Units",
    "Estimated Emotion",
    "Objective Classes",
    "Notes",
)
_HEADER_ROW = 14

_REPAIRS = RepairSet(
    "samm-v2",
    (
        Repair(
            "samm/032/032_3_1/4896",
            "apex",
            1930,
            4930,
            "the apex lies outside its window",
            "six edited copies of the sheet agree",
        ),
    ),
)

_TEMPLATES = (
    "SAMM_CROP/{subject}/{clip}/{name}.jpg",
    "SAMM/{subject}/{clip}/{name}.jpg",
    "{subject}/{clip}/{name}.jpg",
)
_NAMES = ("{subject}_{frame:05d}", "img{frame}")


class Samm(Dataset):
    """The cropped faces of SAMM, or its full frames where no cropped ones are there."""

    name = "samm"
    annotation_files = ("SAMM*Micro_FACS_Codes*", "SAMM", "SAMM_2018*")
    annotation_folders = (".", "annotation", "annotations", "SAMM")
    editions = (
        Edition("v2 as shipped", clips=159, cells=(("samm/032/032_3_1", "apex", "1930"),)),
        Edition("v2 with other apexes", clips=159),
    )
    repairs: ClassVar[RepairSet] = _REPAIRS
    layouts = tuple(
        FrameLayout(template.replace("{name}", name)) for template in _TEMPLATES for name in _NAMES
    )
    # Dealt so that the three classes of the composite protocol come out nearly even; windows are at the short
    # end of what the owner found, to keep a twin small.
    twin = TwinRecipe(
        subject="{n:03d}",
        clips=("{subject}_1_{index}", "{subject}_2_{index}"),
        fps=_FPS,
        frames=(30, 60),
        first_frame=1,
        emotions={
            "anger": 2,
            "other": 3,
            "happiness": 4,
            "surprise": 4,
            "contempt": 1,
            "disgust": 1,
            "fear": 1,
            "sadness": 1,
        },
        annotation_file="SAMM_Micro_FACS_Codes_v2.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read ``MICRO_ONLY``, or else the first sheet that has the columns."""
        raw = read_first_sheet(path, _COLUMNS, optional=_OPTIONAL, first=_SHEET)
        raw["subject"] = [subject_name(cell, "{:03d}") for cell in raw["subject"]]
        table = make_clip_table(self.name, raw, fps=_FPS)
        return table.assign(emotion=table["emotion"].replace("others", "other"))

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write ``MICRO_ONLY`` under prose; a clip without an objective class gets that of its action units."""
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book["Sheet"]
        sheet.title = _SHEET
        sheet.append(["Frames drawn by code, laid out like the master sheet of FACS codes"])
        sheet.append(["Subject and clip are named below; '/' stands for or, '?' for an unclear offset"])
        for place, name in enumerate(_WRITTEN, start=1):
            sheet.cell(_HEADER_ROW, place, name)
        for clip in clip_rows(table):
            units = frozenset(unit.number for unit in parse_aus(clip.aus))
            sheet.append(
                [
                    clip.subject,
                    clip.clip,
                    1,
                    clip.onset,
                    clip.apex,
                    clip.offset,
                    clip.offset - clip.onset + 1,
                    "Micro - 1/2",
                    clip.aus,
                    clip.emotion.capitalize(),
                    int(clip.objective_class or objective_class(units)),
                ]
            )
        book.save(path)
