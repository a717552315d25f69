"""DFME (Zhao et al. 2023, doi:10.1109/TAFFC.2023.3341918), as released for CCAC 2024: train, test A and test B.

Three workbooks of one form, ``training_full_with_AU.xlsx`` (1856 clips) and ``testA_...`` (474) and ``testB_...``
(299), each one part of the owner's split; those that lie beside the one found are read with it, and one that is
missing is said to be. Frames are
counted from 0 within a clip and were taken at 200, 300 or 500 a second, row by row. A part's frames are a folder
of clips without subjects. Codes such as ``AD31`` and ``M58`` are no action units;
:func:`mebench.data.clips.aus.parse_aus` tells them apart.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import Dataset, Edition, FrameLayout, MebenchError, TwinRecipe, clip_rows, make_clip_table
from mebench.data.annotation_files import choose_table, find_tables, stem_of
from mebench.errors import MebenchWarning
from mebench.synthetic.workbook import save_workbook
from mebench_datasets.sheet_search import read_first_sheet

if TYPE_CHECKING:
    import pandas as pd

_SHEET = "Sheet1"
_COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetFrame",),
    "apex": ("ApexFrame",),
    "offset": ("OffsetFrame",),
    "emotion": ("Emotion",),
    "fps": ("Fps",),
}
_OPTIONAL = {"aus": ("AU", "AUs")}
_HEADER = (
    "Subject",
    "Filename",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "Emotion",
    "EmotionId",
    "Fps",
    "AU",
)
# The owner's emotions, in the order of EmotionId.
_EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
# Part -> how its workbook's name begins.
_FILES = {"train": "training", "testA": "testA", "testB": "testB"}
_CLIPS = {"train": 1856, "testA": 474, "testB": 299}
# Which part a twin's subjects go to, in turn; the owner's parts have 176, 42 and 41 subjects.
_TURNS = ("train", "testA", "testB", "train", "train", "train")


class Dfme(Dataset):
    """The frames of DFME's three parts."""

    name = "dfme"
    annotation_files = (
        *(f"{start}_full_with_AU" for start in _FILES.values()),
        *(f"{start}*" for start in _FILES.values()),
    )
    annotation_folders = (".", "annotation", "annotations")
    editions = (
        Edition("CCAC 2024", clips=sum(_CLIPS.values()), parts=_CLIPS),
        *(Edition(f"CCAC 2024, {part} alone", clips=clips) for part, clips in _CLIPS.items()),
    )
    layouts = (
        FrameLayout("DFME_{part}/{clip}/{frame:05d}.png"),
        FrameLayout("DFME/DFME_{part}/{clip}/{frame:05d}.png"),
        FrameLayout("{part}/{clip}/{frame:05d}.png"),
    )
    twin = TwinRecipe(
        subject="sub{n:04d}",
        clips=("{subject}_{index:02d}",),
        fps=200.0,
        frames=(30, 60),
        first_frame=0,
        emotions={
            "disgust": 2,
            "surprise": 2,
            "sadness": 2,
            "fear": 2,
            "happiness": 2,
            "anger": 1,
            "contempt": 1,
        },
        annotation_file="training_full_with_AU.xlsx",
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        """Read the workbook and those of the other parts beside it; a clip's row is that in its own."""
        import pandas as pd

        raws = []
        workbooks = _workbooks(path)
        if missing := [f"{_FILES[part]} ({_CLIPS[part]} clips)" for part in _FILES if part not in workbooks]:
            warnings.warn(
                f"{path.parent} holds no DFME workbook of {' and '.join(missing)}: clips of "
                f"{', '.join(workbooks)} alone are read; put it there",
                MebenchWarning,
                stacklevel=2,
            )
        for part, file in workbooks.items():
            raws.append(_read(file).assign(part=part))
        raw = pd.concat(raws, ignore_index=True)
        rates = pd.to_numeric(raw["fps"], errors="coerce").astype("float64")
        return make_clip_table(self.name, raw, fps=rates.tolist())

    def annotation_parts(self, path: Path) -> tuple[Path, ...]:
        """Return the workbooks of all parts that are there."""
        return tuple(_workbooks(path).values())

    def write_annotation(self, table: pd.DataFrame, path: Path) -> None:
        """Write the workbooks; subjects that belong to no part yet are dealt to the parts in turn."""
        import openpyxl

        turns = {
            subject: _TURNS[i % len(_TURNS)] for i, subject in enumerate(dict.fromkeys(table["subject"]))
        }
        parts = [own or turns[subject] for own, subject in zip(table["part"], table["subject"], strict=True)]
        for part in dict.fromkeys(parts):
            book = openpyxl.Workbook()
            sheet = book["Sheet"]
            sheet.title = _SHEET
            sheet.append(_HEADER)
            rows = table[[own == part for own in parts]]
            for clip, fps in zip(clip_rows(rows), rows["fps"], strict=True):
                names = (clip.subject, clip.clip)
                window = (clip.onset, clip.apex, clip.offset)
                emotion = (clip.emotion, _EMOTIONS.index(clip.emotion))
                aus: int | str = int(clip.aus) if clip.aus.isdigit() else clip.aus
                sheet.append((*names, *window, *emotion, round(fps), aus))
            save_workbook(book, path.with_name(_FILES[part] + path.name[len(_FILES[_part_of(path)]) :]))


def _part_of(path: Path) -> str:
    for part, start in _FILES.items():
        if path.name.casefold().startswith(start.casefold()):
            return part
    raise MebenchError(
        f"{path} does not say which part of DFME it is: its name must begin with "
        f"{', '.join(_FILES.values())}, as the owner's do"
    )


def _workbooks(path: Path) -> dict[str, Path]:
    """Return the workbook of each part: ``path``, and of the others that named alike, or else any that is there."""
    own = _part_of(path)
    rest = stem_of(path.name)[len(_FILES[own]) :]
    files = {own: path}
    for part, start in _FILES.items():
        found = find_tables([path.parent], (start + rest, f"{start}*")) if part != own else []
        if found:
            files[part] = choose_table(
                found, what=f"dfme workbook of {part}", read=_read, mend="keep the one that counts there"
            )
    return {part: files[part] for part in _FILES if part in files}


def _read(path: Path) -> pd.DataFrame:
    return read_first_sheet(path, _COLUMNS, optional=_OPTIONAL, first=_SHEET)
