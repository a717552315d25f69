"""``mebench merge``: what it prints, and that `show` scores what it joined."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented import invented_cohort, store_run

from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task

Call = Callable[..., Any]
FOLDS = [f"casme3/spNO.{n}" for n in (1, 2, 3)]


@pytest.fixture
def parts(tmp_path: Path, registry: Registry) -> list[RunDirectory]:
    """Two parts of one run, in the folders a and b: the first fold, and the others."""
    entry = registry.get("model", "majority")
    made = [store_run(tmp_path / name, invented_cohort(), entry, entry.load()(), wrong=2) for name in "ab"]
    for part, lost in zip(made, (FOLDS[1:], FOLDS[:1]), strict=True):
        for fold in lost:
            part.record_file(Task(0, fold)).unlink()
    return made


def test_parts_are_joined_reported_and_scored(call: Call, parts: list[RunDirectory]) -> None:
    name = parts[0].path.name
    said = call("merge", "a", "b", "--into", "all")
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == "Merged into all"
    assert said.out.splitlines()[2].split() == [f"all/four/{name}", *("2", "3", "0", "3", "of", "3")]
    shown = call("show", name, "--runs", "all", "--json")
    assert shown.code == 0, shown.err
    assert json.loads(shown.out)["confusion"]["sum"][0][1] == 1

    again = json.loads(call("merge", "a", "--into", "all", "--json").out)
    assert again == [
        {
            "run": f"all/four/{name}",
            "from": [f"a/four/{name}"],
            **{"joined": 0, "there": 3, "recorded": 3, "folds": 3},
        }
    ]


def test_a_disagreement_is_one_sentence(call: Call, parts: list[RunDirectory]) -> None:
    text = parts[1].cohort_file.read_text()
    parts[1].cohort_file.write_text(text.replace(",happy,", ",surprise,", 1))
    said = call("merge", "a", "b", "--into", "all")
    assert said.code == 2
    (line,) = said.err.splitlines()
    assert line.startswith("error: b/four/")
    assert "cohort.csv is not the one that its run was made with" in line


def test_a_folder_that_is_not_there_is_named(call: Call) -> None:
    said = call("merge", "nowhere", "--into", "all")
    assert said.code == 2
    assert "nowhere" in said.err
