"""What a command predicted is read with every doubt named by file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mebench.errors import MebenchError
from mebench_bridges.answers import read_answers

CLIPS = ("clip-00001", "clip-00002", "clip-00003")
CLASSES = ("negative", "positive", "surprise")
UNITS = (1, 12)


def written(folder: Path, *rows: str) -> Path:
    path = folder / "out.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_probabilities_are_read_in_any_order_of_rows_and_columns(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Surprise,clip,negative,POSITIVE",
        "0.5,clip-00003,0.25,0.25",
        "",
        "0,clip-00001,1,0",
        "1e-1,clip-00002,.3,.6",
    )
    found = read_answers(path, CLIPS, CLASSES, UNITS)
    assert found.probabilities.tolist() == [[1, 0, 0], [0.3, 0.6, 0.1], [0.25, 0.25, 0.5]]
    assert found.aus is None


@pytest.mark.parametrize("header", ["clip,class", "clip,label", "Clip,Prediction"])
def test_a_class_stands_for_certainty(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, header, "clip-00001,Surprise", "clip-00002,0", "clip-00003,positive")
    assert read_answers(path, CLIPS, CLASSES, UNITS).probabilities.argmax(axis=1).tolist() == [2, 0, 1]


def test_action_units_may_stand_beside_classes_or_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "clip;class;AU12;au01", *(f"{clip};0;0.75;0" for clip in CLIPS))
    found = read_answers(path, CLIPS, CLASSES, UNITS)
    assert found.aus is not None
    assert found.aus.tolist() == [[0, 0.75]] * 3
    path = written(tmp_path, "clip,au1,au12", *(f"{clip},1,0.5" for clip in CLIPS))
    found = read_answers(path, CLIPS, (), UNITS)
    assert found.probabilities.shape == (3, 0)
    assert np.array_equal(found.aus, [[1, 0.5]] * 3)


HEAD = "clip,negative,positive,surprise"
GOOD = [f"{clip},1,0,0" for clip in CLIPS]
FAULTS = {
    "no file": ([], "wrote no out.csv: it must write its predictions to {out}"),
    "an empty file": ([""], "out.csv is empty"),
    "blank cells": ([",,"], "has blank rows only"),
    "no clip column": (["negative,positive,surprise", "1,0,0"], "row 1: the header lacks 'clip'"),
    "a class missing": (["clip,negative,positive", *GOOD], "row 1: the header lacks 'surprise'"),
    "nothing predicted": (["clip", *CLIPS], "row 1: the header lacks 'negative', 'positive', 'surprise'"),
    "a wrong class name": (
        ["clip,negative,postive,surprise", *GOOD],
        "row 1, column 3: 'postive' is no column that is due: did you mean 'positive'?",
    ),
    "a column twice": (
        ["clip,negative,positive,Negative,surprise", *GOOD],
        "row 1, column 4: 'Negative' is there twice",
    ),
    "classes and probabilities": (
        [HEAD + ",class", *GOOD],
        "probabilities and a column of classes; keep either",
    ),
    "one unit of two": (["clip,class,au1", *GOOD], "row 1: the header lacks 'au12'"),
    "an unknown unit": (["clip,class,au99", *GOOD], "row 1, column 3: 'au99' is no column that is due"),
    "a clip missing": ([HEAD, *GOOD[:2]], "lacks 1 of 3 clips (clip-00003)"),
    "a clip twice": (
        [HEAD, *GOOD, GOOD[0]],
        "row 5, column 'clip': clip-00001 is there a second time, first in row 2",
    ),
    "an unknown clip": (
        [HEAD, *GOOD, "clip-00004,1,0,0"],
        "row 5, column 'clip': 'clip-00004' is no clip of the test",
    ),
    "a short row": ([HEAD, "clip-00001,1,0"], "row 2: it has 3 cells under a header of 4"),
    "no number": ([HEAD, GOOD[0], "clip-00002,1,x,0", GOOD[2]], "row 3, column 'positive': 'x' is no number"),
    "not finite": (
        [HEAD, "clip-00001,nan,0,1", *GOOD[1:]],
        "row 2, column 'negative': 'nan' is no number from 0",
    ),
    "below zero": (
        [HEAD, "clip-00001,-0.5,1,0.5", *GOOD[1:]],
        "row 2, column 'negative': '-0.5' is no number",
    ),
    "another sum": (
        [HEAD, GOOD[0], "clip-00002,1,1,0", GOOD[2]],
        "row 3, columns 'negative' to 'surprise': the",
    ),
    "a class that is not there": (
        ["clip,class", "clip-00001,fear", "clip-00002,0", "clip-00003,0"],
        "row 2, column 'class': there is no class 'fear'",
    ),
    "classes from one": (
        ["clip,class", "clip-00001,1", "clip-00002,2", "clip-00003,3"],
        "counts its classes from 1 to 3, and mebench from 0",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, what: str) -> None:
    rows, sentence = FAULTS[what]
    path = written(tmp_path, *rows) if rows else tmp_path / "out.csv"
    with pytest.raises(MebenchError) as caught:
        read_answers(path, CLIPS, CLASSES, UNITS)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
