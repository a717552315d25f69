"""Findings on reported rows: what is impossible, copied, of other clips, or macro precision, each named so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mebench.errors import MebenchError
from mebench.leaderboard.class_counts import class_counts
from mebench.leaderboard.doubts import Doubt, doubts
from mebench.leaderboard.reported import Reported, read_reported
from mebench.leaderboard.rescored import Rescored, read_rescored, rescored_csv
from mebench.plugin.registry import Registry
from mebench.scoring.doubt.matrices import figures_of, read_matrix

SHIPPED = Path(__file__).parents[2] / "leaderboards" / "reported.csv"
HEADER = "protocol,part,model,method,year,uf1,uar,accuracy,samples,kind,source,caveat"
# UF1 .7353, UAR .7186, macro precision .7599.
MATRIX = "214,21,15;33,76,0;25,8,50"


def table(folder: Path, *rows: str) -> list[Reported]:
    (folder / "reported.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return read_reported(folder / "reported.csv")


def log_of(method: str, matrix: str = MATRIX, part: str = "all") -> Rescored:
    """Published predictions with this confusion matrix."""
    cells = read_matrix(matrix)
    exact = figures_of(cells)
    return Rescored(
        "megc2019", part, "", method, 2019, "their log", "0" * 64, sum(map(sum, cells)), 0,
        float(exact["uf1"]), None, None, float(exact["uar"]), None, None, float(exact["accuracy"]),
        float(exact["precision"]), cells, "", "",
    )  # fmt: skip


def kinds(found: list[Doubt]) -> list[str]:
    return [doubt.kind for doubt in found]


def test_the_baseline_of_megc2019_on_smic_is_found_in_the_shipped_table(registry: Registry) -> None:
    rows = [row for row in read_reported(SHIPPED) if row.protocol == "megc2019" and row.method == "LBP-TOP"]
    found = doubts(rows, [], registry)
    by_part = {rows[place].part: kinds(each) for place, each in found.items()}
    assert by_part == {
        "all": ["possible"],
        "smic": ["impossible"],
        "casme2": ["possible"],
        "samm": ["possible"],
    }
    assert [each for place in found for each in found[place] if each.matrix] == [
        each for place in found for each in found[place] if each.kind == "possible"
    ]
    assert found == doubts(rows, [], registry), "the same again"


def test_uar_that_is_macro_precision_is_found_with_the_matrix_of_a_published_log(
    tmp_path: Path, registry: Registry
) -> None:
    rows = table(
        tmp_path,
        "megc2019,all,ststnet,STSTNet,2019,.7353,.7599,,,reported,paper,",
        "megc2019,all,ststnet,STSTNet,2021,.7353,.7599,,,re-run,somebody,",
        "megc2019,all,,Other,2019,.7353,.7599,,,reported,paper,",
    )
    found = doubts(rows, [log_of("ststnet"), log_of("Another"), log_of("Other", part="smic")], registry)
    assert [kinds(found[place]) for place in found] == [
        ["precision-as-uar", "possible"],
        ["possible"],
        ["possible"],
    ]
    assert found[0][0].sentence.endswith("whose UAR is .7186; it is of the published predictions (their log)")


def test_ststnets_uar_is_found_in_the_shipped_tables(registry: Registry) -> None:
    rows = [row for row in read_reported(SHIPPED) if row.protocol == "megc2019" and row.method == "STSTNet"]
    found = doubts(rows, read_rescored(SHIPPED.with_name("rescored.csv")), registry)
    by_part = {rows[place].part: kinds(each) for place, each in found.items()}
    assert by_part == {
        "all": ["precision-as-uar", "possible"],
        "smic": ["precision-as-uar", "possible"],
        "casme2": ["impossible", "precision-as-uar"],
        "samm": ["precision-as-uar", "possible"],
    }
    assert "(219/280 + 62/87 + 59/75) / 3 = .760484" in found[0][0].proof


def test_a_known_matrix_of_other_clips_is_named(tmp_path: Path, registry: Registry) -> None:
    rows = table(tmp_path, "megc2019,all,,STSTNet,2019,.7353,,,,reported,paper,")
    found = doubts(rows, [log_of("STSTNet", "3 1 0;1 3 0;0 1 3")], registry)
    assert kinds(found[0]) == ["other-classes", "possible"]
    assert "of 4/4/4 clips, and the protocol has 442 clips (250/109/83)" in found[0][0].sentence


def test_the_same_digits_under_two_protocols_are_named_in_both_rows(
    tmp_path: Path, registry: Registry
) -> None:
    rows = table(
        tmp_path,
        "casme3-3c,all,,STSTNet,2019,0.3795,,,,reported,one,",
        "casme3-4c,all,,STSTNET,2019,.3795,,,,reported,two,",
        "casme3-4c,all,,RCN-A,2019,.3795,,,,reported,two,",
        "casme3-3c,all,,ELBPTOP,2019,.38,,,,reported,one,",
        "casme3-4c,all,,ELBPTOP,2019,.38,,,,reported,two,",
        "casme3-3c,all,,STSTNet,2019,0.3795,,,,reported,one again,",
    )
    found = doubts(rows, [], registry)
    twice = [place for place, each in found.items() if "printed-twice" in kinds(each)]
    assert twice == [0, 1, 5], "not other methods, nor figures of two digits"
    only = doubts(rows, [], registry, only="casme3-4c")
    assert only == {place: found[place] for place in (1, 2, 4)}


def test_figures_of_other_clips_than_the_protocols_are_named(tmp_path: Path, registry: Registry) -> None:
    rows = table(
        tmp_path,
        "casme3-3c,all,,A,2019,.3795,,,943,reported,one,",
        "casme3-3c,all,,B,2019,.3796,,,687,reported,one,",
        "casme3-3c,all,,C,2019,,,.6125,943,reported,one,",
    )
    found = doubts(rows, [], registry)
    assert [kinds(found[place]) for place in found] == [
        ["other-samples", "possible"],
        ["possible"],
        ["impossible", "other-samples"],
    ]
    assert "943 clips, and casme3-3c has 699 clips (457/55/187, v2) or 687 clips" in found[0][0].sentence
    assert "; the source's 943 clips are others" in found[2][0].sentence


def test_figures_that_another_edition_alone_can_have_are_told_from_impossible_ones(
    tmp_path: Path, registry: Registry
) -> None:
    # 131 of 249 clips; of 246, 129 are .5244 and 130 are .5285.
    rows = table(tmp_path, "casme2-5c,all,,A,2019,,,.5261,,reported,one,")
    found = doubts(rows, [], registry)
    assert kinds(found[0]) == ["other-edition"]
    assert "it is possible with 249 clips (32/63/27/28/99, 20190701)" in found[0][0].sentence
    assert found[0][0].matrix is not None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("casme3-unstated,all,,A,2025,,,.7708,,reported,one,", "no registered protocol"),
        ("cd6me,all,,A,2025,.178,,,,reported,one,", "detects action units alone"),
        ("dfme-7c,all,,A,2025,.4,,,,reported,one,", "declares no class counts"),
        ("megc2019,mmew,,A,2025,.4,,,,reported,one,", "declares no counts for a part mmew"),
        ("megc2019,all,,A,2025,,,,,reported,one,", "no figure is printed"),
        ("megc2019,all,,A,2025,1,,,,reported,one,", "has no digits"),
    ],
)
def test_a_row_that_cannot_be_looked_at_says_why(
    tmp_path: Path, registry: Registry, row: str, said: str
) -> None:
    found = doubts(table(tmp_path, row), [], registry)
    assert kinds(found[0]) == ["not-checkable"]
    assert said in found[0][0].sentence


def test_parts_are_datasets_of_the_protocol(registry: Registry) -> None:
    assert class_counts(registry, "megc2019", "smic")[0].sizes == (70, 51, 43)
    assert class_counts(registry, "megc2019", "samm")[0].classes == {
        "negative": 92,
        "positive": 26,
        "surprise": 15,
    }
    with pytest.raises(MebenchError, match="part s"):
        class_counts(registry, "megc2019", "s")


def test_the_commands_say_it_in_words_and_for_machines(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leaderboards").mkdir()
    table(
        tmp_path / "leaderboards",
        "megc2019,smic,,LBP-TOP,2013,0.2000,0.5280,,,reported,paper,",
        "megc2019,all,,STSTNet,2019,.7353,.7599,,,reported,paper,",
        "cd6me,all,,A,2025,.178,,,,reported,one,",
    )
    (tmp_path / "leaderboards/rescored.csv").write_text(rescored_csv([log_of("STSTNet")]), encoding="utf-8")
    said = call("leaderboard", "doubt")
    assert said.code == 0
    assert "megc2019, smic, LBP-TOP 2013: impossible" in said.out
    assert "3 rows: 1 impossible, 1 precision-as-uar, 1 not-checkable, 1 possible" in said.out
    found = json.loads(call("leaderboard", "doubt", "--protocol", "megc2019", "--json").out)
    assert [[each["kind"] for each in row["findings"]] for row in found] == [
        ["impossible"],
        ["precision-as-uar", "possible"],
    ]
    assert "did you mean 'megc2019'" in call("leaderboard", "doubt", "--protocol", "megc209").err
    one = json.loads(call("doubt", "--classes", "70,51,43", "--uf1", ".2000", "--uar", ".5280", "--json").out)
    assert one["kind"] == "impossible"
    assert one["proof"] == found[0]["findings"][0]["proof"]
    told = call("doubt", "--matrix", MATRIX, "--uf1", ".7353", "--uar", ".7599").out
    assert "possible: a confusion matrix with 250/109/83 clips" in told
    assert "the macro precision of the known confusion matrix" in told


def test_without_a_table_there_is_nothing_to_look_at(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mebench.leaderboard.figure_files.files", lambda _: tmp_path)
    said = call("leaderboard", "doubt")
    assert said.code == 0
    assert "leaderboards holds no reported.csv" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--classes 70,51,43", "no figure is given"),
        ("--uf1 .5", "what each class holds is not known"),
        ("--classes 70,51,43 --uf1 58.8", "is it percent? Then write .588"),
        ("--classes 70,5.5 --uf1 .58", "'5.5', not a whole number of clips"),
        ("--classes 70,-5 --uf1 .58", "'-5', not a whole number of clips"),
        ("--classes 70,51 --protocol megc2019 --uf1 .58", "give one of them"),
        ("--classes 70,51 --part smic --uf1 .58", "give --protocol with it"),
        ("--protocol megc2091 --uf1 .58", "did you mean 'megc2019'"),
        ("--classes 70,51 --matrix 3,1;2,4 --uf1 .58", "rows of 4/6 clips, and the classes hold 70/51"),
    ],
)
def test_what_is_asked_wrongly_is_said(call: Any, arguments: str, said: str) -> None:
    found = call("doubt", *arguments.split())
    assert found.code == 2
    assert said in found.err
