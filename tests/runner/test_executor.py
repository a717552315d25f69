"""Workers: each a fresh process, each death the loss of one fold, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psutil
import pytest
from odd_models import odd_job

from mebench.models.base import Progress
from mebench.runner.executor import run_jobs
from mebench.runner.jobs import Failure, FoldResult

KIT = Path(__file__).resolve().parents[1] / "kit"


def _outcomes(folder: Path, acts: dict[str, str], workers: int) -> dict[str, FoldResult | Failure]:
    """Run one job for each fold and return how each ended."""
    ended: dict[str, FoldResult | Failure] = {}
    started: set[str] = set()
    for event in run_jobs((odd_job(folder, fold, act) for fold, act in acts.items()), workers=workers):
        if event.outcome is None:
            started.add(event.task.fold)
        elif isinstance(event.outcome, Progress):
            assert event.task.fold in started
            assert event.outcome == Progress(1, 2, 0.5)
        else:
            assert event.task.fold not in ended
            ended[event.task.fold] = event.outcome
    assert started == set(ended)
    return ended


def _wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def _is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_fails_costs_its_own_fold_and_no_other(tmp_path: Path) -> None:
    acts = {
        "good-1": "",
        "raises": "raise",
        "killed": "kill",
        "aborts": "abort",
        "exits": "exit",
        "array": "array",
        "good-2": "",
    }
    ended = _outcomes(tmp_path, acts, workers=2)
    assert set(ended) == set(acts)
    reasons = {fold: o.reason for fold, o in ended.items() if isinstance(o, Failure)}
    assert set(reasons) == set(acts) - {"good-1", "good-2"}
    assert reasons["raises"] == "ValueError: odd on purpose"
    assert "its worker process was killed" in reasons["killed"]
    assert "SIGABRT" in reasons["aborts"]
    assert reasons["exits"] == "SystemExit: 0"
    assert "ndarray" in reasons["array"]
    raised = ended["raises"]
    assert isinstance(raised, Failure)
    assert 'raise ValueError("odd on\\npurpose")' in raised.trace
    for fold in ("good-1", "good-2"):
        result = ended[fold]
        assert isinstance(result, FoldResult)
        assert result.predictions.probabilities.shape == (1, 2)
        assert result.peak_memory_mib > 1


def test_what_a_worker_prints_goes_to_its_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = _outcomes(tmp_path, {"prints": "print", "silent": ""}, workers=2)
    assert all(isinstance(outcome, FoldResult) for outcome in ended.values())
    log = (tmp_path / "prints.log").read_text()
    assert "odd words on standard output" in log
    assert "odd words on standard error" in log
    assert (tmp_path / "silent.log").read_text() == ""
    printed = capfd.readouterr()
    assert "odd" not in printed.out + printed.err


def test_nothing_in_a_module_survives_from_one_fold_to_the_next(tmp_path: Path) -> None:
    ended = _outcomes(tmp_path, {"one": "count", "two": "count"}, workers=1)
    fits = [o.predictions.probabilities[0, 0] for o in ended.values() if isinstance(o, FoldResult)]
    assert fits == [0.1, 0.1]


def test_jobs_are_made_only_when_a_worker_is_free(tmp_path: Path) -> None:
    made: list[str] = []

    def jobs():  # type: ignore[no-untyped-def]
        for fold in ("one", "two", "three"):
            made.append(fold)
            yield odd_job(tmp_path, fold)

    events = run_jobs(jobs(), workers=1)
    next(events)
    assert made == ["one"]
    assert len([e for e in events if isinstance(e.outcome, FoldResult)]) == 3


def test_no_jobs_give_no_events() -> None:
    assert list(run_jobs([], workers=2)) == []


def test_closing_the_iterator_ends_the_workers_at_once(tmp_path: Path) -> None:
    jobs = [odd_job(tmp_path, name, "sleep") for name in ("one", "two")]
    events = run_jobs(jobs, workers=2)
    # Two that start, and two reports, which are sent after the process numbers are printed.
    assert len(list(islice(events, 4))) == 4
    workers = [int(job.log.read_text()) for job in jobs]
    assert not any(map(_is_gone, workers))
    began = time.monotonic()
    events.close()  # type: ignore[attr-defined]
    assert all(map(_is_gone, workers))
    assert time.monotonic() - began < 20


def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import odd_models; odd_models.run_and_sleep({str(tmp_path)!r})"],
        env={**os.environ, "PYTHONPATH": str(KIT)},
    )
    pid = tmp_path / "sleeper.log"
    assert _wait_for(lambda: pid.exists() and pid.read_text() != "")
    family = [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]
    assert int(pid.read_text()) in family
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    assert _wait_for(lambda: all(map(_is_gone, family)), seconds=10)


def test_the_order_of_a_set_is_the_same_in_every_worker_of_every_run() -> None:
    code = "from mebench.parallel import map_processes; print(*map_processes(hash, ['a', 'b'], 1))"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for seed in ("random", "1")
    }
    assert len(hashes) == 1


def test_a_source_that_has_no_job_at_the_moment_is_asked_again(tmp_path: Path) -> None:
    first, second = (odd_job(tmp_path, fold) for fold in ("a", "b"))
    events = run_jobs(iter([None, first, None, None, second, None]), workers=2)
    ended = [event.task.fold for event in events if isinstance(event.outcome, FoldResult)]
    assert sorted(ended) == ["a", "b"]
