"""A twin of a real annotation: the rows that go in come out, for every dataset, or the file is refused."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sheets import CODING

from mebench.data.clips.layout import forget_folders
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated, read_clips
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

TINY = TwinOptions(subjects=2, clips=2, size=32)

Row = tuple[object, ...]
Sheets = dict[str, list[Row]]

CASME3 = ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion")
CASME2 = ("Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units")
SAMM = ("Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration")
MMEW = CODING
CASME = ("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion")
DFME = ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion", "EmotionId", "Fps", "AU")
FOURDME = ("sub_ID", "fold_name", "Onset", "Apex", "Offset", "AUs", "Emotion", "Positive")
EARLY = ("sub_ID'", "video_number'", "Onset'", "Apex'", "Offset'", "AUs'", "Emotion'")
BOTH = (None, "SubID", "VideoNo", "fold_name", "Onset", "Apex", "Offset", "Emotion")
SMIC = (
    "Subject",
    "Filename",
    None,
    "OnsetF",
    "OffsetF",
    "Onset2F",
    "Offset2F",
    None,
    "FirstF",
    "LastF",
    "Emotion",
)
NIR = ("Subject", "Filename", "OnsetF NIR", "OffsetF NIR", "Emotion")


def dfme(*names: str) -> Sheets:
    rows: list[Row] = [(n[:7], n, 0, 2, 4, "Anger", 0, 200 + 100 * i, "4+R7") for i, n in enumerate(names)]
    return {"Sheet1": [DFME, *rows, ("sub9999", "sub9999_01", 3, "/", 6, "fear ", 3, 500, "23+AD31")]}


SMIC_ROWS: list[Row] = [
    SMIC,
    (3, "s3_ne_91", None, 104, 108, 120, 122, None, 100, 150, "negative"),
    ("s18", "s18_sur_03", None, 7, 9, 20, 3000, None, 1, 30, "negative"),
    ("A remark",),
]

# What a file goes by, of which dataset, and the sheets in it: a fault, a false apex and an odd unit among the rows.
BOOKS: list[tuple[str, dict[str, Sheets]]] = [
    (
        "casme3",
        {
            "cas(me)3_part_A_ME_label_JpgIndex_v2_20250903.xlsx": {
                "label": [
                    CASME3,
                    ("spNO.1", "a", "5", "99", "9", "4+R12", "II", "Disgust"),
                    ("spNO.1", "a", "8", "/", "12", "26+25", "III", "Others"),
                    ("spNO.2", "J", "20", "15", "3", "1", "I", "happy"),
                ]
            }
        },
    ),
    (
        "casme3c",
        {
            "CAS(ME)3_part_C_ME.xlsx": {
                "mockCrimeME": [
                    ("sub", "count", "onset", "offset", "au", "emotion"),
                    (1, 1, 5, 9, "4\uff0c11", "negative"),
                    (2, 1, 15, 19, "14,L24,", "positive"),
                ]
            }
        },
    ),
    (
        "casme2",
        {
            "CASME2-coding-20190701.xlsx": {
                "Sheet1": [
                    (*CASME2, "Estimated Emotion"),
                    (1, "EP91_01", None, 5, "/", 9, None, 12, "happiness"),
                    ("02", "EP91_01", None, 5, 7, 9, None, "?", "others"),
                ],
                "Sheet2": [],
            },
            "CASME2-ObjectiveClasses.xlsx": {
                "Sheet1": [("Subject", "Filename", "Objective Class"), (1, "EP91_01", 1), (2, "EP91_01", 7)]
            },
        },
    ),
    (
        "samm",
        {
            "SAMM_20181215_Micro_FACS_Codes_v2.xlsx": {
                "MICRO_ONLY": [
                    ("SAMM Dataset",),
                    (*SAMM, "Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"),
                    (
                        28,
                        "028_4_1",
                        1,
                        71,
                        143,
                        74,
                        4,
                        "Micro - 1/2",
                        "R14+17+soft focus",
                        "Contempt",
                        4,
                        None,
                    ),
                    ("006", "006_1_2", 1, 5, 6, 8, 4, "Micro - 1/2", " L12 + 61", "Others", 7, "a note"),
                ]
            }
        },
    ),
    ("smic-hs", {"SMIC-HS-E_annotation_orig.xlsx": {"HS": SMIC_ROWS, "VIS": [SMIC]}}),
    ("smic-vis", {"SMIC-VIS-E_annotation.xlsx": {"VIS": SMIC_ROWS}}),
    ("smic-nir", {"SMIC-NIR-E_annotation.xlsx": {"Sheet1": [NIR, (3, "s3_ne_91", 54, 58, "negative")]}}),
    (
        "mmew",
        {
            "MMEW_Micro_Exp_new.xlsx": {
                "Sheet1": [
                    (*MMEW, "remarks"),
                    (7, "S07-50-001", 1, 3, 5, "4R+7", "anger", None),
                    (8, "S08-50-001", 1, None, 5, 12, "others", "odd"),
                ]
            }
        },
    ),
    (
        "casme",
        {
            "CASME.xlsx": {
                "Sheet1": [
                    CASME,
                    (1, "EP91_1", None, 5, 7, 8, 9, None, "4+L10", "tense"),
                    (1, "EP91_1", None, 15, 0, 0, 19, None, 12, "disgust"),
                ]
            }
        },
    ),
    (
        "4dme",
        {
            "4DME_Labelling_Micro_release v1.xlsx": {
                "Sheet1": [
                    FOURDME,
                    ("S91", "clip_1", 123, 125, 127, "AUR2+12(k)+45", "Surprise+Positive", 1),
                    ("S92", "clip_1", 3, 25, 7, "AU4(k)+L7", "Negative", 0),
                ]
            }
        },
    ),
    (
        "4dme",
        {
            "4DME_Labelling_Micro-expression_emotion.xlsx": {
                "Sheet": [
                    EARLY,
                    ("S91'", "003'", 10, 12, 14, "AU4(k)+L7", "Surprise"),
                    (None, None, None, None, None, "sum", None),
                ]
            }
        },
    ),
    (
        "4dme",
        {
            "Micro_and_Macro-expression_labels_new_2D.xlsx": {
                "Sheet": [BOTH, (0, "S91", 1, "micro_1", 123, 125, 127, "Positive")]
            }
        },
    ),
    ("dfme", {"training_full_with_AU.xlsx": dfme("sub0003_01", "sub0004_01")}),
    ("dfme", {"testB_full_with_AU.xlsx": dfme("sub0005_01")}),
    (
        "dfme",
        {
            "testA_full_with_AU.xlsx": dfme("sub0006_01"),
            "testB_full_with_AU.xlsx": dfme("sub0005_01"),
            "training_full_with_AU.xlsx": dfme("sub0003_01"),
        },
    ),
]


def save(folder: Path, books: dict[str, Sheets]) -> Path:
    """Write workbooks and return where the first lies."""
    folder.mkdir()
    for name, sheets in books.items():
        book = openpyxl.Workbook()
        book.remove(book["Sheet"])
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(row)
        book.save(folder / name)
    return folder / next(iter(books))


def save_csv(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def finds(dataset: Dataset, path: Path) -> bool:
    try:
        return dataset.find_annotation(path.parent) == path
    except MebenchError:
        return False


def same_rows(dataset: Dataset, annotation: Path, twin: Path) -> None:
    """Draw a twin and compare all that is read of it with the annotation."""
    told = dataset.read_annotation(annotation)
    before = {path: path.read_bytes() for path in annotation.parent.iterdir()}
    frames = make_twin(dataset, twin, replace(TINY, annotations=annotation))
    forget_folders()
    data = read_clips(dataset, twin)
    pd.testing.assert_frame_equal(dataset.read_annotation(data.annotation), told)
    real = read_annotated(dataset, annotation.parent, annotation)
    pd.testing.assert_frame_equal(data.table, real.table)
    assert (data.drops, data.missing_frames(), data.twin) == (real.drops, {}, True)
    assert data.remarks == real.remarks
    assert frames > 0
    assert {path: path.read_bytes() for path in annotation.parent.iterdir()} == before


@pytest.mark.parametrize(("name", "books"), BOOKS, ids=[f"{name}-{next(iter(b))[:12]}" for name, b in BOOKS])
def test_rows_in_are_rows_out(
    tmp_path: Path, registry: Registry, name: str, books: dict[str, Sheets]
) -> None:
    same_rows(load_dataset(registry, name), save(tmp_path / "real", books), tmp_path / "twin")


@pytest.mark.parametrize("name", ["casme3", "casme2", "samm", "mmew", "casme", "4dme", "casme3c"])
def test_a_workbook_of_another_name_gets_the_owners(tmp_path: Path, registry: Registry, name: str) -> None:
    dataset = load_dataset(registry, name)
    own = save(tmp_path / "real", next(books for each, books in BOOKS if each == name))
    path = own.rename(own.with_name("my own copy.XLSX"))
    same_rows(dataset, path, tmp_path / "twin")
    assert dataset.twin is not None
    assert (tmp_path / "twin" / dataset.twin.annotation_file).is_file()


@pytest.mark.parametrize("name", ["casme3", "casme3c", "casme2", "samm", "mmew", "casme", "4dme", "dfme"])
def test_a_csv_copy_is_read_back_or_refused_with_one_sentence(
    tmp_path: Path, registry: Registry, name: str
) -> None:
    dataset = load_dataset(registry, name)
    books = next(books for each, books in BOOKS if each == name)
    (tmp_path / "real").mkdir()
    rows = next(iter(next(iter(books.values())).values()))
    path = save_csv(tmp_path / "real" / Path(next(iter(books))).with_suffix(".csv").name, rows)
    if finds(dataset, path):
        same_rows(dataset, path, tmp_path / "twin")
        return
    with pytest.raises(
        MebenchError, match=rf"would not find a \S+csv as the annotation of {name}; save it as"
    ):
        make_twin(dataset, tmp_path / "twin", replace(TINY, annotations=path))
    assert not (tmp_path / "twin").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("smic-hs", "SMIC-HS-E_annotation"), ("dfme", "training, testA")]
)
def test_a_file_whose_name_does_not_say_what_it_is_is_refused(
    tmp_path: Path, registry: Registry, name: str, words: str
) -> None:
    own = save(tmp_path / "real", next(books for each, books in BOOKS if each == name))
    path = own.rename(own.with_name("copy.xlsx"))
    with pytest.raises(MebenchError, match=words):
        make_twin(load_dataset(registry, name), tmp_path / "twin", replace(TINY, annotations=path))
    assert not (tmp_path / "twin").exists()


def test_a_file_that_would_be_read_back_otherwise_is_refused(tmp_path: Path, registry: Registry) -> None:
    class Forgetful(type(load_dataset(registry, "mmew"))):  # type: ignore[misc]
        """A reader that loses a row of what lies in a twin."""

        def read_annotation(self, path: Path) -> pd.DataFrame:
            table = super().read_annotation(path)
            return table if path.parent.name == "real" else table[:-1]

    path = save(tmp_path / "real", next(books for each, books in BOOKS if each == "mmew"))
    with pytest.raises(MebenchError, match=r"would not read its rows back from MMEW_Micro_Exp_new\.xlsx"):
        make_twin(Forgetful(), tmp_path / "twin", replace(TINY, annotations=path))
    assert not (tmp_path / "twin").exists()
