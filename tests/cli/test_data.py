"""``mebench data``: twins are drawn, data is checked, and what is wrong is told with file, row and clip."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import openpyxl
import pytest

from mebench.data.clips.table import check_clips, clip_rows
from mebench.data.locations import Location, remember
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry

Cli = Callable[..., "CompletedProcess[str]"]

SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
ONSET, APEX, UNITS = 3, 4, 6  # columns of the sheet


def edit(folder: Path, change: Callable[[Any], object]) -> None:
    """Change the sheet ``label`` of a folder's workbook."""
    book = openpyxl.load_workbook(folder / SHEET)
    change(book["label"])
    book.save(folder / SHEET)


@pytest.fixture
def copy(tmp_path: Path, twin: Path) -> Path:
    """A twin of 12 clips that a test may change."""
    folder = tmp_path / "data"
    shutil.copytree(twin, folder)
    return folder


@pytest.fixture
def faulty(copy: Path) -> Path:
    """A twin whose row 3 has its onset after its offset."""
    edit(copy, lambda sheet: sheet.cell(3, ONSET, "9999"))
    return copy


def key_of_row(folder: Path, row: int) -> str:
    sheet = openpyxl.load_workbook(folder / SHEET)["label"]
    return "/".join(["casme3", *(str(sheet.cell(row, column).value) for column in (1, 2, 3))])


def one_line(finished: CompletedProcess[str]) -> str:
    """Return the error of a command that found something to mend: one sentence, no traceback."""
    assert finished.returncode == 2, finished.stderr
    errors = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "Traceback" not in finished.stderr
    return errors[0]


# ---- synth


def test_synth_draws_a_twin_that_check_accepts(cli: Cli, tmp_path: Path) -> None:
    made = cli("data", "synth", "casme3", "--out", "twin", "--subjects", "2", "--clips", "2", "--size", "32")
    assert made.returncode == 0, made.stderr
    frames = len(list((tmp_path / "twin").rglob("*.jpg")))
    assert f"wrote {frames} frames of a synthetic casme3 to twin" in made.stdout
    follow_up = made.stdout.splitlines()[-1].split(": mebench ")[1]
    checked = cli(*follow_up.split())
    assert checked.returncode == 0, checked.stderr
    assert "SYNTHETIC twin, not real data" in checked.stdout


def test_synth_refuses_a_folder_that_holds_something(cli: Cli, copy: Path) -> None:
    assert "is not empty" in one_line(cli("data", "synth", "casme3", "--out", copy))


def test_synth_says_which_annotation_file_is_not_there(cli: Cli, tmp_path: Path) -> None:
    finished = cli("data", "synth", "casme3", "--out", "twin", "--annotations", "nowhere.xlsx")
    assert "there is no annotation file nowhere.xlsx" in one_line(finished)
    assert not (tmp_path / "twin").exists()


def test_synth_of_an_unknown_dataset_gets_the_near_match(cli: Cli) -> None:
    assert "'casme3'" in one_line(cli("data", "synth", "casme4", "--out", "twin"))


# ---- check


def test_check_reports_a_sound_folder_for_people(cli: Cli, twin: Path) -> None:
    finished = cli("data", "check", "casme3", "--data", twin)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    lines = [" ".join(line.split()) for line in finished.stdout.splitlines()]
    for line in ("clips 12", "subjects 3", "missing frames none", f"folder {twin}"):
        assert line in lines
    assert "Dropped" not in finished.stdout
    # Invented clips are compared with nothing that the owner has.
    assert "Repairs" not in finished.stdout
    assert "expected" not in finished.stdout


def test_check_reports_a_sound_folder_for_machines(cli: Cli, twin: Path) -> None:
    finished = cli("data", "check", "casme3", "--data", twin, "--json")
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout)
    assert (report["clips"], report["subjects"], report["synthetic"]) == (12, 3, True)
    assert sum(report["emotions"].values()) == 12
    assert report["frames"] == len(list(twin.rglob("*.jpg")))
    assert (report["dropped"], report["missing_frames"], report["unreadable_pictures"]) == ([], {}, None)
    assert len(report["repairs"]["left_alone"]) == 7
    four = next(protocol for protocol in report["protocols"] if protocol["name"] == "casme3-4c")
    assert (four["clips"], four["folds"], sum(four["classes"].values())) == (12, 3, 12)
    assert len(four["manifest"]) == 64


def test_check_counts_missing_frames_and_names_dropped_clips(
    cli: Cli, copy: Path, registry: Registry
) -> None:
    casme3 = load_dataset(registry, "casme3")
    short, gone = list(clip_rows(casme3.read_annotation(copy / SHEET)))[:2]
    frame = casme3.layouts[0].path(copy, short, short.apex)
    frame.unlink()
    for number in range(gone.onset, gone.offset + 1):
        casme3.layouts[0].path(copy, gone, number).unlink()

    people = cli("data", "check", "casme3", "--data", copy)
    assert one_line(people) == (
        f"error: {copy / SHEET}, row 3, clip {gone.key}: none of its frames is on disk; mend the data, or leave "
        "such clips out with --allow-dropped, which the record will say"
    )
    assert f"  {gone.key} (row 3): none of its frames is on disk\n" in people.stdout
    assert "1 in 1 clips" in people.stdout

    machines = cli("data", "check", "casme3", "--data", copy, "--json")
    assert machines.returncode == 2
    report = json.loads(machines.stdout)
    assert report["missing_frames"] == {short.key: 1}
    assert report["dropped"] == [{"clip": gone.key, "row": 3, "reason": "none of its frames is on disk"}]
    assert report["clips"] == 11


