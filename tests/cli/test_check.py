"""``data check`` and ``run`` agree, and both say what lies where frames were expected."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from invented import invented_cohort

from mebench.cli.console import output
from mebench.cohort.building import build_part
from mebench.cohort.protocol import Expected
from mebench.data.clips.layout import forget_folders

Call = Callable[..., tuple[int, str, str]]

SHEET = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
FRAMES = Path("part_A/data/part_A")
ONSET, EMOTION = 3, 7  # columns of the sheet


@pytest.fixture
def data(tmp_path: Path, twin: Path) -> Path:
    """A twin of 12 clips that a test may change."""
    folder = tmp_path / "data"
    shutil.copytree(twin, folder)
    return folder


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Each call is a process of its own for a user: neither its console nor its folder lists last."""
    output.cache_clear()
    forget_folders()


def change_cell(folder: Path, row: int, header: str, value: object) -> None:
    book = openpyxl.load_workbook(folder / SHEET)
    sheet = book["label"]
    column = next(cell.column for cell in sheet[1] if cell.value == header)
    sheet.cell(row, column, value)
    book.save(folder / SHEET)


def both(call: Call, folder: Path, protocol: str = "casme3-4c") -> tuple[int, str]:
    """Return code and error of a check; a run's are the same."""
    check = call("data", "check", "casme3", "--data", folder, "--protocol", protocol)
    forget_folders()
    run = call("run", "majority", protocol, "--data", folder, "--workers", "1", "--folds", "1")
    # A run tells its progress besides, and of a run of the same command before.
    told = (line for line in run[2].splitlines() if re.match("error|warning", line))
    said = "".join(line + "\n" for line in told if "is a new run" not in line)
    assert (check[0], check[2]) == (run[0], said)
    return check[0], check[2]


# ---- the same judgement


def frames_gone(folder: Path) -> None:
    shutil.rmtree(next((folder / FRAMES).glob("*/*")))


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an onset after the apex": (
        lambda f: change_cell(f, 3, "Onset", 9999),
        "row 3, .*onset 9999 comes after",
    ),
    "an unknown emotion": (
        lambda f: change_cell(f, 4, "emotion", "bored"),
        "row 4, .*emotion 'bored' is unknown",
    ),
    "no frames of a clip": (frames_gone, "none of its frames is on disk"),
    "no annotation": (lambda f: (f / SHEET).unlink(), "holds no casme3 annotation"),
    "no column": (lambda f: change_cell(f, 1, "Onset", "Begin"), "lacks the column 'Onset'"),
    "one subject": (
        lambda f: [change_cell(f, row, "Subject", "spNO.1") for row in range(2, 14)],
        "",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), FAULTS.values(), ids=FAULTS)
