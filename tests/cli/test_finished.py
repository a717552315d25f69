"""A finished run that is asked for again is told quickly, and no change of anything that decides it goes unnoticed."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.plugin.remembered import answers_folder

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def data(twin: Path, tmp_path: Path) -> Path:
    return shutil.copytree(twin, tmp_path / "data")


def test_a_finished_run_is_remembered_until_something_changes(cli: Cli, data: Path, tmp_path: Path) -> None:
    command = ("run", "majority", "casme3", "--data", str(data), "--runs", str(tmp_path / "runs"))
    for _ in range(2):
        first = cli(*command)
        assert first.returncode == 0, first.stderr
        time.sleep(2.2)  # what was written just now is not relied on
    (answer,) = answers_folder().iterdir()
    known = json.loads(answer.read_text(encoding="utf-8"))["answer"]
    (run,) = tmp_path.glob("runs/*/*/run.json")
    assert known["directory"] == str(run.parent)

    again = cli(*command)
    assert (again.returncode, again.stdout) == (0, first.stdout)

    # A record that does not count is run again, from the answer as from the whole way.
    record = next(run.parent.glob("folds/*.json"))
    whole = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**whole, "fit_seconds": 7.0}), encoding="utf-8")
    mended = cli(*command)
    assert "does not count" in mended.stderr
    assert mended.stdout == first.stdout
    assert json.loads(record.read_text(encoding="utf-8"))["predictions"] == whole["predictions"]

    # The truth is written anew from the data.
    truth = run.with_name("cohort.csv")
    content = truth.read_bytes()
    truth.write_bytes(content.replace(b"spNO.1", b"spNO.9", 1))
    assert "was changed since the run began" in cli(*command).stderr
    assert truth.read_bytes() == content

    # A frame less is other data, even where the model looks at none: it is found out again, and remembered anew.
    before = answer.read_text(encoding="utf-8")
    next(data.rglob("*.jpg")).unlink()
    time.sleep(2.2)
    assert cli(*command).returncode == 0
    assert answer.read_text(encoding="utf-8") != before


def test_a_run_that_reads_features_is_remembered_too(cli: Cli, data: Path, tmp_path: Path) -> None:
    command = ("run", "difference-svm", "casme3", "--data", str(data), "--runs", str(tmp_path / "runs"))
    for _ in range(3):  # the second still notes in the cache that the array is whole
        assert cli(*command, "--set", "size=8").returncode == 0
        time.sleep(2.2)
    assert len(list(answers_folder().iterdir())) == 1
