"""CAS(ME)^3 part A (Li et al. 2022, doi:10.1109/TPAMI.2022.3174895).

The annotation is the owner's ``cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx``, sheet ``label``: 860
micro-expressions of 94 subjects. One recording holds many of them, so a clip is named by subject, recording
(``Filename``, the stimulus a..m) and onset. The first edition (``..._v1.xls``, 921
clips of 95 subjects) and other people's copies (``..._v2_refined``, ``..._v2_edited.csv``) are read where the owner's
v2 is not there. Frames are counted from 1 and not padded; some are
missing or unreadable in the release.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mebench.api import (
    Dataset,
    Edition,
    FrameLayout,
    MebenchError,
    Repair,
    RepairSet,
    TwinRecipe,
    clip_rows,
    make_clip_table,
)
from mebench_datasets.sheet_search import read_first_sheet

if TYPE_CHECKING:
    import pandas as pd

_SHEET = "label"
# Canonical name -> the owner's header.
_COLUMNS = {
    "subject": "Subject",
    "clip": "Filename",
    "onset": "Onset",
    "apex": "Apex",
    "offset": "Offset",
    "aus": "AU",
    "objective_class": "Objective class",
    "emotion": "emotion",
}
_READ = {name: (header,) for name, header in _COLUMNS.items() if name != "objective_class"}

_MEB = "tvaranka/meb, meb/datasets/datasets.py"
_REPAIRS = RepairSet(
    "casme3-v2",
    (
        Repair("casme3/spNO.149/d/112", "apex", 83, 123, "the apex lies before the onset", _MEB),
        Repair("casme3/spNO.214/c/5", "offset", 3460, 34, "the recording ends at 3456", _MEB),
        Repair("casme3/spNO.216/d/3647", "onset", 3647, 2647, "the onset lies after the apex", _MEB),
        Repair("casme3/spNO.216/e/0", "onset", 0, 1, "frames are counted from 1", _MEB),
        Repair("casme3/spNO.216/e/0", "apex", 0, 1, "frames are counted from 1", _MEB),
        Repair("casme3/spNO.40/e/1812", "offset", 0, 1845, "the offset is 0", _MEB),
        Repair("casme3/spNO.40/e/2327", "offset", 0, 2403, "the offset is 0", _MEB),
    ),
)


class Casme3(Dataset):
    """The colour frames of CAS(ME)^3 part A."""

    name = "casme3"
    annotation_files = (
        "cas(me)3_part_A_ME_label_JpgIndex_v2",
        "*part_A_ME_label*_v2",
        "*part_A_ME_label*_v2_*",
        "*part_A_ME_label*",
    )
    editions = (
        Edition("v2", clips=860),
        Edition("v1", clips=921),
        Edition("HTNet's 687", clips=687),
    )
    annotation_folders = (
        ".",
        "annotation",
        "annotation/partA",
        "annotation/part_A",
        "part_A",
        "part_A/annotation",
        "part_A/data",
    )
    layouts = tuple(
        FrameLayout(prefix + "{subject}/{clip}/color/{frame}.jpg", numbered_repeats=True)
        for prefix in ("part_A/data/part_A/", "data/part_A/", "part_A_split/part_A/", "part_A/", "ME_A/", "")
    )
    repairs: ClassVar[RepairSet] = _REPAIRS
    # The owner's classes are very unequal (457 negative, 55 positive); a twin is there to be learnt from,
    # so its emotions are drawn such that the four-class protocol comes out even.
    twin = TwinRecipe(
        subject="spNO.{n}",
        clips=tuple("abcdefghijklm"),
        fps=30.0,
        frames=(9, 17),
        first_frame=1,
        emotions={"happy": 4, "surprise": 4, "others": 4, "disgust": 1, "fear": 1, "anger": 1, "sad": 1},
        annotation_file="cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the sheet ``label``, or else the first sheet that has the columns.

        Raises:
            MebenchError: no sheet has them, or the sheet lists macro-expressions too.
        """
        raw = read_first_sheet(path, _READ, optional={"kind": ("Expression type",)}, first=_SHEET)
        if "kind" in raw:
            raise MebenchError(
                f"{path} lists macro-expressions too: name the owner's workbook {self.annotation_files[0]}.xlsx"
            )
        return make_clip_table(self.name, raw, fps=30.0)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the sheet ``label`` as the owner does: every cell is text."""
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = _SHEET
        sheet.append(list(_COLUMNS.values()))
        for clip in clip_rows(table):
            cells = {name: str(getattr(clip, name)) for name in _READ} | {"objective_class": ""}
            sheet.append([cells[name] for name in _COLUMNS])
        book.save(path)
