"""Cohorts as lists in files: written for others, and read from others.

    write_atomically(path, list_csv(cohort))
    clips = read_list(Path("combined_3class_gt.csv"), protocol, spellings)
    cohort = listed_cohort(protocol, clips)

A list says which clips take part and how they are labelled. mebench's own and those that circulate have a header;
the Grand Challenge's have none and four columns: dataset, subject, filename, class number.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN, Protocol
from mebench.cohort.soundness import sound_folds
from mebench.cohort.splits import fold_columns, with_folds
from mebench.data.clips.fields import known_headers
from mebench.data.clips.named_rows import (
    cell_at,
    class_number,
    only_dataset,
    places_in,
    read_named,
    refuse_counting_from_one,
    text_at,
)
from mebench.data.clips.names import bare_name, fold_dataset, plain_name
from mebench.data.clips.text_rows import Rows
from mebench.data.clips.workbook import table_rows
from mebench.errors import MebenchError, MebenchWarning
from mebench.plain_text import cell

if TYPE_CHECKING:
    import pandas as pd

_FIELDS = ("dataset", "subject", "clip", "onset", "part")
_PLAIN_ORDER = ("dataset", "subject", "clip", "class")
_LISTED = ["row", "dataset", "subject", "clip", "onset", "key", "part", "label", "group"]


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
    for name in ("key", "dataset", "subject", "clip", "part", "class"):
        table[name] = table[name].map(cell)
    return str(table.to_csv(index=False, lineterminator="\n"))


@dataclass(frozen=True)
class ListRows:
    """What a list file says.

    Attributes:
        path: the file.
        clips: ``row, key, dataset, subject, clip, onset, part, label, group``; ``row`` is the row of the file, an
            onset that the list lacks is NA, a label where the protocol has no classes is -1, a dataset that the
            list does not name is empty. A group is dataset and subject in normal form, so that ``6`` and ``006``
            are one.
        others: dataset, as spelled -> rows of it, for datasets that are none of the protocol's.
        unclear: one sentence for each row that cannot be used.
    """

    path: Path
    clips: pd.DataFrame
    others: Mapping[str, int]
    unclear: tuple[str, ...]


def read_list(
    path: Path, protocol: Protocol, spellings: Mapping[str, str], others: Collection[str] = ()
) -> pd.DataFrame:
    """Return the clips of a list file (:attr:`ListRows.clips`), of which every row must be clear.

    Rows of other datasets are counted in a warning.

    Raises:
        MebenchError: as :func:`scan_list`; or a row names no dataset or class, or a clip a second time.
    """
    rows = scan_list(path, protocol, spellings, others)
    if rows.unclear:
        raise MebenchError(rows.unclear[0])
    if (rows.clips["dataset"] == "").any():
        raise MebenchError(
            f"{path} has no column 'dataset', and {protocol.name} has several ({', '.join(protocol.datasets)}): add "
            "the column"
        )
    if rows.clips.empty:
        raise MebenchError(f"{path} has no clip of {' or '.join(protocol.datasets)}: give a list of clips")
    if rows.others:
        warnings.warn(f"{path}: {said_of_others(rows.others, protocol)}", MebenchWarning, stacklevel=2)
    return rows.clips


def said_of_others(others: Mapping[str, int], protocol: Protocol) -> str:
    """Return in words how many rows of a list belong to other datasets than the protocol's."""
    named = ", ".join(f"{name} {count}" for name, count in others.items())
    return f"{sum(others.values())} row(s) are of other datasets than {protocol.name}'s and do not count ({named})"


def scan_list(
    path: Path, protocol: Protocol, spellings: Mapping[str, str], others: Collection[str] = ()
) -> ListRows:
    """Read a list file, whatever its rows are worth.

    Args:
        path: a table with a header, in which the dataset may be missing; or without a header and in the Grand
            Challenge's four columns, or the last three of them where the protocol has one dataset.
        protocol: gives the classes.
        spellings: see :func:`mebench.data.clips.names.dataset_names`.
        others: the folded spellings of the datasets that are none of the protocol's.

    Raises:
        MebenchError: the file cannot be read as a list of clips.
    """
    import pandas as pd

    places, rows = _columns(path, table_rows(path), protocol, spellings)
    if protocol.classes:
        refuse_counting_from_one(
            path, (text_at(cells, places["class"]) for _, cells in rows), protocol.classes
        )
    found: list[dict[str, object]] = []
    foreign: Counter[str] = Counter()
    unclear: list[str] = []
    seen: dict[tuple[object, ...], int] = {}
    for row, cells in rows:
        spelling = text_at(cells, places.get("dataset"))
        if fold_dataset(spelling) not in spellings and fold_dataset(spelling) in others:
            foreign[spelling] += 1
            continue
        try:
            named = read_named(path, row, cells, places, spellings)
            form = (named.dataset, plain_name(named.subject), plain_name(bare_name(named.clip)), named.onset)
            if form in seen:
                raise MebenchError(
                    f"{path}, row {row}: {named} stands in row {seen[form]} already; take one out, or tell clips of "
                    "one recording apart by a column 'onset'"
                )
            label = -1
            if protocol.classes:
                text = cell_at(path, row, cells, places["class"], "class")
                label = class_number(text, protocol.classes, f"{path}, row {row}, {named}")
        except MebenchError as error:
            unclear.append(str(error))
            continue
        seen[form] = row
        part = text_at(cells, places.get("part"))
        group = f"{named.dataset}/{plain_name(named.subject)}"
        found.append({**vars(named), "key": str(named), "part": part, "label": label, "group": group})
    if not (found or foreign or unclear):
        raise MebenchError(f"{path} has a header and no clip: give a list of clips")
    clips = pd.DataFrame(found, columns=_LISTED).astype({"onset": "Int64", "label": "int64"})
    return ListRows(path, clips, dict(foreign), tuple(unclear))


def _columns(
    path: Path, rows: Rows, protocol: Protocol, spellings: Mapping[str, str]
) -> tuple[dict[str, int], Rows]:
    """Return the place of each column, and the rows below the header."""
    if not rows:
        raise MebenchError(f"{path} has no row: give a list of clips")
    row, header = rows[0]
    fields = {**dict.fromkeys(_FIELDS, ()), "class": (f"label_for_{len(protocol.classes)}",)}
    if known_headers(header) > 1:
        places = places_in(path, header, fields)
        if missing := [
            n for n in ("subject", "clip", *["class"][: len(protocol.classes)]) if n not in places
        ]:
            there = ", ".join(header)
            raise MebenchError(f"{path}: the header lacks the column {missing[0]!r} (it has {there}); add it")
        return places, rows[1:]
    plain = _PLAIN_ORDER if len(header) == len(_PLAIN_ORDER) else _PLAIN_ORDER[1:]
    if len(header) == len(plain) and (plain is _PLAIN_ORDER or only_dataset(spellings)):
        return {name: place for place, name in enumerate(plain)}, rows
    raise MebenchError(
        f"{path}, row {row}: give a header with dataset, subject, clip and class, or no header and these four columns"
    )


def listed_cohort(protocol: Protocol, clips: pd.DataFrame) -> Cohort:
    """Return the cohort of a list's clips, with the protocol's folds.

    It knows clips, labels and folds: no windows, no action units, no manifest.

    Raises:
        MebenchError: no folds can be made of the clips.
    """
    folds = sound_folds(protocol, clips)
    clips = with_folds(clips, folds)
    return Cohort(protocol, (), clips, np.zeros((len(clips), 0), np.uint8), folds, (), "")
