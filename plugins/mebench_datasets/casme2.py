"""CASME II (Yan et al. 2014, doi:10.1371/journal.pone.0086041): 26 subjects, 200 fps, raw and cropped colour.

Every edition of the owner's sheet is read: ``CASME2-coding-20140508.xlsx`` (255 clips), ``-20190701`` (the same
clips, of which three of sub24 are surprise instead of sadness), ``-updated`` (256), ``CASME2_label_Ver_2.xls`` and
copies, as CSV or without the two columns that have no name. Where several lie together, ``--annotations`` must say
which counts. Objective classes come from ``CASME2-ObjectiveClasses.xlsx`` where it lies beside the sheet, joined on
subject and clip, since the clips of different subjects share names. A column ``Objective Classes`` in some copies of
the sheet differs from the owner's workbook in 37 clips and is not read.

No repairs are made. The apex of sub04/EP12_01f is ``/`` in the owner's sheet, and the values published for it
disagree (279, 294, 300, 303, 312), so the middle of the window stands in (MEGC 2019 leaves the clip out; the list
of 246 clips counts it); the same holds for the clips without an apex that some editions add (sub09/EP02_02f,
sub24/EP02_07). Two offsets, 110 and 96, are in circulation for sub16/EP01_08, and other corrections were published
by row number of a sheet that has several editions: neither says for certain which cell held what.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import Dataset, Edition, FrameLayout, TwinRecipe, clip_rows, make_clip_table, parse_aus
from mebench.data.annotation_files import choose_table, find_tables
from mebench.data.clips.table import cell_text
from mebench.synthetic.workbook import save_workbook
from mebench_datasets.objective_class import objective_class
from mebench_datasets.sheet_search import read_first_sheet
from mebench_datasets.subject_name import subject_name

if TYPE_CHECKING:
    import pandas as pd

_FPS = 200.0
_SUBJECT = "sub{:02d}"
_COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetFrame", "Onset"),
    "apex": ("ApexFrame", "Apex"),
    "offset": ("OffsetFrame", "Offset"),
    "aus": ("Action Units", "AU"),
    "emotion": ("Estimated Emotion", "Emotion"),
}
# The third and seventh column of the owner's sheet are empty and have no name.
_WRITTEN = ("subject", "clip", "", "onset", "apex", "offset", "", "aus", "emotion")

# Sadness in the edition of 20140508, surprise in that of 20190701.
_RELABELLED = ("casme2/sub24/EP07_01", "casme2/sub24/EP07_04f", "casme2/sub24/EP10_03")

_CLASS_FILE = "CASME2-ObjectiveClasses"
_CLASS_COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "objective_class": ("Objective Class", "Objective Classes"),
}


class Casme2(Dataset):
    """The cropped faces of CASME II, or its raw frames where no cropped ones are there."""

    name = "casme2"
    # No edition is preferred: they differ in emotions, and papers have used each.
    annotation_files = ("CASME2[-_]coding*", "CASME2_label_Ver_2*")
    annotation_folders = (".", "annotation", "annotations")
    editions = tuple(
        Edition(name, clips=255, cells=tuple((clip, "emotion", word) for clip in _RELABELLED))
        for name, word in (("20140508", "sadness"), ("20190701", "surprise"))
    )
    layouts = (
        FrameLayout("Cropped/{subject}/{clip}/reg_img{frame}.jpg"),
        FrameLayout("Cropped-updated/Cropped/{subject}/{clip}/reg_img{frame}.jpg"),
        FrameLayout("CASME2_RAW_selected/{subject}/{clip}/img{frame}.jpg"),
        FrameLayout("CASME2-RAW/{subject}/{clip}/img{frame:03d}.jpg"),
        FrameLayout("{subject}/{clip}/reg_img{frame}.jpg"),
        FrameLayout("{subject}/{clip}/img{frame}.jpg"),
    )
    # Dealt so that the three-class and the five-class protocol come out nearly even. Windows are at the short
    # end of what the owner found, to keep a twin small.
    twin = TwinRecipe(
        subject="sub{n:02d}",
        clips=("EP{index:02d}_01f", "EP{index:02d}_02"),
        fps=_FPS,
        frames=(30, 60),
        first_frame=1,
        emotions={
            "happiness": 4,
            "surprise": 4,
            "disgust": 2,
            "repression": 2,
            "others": 3,
            "sadness": 1,
            "fear": 1,
        },
        annotation_file="CASME2-coding-20140508.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the sheet, and the objective classes if their workbook lies beside it."""
        raw = read_first_sheet(path, _COLUMNS)
        raw["subject"] = [subject_name(cell, _SUBJECT) for cell in raw["subject"]]
        if classes := _class_workbook(path):
            raw["objective_class"] = _objective_classes(classes, raw)
        return make_clip_table(self.name, raw, fps=_FPS)

    def annotation_parts(self, path: Path) -> tuple[Path, ...]:
        """Return the sheet, and the workbook of objective classes where there is one."""
        classes = _class_workbook(path)
        return (path, classes) if classes else (path,)

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the owner's two workbooks; a clip without an objective class gets that of its action units."""
        import openpyxl

        coding, classes = openpyxl.Workbook(), openpyxl.Workbook()
        sheet, class_sheet = coding["Sheet"], classes["Sheet"]
        sheet.title = class_sheet.title = "Sheet1"
        sheet.append([_COLUMNS[name][0] if name else None for name in _WRITTEN])
        class_sheet.append([spellings[0] for spellings in _CLASS_COLUMNS.values()])
        for clip in clip_rows(table):
            number = clip.subject.removeprefix("sub")
            subject = int(number) if number.isdigit() else clip.subject
            # The owner's sheet holds a single action unit as a number and several as text.
            aus = int(clip.aus) if clip.aus.isdigit() else clip.aus
            cells = {"subject": subject, "aus": aus}
            sheet.append([cells.get(name, getattr(clip, name)) if name else None for name in _WRITTEN])
            units = frozenset(unit.number for unit in parse_aus(clip.aus))
            class_sheet.append([subject, clip.clip, int(clip.objective_class or objective_class(units))])
        for empty in ("Sheet2", "Sheet3"):
            coding.create_sheet(empty)
        coding.save(path)
        # Part of the annotation's identity, so its bytes must not carry the time of saving.
        save_workbook(classes, path.parent / f"{_CLASS_FILE}.xlsx")


def _class_workbook(path: Path) -> Path | None:
    """Return the workbook of objective classes beside a sheet, if there is one."""
    found = find_tables([path.parent], (_CLASS_FILE,))
    if not found:
        return None
    return choose_table(
        found,
        what="casme2 workbook of objective classes",
        read=lambda each: read_first_sheet(each, _CLASS_COLUMNS),
        mend="keep the one that counts beside the sheet",
    )


def _objective_classes(path: Path, raw: pd.DataFrame) -> list[str]:
    """Return the objective class of each row of ``raw``, empty where the workbook does not name the clip."""
    listed = read_first_sheet(path, _CLASS_COLUMNS)
    classes = {
        (subject_name(subject, _SUBJECT), cell_text(clip)): cell_text(number)
        for subject, clip, number in zip(
            listed["subject"], listed["clip"], listed["objective_class"], strict=True
        )
    }
    return [
        classes.get((subject, cell_text(clip)), "")
        for subject, clip in zip(raw["subject"], raw["clip"], strict=True)
    ]
