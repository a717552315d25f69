"""Cohorts as callers get them: what speaks against the data is said once for each cause."""

from __future__ import annotations

import warnings
from pathlib import Path

import openpyxl
import pytest

from mebench.cohort.building import Cohort
from mebench.cohort.opening import open_cohort, refuse_faults, warn_of_faults
from mebench.cohort.report import check_dataset
from mebench.data.locations import Location
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchWarning
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

CLASSES = "CASME2-ObjectiveClasses.xlsx"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> dict[str, Path]:
    """Small twins of CASME II and SAMM. Copy what you change."""
    folder = tmp_path_factory.mktemp("places")
    for name in ("casme2", "samm"):
        make_twin(load_dataset(registry, name), folder / name, TwinOptions(subjects=3, clips=6, size=32))
    return {name: folder / name for name in ("casme2", "samm")}


def copied(places: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Copy the annotations alone."""
    for name, place in places.items():
        (folder / name).mkdir()
        for book in place.glob("*.xlsx"):
            (folder / name / book.name).write_bytes(book.read_bytes())
    return {name: folder / name for name in places}


def opened(registry: Registry, name: str, places: dict[str, Path]) -> Cohort:
    data = {each: Location(place) for each, place in places.items()}
    return open_cohort(registry, name, data=data, pictures=False)


def test_a_missing_workbook_of_objective_classes_is_one_error(
    tmp_path: Path, registry: Registry, places: dict[str, Path]
) -> None:
    mine = copied(places, tmp_path)
    assert len(opened(registry, "megc2018", mine).data) == 2
    (mine["casme2"] / CLASSES).unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MebenchError) as caught:
            opened(registry, "megc2018", mine)
    assert "sorts clips by objective class" in str(caught.value)
    assert "none of the 18 clips of casme2 one: `mebench info casme2` says" in str(caught.value)
    assert CLASSES in registry.get("dataset", "casme2").needs
    # The check of the dataset alone ends in the same sentence.
    report = check_dataset(registry, "casme2", Location(mine["casme2"]), protocol="megc2018")
    assert report["refused"] == str(caught.value)


def change(book: Path, column: str, cells: dict[int, object]) -> None:
    """Write cells of a column, by row, into the sheet that has it."""
    opened_book = openpyxl.load_workbook(book)
    for sheet in opened_book:
        for header in sheet.iter_rows():
            for cell in header:
                if cell.value == column:
                    for row, value in cells.items():
                        sheet.cell(row, cell.column, value)
    opened_book.save(book)


def test_many_clips_with_one_fault_are_one_warning(
    tmp_path: Path, registry: Registry, places: dict[str, Path]
) -> None:
    mine = copied(places, tmp_path)
    book = mine["casme2"] / "CASME2-coding-20140508.xlsx"
    change(book, "Estimated Emotion", {2: "joy", **dict.fromkeys(range(3, 9), "glee")})
    change(book, "OffsetFrame", dict.fromkeys(range(9, 13), 0))
    cohort = opened(registry, "casme2-7c", mine)
    with pytest.warns(MebenchWarning) as told:
        warn_of_faults(cohort)
    lines = [str(warning.message) for warning in told]
    assert len(cohort.faults()) == 11
    assert len(lines) == 3
    assert lines[0].startswith("left out: 4 clips, the first casme2/")
    assert "(row 9): onset" in lines[0]
    assert lines[1].endswith("(row 2): emotion 'joy' is unknown to casme2-7c")
    assert lines[2].startswith("left out: 6 clips, the first casme2/")
    assert lines[2].endswith("(row 3): emotion 'glee' is unknown to casme2-7c")
    with pytest.raises(
        MebenchError, match=r"row 9, .*\(and 3 more for the same reason and 7 for other reasons\)"
    ):
        refuse_faults(cohort)


def test_what_is_not_understood_of_clips_that_take_part_is_one_warning(
    tmp_path: Path, registry: Registry, places: dict[str, Path]
) -> None:
    mine = copied(places, tmp_path)
    book = mine["samm"] / "SAMM_Micro_FACS_Codes_v2.xlsx"
    change(book, "Action Units", dict.fromkeys(range(15, 20), "12+soft focus"))
    with pytest.warns(MebenchWarning) as told:
        opened(registry, "samm-5c", mine)
    (line,) = [str(warning.message) for warning in told if "action units" in str(warning.message)]
    assert "clips, the first samm/" in line
    assert line.endswith("action units '12+soft focus': 'soft focus' not understood")
