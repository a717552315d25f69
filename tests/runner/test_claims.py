"""Which folds a process gets of a run that it shares, and what it hears of the others."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from invented import invented_cohort, store_run

from mebench import locks
from mebench.errors import MebenchError, MebenchNotice
from mebench.files import write_atomically
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task
from mebench.runner.claims import Claims, share
from mebench.runner.completion import forget_scores, settle

TASKS = tuple(Task(0, f"casme3/spNO.{n}") for n in (1, 2, 3))


@pytest.fixture
def run(tmp_path: Path, registry: Registry) -> RunDirectory:
    """A run whose folds are recorded."""
    entry = registry.get("model", "majority")
    return store_run(tmp_path / "runs", invented_cohort(), entry, entry.load()())


@pytest.fixture
def begun(run: RunDirectory) -> RunDirectory:
    """A run of which no fold is recorded, though what will be is kept aside."""
    for task in TASKS:
        run.record_file(task).rename(run.path / f"{task.stem}.kept")
    return run


def _record(run: RunDirectory, task: Task) -> None:
    (run.path / f"{task.stem}.kept").rename(run.record_file(task))


class Heard(list[tuple[Task, "str | None"]]):
    """What a process is told of the folds of others."""

    def __call__(self, claims: Claims, task: Task, problem: str | None) -> None:
        self.append((task, problem))


def _refused(claims: Claims, error: MebenchError) -> None:
    raise error


def _sharing(run: RunDirectory) -> tuple[Iterator[Task | None], Claims, Heard]:
    claims, heard = Claims(run), Heard()
    shared = share([(claims, task) for task in TASKS], heard, _refused)
    return (each and each[1] for each in shared), claims, heard


def test_two_that_share_get_each_fold_once(begun: RunDirectory) -> None:
    (one, claims, heard), (other, other_claims, _) = _sharing(begun), _sharing(begun)
    assert [next(one), next(other), next(one)] == list(TASKS)
    assert next(other) is None
    _record(begun, TASKS[0])
    claims.release(TASKS[0])
    claims.release(TASKS[2])  # it was interrupted
    assert next(other) == TASKS[2]
    _record(begun, TASKS[1])
    other_claims.release(TASKS[1])
    assert list(one) == [], "what another ran is not run again, nor what this one tried"
    assert heard == [(TASKS[1], None)]


def test_a_claim_is_no_record(begun: RunDirectory) -> None:
    tasks, claims, _ = _sharing(begun)
    next(tasks)
    assert list(begun.path.glob("folds/*.json")) == []
    assert not begun.has_record(TASKS[0])
    claims.release_all()
    assert list(begun.path.glob("folds/*")) == []


def test_a_fold_that_fails_elsewhere_meanwhile_is_not_tried_again_here(begun: RunDirectory) -> None:
    begun.write_failure(TASKS[1], "ValueError: of yesterday", "Traceback")
    tasks, _, heard = _sharing(begun)
    assert next(tasks) == TASKS[0]
    begun.write_failure(TASKS[2], "ValueError: odd", "Traceback")
    assert next(tasks) == TASKS[1], "a failure of before is tried again"
    assert list(tasks) == []
    assert heard == [(TASKS[2], "ValueError: odd")]


def test_a_record_that_does_not_count_keeps_nobody_from_its_fold(begun: RunDirectory) -> None:
    write_atomically(begun.record_file(TASKS[0]), "{")
    tasks, _, heard = _sharing(begun)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert next(tasks) == TASKS[0]
    assert not heard


def test_who_takes_a_fold_removes_what_a_killed_process_left_of_its_record(begun: RunDirectory) -> None:
    left = begun.path / "folds" / f".{TASKS[0].stem}.json.0123456789abcdef.tmp"
    of_another = begun.path / "folds" / f".{TASKS[1].stem}.json.0123456789abcdef.tmp"
    for file in (left, of_another):
        file.write_text("{")
    tasks, _, _ = _sharing(begun)
    assert next(tasks) == TASKS[0]
    assert not left.exists()
    assert of_another.exists()


def test_who_has_no_fold_of_his_own_says_whom_he_waits_for(
    begun: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.0)
    first, claims, _ = _sharing(begun)
    assert [next(first) for _ in range(2)] == list(TASKS[:2])
    second, own, _ = _sharing(begun)
    assert next(second) == TASKS[2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert next(second) is None
    _record(begun, TASKS[2])
    own.release(TASKS[2])
    with pytest.warns(MebenchNotice, match=r"for 2 folds that others run \(2 by process \d+ on .*\)"):
        assert next(second) is None
    assert len(claims) == 2


def test_a_run_gets_its_scores_once_nothing_is_missing_and_loses_them_when_something_is(
    run: RunDirectory,
) -> None:
    standing = settle(run)
    assert standing.scores is not None
    written = run.scores_file.read_bytes()
    forget_scores(run, TASKS)
    assert run.scores_file.read_bytes() == written, "nothing is missing"
    forget_scores(run, (*TASKS, Task(1, TASKS[0].fold)))
    assert not run.scores_file.exists()
    settle(run)
    assert run.scores_file.read_bytes() == written
    kept = run.record_file(TASKS[0]).rename(run.path / "kept")
    assert settle(run).missing == (TASKS[0],)
    assert not run.scores_file.exists()
    kept.rename(run.record_file(TASKS[0]))