def test_what_a_run_refuses_a_check_refuses_in_the_same_words(
    call: Call, data: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(data)
    code, error = both(call, data)
    assert code == 2
    assert re.search(said, error), error
    assert len(error.splitlines()) == 1


def test_what_a_run_takes_a_check_takes_with_the_same_warnings(call: Call, data: Path) -> None:
    assert both(call, data) == (0, "")
    for row in range(2, 14):
        change_cell(data, row, "emotion", "happy")
    code, warnings = both(call, data)
    assert code == 0
    assert "casme3-4c: the fold 'casme3/spNO.1' and 2 more trains on clips of one class alone" in warnings


def test_without_a_protocol_each_of_the_dataset_judges_and_one_that_refuses_is_enough(
    call: Call, data: Path
) -> None:
    change_cell(data, 4, "emotion", "bored")
    code, said, error = call("data", "check", "casme3", "--data", data)
    assert code == 2
    assert said.count("Dropped under casme3-") == 3
    assert "emotion 'bored' is unknown to casme3-3c" in error
    report = json.loads(call("data", "check", "casme3", "--data", data, "--json")[1])
    assert [len(protocol["dropped"]) for protocol in report["protocols"]] == [1, 1, 1]
    assert f"error: {report['refused']}\n" == error


def test_a_protocol_of_several_datasets_judges_this_ones_part(call: Call, tmp_path: Path) -> None:
    made = call("data", "synth", "samm", "--out", "samm", "--subjects", "2", "--clips", "4", "--size", "32")
    assert made[0] == 0, made
    code, said, error = call("data", "check", "samm", "--data", "samm", "--protocol", "megc2019")
    assert (code, error) == (0, "")
    assert "megc2019 (part samm)" in said
    code, _, error = call("data", "check", "samm", "--data", "samm", "--protocol", "casme3-4c")
    assert (code, error) == (
        2,
        "error: protocol 'casme3-4c' does not use the dataset 'samm' (known: casme3)\n",
    )
    assert (
        "did you mean 'megc2019'"
        in call("data", "check", "samm", "--data", "samm", "--protocol", "megc19")[2]
    )


def test_a_part_is_held_against_its_own_published_counts_alone() -> None:
    whole = invented_cohort(
        datasets=("casme3", "samm"),
        expected=Expected(99, datasets={"casme3": Expected(12), "samm": Expected(11)}),
    )
    parts = [build_part(whole.protocol, data) for data in whole.data]
    assert [part.differences() for part in parts] == [[], ["expected 11 clips of samm, found 12"]]
    assert whole.differences() == ["expected 99 clips, found 24", "expected 11 clips of samm, found 12"]


# ---- annotations alone


def test_an_annotation_file_alone_is_judged_and_frames_are_not_looked_for(call: Call, data: Path) -> None:
    code, said, error = call("data", "check", "casme3", "--data", data / SHEET)
    assert (code, error) == (0, "")
    assert re.search(
        r"^frames +not looked for: .* is a file, without a folder of frames; a run needs them$", said, re.M
    )
    report = json.loads(call("data", "check", "casme3", "--annotations", data / SHEET, "--json")[1])
    assert (report["clips"], report["frames"], report["missing_frames"]) == (12, None, None)
    change_cell(data, 3, "Onset", 9999)
    assert call("data", "check", "casme3", "--data", data / SHEET)[0] == 2
    code, _, error = call("run", "majority", "casme3", "--data", data / SHEET)
    assert code == 2
    assert f"{data / SHEET} is a file, and frames are needed too" in error


def test_a_folder_of_annotations_alone_is_judged_and_may_be_added(call: Call, data: Path) -> None:
    shutil.rmtree(data / "part_A")
    code, said, _ = call("data", "check", "casme3", "--data", data)
    assert code == 0
    assert f"not looked for: {data} holds no pictures" in said
    code, said, error = call("data", "add", "casme3", data)
    assert code == 0
    assert error == (
        f"warning: frames were not found ({data} holds no pictures): a run needs them, a list or a score does not\n"
    )
    assert call("protocol", "export", "casme3-4c")[1].count("\n") == 13
    assert "found no picture, but SYNTHETIC" in call("run", "majority", "casme3")[2]


def test_an_annotation_file_may_be_added_itself(call: Call, data: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "my labels.xlsx"
    alone.parent.mkdir()
    shutil.copyfile(data / SHEET, alone)
    assert call("data", "add", "casme3", alone)[0] == 0
    assert call("protocol", "export", "casme3-4c")[1].count("\n") == 13


# ---- what lies where frames were expected


def rename(folder: Path, to: str) -> None:
    for number, file in enumerate(sorted((folder / FRAMES).rglob("*.jpg"))):
        file.rename(file.with_name(to.format(stem=file.stem, n=number)))


def pack(folder: Path) -> None:
    with zipfile.ZipFile(folder / "part_A.zip", "w") as packed:
        packed.writestr("a", "")
    shutil.rmtree(folder / "part_A")


def film(folder: Path) -> None:
    shutil.rmtree(folder / "part_A")
    (folder / "video").mkdir()
    (folder / "video" / "sub1.avi").touch()
    (folder / "video" / "sub2.MP4").touch()


def deeper(folder: Path) -> None:
    (folder / "CASME3").mkdir()
    (folder / "part_A").rename(folder / "CASME3" / "part_A")


LAYING: dict[str, tuple[Callable[[Path], object], str]] = {
    "tif": (lambda f: rename(f, "{stem}.tif"), r"found \d+ \.tif files \(part_A/.*\.tif, .*\): save them as"),
    "other names": (
        lambda f: rename(f, "img_{n}.jpg"),
        r"found \d+ \.jpg files \(.*/img_0\.jpg.*\): rename or move",
    ),
    "videos": (
        film,
        r"found 1 \.avi file \(video/sub1.avi\) and 1 \.mp4 file \(video/sub2.MP4\): write their frames",
    ),
    "a zip": (pack, r"found 1 \.zip file \(part_A.zip\): unpack it there"),
    "a level of folders": (
        deeper,
        r"they lie in \S+/data/CASME3: give that folder, with --annotations \S+/data/cas",
    ),
}


@pytest.mark.parametrize(("lay", "said"), LAYING.values(), ids=LAYING)
def test_what_lies_where_frames_were_expected_is_named_with_what_to_do(
    call: Call, data: Path, lay: Callable[[Path], object], said: str
) -> None:
    lay(data)
    code, error = both(call, data)
    assert code == 2
    assert "holds no frames of any annotated subject" in error
    assert re.search(said, error), error
    report = call("data", "check", "casme3", "--data", data)
    assert re.search(r"^clips +12$", report[1], re.MULTILINE), "counts are told all the same"
    assert call("data", "add", "casme3", data)[0] == 2


def test_a_folder_too_deep_is_told_which_one_above_it_holds_the_frames(call: Call, data: Path) -> None:
    code, _, error = call(
        "run", "majority", "casme3", "--data", data / FRAMES / "spNO.1", "--annotations", data / SHEET
    )
    assert code == 2
    assert f"they lie in {data / FRAMES}: give that folder" in error


# ---- remembered places


def test_a_dataset_is_forgotten_and_a_variable_that_still_names_it_is_said(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("data", "add", "casme3", data)
    monkeypatch.setenv("MEBENCH_DATA_CASME3", "/elsewhere")
    code, said, error = call("data", "remove", "casme3")
    assert (code, said) == (0, f"casme3: {data} is forgotten; nothing in it was touched\n")
    assert "MEBENCH_DATA_CASME3 says that casme3 lies in /elsewhere" in error
    assert data.exists()
    code, _, error = call("data", "remove", "casme3")
    assert code == 2
    assert "no remembered dataset named 'casme3' (none is known); MEBENCH_DATA_CASME3 says" in error


def test_forgetting_what_is_not_remembered_gets_near_matches_of_what_is(call: Call, data: Path) -> None:
    call("data", "add", "casme3", data)
    assert call("data", "remove", "casme2")[2] == (
        "error: there is no remembered dataset named 'casme2': did you mean 'casme3'?\n"
    )


def test_adding_again_says_which_place_it_takes(call: Call, data: Path, twin: Path) -> None:
    call("data", "add", "casme3", twin)
    assert f"it takes the place of {twin}\n" in call("data", "add", "casme3", data)[1]
    assert "takes the place" not in call("data", "add", "casme3", data)[1]


def test_a_place_that_is_gone_is_marked_in_the_list(call: Call, data: Path) -> None:
    call("data", "add", "casme3", data)
    assert "not there any more" not in call("data", "list")[1]
    shutil.rmtree(data)
    assert f"{data} (not there any more)" in call("data", "list")[1]


@pytest.mark.parametrize("content", ["[]", '{"casme3": "here"}', '{"casme3": {}}', "{"])
def test_a_damaged_list_of_places_is_one_sentence(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setenv("MEBENCH_CONFIG", str(tmp_path))
    (tmp_path / "datasets.json").write_text(content)
    code, _, error = call("data", "list")
    assert code == 2
    assert re.fullmatch(r"error: \S+datasets\.json .*delete it, .*\n", error)


def test_a_configuration_folder_that_cannot_be_is_one_sentence(
    call: Call, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MEBENCH_CONFIG", str(tmp_path / "file" / "config"))
    code, _, error = call("data", "add", "casme3", data)
    assert code == 2
    assert re.fullmatch(r"error: .*file.*MEBENCH_CONFIG.*\n", error)
