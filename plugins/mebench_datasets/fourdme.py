"""4DME (Li et al. 2022, doi:10.1109/TAFFC.2022.3182342): the grey 2D video of 267 micro-expressions, 60 fps.

Read are the release sheet (``4DME_Labelling_Micro_release v1.xlsx``), the one before it, whose column names end
in apostrophes and which names a clip by its video only, and the sheet of macro- and micro-expressions with one
label each (there, macro-expressions have no frames in the folders of micro-expressions and are left out with
that reason). A row that names no clip is the sum below the table.

A clip may show several emotions; the owner's word for it, such as ``Surprise+Positive``, is kept. Units marked
``(k)`` are held through the clip: :func:`mebench.data.clips.aus.parse_aus` marks them ``kept``. The action units of two
clips are known to be exchanged in the release (tvaranka/meb), and one folder of frames has no row. The clips are
published by row number only, so nothing is repaired.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import (
    Dataset,
    Edition,
    FrameLayout,
    MebenchError,
    TwinRecipe,
    clip_rows,
    make_clip_table,
    parse_aus,
)
from mebench.data.clips.table import cell_text
from mebench.synthetic.workbook import save_workbook
from mebench_datasets.sheet_search import read_first_sheet

if TYPE_CHECKING:
    import pandas as pd

_FPS = 60.0
_COLUMNS = {
    "subject": ("sub_ID", "sub_ID'", "SubID"),
    "onset": ("Onset", "Onset'"),
    "apex": ("Apex", "Apex'"),
    "offset": ("Offset", "Offset'"),
    "emotion": ("Emotion", "Emotion'"),
}
_OPTIONAL = {
    "aus": ("AUs", "AUs'"),
    "clip": ("fold_name", "fold_name'"),
    "video": ("video_number", "video_number'"),
}
_EMOTIONS = ("Positive", "Negative", "Surprise", "Repression", "Others")


class FourDme(Dataset):
    """The grey frames of 4DME, cropped or not."""

    name = "4dme"
    annotation_files = (
        "4DME_Labelling_Micro_release*",
        "4DME_Labelling_Micro*",
        "Micro_and_Macro-expression_labels*",
    )
    annotation_folders = (".", "annotation", "annotations")
    editions = (Edition("release v1", clips=267),)
    layouts = (
        FrameLayout("gray_micro/{subject}/{clip}/{frame}.jpg", other_files=("Frame_{frame}.jpg",)),
        FrameLayout("gray_micro_crop/{subject}/{clip}/{frame}.jpg", other_files=("Frame_{frame}.jpg",)),
        FrameLayout("micro_short_gray_video_cropped/{subject}/{clip}/Frame_{frame:09d}.jpg"),
    )
    twin = TwinRecipe(
        subject="S{n:02d}",
        clips=("{subject}_1st_{index:03d}_01_1",),
        fps=_FPS,
        frames=(12, 30),
        first_frame=1,
        emotions={
            "negative": 3,
            "positive": 3,
            "surprise": 3,
            "repression": 1,
            "others": 1,
            "surprise+positive": 1,
            "surprise+negative": 1,
        },
        annotation_file="4DME_Labelling_Micro_release v1.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read whichever of the sheets it is."""
        raw = read_first_sheet(path, _COLUMNS, optional=_OPTIONAL)
        names = [name for name in ("clip", "video") if name in raw]
        if not names:
            raise MebenchError(f"{path} lacks the column 'fold_name': restore the owner's header")
        raw["clip"] = raw[names[0]].map(_name)
        raw["subject"] = raw["subject"].map(_name)
        named = raw["clip"] != ""
        return make_clip_table(self.name, raw[named].reset_index(drop=True), fps=_FPS)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the release sheet: emotions and action units as text and as a column of 0 and 1 each."""
        import openpyxl

        clips = list(clip_rows(table))
        units = [{unit.number for unit in parse_aus(clip.aus)} for clip in clips]
        numbers = sorted(set().union(*units))
        book = openpyxl.Workbook()
        sheet = book["Sheet"]
        sheet.title = "Sheet1"
        sheet.append(
            ["sub_ID", "fold_name", "Onset", "Apex", "Offset", "AUs", "Emotion"]
            + [*_EMOTIONS, "fold", "eye blink"]
            + [f"AU{number}" for number in numbers]
        )
        for clip, shown in zip(clips, units, strict=True):
            words = [word.capitalize() for word in clip.emotion.split("+")]
            sheet.append(
                [clip.subject, clip.clip, clip.onset, clip.apex, clip.offset, clip.aus, "+".join(words)]
                + [*(int(emotion in words) for emotion in _EMOTIONS), None, 0]
                + [int(number in shown) for number in numbers]
            )
        save_workbook(book, path)


def _name(cell: object) -> str:
    """Return a name without the apostrophe that keeps a spreadsheet from reading it as a number."""
    return cell_text(cell).strip("'")
