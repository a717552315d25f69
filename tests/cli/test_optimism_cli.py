"""``mebench optimism`` and ``mebench run --selection``, as a user calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import mebench


def test_it_tells_what_the_choice_is_worth_and_finds_its_run_again(
    call: Callable[..., object], twin: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    command = ("ststnet", "casme3-4c", "--data", twin, "--set", "epochs=3", "--workers", "1")
    incomplete = call("optimism", *command, "--folds", "1")
    assert incomplete.code == 0
    assert "1 of 3 folds are recorded under the rule 'oracle'" in incomplete.out
    told = json.loads(call("optimism", *command, "--folds", "1", "--json").out)
    assert told["runs"] == {"oracle": told["run"]}
    assert "oracle" not in told
    told = call("optimism", *command)
    assert told.code == 0, told.err
    assert "ststnet under casme3-4c (SYNTHETIC data): what choosing the epoch is worth" in told.out
    assert "oracle - last" in told.out
    assert "of 3 folds, and in" in told.out
    assert "1 of 3 folds done, 2 to run" in told.err
    found = json.loads(call("optimism", *command, "--json").out)
    assert (found["selection"], found["synthetic"]) == ("oracle", True)
    assert [each["epochs"] for each in found["oracle"]["epochs"]] == [3, 3, 3]
    assert found["oracle"]["scores"]["accuracy"]["difference"] >= 0
    again = mebench.run(
        "ststnet",
        "casme3-4c",
        data=twin,
        set={"epochs": 3},
        runs=tmp_path / "runs",
        selection="oracle",
        progress=False,
    )
    assert str(again.path.relative_to(tmp_path)) == found["run"]
    assert "ORACLE" in repr(again)


def test_what_cannot_be_is_said_before_any_data_is_looked_for(call: Callable[..., object]) -> None:
    for command in (("optimism",), ("run", "--selection", "inner")):
        said = call(command[0], "majority", "casme3-4c", "--synthetic", *command[1:])
        assert said.code == 2
        assert "'majority' keeps no epochs" in said.err
        assert "drawing" not in said.err
    assert call("run", "ststnet", "casme3-4c", "--selection", "best").code == 2
    assert call("optimism", "ststnet", "casme3-4c", "--selection", "inner").code == 2


def test_too_few_subjects_for_the_inner_rule_cost_no_run(
    call: Callable[..., object], twin: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    said = call("optimism", "ststnet", "casme3-4c", "--data", twin, "--inner")
    assert said.code == 2
    assert "a fold has 2 of them where at least 3 are due" in said.err
    assert not (tmp_path / "runs").exists()
