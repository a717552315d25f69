"""Predictions made elsewhere: whose clips they mean, what is refused, and what the scores are."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.differences import compare_lists
from mebench.cohort.lists import list_csv, listed_cohort, read_list
from mebench.cohort.protocol import Protocol
from mebench.cohort.splits import GivenParts
from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.names import ClipIndex, dataset_names, plain_name
from mebench.data.clips.repairs import Repair, RepairSet
from mebench.data.clips.table import make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated
from mebench.errors import MebenchError, MebenchWarning
from mebench.plugin.registry import Registry
from mebench.scoring.outside import OutsidePrediction, read_predictions
from mebench.scoring.outside_scores import score_outside

THREE = ("negative", "positive", "surprise")
# The clips that the SMIC-E release lacks, and that published code on 435 clips leaves out.
GONE = ("s01_ne_02", "s02_sur_05", "s03_ne_03", "s03_ne_20", "s04_ne_05", "s04_ne_06", "s09_sur_02")


class Faces(Dataset):
    """A made-up database whose annotation is a CSV."""

    name = "faces-hs"
    annotation_files = ("faces.csv",)
    layouts = (FrameLayout("{subject}/{clip}/{frame}.png"),)
    repairs = RepairSet(
        "faces", (Repair("faces-hs/s2/s2_ne_02/50", "onset", 50, 40, "too late", "its owner"),)
    )

    def read_annotation(self, path: Path) -> pd.DataFrame:
        raw = pd.read_csv(path, dtype=object)
        return make_clip_table(self.name, raw.assign(row=range(2, len(raw) + 2)), fps=100.0)


class Recordings(Faces):
    """Another, with many clips in one recording, and subjects named otherwise."""

    name = "recordings"
    annotation_files = ("recordings.csv",)
    repairs = RepairSet("none", ())


FACES = """\
subject,clip,onset,apex,offset,emotion
s1,s1_ne_01,1,5,9,negative
s1,s1_po_01,1,5,9,positive
s2,s2_ne_01,1,5,9,negative
s2,s2_ne_02,50,45,60,negative
s2,s2_sur_01,1,5,9,surprise
s3,s3_ne_01,1,5,/,negative
s3,s3_ot_01,1,5,9,others
"""
RECORDINGS = """\
subject,clip,onset,apex,offset,emotion
P.001,a,10,12,14,negative
P.001,a,30,32,34,surprise
P.002,b,10,12,14,positive
"""
PROTOCOL = Protocol(
    name="two",
    title="two made-up databases",
    datasets=("faces-hs", "recordings"),
    classes=THREE,
    labels={name: {word: word for word in THREE} for name in ("faces-hs", "recordings")},
    left_out={"faces-hs": {"others": "not one of the three classes"}},
)
SPELLINGS = dataset_names(PROTOCOL.datasets, {"recordings": ["rec-i"]})
RIGHT = """\
Dataset,Subject,Clip,Onset,Prediction
faces,1,s01_ne_01,1,negative
FACES-HS,s01,S1_PO_01,1,1
faces,002,s2_ne_1,1,Negative
faces,s2,s2_ne_02,50,0
faces,s2,s2_sur_01,1,surprise
recordings,1,a,10,negative
REC I,P.1,a,30,2.0
recordings,2,b,10,positive
"""

Write = Callable[[str], Path]


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """Eight clips of four subjects, read without a single picture."""
    for dataset, text in ((Faces, FACES), (Recordings, RECORDINGS)):
        (tmp_path / dataset.annotation_files[0]).write_text(text)
    return build_cohort(PROTOCOL, [read_annotated(each(), tmp_path) for each in (Faces, Recordings)])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "predictions.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def scored(cohort: Cohort, path: Path, **options: Any) -> dict[str, Any]:
    return score_outside(cohort, read_predictions(path, cohort.protocol.classes, SPELLINGS), **options)


def without(text: str, *parts: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not any(p in line for p in parts))


# ---- names


@pytest.mark.parametrize(
    ("one", "other"),
    [("s01_ne_01", "s1_ne_01"), ("S1_NE_1", "s1_ne_01"), ("006_1_2", "6_1_2"), ("006", "6"), ("000", "0")],
)
def test_zeros_before_numbers_and_case_make_no_other_name(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("EP1_01f", "EP1_01"), ("s10", "s1"), ("s100", "s1"), ("1_0", "10")]
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert plain_name(one) != plain_name(other)


def test_a_dataset_is_known_by_name_alias_and_stem_unless_two_share_it() -> None:
    assert dataset_names(["smic-hs"], {"smic-hs": ["smic_h.s"], "samm": ["x"]}) == {
        "smichs": "smic-hs",
        "smic": "smic-hs",
    }
    assert "smic" not in dataset_names(["smic-hs", "smic-vis"], {})
    assert dataset_names(["casme", "casme-ii"], {})["casme"] == "casme"


def test_letters_before_a_subjects_number_count_only_where_subjects_differ_in_them() -> None:
    def index(*subjects: str) -> ClipIndex:
        return ClipIndex(
            pd.DataFrame(
                {
                    "key": [f"d/{s}/c/1" for s in subjects],
                    "dataset": "d",
                    "subject": subjects,
                    "clip": "c",
                    "onset": 1,
                }
            )
        )

    assert index("sub01", "sub02").find("d", "2", "c") == [1]
    assert index("01", "02").find("d", "sub2", "c") == [1]
    mixed = index("A1", "B1", "B2")
    assert [mixed.find("d", name, "c") for name in ("a01", "B1", "1", "A2")] == [[0], [1], [], []]


# ---- scores


def test_a_file_with_every_clip_right_scores_one_however_it_spells_names(
    cohort: Cohort, write: Write
) -> None:
    result = scored(cohort, write(RIGHT))
    scores = result["scores"]
    assert (result["clips_due"], result["missing"], result["truth_differs"]) == (8, [], [])
    assert (scores["uf1"]["mean"], scores["uar"]["mean"], scores["accuracy"]["mean"]) == (1.0, 1.0, 1.0)
    assert {name: part["clips"] for name, part in scores["per_dataset"].items()} == {
        "faces-hs": 5,
        "recordings": 3,
    }


def test_the_scores_are_those_counted_by_hand(cohort: Cohort, write: Write) -> None:
    # s2_sur_01 and the recording's surprise are called negative; all else is right.
    text = RIGHT.replace("s2_sur_01,1,surprise", "s2_sur_01,1,negative").replace("30,2.0", "30,0")
    scores = scored(cohort, write(text))["scores"]
    # negative: TP 4, FP 2, FN 0; positive: TP 2; surprise: FN 2.
    assert scores["confusion"]["sum"] == [[4, 0, 0], [0, 2, 0], [2, 0, 0]]
    assert scores["uf1"]["mean"] == pytest.approx((8 / 10 + 1 + 0) / 3)
    assert scores["uar"]["mean"] == pytest.approx((1 + 1 + 0) / 3)
    assert scores["accuracy"]["mean"] == pytest.approx(6 / 8)
    # recordings: negative TP 1 FP 1, positive TP 1, surprise FN 1.
    assert scores["per_dataset"]["recordings"]["uf1"]["mean"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    # Folds: s1 1.0; s2 with 2 of 3; P.001 with 1 of 2; P.002 1.0.
    assert scores["per_fold_means"]["accuracy"]["mean"] == pytest.approx((1 + 2 / 3 + 1 / 2 + 1) / 4)
    assert scores["folds"] == 4
    assert scores["uf1"]["low"] <= scores["uf1"]["mean"] <= scores["uf1"]["high"]


def test_the_order_of_rows_and_the_delimiter_do_not_matter(cohort: Cohort, write: Write) -> None:
    text = RIGHT.replace("30,2.0", "30,0")
    head, *rows = text.splitlines()
    expected = scored(cohort, write(text))
    assert scored(cohort, write("\n".join([head, *reversed(rows)]))) == expected
    assert scored(cohort, write("\ufeff" + text.replace(",", ";"))) == expected
    assert scored(cohort, write(text.replace(",", "\t").replace("\n", "\n\n"))) == expected


def test_a_log_scores_as_the_csv_of_the_same_predictions(tmp_path: Path, cohort: Cohort) -> None:
    only_faces = Protocol(**{**vars(PROTOCOL), "datasets": ("faces-hs",)})
    faces = build_cohort(only_faces, [cohort.data[0]])
    log = tmp_path / "log.txt"
    log.write_text(
        "faces 1\ns1_ne_01 0 0\ns1_po_01 1 0\n\nfaces 2\ns2_ne_01 0 0\ns2_ne_02\t0\t0\ns2_sur_01 2 2\n"
    )
    result = scored(faces, log)
    assert result["scores"]["confusion"]["sum"] == [[3, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert result["truth_differs"] == []


# ---- joining


def test_the_onset_tells_clips_of_one_recording_apart(cohort: Cohort, write: Write) -> None:
    without_onset = "\n".join(
        ",".join(cells[:3] + cells[4:]) for cells in (line.split(",") for line in RIGHT.splitlines())
    )
    with pytest.raises(MebenchError, match=r"row 7, recordings/1/a, fits 2 clips.*row 8.*column 'onset'"):
        scored(cohort, write(without_onset))


@pytest.mark.parametrize("onset", ["40", "50"])
def test_a_repaired_onset_is_known_by_its_old_and_its_new_value(
    cohort: Cohort, write: Write, onset: str
) -> None:
    assert scored(cohort, write(RIGHT.replace("02,50", f"02,{onset}")))["missing"] == []


def test_an_onset_that_is_no_clips_is_unknown(cohort: Cohort, write: Write) -> None:
    with pytest.raises(MebenchError, match=r"row 8, recordings/P\.1/a/31: not in the cohort"):
        scored(cohort, write(RIGHT.replace("a,30", "a,31")))


def test_a_clip_named_twice_is_refused_with_both_rows(cohort: Cohort, write: Write) -> None:
    with pytest.raises(MebenchError, match=r"row 10, faces-hs/sub001/s1_ne_1/1, is the clip of row 2"):
        scored(cohort, write(RIGHT + "faces,sub001,s1_ne_1,1,positive\n"))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("faces,4,s4_ne_01,1,0", "row 10, faces-hs/4/s4_ne_01/1: not in the cohort"),
        ("faces,3,s3_ot_01,1,0", "row 10, faces-hs/3/s3_ot_01/1: 'others': not one of the three classes"),
        ("faces,3,s03_ne_01,1,0", "row 10, faces-hs/3/s03_ne_01/1: offset is not a frame number"),
    ],
)
def test_a_clip_that_the_protocol_does_not_test_is_refused_with_the_reason(
    cohort: Cohort, write: Write, row: str, reason: str
) -> None:
    with pytest.raises(MebenchError, match="name no clip that two tests") as refused:
        scored(cohort, write(f"{RIGHT}{row}\n"))
    assert reason in str(refused.value)


def test_a_file_that_lacks_clips_has_no_score_unless_that_is_allowed(cohort: Cohort, write: Write) -> None:
    path = write(without(RIGHT, "sur_01", ",b,"))
    with pytest.raises(MebenchError, match="2 of 8 clips have no prediction") as refused:
        scored(cohort, path)
    missing = ["faces-hs/s2/s2_sur_01/1", "recordings/P.002/b/10"]
    assert "; ".join(missing) in str(refused.value)
    result = scored(cohort, path, allow_missing=True)
    assert (result["missing"], result["clips_due"], result["scores"]["clips"]) == (missing, 8, 6)


def test_a_given_truth_is_compared_and_never_used(cohort: Cohort, write: Write) -> None:
    head, *rows = RIGHT.splitlines()
    truth = ["0", "1", "0", "", "negative", "0", "2", "1"]
    path = write("\n".join([f"{head},truth", *(f"{row},{t}" for row, t in zip(rows, truth, strict=True))]))
    result = scored(cohort, path)
    assert result["truth_differs"] == [
        {"row": 6, "clip": "faces-hs/s2/s2_sur_01/1", "given": "negative", "label": "surprise"}
    ]
    assert result["scores"]["uf1"]["mean"] == 1.0


def test_clips_that_are_only_trained_on_are_not_due_and_are_refused(cohort: Cohort) -> None:
    parts = Protocol(**{**vars(PROTOCOL), "split": GivenParts()})
    clips = cohort.clips.assign(part=np.where(cohort.clips["dataset"] == "recordings", "test", "train"))
    split = listed_cohort(parts, clips)
    tested = without(RIGHT, "faces", "FACES")
    path = Path(cohort.data[0].root) / "some.csv"
    path.write_text(tested)
    assert scored(split, path)["clips_due"] == 3
    path.write_text(tested + "faces,1,s1_ne_01,1,0\n")
    with pytest.raises(MebenchError, match="s1_ne_01/1: only trained on, never tested"):
        scored(split, path)


# ---- files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (RIGHT.splitlines()[0], "holds no prediction"),
        (RIGHT.replace("Prediction", "guess"), "row 1: the header lacks 'prediction'"),
        (
            RIGHT.replace("FACES-HS", "fasces"),
            "row 3: the dataset 'fasces' is not supported here: did you mean 'faces",
        ),
        (RIGHT.replace("Negative", "neutral"), "row 4, faces-hs/002/s2_ne_1/1: there is no class 'neutral'"),
        (
            RIGHT.replace("30,2.0", "30,3"),
            "there is no class '3'; write one of 0 negative, 1 positive, 2 surp",
        ),
        (RIGHT.replace("30,2.0", "30,-1"), "there is no class '-1'"),
        (RIGHT.replace("30,2.0", "30"), "row 8: the prediction is missing"),
        (RIGHT.replace("30,2.0", "late,2"), "row 8: the onset 'late' is no frame number"),
        ("faces 1\ns1_ne_01 0\n", "the dataset 's1_ne_01' is not supported here"),
        ("faces 1\ns1_ne_01 0 0 0\n", "row 2: 's1_ne_01 0 0 0' is neither"),
        ("faces 1\ns1_ne_01 0 9\n", "row 2, faces-hs/1/s1_ne_01: there is no class '9'"),
    ],
)
def test_a_file_that_is_not_of_its_form_is_named_with_row_and_cell(
    write: Write, text: str, said: str
) -> None:
    path = write(text)
    with pytest.raises(MebenchError) as refused:
        read_predictions(path, THREE, SPELLINGS)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_log_must_begin_with_its_subject(write: Write) -> None:
    with pytest.raises(MebenchError, match="row 1: 's1_ne_01 0 0' is neither 'dataset subject'"):
        read_predictions(write("s1_ne_01 0 0\n"), THREE, SPELLINGS, "megc")


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=r"nowhere\.csv cannot be read: No such file"):
        read_predictions(tmp_path / "nowhere.csv", THREE, SPELLINGS)
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(MebenchError, match="is a picture: give the table"):
        read_predictions(tmp_path / "picture", THREE, SPELLINGS)
    (tmp_path / "latin").write_bytes("subject;clip;pred\nJos\u00e9e;a;0\n".encode("latin-1"))
    with pytest.raises(MebenchError, match="is not text in UTF-8, UTF-16 or GB18030"):
        read_predictions(tmp_path / "latin", THREE, SPELLINGS)


# ---- other people's files

SHORT = """\
{}
faces,1,s1_ne_01,1,{}
faces,1,s1_po_01,1,{}
faces,2,s2_ne_01,1,{}
faces,2,s2_ne_02,50,{}
faces,2,s2_sur_01,1,{}
recordings,1,a,10,{}
recordings,1,a,30,{}
recordings,2,b,10,{}
"""
LABELS = (0, 1, 0, 0, 2, 0, 2, 1)


def filled(header: str, values: Any) -> str:
    return SHORT.format(header, *values)


@pytest.mark.parametrize("name", ["pred", "y_pred", "Predicted Label", "prediction", "#Preds"])
@pytest.mark.parametrize("database", ["database", "Data", "dataset"])
def test_columns_go_by_the_names_that_scripts_give_them(
    cohort: Cohort, write: Write, name: str, database: str
) -> None:
    path = write(filled(f"{database},sub,File_Name,onset frame,{name}", LABELS))
    assert scored(cohort, path)["scores"]["uf1"]["mean"] == 1.0


@pytest.mark.parametrize(
    "form", ["{}.avi", "data/x/{}.MP4", r"C:\x\{}.npy", "x/{}/img46.jpg", "{}/", "{} .png"]
)
def test_a_clip_may_be_named_by_a_file_or_a_path(cohort: Cohort, write: Write, form: str) -> None:
    rows = [line.split(",") for line in filled("dataset,subject,clip,onset,pred", LABELS).splitlines()]
    named = [rows[0], *([*row[:2], form.format(row[2]), *row[3:]] for row in rows[1:])]
    text = "\n".join(map(",".join, named))
    assert scored(cohort, write(text))["scores"]["uf1"]["mean"] == 1.0


def test_without_a_dataset_a_clip_is_found_by_its_names_alone(cohort: Cohort, write: Write) -> None:
    text = filled("dataset,subject,clip,onset,pred", LABELS)
    bare = "\n".join(line.partition(",")[2] for line in text.splitlines())
    assert scored(cohort, write(bare))["scores"]["uf1"]["mean"] == 1.0


@pytest.mark.parametrize(
    "names", ["p_{}", "prob_{}", "{}", "{}_prob", "Probability {}", "p{n}", "prob_{n}"], ids=str
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_probabilities_by_class_are_predictions_and_are_kept(
    cohort: Cohort, write: Write, names: str, decimal: str
) -> None:
    header = ";".join(names.format(name, n=number) for number, name in enumerate(THREE))
    rows = [";".join(str(0.9 if place == label else 0.05) for place in range(3)) for label in LABELS]
    text = filled("dataset,subject,clip,onset,@", ["@"] * 8).replace(",", ";")
    for row in (header, *(row.replace(".", decimal) for row in rows)):
        text = text.replace("@", row, 1)
    path = write(text)
    assert scored(cohort, path)["scores"]["uf1"]["mean"] == 1.0
    first = read_predictions(path, THREE, SPELLINGS)[0]
    assert isinstance(first, OutsidePrediction)
    assert (first.predicted, first.probabilities) == (0, (0.9, 0.05, 0.05))


def test_equal_probabilities_are_said_and_a_given_prediction_decides_among_them(
    cohort: Cohort, write: Write
) -> None:
    values = ["0.5,0.5,0" if label == 1 else ("1,0,0", "", "0,0,1")[label] for label in LABELS]
    path = write(filled("dataset,subject,clip,onset,p_negative,p_positive,p_surprise", values))
    with pytest.warns(
        MebenchWarning, match=r"in 2 row\(s\) several classes share the highest probability.*row 3"
    ):
        assert scored(cohort, path)["scores"]["accuracy"]["mean"] == 6 / 8
    both = [f"{value},{label}" for value, label in zip(values, LABELS, strict=True)]
    path = write(filled("dataset,subject,clip,onset,p_negative,p_positive,p_surprise,pred", both))
    assert scored(cohort, path)["scores"]["accuracy"]["mean"] == 1.0


@pytest.mark.parametrize(
    ("header", "value", "said"),
    [
        ("p_negative,p_positive", "1,0", "probabilities of negative, positive and none of surprise"),
        ("p_negative,p_positive,p_surprise", "1,0,high", "the probability 'high' is no number"),
        ("p_negative,p_positive,p_surprise", "1,0,nan", "the probability 'nan' is no number"),
        ("p_negative,p_positive,p_surprise,pred", "1,0,0,2", "the prediction is surprise, and the highest"),
        ("p_negative,prob_negative,p_positive,p_surprise", "1,1,0,0", "are both probabilities of negative"),
        ("pred,pred", "0,0", "the column 'pred' stands there twice"),
        ("pred,y_pred", "0,0", "the columns 'pred' and 'y_pred' both hold predictions"),
    ],
)
def test_columns_that_say_two_things_are_refused(write: Write, header: str, value: str, said: str) -> None:
    with pytest.raises(MebenchError) as refused:
        read_predictions(write(filled(f"dataset,subject,clip,onset,{header}", [value] * 8)), THREE, SPELLINGS)
    assert said in str(refused.value)


def test_classes_counted_from_one_are_refused_in_tables_and_logs(write: Write) -> None:
    table = filled("dataset,subject,clip,onset,pred", [label + 1 for label in LABELS])
    for text in (table, "faces 1\na 1 1\nb 2 3\n"):
        with pytest.raises(MebenchError, match="counts its classes from 1 to 3, and mebench from 0"):
            read_predictions(write(text), THREE, SPELLINGS)


def test_a_truth_that_fits_one_permutation_of_the_classes_is_said_to_be_another_numbering(
    cohort: Cohort, write: Write
) -> None:
    other = [(label + 1) % 3 for label in LABELS]
    path = write(filled("dataset,subject,clip,onset,pred,truth", [f"{label},{label}" for label in other]))
    result = scored(cohort, path)
    assert result["renumbered"] == {"negative": "surprise", "positive": "negative", "surprise": "positive"}
    assert len(result["truth_differs"]) == 8
    # One clip that does not fit: a file with errors, not another numbering.
    path.write_text(path.read_text().replace("a,10,1,1", "a,10,1,0"))
    assert scored(cohort, path)["renumbered"] is None


def test_predictions_may_be_a_workbook_or_in_another_encoding(cohort: Cohort, tmp_path: Path) -> None:
    text = filled("dataset,subject,clip,onset,pred", LABELS)
    path = tmp_path / "predictions.csv"
    path.write_text(text.replace(",", "\t"), encoding="utf-16")
    assert scored(cohort, path)["scores"]["uf1"]["mean"] == 1.0
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book["Sheet"].append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    book.save(path)
    assert scored(cohort, path)["scores"]["uf1"]["mean"] == 1.0


# ---- what training scripts print

FOLDS = """\
Subject: s1
Epoch 3 | train loss: 0.31 | Val: 0.5
Predicted    : [0, 0]
Ground Truth : [1, 0]
Evaluation until this subject:
UF1: 0.5 | UAR: 0.5
fold 2: subject s2
Truth: tensor([0, 0,
        2], device='cuda:0')
