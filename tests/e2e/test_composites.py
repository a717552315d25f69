"""Composite, hold-out, given-split and action unit protocols through the real command line, on small twins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
NEEDED = ("casme", "casme2", "samm", "smic-hs", "mmew", "casme3", "4dme", "dfme")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Path:
    """A folder with a small twin of every dataset that the protocols need."""
    root = tmp_path_factory.mktemp("twins")
    for name in NEEDED:
        make_twin(load_dataset(registry, name), root / name, TwinOptions(subjects=3, clips=4, size=32))
    return root


def run(cli: Cli, twins: Path, protocol: str, datasets: str, model: str = "majority") -> dict[str, Any]:
    data = [word for name in datasets.split() for word in ("--data", f"{name}={twins / name}")]
    done = cli("run", model, protocol, *data, "--json")
    assert done.returncode == 0, done.stderr
    scores: dict[str, Any] = json.loads(done.stdout)
    return scores


def test_a_composite_scores_each_of_its_datasets_and_all_together(cli: Cli, twins: Path) -> None:
    scores = run(cli, twins, "megc2019", "smic-hs casme2 samm", "difference-svm")
    assert set(scores["per_dataset"]) == {"smic-hs", "casme2", "samm"}
    assert scores["folds"] == scores["subjects"] == 9
    assert scores["clips"] == sum(block["clips"] for block in scores["per_dataset"].values())


def test_famnets_composite_counts_mmews_others_as_negative_only_on_demand(cli: Cli, twins: Path) -> None:
    names = "casme2 samm mmew"
    without, with_others = (
        run(cli, twins, p, names) for p in ("casme2-samm-mmew", "casme2-samm-mmew-others")
    )
    more = {
        label: with_others["per_class"][label]["support"] - without["per_class"][label]["support"]
        for label in without["classes"]
    }
    assert more["negative"] > 0
    assert more["positive"] == more["surprise"] == 0


def test_holding_a_database_out_trains_on_the_other(cli: Cli, twins: Path, tmp_path: Path) -> None:
    scores = run(cli, twins, "megc2018-hde", "casme2 samm")
    assert scores["folds"] == 2
    records = [json.loads(file.read_text()) for file in tmp_path.glob("runs/megc2018-hde/*/folds/*.json")]
    tested = {record["fold"]: len(record["predictions"]) for record in records}
    assert {record["fold"]: record["trained_on"] for record in records} == {
        "casme2": tested["samm"],
        "samm": tested["casme2"],
    }


def test_a_given_split_never_tests_its_training_part(cli: Cli, twins: Path, tmp_path: Path) -> None:
    run(cli, twins, "dfme-7c", "dfme")
    records = [json.loads(file.read_text()) for file in tmp_path.glob("runs/dfme-7c/*/folds/*.json")]
    assert {record["fold"] for record in records} == {"testA", "testB"}
    assert len({record["trained_on"] for record in records}) == 1


def test_action_units_are_scored_by_dataset_where_nothing_else_is_asked_for(cli: Cli, twins: Path) -> None:
    scores = run(cli, twins, "cd6me", "casme casme2 samm 4dme mmew casme3")
    assert scores["classes"] == []
    assert scores["folds"] == 6
    assert set(scores["au"]["per_dataset"]) == {"casme", "casme2", "samm", "4dme", "mmew", "casme3"}
    assert len(scores["au"]["names"]) == 12


def test_every_dataset_checks_its_own_twin(cli: Cli, twins: Path) -> None:
    for name in NEEDED:
        done = cli("data", "check", name, "--data", twins / name)
        assert done.returncode == 0, done.stderr
        assert "SYNTHETIC" in done.stdout
