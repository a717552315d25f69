"""Predictions and lists of clips that were changed at random are read, or refused in one sentence."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import changed_bytes, changed_cells, changed_parts, examples, little_memory, said

from mebench.cohort.building import Cohort
from mebench.cohort.lists import listed_cohort, read_list
from mebench.cohort.protocol import Protocol
from mebench.data.clips.names import dataset_names
from mebench.errors import MebenchWarning
from mebench.scoring.outside import read_predictions
from mebench.scoring.outside_scores import score_outside

CLASSES = ("negative", "positive", "surprise")
PROTOCOL = Protocol(
    name="two",
    title="two made-up databases",
    datasets=("faces-hs", "recordings"),
    classes=CLASSES,
    labels={name: {word: word for word in CLASSES} for name in ("faces-hs", "recordings")},
)
SPELLINGS = dataset_names(PROTOCOL.datasets, {})
CLIPS = [
    ("faces-hs", "s1", "s1_ne_01", 1, "negative"),
    ("faces-hs", "s1", "s1_po_01", 1, "positive"),
    ("faces-hs", "s2", "s2_ne_01", 1, "negative"),
    ("faces-hs", "s2", "s2_sur_01", 1, "surprise"),
    ("recordings", "P.001", "a", 10, "negative"),
    ("recordings", "P.002", "b", 30, "surprise"),
    ("recordings", "P.002", "b", 60, "positive"),
]
LIST: list[list[object]] = [["dataset", "subject", "clip", "onset", "label"], *map(list, CLIPS)]
NUMBERED: list[list[object]] = [[d, s, f"{c}.avi", CLASSES.index(e)] for d, s, c, _, e in CLIPS[:4]]
TABLE: list[list[object]] = [
    ["dataset", "subject", "clip", "onset", "prediction", "truth"],
    *([*clip, clip[4]] for clip in CLIPS),
]
PROBABILITIES: list[list[object]] = [
    ["dataset", "subject", "clip", "onset", *CLASSES],
    *([*clip[:4], 0.5, 0.25, 0.25] for clip in CLIPS),
]
LOG = b"faces-hs s1\ns1_ne_01 0 0\ns1_po_01 1 2\nfaces-hs s2\ns2_ne_01 0 0\ns2_sur_01 2 2\n"
FOLDS = b"""\
Subject: s1
Predicted: tensor([0, 1], device='cuda:0')
Truth: tensor([0, 1])
Subject: s2
Predicted: [0, 2]
Truth: [0, 2]
"""


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples, which write over one another."""
    return tmp_path_factory.mktemp("changed")


@pytest.fixture(scope="module")
def cohort(folder: Path) -> Cohort:
    path = folder / "whole.csv"
    path.write_bytes(as_csv(LIST))
    return listed_cohort(PROTOCOL, read_list(path, PROTOCOL, SPELLINGS))


def as_csv(rows: list[list[object]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("utf-8", "surrogatepass")


def as_xlsx(rows: list[list[object]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book["Sheet"].append(row)
    book.save(stream)
    return stream.getvalue()


CHANGED = st.one_of(
    *(changed_cells(rows).map(as_csv) for rows in (TABLE, PROBABILITIES)),
    *(changed_bytes(content) for content in (as_csv(TABLE), as_csv(PROBABILITIES), LOG, FOLDS)),
    changed_parts(as_xlsx(TABLE)),
)


@examples(60)
@given(content=CHANGED, form=st.sampled_from(("auto", "auto", "csv", "megc", "folds")))
def test_predictions(content: bytes, form: str, cohort: Cohort, folder: Path) -> None:
    path = folder / "predictions.csv"
    path.write_bytes(content)

    def use() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MebenchWarning)
            found = read_predictions(path, CLASSES, SPELLINGS, form)
            scores = score_outside(cohort, found, allow_missing=True)["scores"]
        assert math.isfinite(scores["uf1"]["mean"])

    said(use)


@examples(40)
@given(
    content=st.one_of(
        changed_cells(LIST).map(as_csv),
        changed_cells(NUMBERED).map(as_csv),
        changed_bytes(as_csv(LIST)),
        changed_parts(as_xlsx(LIST)),
    )
)
def test_lists(content: bytes, folder: Path) -> None:
    path = folder / "list.csv"
    path.write_bytes(content)

    def use() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MebenchWarning)
            assert len(listed_cohort(PROTOCOL, read_list(path, PROTOCOL, SPELLINGS)).clips)

    said(use)