Prediction = [2 0
 0.]
LOSO Subject: P.001
y_pred: ['negative', 'surprise']
y_true: ['negative', 'surprise']
Subject P.002
Predicted: 1
Truth: 1
"""


def test_a_log_of_folds_scores_as_the_same_predictions_clip_by_clip(cohort: Cohort, write: Write) -> None:
    by_fold = scored(cohort, write(FOLDS))
    # A prediction of its subject and true class stands for any other of them.
    by_clip = scored(cohort, write(filled("dataset,subject,clip,onset,pred", (0, 0, 2, 0, 0, 0, 2, 1))))
    assert by_fold["scores"] == by_clip["scores"]
    assert (by_fold["missing"], by_fold["truth_differs"], by_fold["renumbered"]) == ([], [], None)


DICTIONARY = """\
names = {'a': 0}
found = {'s1': {'pred': [0, 0], 'truth': [1, 0]}, "s2": {"y_true": [0, 0, 2],
  "y_pred": [2, 0, 0]}, 'P.001': {'pred': [0, 2], 'truth': [0, 2]},
  'P.002': {'pred': [1], 'truth': [1]}}
print(found['s1'])
"""


def test_a_dictionary_by_subject_scores_as_the_log_of_the_same_folds(cohort: Cohort, write: Write) -> None:
    assert scored(cohort, write(DICTIONARY))["scores"] == scored(cohort, write(FOLDS))["scores"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'pred': [1]", "'pred': [1, 1]", "row 4: P.002 has 2 predictions and 1 true classes"),
        ("'pred': [1]", "'told': [1]", "1 of 8 clips have no prediction"),
        ("'P.002'", "'P.001'", "row 4: P.001 stands in row 3 already"),
    ],
)
def test_an_entry_of_a_dictionary_that_does_not_fit_is_told(
    cohort: Cohort, write: Write, old: str, new: str, said: str
) -> None:
    with pytest.raises(MebenchError, match=said):
        scored(cohort, write(DICTIONARY.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[1, 0]",
            "[0, 0]",
            "row 4, subject s1, has the true classes 2 negative, and the cohort 1 negative, 1 pos",
        ),
        ("[1, 0]", "[1, 0, 0]", "row 4: s1 has 2 predictions and 3 true classes"),
        ("Subject: s1\n", "", "no line above says whose clips these are; add one such as 'Subject: sub01'"),
        ("P.002", "P.009", "subject P.009, is none whose clips the cohort tests"),
        ("P.002", "s1", "row 17: s1 stands in row 4 already; keep one pair a subject"),
        ("Truth: 1", "", "the subject above has predictions and no truth; give both"),
        ("Truth: 1", "Predicted: 1", "P.002 has a second list of this kind"),
        ("[0, 0]", "[0, neutral]", "s1: there is no class 'neutral'"),
        ("[0, 0]", "[0, 1.5]", "s1: there is no class '1.5'"),
    ],
)
def test_a_fold_that_does_not_fit_is_told_with_its_row(
    cohort: Cohort, write: Write, old: str, new: str, said: str
) -> None:
    with pytest.raises(MebenchError) as refused:
        scored(cohort, write(FOLDS.replace(old, new, 1)))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_log_that_numbers_its_classes_otherwise_is_told_how(cohort: Cohort, write: Write) -> None:
    order = {"0": "2", "1": "0", "2": "1", "negative": "2", "surprise": "1"}

    def other(line: str) -> str:
        head, divider, values = line.partition(":" if ":" in line else "=")
        for own in ("negative", "surprise"):
            values = values.replace(f"'{own}'", {"negative": "0", "surprise": "2"}[own])
        return head + divider + re.sub(r"\b[012]\b", lambda digit: order[digit[0]], values)

    lines = FOLDS.replace("tensor([0, 0,\n        2], device='cuda:0')", "[0, 0, 2]").replace(
        "[2 0\n 0.]", "[2 0 0]"
    )
    keys = ("Pred", "Truth", "Ground", "y_")
    text = "\n".join(other(line) if line.startswith(keys) else line for line in lines.splitlines())
    with pytest.raises(
        MebenchError, match="with 0 for positive, 1 for surprise, 2 for negative the truth of every"
    ):
        scored(cohort, write(text))


def test_folds_that_are_missing_are_told_as_missing_clips(cohort: Cohort, write: Write) -> None:
    path = write(FOLDS[: FOLDS.index("Subject P.002")])
    with pytest.raises(MebenchError, match="1 of 8 clips have no prediction"):
        scored(cohort, path)
    assert scored(cohort, path, allow_missing=True)["scores"]["clips"] == 7


# ---- lists


def test_an_exported_list_read_again_is_the_same_cohort(tmp_path: Path, cohort: Cohort) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv(cohort))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["key"] for row in rows] == list(cohort.clips["key"])
    assert rows[4] == {
        "key": "faces-hs/s2/s2_sur_01/1",
        "dataset": "faces-hs",
        "subject": "s2",
        "clip": "s2_sur_01",
        "onset": "1",
        "apex": "5",
        "offset": "9",
        "part": "",
        "label": "2",
        "class": "surprise",
        "fold": "faces-hs/s2",
    }
    clips = read_list(path, PROTOCOL, SPELLINGS)
    assert not compare_lists(cohort, clips)
    listed = listed_cohort(PROTOCOL, clips)
    assert [len(fold.test) for fold in listed.folds] == [len(fold.test) for fold in cohort.folds]
    (tmp_path / "predictions.csv").write_text(RIGHT.replace("02,50", "02,40"))
    assert scored(listed, tmp_path / "predictions.csv")["scores"]["uf1"]["mean"] == 1.0


def test_a_list_that_differs_is_told_clip_by_clip_with_reasons(tmp_path: Path, cohort: Cohort) -> None:
    path = tmp_path / "list.csv"
    text = without(list_csv(cohort), "s1_po_01").replace("2,surprise,faces-hs/s2", "0,negative,faces-hs/s2")
    extra = [
        f"x,faces,{s},{clip},1,5,9,,0,negative,\n"
        for s, clip in ((3, "s3_ot_01"), ("03", "s3_ne_01"), (9, "z"))
    ]
    path.write_text(text + "".join(extra))
    difference = compare_lists(cohort, read_list(path, PROTOCOL, SPELLINGS))
    assert difference.missing == {
        "faces-hs/3/s3_ot_01/1": "'others': not one of the three classes",
        "faces-hs/03/s3_ne_01/1": "offset is not a frame number",
        "faces-hs/9/z/1": "",
    }
    assert difference.extra == ("faces-hs/s1/s1_po_01/1",)
    assert difference.labels == {"faces-hs/s2/s2_sur_01/1": ("surprise", "negative")}
    assert difference


def test_subjects_of_a_list_are_one_fold_however_many_zeros_they_have(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("faces,6,a,0\nfaces,006,b,1\n\nfaces,7,a,2\n")
    assert len(listed_cohort(PROTOCOL, read_list(path, PROTOCOL, SPELLINGS)).folds) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("faces,1,a,0\nfaces,01,A,1\n", "row 2: faces-hs/01/A stands in row 1 already"),
        ("faces,1,a,0\nfaces,1,b,5\n", "row 2, faces-hs/1/b: there is no class '5'"),
        ("faces,1,a\n", "row 1: give a header with dataset, subject, clip and class"),
        ("dataset,subject,clip\nfaces,1,a\n", "the header lacks the column 'class'"),
        ("dataset,subject,clip,class\n", "has a header and no clip"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(MebenchError) as refused:
        read_list(path, PROTOCOL, SPELLINGS)
    assert said in str(refused.value)


# ---- the Grand Challenge's own list


def megc2019(registry: Registry, official_list: Path) -> tuple[Cohort, dict[str, str]]:
    protocol = registry.get("protocol", "megc2019").load()
    spellings = dataset_names(protocol.datasets, {})
    return listed_cohort(protocol, read_list(official_list, protocol, spellings)), spellings


def log_of(rows: list[list[str]]) -> str:
    """Return the list as a log in which every prediction is right, named as the SMIC release names its clips."""
    lines, last = [], ("", "")
    for dataset, subject, clip, label in rows:
        if (dataset, subject) != last:
            lines.append(f"{dataset} {subject.replace('s0', 's')}")
            last = (dataset, subject)
        lines.append(f"{clip.replace('s0', 's')} {label} {label}")
    return "\n".join(lines)


def test_the_official_list_has_the_published_counts_and_scores_one_against_itself(
    registry: Registry, official_list: Path, tmp_path: Path
) -> None:
    cohort, spellings = megc2019(registry, official_list)
    assert cohort.differences() == []
    log = tmp_path / "log.txt"
    log.write_text(log_of(list(csv.reader(official_list.read_text().splitlines()))))
    result = score_outside(cohort, read_predictions(log, THREE, spellings))
    scores = result["scores"]
    assert (scores["uf1"]["mean"], scores["uar"]["mean"], scores["clips"]) == (1.0, 1.0, 442)
    assert scores["folds"] == scores["subjects"] == 68
    assert {name: part["clips"] for name, part in scores["per_dataset"].items()} == {
        "smic-hs": 164,
        "casme2": 145,
        "samm": 133,
    }


def test_a_log_of_435_clips_is_refused_and_the_seven_are_named(
    registry: Registry, official_list: Path, tmp_path: Path
) -> None:
    cohort, spellings = megc2019(registry, official_list)
    log = tmp_path / "log.txt"
    log.write_text(
        log_of([row for row in csv.reader(official_list.read_text().splitlines()) if row[2] not in GONE])
    )
    with pytest.raises(MebenchError, match="7 of 442 clips have no prediction") as refused:
        score_outside(cohort, read_predictions(log, THREE, spellings))
    assert all(clip in str(refused.value) for clip in GONE)
