"""``mebench compare``: which runs, how they differ, which clips changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.records import RunDirectory

Call = Callable[..., Any]
COHORT = invented_cohort(5, 4)
TRUTH = COHORT.clips["label"].to_numpy()
POOR = np.where(np.arange(len(TRUTH)) % 2, (TRUTH + 1) % len(EMOTIONS), TRUTH)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[RunDirectory, RunDirectory]:
    """A poor and a good run below ``runs``."""
    poor = record_run(tmp_path / "runs", COHORT, lambda _: POOR)
    return poor, record_run(tmp_path / "runs", COHORT, lambda _: TRUTH, model="difference-svm")


def test_runs_go_by_name_and_each_table_is_printed(
    call: Call, pair: tuple[RunDirectory, RunDirectory]
) -> None:
    poor, good = pair
    said = call("compare", poor.path.name, good.path.name)
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert ["A", f"runs/four/{poor.path.name}", "0"] in [line[:3] for line in lines]
    assert ["B", "-", "A", "UAR", "+50.00"] in [line[:5] for line in lines]
    assert ["B", "-", "A", "all", "20", "10", "0"] in lines
    assert "whose answer changed" not in said.out


def test_a_reference_decides_what_is_subtracted_from_what(
    call: Call, pair: tuple[RunDirectory, RunDirectory]
) -> None:
    poor, good = pair
    said = call("compare", poor.path.name, "--reference", good.path.name)
    assert ["B", "-", "A", "UAR", "-50.00"] in [line.split()[:5] for line in said.out.splitlines()]
    assert "A (reference)" in said.out


def test_clips_are_listed_on_demand(call: Call, pair: tuple[RunDirectory, RunDirectory]) -> None:
    said = call("compare", *(run.path for run in pair), "--clips")
    listed = [line.split() for line in said.out.splitlines() if line.startswith("gained")]
    assert len(listed) == 10
    assert listed[0] == ["gained", "casme3/spNO.1/b/10", "surprise", "disgust", "surprise"]


def test_out_writes_files_also_beside_json(
    call: Call, pair: tuple[RunDirectory, RunDirectory], tmp_path: Path
) -> None:
    names = [run.path.name for run in pair]
    said = call("compare", *names, "--out", tmp_path / "out", "--json")
    assert json.loads(said.out)["groups"]["uf1"] == {"B": "a", "A": "a"}, "of 5 subjects p is .06 at least"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        *("comparison.csv", "comparison.md", "comparison.tex")
    ]
    (tmp_path / "file").touch()
    refused = call("compare", *names, "--out", tmp_path / "file" / "out")
    assert refused.code == 2
    assert "choose another --out folder" in refused.err


def test_ranks_over_protocols_need_three_of_them(call: Call, pair: tuple[RunDirectory, RunDirectory]) -> None:
    said = call("compare", *(run.path for run in pair), "--over-protocols")
    assert said.code == 2
    assert "these runs are of 1 protocol(s) (four), and ranks over protocols need 3 or more" in said.err
    said = call("compare", *(run.path for run in pair), "--over-protocols", "--clips")
    assert "takes neither --reference nor --clips" in said.err


def test_json_has_everything_and_nothing_but_json(
    call: Call, pair: tuple[RunDirectory, RunDirectory]
) -> None:
    found = json.loads(call("compare", *(run.path.name for run in pair), "--json").out)
    assert found["pairs"][0]["scores"]["uar"]["difference"] == 0.5
    assert len(found["pairs"][0]["changed"]["clips"]) == 10
    assert found["runs"]["A"]["manifest"] == COHORT.manifest
    assert (found["permutations"], found["replicates"], found["level"]) == (10_000, 2000, 0.95)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["majoritee"], "there is no run named 'majoritee' in runs"),
        (["GOOD"], "a comparison needs two runs or more"),
        (["GOOD", "GOOD"], "is named twice: a run does not differ from itself"),
        (["GOOD", "--reference", "none"], "there is no run named 'none' in runs"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    call: Call, pair: tuple[RunDirectory, RunDirectory], arguments: list[str], sentence: str
) -> None:
    said = call("compare", *(pair[1].path.name if each == "GOOD" else each for each in arguments))
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_what_a_reader_could_overlook_stands_below(call: Call, tmp_path: Path) -> None:
    for model, seeds in (("majority", (0, 1)), ("difference-svm", (1,))):
        record_run(tmp_path / "runs", COHORT, lambda _: TRUTH, model=model, seeds=seeds)
    said = call("compare", *sorted((tmp_path / "runs/four").iterdir()))
    assert "B answers as A does for every clip" in said.out
    assert "seeds 1 alone, which both have" in said.out
