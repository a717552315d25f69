"""How runs stand, as another process sees them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from invented import invented_cohort, store_run
from left_locks import LONG_AGO, leave_lock

from mebench.locks import LockFile
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.runner.watching import WatchedRuns

TASKS = tuple(Task(seed, f"casme3/spNO.{n}") for seed in (0, 1) for n in (1, 2, 3))


@pytest.fixture
def run(tmp_path: Path, registry: Registry) -> RunDirectory:
    """A run of six folds, all recorded."""
    entry = registry.get("model", "majority")
    return store_run(tmp_path / "runs", invented_cohort(), entry, entry.load()(), seeds=(0, 1))


def test_a_complete_run_is_said_to_be_so(run: RunDirectory) -> None:
    (standing,) = WatchedRuns(run.path.parents[1]).look()
    assert standing.run == f"four/{run.path.name}"
    assert (standing.done, standing.total, standing.seeds) == (6, 6, (0, 1))
    assert standing.complete
    assert WatchedRuns(run.path).look() == [standing], "one run's own folder will do"


def test_folds_are_running_while_who_claimed_them_lives(run: RunDirectory) -> None:
    watched = WatchedRuns(run.path.parents[1])
    run.record_file(TASKS[0]).unlink()
    run.record_file(TASKS[1]).unlink()
    claim = LockFile(run.claim_file(TASKS[0]))
    assert claim.take()
    leave_lock(run.claim_file(TASKS[1]), age=LONG_AGO, host="elsewhere")
    (standing,) = watched.look()
    assert (standing.done, standing.running) == (4, 1)
    assert not standing.complete
    claim.release()
    assert watched.look()[0].running == 0


def test_the_last_failure_is_told_until_its_fold_is_recorded(run: RunDirectory) -> None:
    watched = WatchedRuns(run.path.parents[1])
    records = {task: run.record_file(task).read_bytes() for task in TASKS[:2]}
    for age, task in enumerate(TASKS[:2]):
        run.record_file(task).unlink()
        run.write_failure(task, f"broke {task.fold}", "a trace")
        os.utime(run.failure_file(task), (time.time() - age, time.time() - age))
    (standing,) = watched.look()
    assert (standing.done, standing.failed) == (4, 2)
    assert standing.failure == "casme3/spNO.1 seed 0: broke casme3/spNO.1"
    run.record_file(TASKS[0]).write_bytes(records[TASKS[0]])
    (standing,) = watched.look()
    assert (standing.done, standing.failed) == (5, 1)
    assert standing.failure == "casme3/spNO.2 seed 0: broke casme3/spNO.2"


def test_the_pace_is_that_of_the_last_records_and_slows_while_none_comes(run: RunDirectory) -> None:
    begun = time.time()
    for number, task in enumerate(TASKS):
        os.utime(run.record_file(task), (begun + 10 * number, begun + 10 * number))
    for task in TASKS[4:]:
        run.record_file(task).unlink()
    claim = LockFile(run.claim_file(TASKS[4]))
    assert claim.take()
    now = begun + 30
    watched = WatchedRuns(run.path.parents[1], clock=lambda: now)
    (standing,) = watched.look()
    assert standing.rate == pytest.approx(6)
    assert standing.left == pytest.approx(20)
    now = begun + 60
    assert watched.look()[0].rate == pytest.approx(3)
    claim.release()
    assert watched.look()[0].rate is None, "nothing runs"


def test_a_run_that_cannot_be_read_costs_itself_alone(run: RunDirectory, registry: Registry) -> None:
    other = registry.get("model", "difference-svm")
    damaged = store_run(run.path.parents[1], invented_cohort(), other, other.load()())
    damaged.run_file.write_text("{")
    standings = {each.run: each for each in WatchedRuns(run.path.parents[1]).look()}
    assert standings[f"four/{run.path.name}"].complete
    assert "run.json" in standings[f"four/{damaged.path.name}"].problem


def test_seeds_that_are_added_meanwhile_are_seen(run: RunDirectory) -> None:
    watched = WatchedRuns(run.path.parents[1])
    assert watched.look()[0].total == 6
    run.write_run({**run.read_run(), "seeds": [0, 1, 2]})
    assert watched.look()[0].total == 9
