"""The clip table: one row a clip, the same columns for every dataset.

| column | type | meaning |
|---|---|---|
| ``key`` | str | ``dataset/subject/clip/onset`` as annotated, before any repair: it never changes |
| ``dataset, subject, clip`` | str | the owner's own names |
| ``onset, apex, offset`` | Int64 | frame numbers in the owner's counting; missing where the cell holds none |
| ``fps`` | float | frames a second |
| ``emotion`` | str | the owner's word, lower case |
| ``objective_class`` | str | the owner's class by action units (``I`` .. ``VII``, or a number), if any |
| ``aus`` | str | the action units as written; :func:`mebench.data.clips.aus.parse_aus` reads them |
| ``part`` | str | the owner's own division (``train``, ``test``), if any |
| ``first, last`` | Int64 | the recording's first and last frame, where the owner says |
| ``apex_source`` | str | where the apex comes from, see below |
| ``row`` | int | the row in the owner's file |

``apex_source`` is one of :data:`mebench.data.clips.apex.APEX_SOURCES`: ``owner``; ``repair``, by a named repair;
``middle: none given``, ``middle: not a frame number`` or ``middle: outside its window``, where the middle of the
window stands in for the owner's cell; ``spotted``, for a plugin that looks for it in the pictures. Before
:func:`check_clips` an apex that the cell does not give is missing, and ``apex_source`` says why.

A clip that cannot be used is never silently left out: it becomes a :class:`Drop` with its reason.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mebench.data.clips.apex import OWNER, fill_middle_apex, source_of_apex
from mebench.safe_names import fault_of_name

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "key",
    "dataset",
    "subject",
    "clip",
    "onset",
    "apex",
    "offset",
    "fps",
    "emotion",
    "objective_class",
    "aus",
    "part",
    "first",
    "last",
    "apex_source",
    "row",
)
FRAME_FIELDS = ("onset", "apex", "offset")
_TEXTS = ("key", "dataset", "subject", "clip", "emotion", "apex_source")
_OPTIONAL = ("aus", "objective_class", "part")

# A micro-expression lasts half a second; the longest window that an owner annotated as one, in CAS(ME)^3 part A,
# is 24 seconds. What is longer than a minute is a cell with another meaning (SMIC-E, original edition: six
# "expressions" of 366 to 1428 seconds).
LONGEST_SECONDS = 60.0

# Names become parts of paths; this is what keeps an annotation from reaching outside the dataset's folder.
_SAFE_NAME = re.compile(r"(?!\.{1,2}$)[\w.()\- ]+")


@dataclass(frozen=True)
class Drop:
    """A clip that is left out, and why.

    ``by_rule`` tells a protocol's choice (a class it leaves out) from a fault in the data.
    """

    key: str
    row: int
    reason: str
    by_rule: bool = False


@dataclass(frozen=True)
class ClipRow:
    """One row of a checked table, typed."""

    key: str
    dataset: str
    subject: str
    clip: str
    onset: int
    apex: int
    offset: int
    emotion: str
    objective_class: str
    aus: str
    part: str
    row: int


def clip_rows(table: pd.DataFrame) -> Iterator[ClipRow]:
    """Yield the rows of a table that :func:`check_clips` let through."""
    names = [field.name for field in fields(ClipRow)]
    for values in zip(*(table[name] for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        numbers = {name: int(row[name]) for name in (*FRAME_FIELDS, "row")}
        yield ClipRow(**{**row, **numbers})


def make_clip_table(dataset: str, raw: pd.DataFrame, *, fps: float | Sequence[float]) -> pd.DataFrame:
    """Turn raw cells into the clip table's types.

    Args:
        dataset: the dataset's registered name.
        raw: columns ``row, subject, clip, onset, offset, emotion`` of any cell type, and where the owner has
            them ``apex``, ``aus``, ``objective_class``, ``part``, and ``first`` and ``last``.
        fps: one rate, or one for each row.

    Returns:
        A table with :data:`COLUMNS`, unrepaired and unchecked.
    """
    import pandas as pd

    apexes = list(raw["apex"]) if "apex" in raw else [None] * len(raw)
    sources = [source_of_apex(cell_text(cell), frame_number(cell)) for cell in apexes]
    frames = {
        field: [frame_number(cell) for cell in raw[field]] if field in raw else [None] * len(raw)
        for field in ("onset", "offset", "first", "last")
    }
    frames["apex"] = [
        frame_number(cell) if source == OWNER else None for cell, source in zip(apexes, sources, strict=True)
    ]
    table = pd.DataFrame(
        {
            "dataset": dataset,
            "subject": raw["subject"].map(cell_text),
            "clip": raw["clip"].map(cell_text),
            "fps": fps,
            "emotion": raw["emotion"].map(cell_text).str.lower(),
            **{name: raw[name].map(cell_text) if name in raw else "" for name in _OPTIONAL},
            **{field: pd.Series(numbers, raw.index, "Int64") for field, numbers in frames.items()},
            "apex_source": sources,
            "row": raw["row"].astype("int64"),
        }
    )
    table["objective_class"] = [_class_text(text) for text in table["objective_class"]]
    onsets = raw["onset"].map(cell_text)
    table["key"] = [
        clip_key(dataset, subject, clip, onset)
        for subject, clip, onset in zip(table["subject"], table["clip"], onsets, strict=True)
    ]
    return table[list(COLUMNS)]


def table_fault(table: pd.DataFrame, dataset: str) -> str:
    """Return why a table that was meant to be a dataset's clip table is none, or ``""``."""
    import pandas as pd

    if missing := [name for name in COLUMNS if name not in table]:
        return f"without the column {missing[0]!r}"
    for name in (*_TEXTS, *_OPTIONAL):
        wrong = [
            row for row, cell in zip(table["row"], table[name], strict=True) if not isinstance(cell, str)
        ]
        if wrong:
            return f"whose {name} in row {wrong[0]} is no text"
    for name in FRAME_FIELDS:
        if not pd.api.types.is_integer_dtype(table[name]):
            return f"whose {name} is of type {table[name].dtype}, not of whole numbers (Int64)"
    strangers = sorted(set(table["dataset"]) - {dataset})
    return f"with clips of the dataset {strangers[0]!r}" if strangers else ""


