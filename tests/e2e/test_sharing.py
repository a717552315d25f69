"""One run in several processes: they share its folds, take over from the dead, and end one by one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from odd_runs import (
    begin,
    events,
    in_flight,
    odd_environment,
    only_run,
    predictions,
    records,
    times,
    wait_for,
)

from mebench.records import RunDirectory

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, str]:
    """The environment in which the model ``odd`` is installed by a package of its own."""
    return odd_environment(tmp_path)


@pytest.fixture
def another(tmp_path: Path, twin: Path, odd: dict[str, str]) -> Iterator[Begin]:
    """Begin further processes on the run; they are ended at last."""
    begun = []

    def start(*options: str, **environment: str) -> subprocess.Popen[str]:
        begun.append(begin(tmp_path, twin, {**odd, **environment}, *options))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def _claims(tmp_path: Path) -> dict[str, int]:
    """Return which process has claimed which fold."""
    found = {}
    for file in tmp_path.glob("runs/*/*/folds/*.claim"):
        try:
            found[file.stem] = json.loads(file.read_text())["pid"]
        except (FileNotFoundError, ValueError):
            continue
    return found


def _said_it_waits(process: subprocess.Popen[str]) -> str:
    """Return the first line in which a process says that it waits; until then it said other things."""
    assert process.stderr is not None
    return next(line for line in process.stderr if line.startswith("waiting since "))


def _nothing_left(directory: RunDirectory) -> bool:
    names = [path.name for path in directory.path.rglob("*")]
    return not [name for name in names if name.endswith((".claim", ".tmp", ".takeover", ".lock"))]


def test_processes_that_run_at_once_share_the_folds_and_give_the_bytes_of_one(
    cli: Cli, tmp_path: Path, twin: Path, odd: dict[str, str], another: Begin
) -> None:
    gate = tmp_path / "gate"
    asked = ("0,1", "1,2", "0,1,2")
    processes = [another("--workers", "1", "--seeds", seeds, ODD_GATE=str(gate)) for seeds in asked]
    assert wait_for(lambda: set(_claims(tmp_path).values()) == {p.pid for p in processes})
    gate.touch()
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said

    directory = only_run(tmp_path / "runs")
    assert directory.read_run()["seeds"] == [0, 1, 2]
    assert len(records(directory)) == 9
    ran = [
        [line for line in stderr.splitlines() if " done" in line and "folds done" not in line]
        for _, stderr in said
    ]
    own = [[line for line in lines if "by another process" not in line] for lines in ran]
    assert all(own)
    assert sum(map(len, own)) == 9, "no fold was run twice"
    assert "seeds 0, 1, 2" in said[2][0], "who asked for everything ends with the scores"
    told = events(directory)
    assert Counter(event for _, event in told) >= Counter(run_started=3, fold_done=9, run_finished=1)
    assert len({process for process, event in told if event == "fold_done"}) == 3
    assert _nothing_left(directory)

    alone = cli("run", "odd", "casme3-4c", "--data", twin, "--seeds", "0,1,2", "--runs", "alone", **odd)
    assert alone.stdout.replace("records: alone", "records: runs") == said[2][0]
    assert predictions(directory) == predictions(only_run(tmp_path / "alone"))
    assert directory.scores_file.read_bytes() == only_run(tmp_path / "alone").scores_file.read_bytes()


def test_the_folds_of_a_killed_process_are_taken_over_by_who_waits_for_them(
    tmp_path: Path, twin: Path, odd: dict[str, str], another: Begin
) -> None:
    with in_flight(tmp_path, twin, odd) as run:
        second = another()
        assert f"for 2 folds that others run (2 by process {run.process.pid} on " in _said_it_waits(second)
        run.process.send_signal(signal.SIGKILL)
        stdout, stderr = second.communicate(timeout=60)
    assert second.returncode == 0, stderr
    assert "UF1" in stdout
    assert len(records(run.directory)) == 3
    assert run.directory.scores_file.exists()
    assert _nothing_left(run.directory)


def test_ctrl_c_ends_one_process_and_the_others_go_on(
    tmp_path: Path, twin: Path, odd: dict[str, str], another: Begin
) -> None:
    with in_flight(tmp_path, twin, odd) as run:
        held = _claims(tmp_path)
        assert list(held.values()) == [run.process.pid] * 2
        waiting, other = another(), another()
        for process in (waiting, other):
            _said_it_waits(process)
        logs = set(tmp_path.glob("runs/*/*/logs/*"))
        assert len(logs) == 2

        os.killpg(waiting.pid, signal.SIGINT)
        _, stderr = waiting.communicate(timeout=20)
        assert waiting.returncode == 130
        assert "stopped; finished folds are kept" in stderr
        assert run.process.poll() is None
        assert other.poll() is None
        assert _claims(tmp_path) == held
        assert set(tmp_path.glob("runs/*/*/logs/*")) == logs, "they are written to by those who go on"

        os.killpg(run.process.pid, signal.SIGINT)
        run.process.communicate(timeout=20)
        assert run.process.returncode == 130
        stdout, stderr = other.communicate(timeout=60)
    assert other.returncode == 0, stderr
    assert "UF1" in stdout
    assert len(records(run.directory)) == 3
    assert _nothing_left(run.directory)


def test_who_was_taken_for_dead_and_wakes_up_leaves_the_records_of_who_took_over(
    tmp_path: Path, another: Begin
) -> None:
    gate = tmp_path / "gate"
    asleep = another("--workers", "2", ODD_GATE=str(gate))
    assert wait_for(lambda: len(_claims(tmp_path)) == 2)
    for claim in tmp_path.glob("runs/*/*/folds/*.claim"):
        claim.unlink()  # as another machine does after a long silence
    taker = another()
    _, stderr = taker.communicate(timeout=60)
    assert taker.returncode == 0, stderr
    directory = only_run(tmp_path / "runs")
    recorded = times(directory)
    assert len(recorded) == 3
    gate.touch()
    stdout, stderr = asleep.communicate(timeout=60)
    assert asleep.returncode == 0, stderr
    assert "UF1" in stdout
    assert times(directory) == recorded
    assert _nothing_left(directory)


def test_starting_over_is_refused_while_another_process_runs_folds(
    tmp_path: Path, twin: Path, odd: dict[str, str], another: Begin
) -> None:
    with in_flight(tmp_path, twin, odd) as run:
        second = another("--fresh")
        _, stderr = second.communicate(timeout=60)
        assert second.returncode == 2
        assert f"error: process {run.process.pid} on " in stderr
        assert "--fresh would set aside what it runs" in stderr
        assert len(records(run.directory)) == 1
        assert run.process.poll() is None
