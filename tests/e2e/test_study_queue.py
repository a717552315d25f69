"""The folds of all variants of a study are one queue: none waits for another variant's last fold."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from odd_runs import odd_environment, wait_for
from same_records import recorded
from small_studies import net_file

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
Begin = Callable[..., "subprocess.Popen[str]"]


class Slow:
    """A sweep of three variants; of the first all but the last fold is recorded, which waits for a folder."""

    def __init__(self, cli: Cli, twin: Path, folder: Path) -> None:
        self.folder, self.gate = folder, folder / "gate"
        self.environment = odd_environment(folder)
        self.paths = (str(self.gate), "/", ".")  # a fold goes on once there is such a path
        self.gate.mkdir()  # a folder: the content of a file would name the run
        done = cli("run", *self.named(self.paths[0]), "--data", twin, "--folds", "2", **self.environment)
        assert done.returncode == 0, done.stderr
        self.gate.rmdir()
        grid = ("--grid", f"path={','.join(self.paths)}")
        self.command = ["sweep", "odd", "casme3-4c", "--data", str(twin), *grid, "--workers", "2"]

    def named(self, path: str) -> list[str]:
        return ["odd", "casme3-4c", "--set", f"path={path}"]

    def records(self) -> dict[Path, int]:
        """Return when each record was written."""
        return {each: each.stat().st_mtime_ns for each in self.folder.glob("runs/*/*/folds/*.json")}

    def of_variant(self, path: str) -> Path:
        """Return the run with a value of the grid."""
        (found,) = (
            file.parent
            for file in self.folder.glob("runs/*/*/run.json")
            if json.loads(file.read_text())["settings"]["path"] == path
        )
        return found


@pytest.fixture
def slow(cli: Cli, twin: Path, tmp_path: Path) -> Slow:
    return Slow(cli, twin, tmp_path)


@pytest.fixture
def begin(slow: Slow) -> Iterator[Begin]:
    """Begin the sweep as a process; it is ended at last."""
    begun = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "mebench", *slow.command],
            cwd=slow.folder,
            env={**os.environ, **slow.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def test_other_variants_are_run_and_scored_while_the_last_fold_of_the_first_goes_on(
    begin: Begin, slow: Slow
) -> None:
    sweep = begin()
    assert wait_for(lambda: len(slow.records()) == 8, seconds=30), "2 of the first, all 6 of the others"
    others = [slow.of_variant(path) / "scores.json" for path in slow.paths[1:]]
    assert wait_for(lambda: all(file.exists() for file in others), seconds=30)
    assert sweep.poll() is None
    assert not (slow.of_variant(slow.paths[0]) / "scores.json").exists()
    slow.gate.mkdir()
    out, err = sweep.communicate(timeout=60)
    assert sweep.returncode == 0, err
    lines = err.splitlines()
    ended = [line.partition(" of")[0] for line in lines if ": UF1 " in line]
    assert ended[-1] == "variant 1"
    assert sorted(ended) == ["variant 1", "variant 2", "variant 3"]
    folds = [line for line in lines if line.startswith("[")]
    assert [line.partition("]")[0] for line in folds] == [f"[{n}/7" for n in range(1, 8)]
    assert " 1: casme3/" in folds[-1]
    assert [line.split()[0] for line in out.splitlines()[2:5]] == [
        f"path={slow.paths[0]}",
        "path=/",
        "path=.",
    ]


def test_a_killed_study_goes_on_and_its_runs_are_those_that_are_run_one_by_one(
    begin: Begin, slow: Slow, cli: Cli, twin: Path
) -> None:
    killed = begin()
    assert wait_for(lambda: len(slow.records()) >= 4, seconds=30)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=30)
    before = slow.records()
    slow.gate.mkdir()
    done = cli(*slow.command, **slow.environment)
    assert done.returncode == 0, done.stderr
    after = slow.records()
    assert len(after) == 9
    assert before.items() <= after.items()
    for number, path in enumerate(slow.paths):
        alone, ours = f"alone{number}", slow.folder / f"ours{number}"
        assert not cli(
            "run", *slow.named(path), "--data", twin, "--runs", alone, **slow.environment
        ).returncode
        directory = slow.of_variant(path)
        shutil.copytree(directory, ours / directory.parent.name / directory.name)
        assert recorded(ours) == recorded(slow.folder / alone)
        (scores,) = (slow.folder / alone).glob("*/*/scores.json")
        assert scores.read_bytes() == (directory / "scores.json").read_bytes()
        assert not list(directory.glob("folds/*.claim"))
        assert not (directory / "logs").exists()


def test_a_variant_whose_records_cannot_be_written_costs_no_other(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    net_file(tmp_path)
    assert not cli("run", "net.py:Net[share=0.1]", "casme3-4c", "--data", twin, "--folds", "1").returncode
    (folds,) = tmp_path.glob("runs/*/*/folds")
    shutil.rmtree(folds)
    folds.touch()
    done = cli("sweep", "net.py:Net", "casme3-4c", "--data", twin, "--grid", "share=0.1,0.5,0.9")
    assert done.returncode == 2
    assert "1 of 3 variants failed (share=0.1)" in done.stderr
    assert "a file stands where a folder is due" in done.stderr
    assert len(list(tmp_path.glob("runs/*/*/folds/*.json"))) == 6
    assert len(list(tmp_path.glob("runs/*/*/scores.json"))) == 2


def test_a_variant_that_cannot_be_prepared_costs_no_other(cli: Cli, twin: Path, tmp_path: Path) -> None:
    name = net_file(tmp_path)
    file = Path(name.rpartition(":")[0])
    refuses = """
    def prepare(self):
        if self.settings.act == "refuse":
            raise ValueError("no weights")
"""
    file.write_text(file.read_text() + refuses)
    done = cli("sweep", "net.py:Net", "casme3-4c", "--data", twin, "--grid", "act=refuse,x,y")
    assert done.returncode == 2
    assert "1 of 3 variants failed (act=refuse" in done.stderr
    assert "no weights" in done.stderr
    assert len(list(tmp_path.glob("runs/*/*/scores.json"))) == 2
