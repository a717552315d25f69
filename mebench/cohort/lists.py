"""Cohorts as lists in files: written for others, and read from others.

    write_atomically(path, list_csv(cohort))
    clips = read_list(Path("combined_3class_gt.csv"), protocol, spellings)
    cohort = listed_cohort(protocol, clips)

A list says which clips take part and how they are labelled. mebench's own have a header; the Grand
Challenge's have none and four columns: dataset, subject, filename, class number.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN, Protocol
from mebench.cohort.soundness import sound_folds
from mebench.cohort.splits import fold_columns, with_folds
from mebench.data.clips.named_rows import class_number, read_named
from mebench.data.clips.names import plain_name
from mebench.data.clips.text_rows import cell_at, columns_of, csv_rows, read_text
from mebench.errors import MebenchError

_SPELLINGS = {
    "dataset": ("dataset",),
    "subject": ("subject",),
    "clip": ("clip", "filename"),
    "class": ("class", "label"),
    "onset": ("onset",),
    "part": ("part",),
}
_PLAIN_ORDER = ("dataset", "subject", "clip", "class")


def list_csv(cohort: Cohort) -> str:
    """Return a cohort as CSV, one row a clip; ``fold`` is empty for a clip that is only trained on."""
    names = ("key", "dataset", "subject", "clip", "onset", "apex", "offset", "part", "label")
    table = cohort.clips[list(names)].copy()
    classes = (*cohort.protocol.classes, "")  # -1, no class, is the last
    table["class"] = [classes[label] for label in table["label"]]
    tested = fold_columns(cohort.clips)
    table[tested] = cohort.clips[tested]
    for column, number in enumerate(cohort.protocol.aus):
        table[f"au{number}"] = [unit if unit != AU_UNKNOWN else "" for unit in cohort.aus[:, column]]
    return str(table.to_csv(index=False, lineterminator="\n"))


def read_list(path: Path, protocol: Protocol, spellings: Mapping[str, str]) -> pd.DataFrame:
    """Return the clips of a list file: ``row, key, dataset, subject, clip, onset, part, label, group``.

    ``row`` is the line of the file; an onset that the list lacks is NA, a label where the protocol has no
    classes is -1. A group is dataset and subject in normal form, so that ``6`` and ``006`` are one.

    Args:
        path: a CSV with a header, or without one and in the Grand Challenge's four columns.
        protocol: gives the classes.
        spellings: see :func:`mebench.data.clips.names.dataset_names`.

    Raises:
        MebenchError: the file cannot be read, or a row names no dataset or class, or a clip a second time.
    """
    rows = csv_rows(path, read_text(path))
    places = columns_of(rows[0][1], _SPELLINGS)
    if "dataset" in places and "subject" in places:
        rows = rows[1:]
        needed = _PLAIN_ORDER if protocol.classes else _PLAIN_ORDER[:3]
        if missing := [name for name in needed if name not in places]:
            raise MebenchError(f"{path}: the header lacks the column {missing[0]!r}; add it")
    elif len(rows[0][1]) == len(_PLAIN_ORDER):
        places = {name: place for place, name in enumerate(_PLAIN_ORDER)}
    else:
        raise MebenchError(
            f"{path}, row {rows[0][0]}: give a header with dataset, subject, clip and class, or no header and "
            "these four columns"
        )
    found: list[dict[str, object]] = []
    seen: dict[tuple[object, ...], int] = {}
    for row, cells in rows:
        named = read_named(path, row, cells, places, spellings)
        form = (named.dataset, plain_name(named.subject), plain_name(named.clip), named.onset)
        if form in seen:
            raise MebenchError(
                f"{path}, row {row}: {named} stands in row {seen[form]} already; take one out, or tell clips of "
                "one recording apart by a column 'onset'"
            )
        seen[form] = row
        part = cells[places["part"]] if places.get("part", len(cells)) < len(cells) else ""
        label = -1
        if protocol.classes:
            text = cell_at(path, row, cells, places["class"], "class")
            label = class_number(text, protocol.classes, f"{path}, row {row}, {named}")
        group = f"{named.dataset}/{plain_name(named.subject)}"
        found.append({**vars(named), "key": str(named), "part": part, "label": label, "group": group})
    if not found:
        raise MebenchError(f"{path} has a header and no clip: give a list of clips")
    return pd.DataFrame(found).astype({"onset": "Int64"})


def listed_cohort(protocol: Protocol, clips: pd.DataFrame) -> Cohort:
    """Return the cohort of a list's clips, with the protocol's folds.

    It knows clips, labels and folds: no windows, no action units, no manifest.

    Raises:
        MebenchError: no folds can be made of the clips.
    """
    folds = sound_folds(protocol, clips)
    clips = with_folds(clips, folds)
    return Cohort(protocol, (), clips, np.zeros((len(clips), 0), np.uint8), folds, (), "")
