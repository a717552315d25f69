"""``mebench protocol``: a cohort as a list to give away, and the list of somebody else to compare with."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

WORKBOOK = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"


Call = Callable[..., Any]


@pytest.fixture
def annotation(tmp_path: Path, twin: Path) -> Path:
    """A twin's workbook in a folder without a single frame: 12 clips, of which 3 show others."""
    (tmp_path / "annotation").mkdir()
    return Path(shutil.copy(twin / WORKBOOK, tmp_path / "annotation" / WORKBOOK))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_export_prints_the_list_and_writes_the_same_to_a_file(
    call: Call, annotation: Path, tmp_path: Path
) -> None:
    printed = call("protocol", "export", "casme3-4c", "--data", annotation)
    assert printed.code == 0, printed.err
    rows = rows_of(printed.out)
    assert len(rows) == 12
    assert all(
        row["key"] == "/".join(row[n] for n in ("dataset", "subject", "clip", "onset")) for row in rows
    )
    assert {row["fold"] for row in rows} == {"casme3/" + row["subject"] for row in rows}
    assert {row["class"] for row in rows} == {"negative", "positive", "surprise", "others"}
    assert {row["au4"] for row in rows} <= {"0", "1"}
    wrote = call("protocol", "export", "casme3-4c", "--data", annotation.parent, "--out", "list.csv")
    assert "wrote 12 clips of casme3-4c to list.csv; manifest " in wrote.out
    assert (tmp_path / "list.csv").read_text() == printed.out


def test_diff_accepts_the_exported_list(call: Call, annotation: Path) -> None:
    call("protocol", "export", "casme3-4c", "--data", annotation, "--out", "list.csv")
    said = call("protocol", "diff", "casme3-4c", "--list", "list.csv", "--data", annotation)
    assert said.code == 0, said.err
    assert "The same clips with the same labels." in said.out


def test_diff_names_each_clip_that_differs_and_why(call: Call, annotation: Path, tmp_path: Path) -> None:
    list_file = tmp_path / "list.csv"
    rows = rows_of(call("protocol", "export", "casme3-4c", "--data", annotation).out)
    others = next(row for row in rows if row["class"] == "others")
    kept = [row for row in rows if row["class"] != "others"]
    gone, changed = kept.pop(), kept[0]
    was, changed["class"] = changed["class"], "positive" if changed["class"] != "positive" else "negative"
    unheard = {**others, "subject": "spNO.999"}
    with list_file.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([*kept, {**others, "class": "negative"}, {**unheard, "class": "negative"}])
    diff = ["protocol", "diff", "casme3-3c", "--list", list_file, "--data", annotation]
    said = call(*diff)
    assert said.code == 2
    assert f"error: the cohort of casme3-3c differs from {list_file} in 4 clip(s)" in said.err
    assert f"  {others['key']}: 'others': not one of the three classes\n" in said.out
    assert f"  casme3/spNO.999/{others['clip']}/{others['onset']}: not in the annotation\n" in said.out
    assert f"  {gone['key']}\n" in said.out
    assert f"  {changed['key']}: {was} here, {changed['class']} in the list\n" in said.out
    found = json.loads(call(*diff, "--json").out)
    assert (len(found["missing"]), found["extra"]) == (2, [gone["key"]])
    assert found["labels"] == {changed["key"]: {"cohort": was, "list": changed["class"]}}
    assert found["clips"] == {"cohort": 9, "list": 10}


def test_a_faulty_row_is_named_and_its_clip_is_not_in_the_list(call: Call, annotation: Path) -> None:
    book = openpyxl.load_workbook(annotation)
    book["label"].cell(3, 3, "9999")  # an onset after its offset
    book.save(annotation)
    said = call("protocol", "export", "casme3-4c", "--data", annotation)
    assert said.code == 0
    assert len(rows_of(said.out)) == 11
    assert "9999 (row 3): onset 9999 comes after offset" in said.err


def test_the_owners_annotation_alone_gives_the_published_list(
    call: Call, real_workbook: Path, tmp_path: Path
) -> None:
    said = call("protocol", "export", "casme3-3c", "--data", real_workbook)
    assert (said.code, said.err) == (0, ""), "every count is the published one"
    rows = rows_of(said.out)
    assert len(rows) == 699
    # HTNet's list of 687 lacks, among others, all clips of spNO.9.
    shorter = [row for row in rows if row["subject"] != "spNO.9"]
    with (tmp_path / "shorter.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(shorter)
    told = call("protocol", "diff", "casme3-3c", "--list", "shorter.csv", "--data", real_workbook, "--json")
    found = json.loads(told.out)
    assert (told.code, found["missing"], found["labels"]) == (2, {}, {})
    assert found["extra"] == [row["key"] for row in rows if row["subject"] == "spNO.9"]
    assert len(found["extra"]) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "casme3-4"], "there is no protocol named 'casme3-4': did you mean 'casme3-4c'"),
        (["export", "casme3-4c"], "pass --data DIR, or set MEBENCH_DATA_CASME3\n"),
        (["export", "casme3-4c", "--data", "nowhere"], "nowhere"),
        (["diff", "casme3-4c", "--list", "nowhere", "--data", "x"], "nowhere cannot be read"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(call: Call, arguments: list[str], said: str) -> None:
    result = call("protocol", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert said in result.err


def test_a_list_without_onsets_ends_in_a_report_that_names_what_is_ambiguous(
    call: Call, annotation: Path, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(annotation)
    page = book["label"]
    # A second expression in the first recording, as most recordings of the real sheet have.
    page.append([cell.value for cell in page[2]])
    page.cell(page.max_row, 3, "5001")
    page.cell(page.max_row, 4, "5003")
    page.cell(page.max_row, 5, "5005")
    book.save(annotation)
    rows = rows_of(call("protocol", "export", "casme3-4c", "--data", annotation).out)
    text = "".join(f"{row['subject']},{row['clip']},{row['class']}\n" for row in rows)
    (tmp_path / "list.csv").write_text("sub,filename_o,label_for_4\n" + text + "spNO.1,zz,9\n")
    diff = ["protocol", "diff", "casme3-4c", "--list", "list.csv", "--data", annotation]
    said = call(*diff)
    assert said.code == 2
    assert "Unclear: 3 rows of the list that do not say which clip or class they mean" in said.out
    assert "fits 2 clips" in said.out
    found = json.loads(call(*diff, "--json").out)
    assert (len(found["unclear"]), found["missing"], found["extra"], found["labels"]) == (3, {}, [], {})
