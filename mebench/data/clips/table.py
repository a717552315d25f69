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
| ``apex_source`` | str | ``owner``, ``repair``, ``middle`` or ``spotted`` |
| ``row`` | int | the row in the owner's file |

A clip that cannot be used is never silently left out: it becomes a :class:`Drop` with its reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

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
    "apex_source",
    "row",
)
FRAME_FIELDS = ("onset", "apex", "offset")
_TEXTS = ("key", "dataset", "subject", "clip", "emotion", "apex_source")
_OPTIONAL = ("aus", "objective_class", "part")

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
        raw: columns ``row, subject, clip, onset, apex, offset, emotion`` of any cell type, and where the
            owner has them ``aus``, ``objective_class`` and ``part``.
        fps: one rate, or one for each row.

    Returns:
        A table with :data:`COLUMNS`, unrepaired and unchecked.
    """
    table = pd.DataFrame(
        {
            "dataset": dataset,
            "subject": raw["subject"].map(cell_text),
            "clip": raw["clip"].map(cell_text),
            **{field: raw[field].map(frame_number).astype("Int64") for field in FRAME_FIELDS},
            "fps": fps,
            "emotion": raw["emotion"].map(cell_text).str.lower(),
            **{name: raw[name].map(cell_text) if name in raw else "" for name in _OPTIONAL},
            "apex_source": "owner",
            "row": raw["row"].astype("int64"),
        }
    )
    onsets = raw["onset"].map(cell_text)
    table["key"] = [
        clip_key(dataset, subject, clip, onset)
        for subject, clip, onset in zip(table["subject"], table["clip"], onsets, strict=True)
    ]
    return table[list(COLUMNS)]


def table_fault(table: pd.DataFrame, dataset: str) -> str:
    """Return why a table that was meant to be a dataset's clip table is none, or ``""``."""
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


def fill_middle_apex(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which a missing apex is the middle of its window, and ``apex_source`` says so.

    For databases whose owner annotates none (SMIC, CAS(ME)^3 part C): ``onset + (offset - onset) // 2``.
    """
    table = table.copy()
    gap = table["apex"].isna() & table["onset"].notna() & table["offset"].notna()
    table.loc[gap, "apex"] = table["onset"] + (table["offset"] - table["onset"]) // 2
    table.loc[gap, "apex_source"] = "middle"
    return table


def check_clips(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Drop]]:
    """Split a (repaired) table into usable clips and faulty ones.

    A window must obey ``0 <= onset <= apex <= offset``; names must be plain; keys must be unique.
    """
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
    for field in ("subject", "clip"):
        name = getattr(clip, field)
        if not _SAFE_NAME.fullmatch(name):
            return f"{field} {name!r} is not a plain name"
    for field in FRAME_FIELDS:
        if pd.isna(getattr(clip, field)):
            return f"{field} is not a frame number"
    onset, apex, offset = (int(getattr(clip, field)) for field in FRAME_FIELDS)
    if onset < 0:
        return f"onset {onset} is negative"
    if apex < onset:
        return f"onset {onset} comes after apex {apex}"
    if offset < apex:
        return f"apex {apex} comes after offset {offset}"
    return ""
