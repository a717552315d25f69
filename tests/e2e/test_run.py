"""``mebench run`` as a user meets it: finished, repeated, killed, interrupted, failing, on a full disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from odd_runs import events, in_flight, odd_environment, only_run, predictions, records, times, wait_for
from small_disk import fill, small_disk

from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task, find_runs
from mebench.synthetic.twin import TwinOptions, make_twin

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

KIT = Path(__file__).resolve().parents[1] / "kit"
FOLDS = [f"casme3/spNO.{n}" for n in (1, 2, 3)]


@dataclass(frozen=True)
class Finished:
    """A finished run: the folder it was started in, and what it printed."""

    folder: Path
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, twin: Path) -> Finished:
    """A run of difference-svm with two workers. Copy it; do not change it."""
    folder = tmp_path_factory.mktemp("finished")
    done = subprocess.run(
        [sys.executable, "-m", "mebench", *f"run difference-svm casme3-4c --data {twin} --workers 2".split()],
        cwd=folder,
        env={**os.environ, "MEBENCH_CACHE": str(folder / "cache"), "MEBENCH_CONFIG": str(folder / "config")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Finished(folder, done.stdout, done.stderr)


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> RunDirectory:
    """The finished run, copied to where ``cli`` works."""
    shutil.copytree(finished.folder / "runs", tmp_path / "runs")
    return only_run(tmp_path / "runs")


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, str]:
    """The environment in which the model ``odd`` is installed by a package of its own."""
    return odd_environment(tmp_path)


def _one_sentence(stderr: str) -> str:
    """Return the one error line, after asserting that it is one."""
    (line,) = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in stderr
    return line


def _scores(stored: bytes) -> dict[str, Any]:
    """Return what scores.json holds but what binds it to its run."""
    return {name: value for name, value in json.loads(stored).items() if name not in ("identity", "checksum")}


def test_a_finished_run_has_a_record_for_each_fold_and_a_score(finished: Finished) -> None:
    directory = only_run(finished.folder / "runs")
    assert all(directory.read_record(Task(0, fold)) for fold in FOLDS)
    assert len(records(directory)) == 3
    assert json.loads(directory.scores_file.read_text())["folds"] == 3
    assert not list(directory.path.rglob("*.tmp"))
    for line in (
        "difference-svm under casme3-4c (SYNTHETIC data)",
        "UF1",
        "UAR",
        "12 clips, 3 subjects, 3 folds",
    ):
        assert line in finished.stdout
    assert f"records: {directory.path.relative_to(finished.folder)}" in finished.stdout
    assert "0 of 3 folds done, 3 to run" in finished.stderr
    for fold in FOLDS:
        assert f"{fold} seed 0 done" in finished.stderr


def test_the_same_command_again_runs_nothing(
    cli: Cli, copied: RunDirectory, finished: Finished, twin: Path
) -> None:
    before = times(copied)
    copied.write_failure(Task(0, FOLDS[0]), "ValueError", "of before; killed before it was removed")
    again = cli("run", "difference-svm", "casme3-4c", "--data", twin)
    assert again.returncode == 0
    assert again.stdout == finished.stdout
    assert "to run" not in again.stderr
    assert times(copied) == before
    assert not copied.failure_file(Task(0, FOLDS[0])).exists()


def test_any_number_of_workers_gives_the_same_bytes(
    cli: Cli, tmp_path: Path, finished: Finished, twin: Path
) -> None:
    one = cli("run", "difference-svm", "casme3-4c", "--data", twin, "--workers", "1")
    assert one.returncode == 0
    assert one.stdout == finished.stdout
    alone, together = only_run(tmp_path / "runs"), only_run(finished.folder / "runs")
    assert len(predictions(alone)) == 3
    assert predictions(alone) == predictions(together)
    assert alone.scores_file.read_bytes() == together.scores_file.read_bytes()


def test_show_prints_what_run_printed(cli: Cli, copied: RunDirectory, finished: Finished) -> None:
    shown = cli("show", copied.path.name)
    assert shown.returncode == 0
    assert shown.stdout == finished.stdout[: finished.stdout.index("records: ")]
    as_json = cli("show", copied.path.name, "--json")
    told, run = json.loads(as_json.stdout), copied.read_run()
    assert told.items() >= _scores(copied.scores_file.read_bytes()).items()
    assert told["run"] == str(copied.path.relative_to(copied.path.parents[2]))
    for name in ("model", "settings", "protocol", "manifest", "synthetic", "shuffled_labels"):
        assert told[name] == run[name]


def test_json_is_all_that_stands_on_standard_output(cli: Cli, copied: RunDirectory, twin: Path) -> None:
    stored = copied.scores_file.read_bytes()
    copied.scores_file.unlink()
    copied.record_file(Task(0, FOLDS[1])).write_text("{")
    run = cli("run", "difference-svm", "casme3-4c", "--data", twin, "--json")
    told = json.loads(run.stdout)
    assert told.items() >= _scores(stored).items()
    assert (told["folds_done"], told["folds_missing"], told["synthetic"]) == (3, 0, True)
    assert told["run"] == str(copied.path.relative_to(copied.path.parents[2]))
    assert copied.scores_file.read_bytes() == stored
    # The damaged record was named, and its fold alone was run again.
    (warning,) = [line for line in run.stderr.splitlines() if line.startswith("warning: ")]
    assert str(copied.record_file(Task(0, FOLDS[1])).name) in warning
    assert "2 of 3 folds done, 1 to run" in run.stderr


def test_json_of_a_run_with_folds_missing_says_how_many_and_holds_no_score(cli: Cli, twin: Path) -> None:
    run = cli("run", "majority", "casme3-4c", "--data", twin, "--folds", "1", "--json")
    told = json.loads(run.stdout)
    assert (told["model"], told["folds_done"], told["folds_missing"]) == ("majority", 1, 2)
    assert "uf1" not in told


def test_a_killed_run_goes_on_to_the_bytes_of_an_uninterrupted_one(
    cli: Cli, tmp_path: Path, twin: Path, odd: dict[str, str]
) -> None:
    with in_flight(tmp_path, twin, odd) as run:
        run.process.send_signal(signal.SIGKILL)
        run.process.wait(10)
        assert wait_for(run.all_gone, seconds=10)
    kept = times(run.directory)
    assert len(kept) == 1
    assert not run.directory.scores_file.exists()

    resumed = cli("run", "odd", "casme3-4c", "--data", twin, **odd)
    assert resumed.returncode == 0, resumed.stderr
    assert "1 of 3 folds done, 2 to run" in resumed.stderr
    assert kept.items() <= times(run.directory).items()
    assert [event for _, event in events(run.directory)] == [
        *("run_started", "fold_done"),
        *("run_started", "fold_done", "fold_done", "run_finished"),
    ]
    assert len({process for process, _ in events(run.directory)}) == 2

    whole = cli("run", "odd", "casme3-4c", "--data", twin, "--runs", "whole", **odd)
    assert len(predictions(run.directory)) == 3
    assert predictions(run.directory) == predictions(only_run(tmp_path / "whole"))
    assert whole.stdout.replace("records: whole", "records: runs") == resumed.stdout


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_a_stopped_run_says_so_keeps_its_records_and_leaves_no_process(
    tmp_path: Path, twin: Path, odd: dict[str, str], how: str
) -> None:
    with in_flight(tmp_path, twin, odd) as run:
        if how == "Ctrl-C":
            os.killpg(run.process.pid, signal.SIGINT)
        else:
            run.process.terminate()
        stdout, stderr = run.process.communicate(timeout=20)
        assert run.process.returncode == 130
        assert wait_for(run.all_gone, seconds=10)
    assert "stopped; finished folds are kept, and the same command goes on from here" in stderr
    assert "Traceback" not in stdout + stderr
    (record,) = records(run.directory).values()
    fold = json.loads(record.read_text())["fold"]
    assert run.directory.read_record(Task(0, fold)) is not None
    assert not run.directory.scores_file.exists()
    assert [event for _, event in events(run.directory)] == ["run_started", "fold_done", "run_stopped"]


def _leads_a_session(pid: int) -> bool:
    with suppress(ProcessLookupError):  # one that only tried what this system can, and is gone
        return os.getsid(pid) == pid
    return False


def test_ctrl_c_while_workers_start_is_obeyed(tmp_path: Path, twin: Path, odd: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mebench", "run", "odd", "casme3-4c", "--data", str(twin)],
        cwd=tmp_path,
        env={**os.environ, **odd},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # The server that folds are started from, in a session of its own, imports libraries before there is a fold.
    assert wait_for(
        lambda: any(_leads_a_session(each.pid) for each in psutil.Process(process.pid).children())
    )
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "stopped; finished folds are kept" in stderr
    assert "Traceback" not in stdout + stderr
    assert not records(only_run(tmp_path / "runs"))


def test_folds_are_run_by_count_then_by_name_and_scored_when_all_are_there(
    cli: Cli, tmp_path: Path, twin: Path
) -> None:
    some = cli("run", "majority", "casme3-4c", "--data", twin, "--folds", "2")
    assert some.returncode == 0
    directory = only_run(tmp_path / "runs")
    assert list(records(directory)) == ["seed0-casme3_spNO.1", "seed0-casme3_spNO.2"]
    assert not directory.scores_file.exists()
    assert "2 of 3 folds are recorded; a run has a score once all are" in some.stdout
    assert "UF1" not in some.stdout
    assert cli("show", directory.path.name).returncode == 2

    rest = cli("run", "majority", "casme3-4c", "--data", twin, "--folds", "spNO.3")
    assert rest.returncode == 0
    assert "2 of 3 folds done, 1 to run" in rest.stderr
    assert directory.scores_file.exists()
    assert "UF1" in rest.stdout


def test_further_seeds_join_the_run_and_take_its_score_back_until_they_are_done(
    cli: Cli, copied: RunDirectory, twin: Path
) -> None:
    before = times(copied)
    some = cli("run", "difference-svm", "casme3-4c", "--data", twin, "--seeds", "0,1", "--folds", "1")
    assert "4 of 6 folds are recorded" in some.stdout
    assert not copied.scores_file.exists()

    both = cli("run", "difference-svm", "casme3-4c", "--data", twin, "--seeds", "0,1")
    assert both.returncode == 0
    assert "seeds 0, 1" in both.stdout
    assert json.loads(copied.scores_file.read_text())["seeds"] == [0, 1]
    assert len(records(copied)) == 6
    assert before.items() <= times(copied).items()


def test_a_failing_fold_is_marked_the_rest_is_finished_and_the_next_run_tries_again(
    cli: Cli, tmp_path: Path, twin: Path, odd: dict[str, str]
) -> None:
    environment = {**odd, "ODD_FAIL": str(tmp_path / "failed once")}
    steered = ("run", "odd", "casme3-4c", "--data", twin, "--executor", "steered")
    failing = cli(*steered, **environment)
    assert failing.returncode == 2
    assert "failed: ValueError: odd on purpose" in failing.stderr
    message = _one_sentence(failing.stderr)
    assert "1 fold(s) failed (ValueError: odd on purpose)" in message
    assert "2 of 3 folds are recorded" in failing.stdout
    directory = only_run(tmp_path / "runs")
    assert not directory.scores_file.exists()
    (failure,) = directory.path.glob("folds/*.error.txt")
    assert failure.read_text().startswith("ValueError: odd on purpose\n\nTraceback")
    before = times(directory)
    assert len(before) == 2

    again = cli(*steered, **environment)
    assert again.returncode == 0
    assert "2 of 3 folds done, 1 to run" in again.stderr
    assert before.items() <= times(directory).items()
    assert directory.scores_file.exists()
    assert not failure.exists()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", kib=256) as folder:
        yield folder


def test_a_disk_that_fills_up_costs_nothing_recorded_before(cli: Cli, disk: Path, twin: Path) -> None:
    command = ("run", "majority", "casme3-4c", "--data", twin, "--runs", disk / "runs", "--seeds", "0,1,2")
    assert cli(*command, "--folds", "1").returncode == 0
    directory = only_run(disk / "runs")
    before = times(directory)
    fill(disk, leave_kib=12)
    full = cli(*command)
    assert full.returncode == 2
    message = _one_sentence(full.stderr)
    assert "the disk is full" in message
    assert str(directory.path / "folds") in message
    kept = times(directory)
    assert before.items() <= kept.items()
    assert 3 <= len(kept) < 9
    tasks = [Task(seed, fold) for seed in (0, 1, 2) for fold in FOLDS]
    assert sum(directory.read_record(task) is not None for task in tasks) == len(kept)
    assert not list(directory.path.rglob("*.tmp"))

    (disk / "ballast").unlink()
    mended = cli(*command)
    assert mended.returncode == 0
    assert f"{len(kept)} of 9 folds done, {9 - len(kept)} to run" in mended.stderr
    assert directory.scores_file.exists()


def test_shuffled_labels_bring_a_model_that_learns_down_to_chance(
    cli: Cli, tmp_path: Path, registry: Registry
) -> None:
    folder = tmp_path / "larger"
    make_twin(load_dataset(registry, "casme3"), folder, TwinOptions(subjects=5, clips=8, size=48))
    command = ("run", "difference-svm", "casme3-4c", "--data", folder, "--json")
    plain = json.loads(cli(*command).stdout)
    shuffled = json.loads(cli(*command, "--shuffle-labels", "--seeds", "0,1").stdout)
    assert plain["uar"]["mean"] > 0.45
    assert shuffled["uar"]["mean"] < 0.35
    marks = {d.read_run()["shuffled_labels"] for d in find_runs(tmp_path / "runs")}
    assert marks == {False, True}