def test_check_names_pictures_that_it_cannot_read_when_asked_to_open_them(cli: Cli, copy: Path) -> None:
    broken = sorted(copy.rglob("*.jpg"))[3]
    broken.write_text("this is no picture")
    people = cli("data", "check", "casme3", "--data", copy, "--pictures")
    assert f"  {broken}\n" in people.stdout
    report = json.loads(cli("data", "check", "casme3", "--data", copy, "--pictures", "--json").stdout)
    assert report["unreadable_pictures"] == [str(broken)]


def test_check_names_a_missing_column_with_the_header_that_is_there(cli: Cli, copy: Path) -> None:
    edit(copy, lambda sheet: sheet.cell(1, ONSET, "Start"))
    message = one_line(cli("data", "check", "casme3", "--data", copy))
    assert str(copy / SHEET) in message
    assert "lacks the column 'Onset'" in message
    assert "the header in row 1 has: Subject, Filename, Start, Apex" in message


def test_check_goes_on_without_a_column_of_apexes_or_action_units_and_says_so(cli: Cli, copy: Path) -> None:
    edit(copy, lambda sheet: (sheet.cell(1, APEX, "Peak"), sheet.cell(1, UNITS, "Codes")))
    said = cli("data", "check", "casme3", "--data", copy, "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["clips"] == 12
    assert said.stderr.count("has no column 'Apex', so no apex is known") == 1
    assert said.stderr.count("has no column 'AU', so no action units are known") == 1
    named = cli("data", "check", "casme3", "--data", copy, "--column", "apex=peak", "--column", "aus=codes")
    assert (named.returncode, named.stderr) == (0, "")


def test_check_of_data_that_nobody_has_located_lists_the_ways(cli: Cli) -> None:
    message = one_line(cli("data", "check", "casme3"))
    for way in ("mebench data add casme3 DIR", "--data DIR", "MEBENCH_DATA_CASME3", "--synthetic"):
        assert way in message


def test_check_shows_the_repairs_of_the_owners_workbook(
    cli: Cli, tmp_path: Path, registry: Registry, real_workbook: Path
) -> None:
    casme3 = load_dataset(registry, "casme3")
    table, _ = casme3.repairs.apply(casme3.read_annotation(real_workbook))
    for clip in clip_rows(check_clips(table)[0]):
        for number in range(clip.onset, clip.offset + 1):
            frame = casme3.layouts[0].path(tmp_path / "real", clip, number)
            frame.parent.mkdir(parents=True, exist_ok=True)
            frame.touch()
    finished = cli("data", "check", "casme3", "--data", "real", "--annotations", real_workbook)
    assert finished.returncode == 0, finished.stderr
    assert "casme3: real data" in finished.stdout
    assert finished.stdout.count("as published") == 3
    assert "Repairs applied (set casme3-v2)" in finished.stdout
    assert "  casme3/spNO.40/e/1812: offset 0 -> 1845 (the offset is 0; tvaranka/meb" in finished.stdout
    assert "Repairs left alone" not in finished.stdout

    asked = ("data", "check", "casme3", "--data", "real", "--annotations", real_workbook, "--repairs", "none")
    unrepaired = cli(*asked, "--json")
    report = json.loads(unrepaired.stdout)
    assert report["repairs"] == {"set": "none", "applied": [], "left_alone": []}
    assert {drop["clip"]: drop["reason"] for drop in report["dropped"]} == {
        "casme3/spNO.214/c/5": "its window of 115 seconds, 5 to 3460, is no expression (at most 60 seconds)",
        "casme3/spNO.216/d/3647": "onset 3647 comes after offset 2694",
        "casme3/spNO.40/e/1812": "onset 1812 comes after offset 0",
        "casme3/spNO.40/e/2327": "onset 2327 comes after offset 0",
    }
    assert unrepaired.returncode == 2


def test_check_names_replaced_apexes_and_units_that_were_not_understood(cli: Cli, copy: Path) -> None:
    edit(copy, lambda sheet: sheet.cell(3, APEX, "99999"))
    edit(copy, lambda sheet: [sheet.cell(row, APEX, "/") for row in range(5, 10)])
    edit(copy, lambda sheet: sheet.cell(4, UNITS, "4+soft focus"))
    people = cli("data", "check", "casme3", "--data", copy)
    assert people.returncode == 0, people.stderr
    said = " ".join(people.stdout.split())
    assert "apexes owner 6, middle: none given 5, middle: outside its window 1" in said
    assert f"{key_of_row(copy, 3)} (row 3): middle: outside its window" in said
    assert f"5 clips, the first {key_of_row(copy, 5)} (row 5): middle: none given" in said
    units = "action units '4+soft focus': 'soft focus' not understood"
    assert f"Action units not understood, so unknown {key_of_row(copy, 4)} (row 4): {units}" in said
    report = json.loads(cli("data", "check", "casme3", "--data", copy, "--json").stdout)
    assert report["apexes"]["middle: none given"] == 5
    assert [item["row"] for item in report["apexes_replaced"]] == [3, 5, 6, 7, 8, 9]
    assert report["action_units_not_understood"] == [{"clip": key_of_row(copy, 4), "row": 4, "reason": units}]
    assert report["remarks"] == []


# ---- a fault in the annotation


def test_an_onset_after_the_offset_is_named_with_file_row_and_clip_by_check(cli: Cli, faulty: Path) -> None:
    finished = cli("data", "check", "casme3", "--data", faulty)
    assert one_line(finished) == one_line(cli("run", "majority", "casme3", "--data", faulty))
    assert str(faulty / SHEET) in finished.stdout
    assert f"  {key_of_row(faulty, 3)} (row 3): onset 9999 comes after offset" in finished.stdout


def test_an_onset_after_the_offset_stops_a_run_with_file_row_and_clip(
    cli: Cli, faulty: Path, tmp_path: Path
) -> None:
    message = one_line(cli("run", "majority", "casme3-4c", "--data", faulty))
    for words in (str(faulty / SHEET), "row 3", key_of_row(faulty, 3), "onset 9999 comes after offset"):
        assert words in message
    assert "--allow-dropped" in message
    assert not (tmp_path / "runs").exists()


def test_a_run_that_allows_dropped_clips_goes_on_and_records_them(
    cli: Cli, faulty: Path, tmp_path: Path
) -> None:
    finished = cli("run", "majority", "casme3-4c", "--data", faulty, "--allow-dropped")
    assert finished.returncode == 0, finished.stderr
    (record,) = (tmp_path / "runs").rglob("run.json")
    cohort = json.loads(record.read_text())["cohort"]
    assert cohort["clips"] == 11
    (dropped,) = cohort["dropped_for_faults"]
    assert (dropped["clip"], dropped["row"]) == (key_of_row(faulty, 3), 3)
    assert dropped["reason"].startswith("onset 9999 comes after offset")


# ---- add and list


def test_a_folder_that_was_added_is_found_without_naming_it_again(cli: Cli, twin: Path) -> None:
    added = cli("data", "add", "casme3", twin)
    assert added.returncode == 0, added.stderr
    assert f"casme3: 12 clips in {twin}" in added.stdout
    assert any(
        line.split() == ["casme3", str(twin), "data", "add"]
        for line in cli("data", "list").stdout.splitlines()
    )
    assert f"{twin / SHEET}" in cli("data", "check", "casme3").stdout


def test_a_folder_that_cannot_be_read_is_not_remembered(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "is empty" in one_line(cli("data", "add", "casme3", "empty"))
    assert "empty" not in cli("data", "list").stdout


def test_the_environment_says_where_data_lies_before_what_was_added(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    remember("casme3", Location(twin))
    elsewhere = cli("data", "check", "casme3", MEBENCH_DATA_CASME3=str(tmp_path / "elsewhere"))
    assert f"the casme3 folder {tmp_path / 'elsewhere'} does not exist" in one_line(elsewhere)


def test_a_column_of_another_name_is_named_once_and_remembered(
    call: Callable[..., Any], twin: Path, tmp_path: Path
) -> None:
    root = tmp_path / "data"
    shutil.copytree(twin, root)
    sheet = next(root.glob("*part_A_ME_label*.xlsx"))
    book = openpyxl.load_workbook(sheet)
    header = next(cell for cell in book["label"][1] if cell.value == "emotion")
    header.value = "What it shows"
    book.save(sheet)
    refused = call("data", "check", "casme3", "--data", root)
    assert (refused.code, "lacks the column 'emotion'" in refused.err) == (2, True)
    assert "--column FIELD=HEADER" in refused.err
    near = call("data", "add", "casme3", root, "--column", "emotion=What it show")
    assert "has no column 'What it show': did you mean 'What it shows'?" in near.err
    named = ["--column", "emotion=what it shows"]
    assert call("data", "check", "casme3", "--data", root, *named).code == 0
    assert call("data", "add", "casme3", root, *named).code == 0
    whole = call("protocol", "export", "casme3-4c", "--data", twin).out
    assert call("protocol", "export", "casme3-4c").out == whole, "the cohort is that of the sheet as it was"
    assert call("protocol", "export", "casme3-4c", "--data", root, *named).out == whole
    composite = call("protocol", "export", "megc2019", *named)
    assert "--column FIELD=HEADER fits a protocol of one dataset: use `mebench data add`" in composite.err
