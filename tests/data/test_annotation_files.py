"""Of several tables that could be the one looked for, none wins without a word."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sheets import CODING, save_csv, save_sheets, save_xls

from mebench.data.dataset import Dataset
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchWarning
from mebench.plugin.registry import Registry

ONE = (CODING, (1, "EP91_01", 5, 7, 9, 12, "happiness"))
OTHER = (CODING, (1, "EP91_01", 5, 7, 9, 12, "surprise"))
SHEET = "CASME2-coding-20140508.xlsx"


@pytest.fixture
def casme2(registry: Registry) -> Dataset:
    return load_dataset(registry, "casme2")


@pytest.mark.parametrize(
    "name",
    [
        "CASME2-coding-20140508.xlsx",
        "casme2-CODING-20140508.XLSX",
        "CASME2-coding-20140508 (1).xlsx",
        "Copy of CASME2-coding-20140508.xlsx",
        "CASME2_label_Ver_2.xlsx",
    ],
)
@pytest.mark.parametrize("folder", ["", "Annotation"])
def test_a_sheet_is_found_in_any_letter_case_and_as_a_copy(
    name: str, folder: str, tmp_path: Path, casme2: Dataset
) -> None:
    path = save_sheets(tmp_path / folder / name, Sheet1=ONE)
    assert casme2.find_annotation(tmp_path) == path


@pytest.mark.parametrize("dataset", ["casme", "casme2", "casme3", "casme3c", "samm", "mmew", "4dme", "dfme"])
@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".csv", ".CSV"])
def test_every_datasets_sheet_is_found_in_every_format(
    dataset: str, ending: str, tmp_path: Path, registry: Registry
) -> None:
    plugin = load_dataset(registry, dataset)
    stem = plugin.annotation_files[0].replace("[-_]", "-").replace("*", "x")
    path = tmp_path / f"{stem}{ending}"
    if ending == ".xls":
        save_xls(path, Sheet1=ONE)
    elif ending == ".xlsx":
        save_sheets(path, Sheet1=ONE)
    else:
        save_csv(path, ONE)
    assert plugin.find_annotation(tmp_path) == path


def test_copies_of_the_same_bytes_are_one_file(
    tmp_path: Path, casme2: Dataset, recwarn: pytest.WarningsRecorder
) -> None:
    path = save_sheets(tmp_path / SHEET, Sheet1=ONE)
    shutil.copyfile(path, tmp_path / "CASME2-coding-20140508 (1).xlsx")
    assert casme2.find_annotation(tmp_path) == path
    assert not recwarn


def test_a_copy_in_another_format_that_says_the_same_is_named_and_not_read(
    tmp_path: Path, casme2: Dataset
) -> None:
    path = save_sheets(tmp_path / SHEET, Sheet1=ONE)
    save_csv(tmp_path / "CASME2-coding-20140508.csv", ONE)
    with pytest.warns(MebenchWarning, match=r"20140508\.xlsx is taken .*20140508\.csv could be it too"):
        assert casme2.find_annotation(tmp_path) == path


@pytest.mark.parametrize("name", ["CASME2-coding-20190701.xlsx", "CASME2-coding-20140508 (1).xlsx"])
def test_two_sheets_that_say_different_things_are_refused_by_name(
    name: str, tmp_path: Path, casme2: Dataset
) -> None:
    save_sheets(tmp_path / SHEET, Sheet1=ONE)
    save_sheets(tmp_path / name, Sheet1=OTHER)
    with pytest.raises(MebenchError, match="say different things: name the one that counts with") as caught:
        casme2.find_annotation(tmp_path)
    assert SHEET in str(caught.value)
    assert name in str(caught.value)


def test_an_edition_that_the_plugin_prefers_wins_with_a_word(tmp_path: Path, registry: Registry) -> None:
    casme3 = load_dataset(registry, "casme3")
    second = save_sheets(tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", label=ONE)
    save_xls(tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v1.xls", label=OTHER)
    with pytest.warns(
        MebenchWarning, match=r"v2\.xlsx is taken as the casme3 annotation; .*v1\.xls could be"
    ):
        assert casme3.find_annotation(tmp_path) == second


@pytest.mark.parametrize(
    "name", ["~$CASME2-coding-20140508.xlsx", "._CASME2-coding-20140508.xlsx", ".x.xlsx"]
)
def test_what_programs_and_systems_leave_is_no_sheet(
    name: str, tmp_path: Path, casme2: Dataset, recwarn: pytest.WarningsRecorder
) -> None:
    path = save_sheets(tmp_path / SHEET, Sheet1=ONE)
    (tmp_path / name).write_bytes(b"lock")
    assert casme2.find_annotation(tmp_path) == path
    assert not recwarn


def test_two_columns_that_fit_one_field_are_refused_unless_one_is_the_owners(
    tmp_path: Path, casme2: Dataset
) -> None:
    twice = tuple((*row[:6], row[6], "anger" if place else "Emotion") for place, row in enumerate(ONE))
    path = save_sheets(tmp_path / SHEET, Sheet1=twice)
    with pytest.warns(MebenchWarning, match=r"'Estimated Emotion' \(column 7\), 'Emotion' \(column 8\)"):
        assert casme2.read_annotation(path)["emotion"].tolist() == ["happiness"]
    loose = [list(row) for row in twice]
    loose[0][6] = "emotion"
    path = save_sheets(tmp_path / SHEET, Sheet1=loose)
    with pytest.raises(MebenchError, match=r"row 1: the columns 'emotion' .* 'Emotion' .* all fit"):
        casme2.read_annotation(path)


def test_a_second_sheet_with_other_rows_is_named(tmp_path: Path, casme2: Dataset) -> None:
    path = save_sheets(tmp_path / SHEET, Sheet1=ONE, old=OTHER)
    with pytest.warns(MebenchWarning, match="sheet 'Sheet1' is read; 'old' has the columns too"):
        assert casme2.read_annotation(path)["emotion"].tolist() == ["happiness"]
