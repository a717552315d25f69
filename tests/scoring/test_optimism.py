"""What choosing the epoch is worth: figures of a choice beside those of the last epoch, from records."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from chosen_epochs import record_epochs
from invented import invented_cohort
from recorded_runs import record_run

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.leaderboard.build import build_leaderboards
from mebench.records import RunDirectory, Task
from mebench.runner.merge import merge_runs
from mebench.scoring.listing import run_rows, runs_table
from mebench.scoring.optimism import ChosenEpoch, inner_beside, optimism_of
from mebench.scoring.optimism_tables import (
    epochs_note,
    epochs_table,
    optimism_title,
    rule_table,
    seeds_note,
)
from mebench.scoring.rebuild import score_run
from mebench.scoring.tables import title_of


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return invented_cohort(6, 4, datasets=("casme3", "samm"))


def answers(cohort: Cohort, task: Task, share: float, number: int) -> np.ndarray:
    """Class numbers of which about a share is wrong; of each fold, seed and number others."""
    random = np.random.default_rng([task.seed, len(task.fold), ord(task.fold[-1]), number])
    truth = cohort.clips["label"].to_numpy()
    return np.where(random.random(len(truth)) < share, (truth + 1) % 4, truth)


def oracle_of(runs: Path, cohort: Cohort, seeds: tuple[int, ...] = (0, 1)) -> RunDirectory:
    return record_epochs(
        runs, cohort, lambda task: [answers(cohort, task, 0.5, n) for n in range(5)], seeds=seeds
    )


def test_both_scores_are_those_of_the_runs_and_the_difference_is_theirs(
    cohort: Cohort, tmp_path: Path
) -> None:
    oracle = oracle_of(tmp_path / "oracle", cohort)
    last = record_run(tmp_path / "last", cohort, lambda task: answers(cohort, task, 0.5, 4), seeds=(0, 1))
    found = optimism_of(oracle)
    assert set(found["scores"]) == {"uf1", "uar", "accuracy"}
    chosen, plain = score_run(oracle), score_run(last)
    for name, each in found["scores"].items():
        assert each["chosen"] == pytest.approx(chosen[name]["mean"])
        assert each["last"] == pytest.approx(plain[name]["mean"])
        assert each["difference"] == pytest.approx(chosen[name]["mean"] - plain[name]["mean"])
        assert each["low"] <= each["difference"] <= each["high"]
    assert found["scores"]["accuracy"]["difference"] > 0.1, "of five epochs the best is better than the last"


def test_the_epochs_chosen_are_those_of_the_records(cohort: Cohort, tmp_path: Path) -> None:
    oracle = oracle_of(tmp_path, cohort)
    epochs = optimism_of(oracle)["epochs"]
    assert [(each["fold"], each["seed"]) for each in epochs] == [
        (fold.name, seed) for seed in (0, 1) for fold in cohort.folds
    ]
    for each in epochs:
        record = oracle.read_record(Task(each["seed"], each["fold"]))
        assert record is not None
        assert (each["epoch"], each["epochs"]) == (record["epoch"], 5)
        assert each["epoch"] == min(each["equal_epochs"])


def test_the_inner_rule_stands_beside_the_last_epoch_of_the_whole_training(
    cohort: Cohort, tmp_path: Path
) -> None:
    oracle = oracle_of(tmp_path / "oracle", cohort)
    inner = record_epochs(
        tmp_path / "inner",
        cohort,
        lambda task: [answers(cohort, task, 0.3, 9)] * 2,
        selection="inner",
        seeds=(0, 1),
    )
    found = inner_beside(oracle, inner)
    assert found["scores"]["uf1"]["last"] == optimism_of(oracle)["scores"]["uf1"]["last"]
    assert found["scores"]["uf1"]["chosen"] == pytest.approx(score_run(inner)["uf1"]["mean"])
    assert {each["epoch"] for each in found["epochs"]} == {1}


def test_the_inner_rule_is_told_of_the_seeds_that_both_runs_have(cohort: Cohort, tmp_path: Path) -> None:
    oracle = oracle_of(tmp_path / "oracle", cohort, seeds=(0, 1))
    wide, narrow = (
        record_epochs(
            tmp_path / f"inner{len(seeds)}",
            cohort,
            lambda task: [answers(cohort, task, 0.3, 9)] * 2,
            selection="inner",
            seeds=seeds,
        )
        for seeds in ((1, 2), (1,))
    )
    found = inner_beside(oracle, wide)
    assert found == inner_beside(oracle, narrow)
    assert found["seeds"] == [1]
    assert {each["seed"] for each in found["epochs"]} == {1}
    assert optimism_of(oracle)["seeds"] == [0, 1]
    assert seeds_note(oracle.read_run(), [0, 1]) == ""
    assert seeds_note(oracle.read_run(), found["seeds"]) == "seed(s) 1 alone, which both runs have"


def test_a_run_that_chose_nothing_on_test_clips_is_refused(cohort: Cohort, tmp_path: Path) -> None:
    last = record_run(tmp_path, cohort, lambda task: answers(cohort, task, 0.5, 4))
    with pytest.raises(MebenchError, match="followed the epoch rule 'last', and only a run under 'oracle'"):
        optimism_of(last)


def test_a_missing_fold_leaves_no_figure(cohort: Cohort, tmp_path: Path) -> None:
    oracle = oracle_of(tmp_path, cohort, (0,))
    oracle.record_file(Task(0, cohort.folds[0].name)).unlink()
    with pytest.raises(MebenchError, match="has no record"):
        optimism_of(oracle)


def test_tables_give_points_with_their_sign(cohort: Cohort, tmp_path: Path) -> None:
    oracle = oracle_of(tmp_path, cohort)
    found = optimism_of(oracle)
    table = rule_table("oracle", found["scores"])
    assert table.columns == ("score", "last", "oracle", "oracle - last", "95 % interval")
    uf1 = found["scores"]["uf1"]
    assert table.rows[0][:4] == (
        "UF1",
        f"{100 * uf1['last']:.2f}",
        f"{100 * uf1['chosen']:.2f}",
        f"{100 * uf1['difference']:+.2f}",
    )
    assert optimism_title(oracle.read_run()) == "ststnet under four: what choosing the epoch is worth"


def chosen(*places: tuple[int, int], seed: int = 0) -> list[ChosenEpoch]:
    return [
        {"fold": str(i), "seed": seed, "epoch": epoch, "epochs": epochs, "equal_epochs": [epoch]}
        for i, (epoch, epochs) in enumerate(places)
    ]


def test_epochs_are_counted_in_at_most_ten_parts() -> None:
    table = epochs_table("oracle", chosen((1, 25), (2, 25), (3, 25), (25, 25)))
    assert (table.columns, len(table.rows)) == (("epochs", "folds"), 10)
    assert table.rows[0] == ("1 to 2", 2)
    assert table.rows[1] == ("3 to 5", 1)
    assert table.rows[-1] == ("23 to 25", 1)
    assert [row[0] for row in epochs_table("oracle", chosen((1, 3), (3, 3))).rows] == ["1", "2", "3"]


def test_folds_of_unequal_length_are_counted_by_the_share_of_their_training() -> None:
    table = epochs_table("oracle", chosen((1, 10), (20, 20), (11, 20)))
    assert table.columns == ("% of training", "folds")
    assert [row for row in table.rows if row[1]] == [("1 to 10", 1), ("51 to 60", 1), ("91 to 100", 1)]


def test_it_is_said_how_often_the_last_epoch_was_as_good() -> None:
    found = chosen((3, 3), (1, 3), (2, 3))
    found[1]["equal_epochs"] = [1, 3]
    assert epochs_note(found).startswith(
        "the last epoch was chosen in 1 of 3 folds, and in 2 none was better"
    )
    assert "1 of 3 folds of all seeds" in epochs_note([*found[:2], *chosen((1, 3), seed=1)])


def test_every_title_and_list_marks_an_oracle_run(cohort: Cohort, tmp_path: Path) -> None:
    oracle = oracle_of(tmp_path, cohort)
    assert title_of(oracle.read_run()) == "ststnet under four (ORACLE: epochs chosen on the test clips)"
    (row,) = run_rows(tmp_path)
    assert row["selection"] == "oracle"
    assert "ORACLE" in runs_table("", [row]).rows[0][-1]
    assert oracle.about()["selection"] == "oracle"


def test_a_board_never_ranks_an_oracle_run_and_tells_its_last_epochs_beside_it(tmp_path: Path) -> None:
    for name, each in (("real", invented_cohort()), ("drawn", invented_cohort(twin=True))):
        oracle = oracle_of(tmp_path / name, each, (0,))
        built = build_leaderboards(tmp_path / name, tmp_path / f"{name}-tables")
        assert not built.left_out
        text = (
            tmp_path / f"{name}-tables" / ("synthetic/four.md" if name == "drawn" else "four.md")
        ).read_text()
        assert "## Reproduced" not in text
        assert "ORACLE: epochs chosen on the test clips" in text
        found = optimism_of(oracle)["scores"]["uf1"]
        assert f"| {100 * found['last']:.2f} | +{100 * found['difference']:.2f} " in text


def test_parts_of_an_oracle_run_are_merged_and_their_last_epochs_must_agree(
    cohort: Cohort, tmp_path: Path
) -> None:
    oracle = oracle_of(tmp_path / "a", cohort, (0,))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (joined,) = merge_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    assert optimism_of(joined.directory) == optimism_of(oracle)
    # The same epoch is chosen, and the last answers otherwise.
    other = record_epochs(
        tmp_path / "c",
        cohort,
        lambda task: [
            *(answers(cohort, task, 0.5, n) for n in range(4)),
            (cohort.clips["label"].to_numpy() + 1) % 4,
        ],
    )
    tasks = [Task(0, fold.name) for fold in cohort.folds]
    here, there = ([each.read_record(task) for task in tasks] for each in (oracle, other))
    assert any(
        a["predictions"] == b["predictions"] and a["last"] != b["last"]
        for a, b in zip(here, there, strict=True)
    )
    with pytest.raises(MebenchError, match="predict differently"):
        merge_runs([tmp_path / "a", tmp_path / "c"], tmp_path / "all too")
