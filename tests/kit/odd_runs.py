"""Runs of the model ``odd`` as processes, and what they leave on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mebench.files import to_json
from mebench.records import RunDirectory, find_runs

KIT = Path(__file__).resolve().parent


def odd_environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment in which the model ``odd`` is installed by a package of its own."""
    info = tmp_path / "site" / "odd_models-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-models\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mebench]\nodd = odd_models\n")
    return {"PYTHONPATH": os.pathsep.join([str(info.parent), str(KIT), os.environ.get("PYTHONPATH", "")])}


def only_run(runs: Path) -> RunDirectory:
    (directory,) = find_runs(runs)
    return directory


def records(directory: RunDirectory) -> dict[str, Path]:
    return {path.stem: path for path in sorted(directory.path.glob("folds/*.json"))}


def predictions(directory: RunDirectory) -> dict[str, str]:
    return {
        name: to_json(json.loads(path.read_text())["predictions"])
        for name, path in records(directory).items()
    }


def times(directory: RunDirectory) -> dict[str, int]:
    return {name: path.stat().st_mtime_ns for name, path in records(directory).items()}


def events(directory: RunDirectory) -> list[tuple[str, str]]:
    """Return which process logged what, line by line."""
    lines = map(json.loads, directory.events_file.read_text(encoding="utf-8").splitlines())
    return [(line["process"], line["event"]) for line in lines]


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.02)
    return bool(condition())


@dataclass
class InFlight:
    """A run of ``odd`` with one fold recorded and others that wait to be stopped."""

    process: subprocess.Popen[str]
    directory: RunDirectory
    family: list[psutil.Process]

    def all_gone(self) -> bool:
        """Whether no process of the run is left."""
        return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in self.family)


def begin(tmp_path: Path, twin: Path, odd: dict[str, str], *options: str) -> subprocess.Popen[str]:
    """Begin a run of ``odd`` in a session of its own, as in a terminal of its own; ``ODD_...`` steer it."""
    command = ["run", "odd", "casme3-4c", "--data", str(twin), "--executor", "steered"]
    return subprocess.Popen(
        [sys.executable, "-m", "mebench", *command, *options],
        cwd=tmp_path,
        env={**os.environ, **odd},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _recorded(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("runs/*/*/folds/*.json"))


def _in_hand(tmp_path: Path) -> set[str]:
    """Return the names of the folds whose worker has begun."""
    return {log.stem for log in tmp_path.glob("runs/*/*/logs/*.log")}


@contextmanager
def in_flight(tmp_path: Path, twin: Path, odd: dict[str, str]) -> Iterator[InFlight]:
    hold = {"ODD_HOLD": str(tmp_path / "first fold")}
    process = begin(tmp_path, twin, {**odd, **hold}, "--workers", "2")
    try:
        # One fold is recorded and both workers hold another: the third was started after the first ended.
        assert wait_for(lambda: _recorded(tmp_path)), process.communicate(timeout=5)
        (record,) = _recorded(tmp_path)
        assert wait_for(lambda: len(_in_hand(tmp_path) - {record.stem}) == 2)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2
        yield InFlight(process, only_run(tmp_path / "runs"), family)
    finally:
        process.kill()
        process.communicate(timeout=10)
