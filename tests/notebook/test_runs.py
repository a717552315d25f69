"""Runs from Python: the same records, scores and rows that the command line gives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mebench
from mebench.cli import main


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> Path:
    """The folder of a finished run of two seeds. Copy it; do not change it."""
    runs = tmp_path_factory.mktemp("finished") / "runs"
    run = mebench.run(
        "difference-svm",
        "casme3-4c",
        data=twin,
        seeds=np.arange(2),
        set={"c": 0.5},
        runs=runs,
        progress=False,
    )
    assert not run.missing
    return runs


def said_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    with pytest.raises(SystemExit):
        main(list(arguments))
    return json.loads(capsys.readouterr().out)


def test_scores_are_those_that_show_prints(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = mebench.open_run(
        "casme3-4c/" + mebench.runs(finished).frame["run"].map(Path)[0].name, runs=finished
    )
    shown = said_json(capsys, "show", str(run.path), "--json")
    assert run.scores == {name: shown[name] for name in run.scores}
    assert run.info["seeds"] == [0, 1]
    assert run.info["changed_settings"] == {"c": 0.5}


def test_predictions_and_confusion_agree_with_the_scores(finished: Path) -> None:
    (row,) = mebench.runs(finished)
    run = mebench.open_run(row["run"])
    table = run.predictions
    assert len(table) == 2 * 12
    shares = table[[f"p_{name}" for name in run.info["classes"]]].to_numpy()
    assert np.allclose(shares.sum(axis=1), 1)
    counted = pd.crosstab(table["truth"], table["predicted"])
    for truth in run.confusion.index:
        for predicted in run.confusion.columns:
            there = truth in counted.index and predicted in counted.columns
            assert run.confusion.loc[truth, predicted] == (counted.loc[truth, predicted] if there else 0)
    right = (table["truth"] == table["predicted"]).groupby(table["seed"]).mean()
    assert run.scores["accuracy"]["per_seed"] == pytest.approx(list(right))


def test_runs_are_the_rows_that_list_runs_prints(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = mebench.runs(finished)
    assert list(runs) == said_json(capsys, "list", "runs", "--runs", str(finished), "--json")["runs"]
    frame = runs.frame
    assert frame.loc[0, ["model", "done", "folds"]].tolist() == ["difference-svm", 6, 6]
    assert frame.loc[0, "settings"] == {"c": 0.5}
    assert frame.loc[0, "uf1"] == mebench.open_run(runs[0]["run"]).scores["uf1"]["mean"]


def test_a_damaged_run_is_named_and_costs_only_itself(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "runs")
    (tmp_path / "runs/casme3-4c/broken-1").mkdir()
    (tmp_path / "runs/casme3-4c/broken-1/run.json").write_text("{")
    with pytest.warns(mebench.MebenchWarning, match="broken-1"):
        runs = mebench.runs(tmp_path / "runs")
    assert len(runs) == 1
    assert len(mebench.runs(tmp_path / "nowhere").frame) == 0


def test_a_run_with_a_fold_missing_has_no_score_and_the_same_call_completes_it(
    cohort: mebench.OpenCohort,
) -> None:
    run = mebench.run("majority", cohort, folds=1, progress=False)
    (done,) = run.path.glob("folds/*.json")
    before = done.stat().st_mtime_ns
    assert run.missing == [f"{fold.name} seed 0" for fold in cohort.folds[1:]]
    assert set(run.predictions["key"]) == set(cohort.clips["key"].iloc[cohort.folds[0].test])
    for ask in (lambda: run.scores, lambda: run.confusion):
        with pytest.raises(mebench.MebenchError, match="has no record, so there is no score"):
            ask()
    assert "2 folds missing" in repr(run)
    whole = mebench.run("majority", cohort, progress=False)
    assert whole.path == run.path
    assert not whole.missing
    assert done.stat().st_mtime_ns == before
    assert whole.scores["clips"] == 12


def test_the_command_line_finds_the_run_that_a_notebook_made(
    finished: Path, twin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = f"run difference-svm casme3-4c --data {twin} --seeds 0,1 --set c=0.5 --runs {finished} --json"
    said = said_json(capsys, *arguments.split())
    (row,) = mebench.runs(finished)
    assert said["run"] == row["run"]
    assert said["folds_done"] == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": "majorty"}, "no model named 'majorty': did you mean 'majority'"),
        ({"model": dict}, "is no model's name: a class of your own is run from its file"),
        ({"preset": "large"}, "no preset of Majority named 'large'"),
        ({"set": {"epoch": 3}}, "no setting of Majority named 'epoch'"),
        ({"model": "difference-svm", "set": {"c": -1}}, "setting 'c' of DifferenceSvm cannot be -1"),
        ({"model": "difference-svm", "set": {"size": [1, 2]}}, r"setting 'size' of .* cannot be \[1, 2\]"),
        ({"seeds": -1}, "the seed -1 is negative"),
        ({"seeds": [0, 0]}, "a seed is there twice in 0, 0"),
        ({"seeds": []}, "there is no seed to run with"),
        ({"seeds": "0,1"}, "the seed '0' is no whole number"),
        ({"seeds": 0.5}, "the seed 0.5 is no whole number"),
        ({"seeds": True}, "the seed True is no whole number"),
        ({"folds": 0}, "give a positive count"),
        ({"folds": ["spNO.9"]}, "no fold named 'spNO.9'"),
        ({"device": "gpu"}, "no device named 'gpu'"),
        ({"precision": "float16"}, "no precision named 'float16'.*bfloat16"),
        ({"workers": -1}, "-1 workers of 1 threads each"),
        ({"threads": 0}, "0 workers of 0 threads each"),
        ({"data": "x"}, "the cohort is open already"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_sentence_and_leaves_nothing(
    cohort: mebench.OpenCohort, tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(mebench.MebenchError, match=said):
        mebench.run(**{"model": "majority", "cohort": cohort, "progress": False, **arguments})
    assert not (tmp_path / "runs").exists()


def test_folds_are_a_count_a_text_or_names(cohort: mebench.OpenCohort) -> None:
    run = mebench.run("majority", cohort, folds=["spNO.1", "casme3/spNO.3"], progress=False)
    assert run.missing == ["casme3/spNO.2 seed 0"]


def test_a_run_says_nothing_without_progress_and_plain_lines_with_it(
    cohort: mebench.OpenCohort, capsys: pytest.CaptureFixture[str]
) -> None:
    mebench.run("majority", cohort, folds=1, progress=False)
    assert capsys.readouterr() == ("", "")
    mebench.run("majority", cohort, folds=2)
    said = capsys.readouterr()
    assert said.out == ""
    assert "[1/1] casme3/spNO.2 seed 0 done" in said.err