def clip_key(dataset: str, subject: str, clip: str, onset: object) -> str:
    """Return the key that names a clip everywhere: ``casme3/spNO.1/b/166``."""
    return f"{dataset}/{subject}/{clip}/{onset}"


def cell_text(cell: object) -> str:
    """Return a cell as text: ``12.0`` and ``12`` are the same, an empty cell is ``""``."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def frame_number(cell: object) -> int | None:
    """Return a cell's whole frame number, or None where it holds anything else."""
    text = cell_text(cell)
    whole = re.fullmatch(r"([+-]?\d{1,9})(?:\.0+)?", text)
    return int(whole[1]) if whole else None


def _class_text(text: str) -> str:
    """Return a class as protocols spell it: ``iv``, ``IV`` and the one sign for it are one; ``4.0`` is ``4``."""
    plain = unicodedata.normalize("NFKC", text).upper()
    whole = re.fullmatch(r"0*(\d+)(?:\.0+)?", plain)
    return whole[1] if whole else plain


def check_clips(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Drop]]:
    """Split a (repaired) table into usable clips, each with an apex, and faulty ones.

    A window must obey ``0 <= onset <= offset``, last no longer than :data:`LONGEST_SECONDS` and lie in its
    recording; names must be plain; keys must be unique. An unknown apex is the middle of its window
    (:func:`mebench.data.clips.apex.fill_middle_apex`).
    """
    table = fill_middle_apex(table)
    drops: list[Drop] = []
    good: list[int] = []
    seen: dict[str, int] = {}
    rows: Iterator[Any] = table.itertuples(index=False)
    for position, clip in enumerate(rows):
        reason = _fault(clip)
        if not reason and clip.key in seen:
            reason = f"the same subject, clip and onset stand in row {seen[clip.key]} already"
        if reason:
            drops.append(Drop(clip.key, int(clip.row), reason))
            continue
        seen[clip.key] = clip.row
        good.append(position)
    return table.iloc[good].reset_index(drop=True), drops


def _fault(clip: Any) -> str:
    import pandas as pd

    for field in ("subject", "clip"):
        name = getattr(clip, field)
        if not _SAFE_NAME.fullmatch(name) or fault_of_name(name):
            return f"{field} {name!r} is not a plain name"
    for field in ("onset", "offset"):
        if pd.isna(getattr(clip, field)):
            return f"{field} is not a frame number"
    onset, offset = int(clip.onset), int(clip.offset)
    if onset < 0:
        return f"onset {onset} is negative"
    if offset < onset:
        return f"onset {onset} comes after offset {offset}"
    if clip.apex < onset or clip.apex > offset:
        return f"onset and offset are both {onset}, but the apex is {clip.apex}"
    return _not_in_recording(clip, onset, offset)


def _not_in_recording(clip: Any, onset: int, offset: int) -> str:
    import pandas as pd

    first, last = (None if pd.isna(edge) else int(edge) for edge in (clip.first, clip.last))
    for field, frame in (("onset", onset), ("offset", offset)):
        if first is not None and frame < first:
            return f"{field} {frame} lies before the first frame of its recording, {first}"
        if last is not None and frame > last:
            return f"{field} {frame} lies after the last frame of its recording, {last}"
    # A missing or senseless rate tells nothing: NaN compares as false.
    seconds = (offset - onset + 1) / clip.fps if clip.fps > 0 else 0.0
    if seconds > LONGEST_SECONDS:
        return (
            f"its window of {seconds:.0f} seconds, {onset} to {offset}, is no expression "
            f"(at most {LONGEST_SECONDS:.0f} seconds)"
        )
    return ""
