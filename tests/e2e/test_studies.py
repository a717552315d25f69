"""``mebench sweep`` and ``mebench ablate`` as a user meets them: whole, stopped, shared."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from odd_runs import odd_environment, wait_for
from small_studies import net_file

from mebench.locks import LockFile

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def stamps(folder: Path) -> dict[Path, int]:
    """Return when each record below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/*/folds/*.json")}


def test_an_ablation_gives_the_whole_table_and_all_files_and_again_without_a_fold(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    net_file(tmp_path)
    command = ("ablate", "net.py:Net", "casme3", "--data", twin, "--axes", "share,axes", "--seeds", "0,1")
    done = cli(*command, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "Ablations of net.py:Net under casme3-4c" in done.stdout
    assert "SYNTHETIC" in done.stdout
    assert "variant 4 of 4: axes=x: UF1" in done.stderr
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {"table.md", "table.csv", "table.tex"}
    rows = list(csv.DictReader((tmp_path / "out" / "table.csv").open(newline="")))
    assert [row["variant"] for row in rows] == ["reference", "share=0.1", "share=0.9", "axes=x"]
    assert all(row["uf1"] and row["uf1_sd"] for row in rows)
    before = stamps(tmp_path)
    assert len(before) == 4 * 2 * 3
    again = json.loads(cli(*command, "--json").stdout)
    assert [row["name"] for row in again["rows"]] == [row["variant"] for row in rows]
    assert [row["uf1"]["mean"] for row in again["rows"]] == [float(row["uf1"]) for row in rows]
    assert again["rows"][1]["difference"]["p"] is not None
    assert stamps(tmp_path) == before


def test_a_killed_and_then_interrupted_study_is_ended_by_two_that_share_its_folds(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    odd = odd_environment(tmp_path)
    command = ["sweep", "odd", "casme3", "--data", str(twin), "--grid", "act=a,b"]
    # One fold goes through, and those after it wait for a minute: there is a moment to stop the study at.
    hold = {"ODD_HOLD": str(tmp_path / "hold")}

    first = _begin(command, tmp_path, {**odd, **hold}, workers=2)
    assert wait_for(lambda: stamps(tmp_path)), first.communicate(timeout=5)
    os.kill(first.pid, signal.SIGINT)
    assert (
        "finished folds are kept, and the same command goes on from here" in first.communicate(timeout=30)[1]
    )
    assert first.returncode == 130
    assert not claims(tmp_path)
    recorded = stamps(tmp_path)

    second = _begin(command, tmp_path, {**odd, **hold}, workers=2)
    assert wait_for(lambda: len(claims(tmp_path)) == 2), second.communicate(timeout=5)
    os.kill(second.pid, signal.SIGKILL)
    second.communicate(timeout=30)
    assert second.returncode == -signal.SIGKILL
    assert stamps(tmp_path) == recorded
    assert len(recorded) == 1

    gate = tmp_path / "gate"
    both = [_begin(command, tmp_path, {**odd, "ODD_GATE": str(gate)}, workers=1) for _ in range(2)]
    pids = {process.pid for process in both}
    assert wait_for(lambda: set(claims(tmp_path)) == pids), (
        "each works at a fold, where the killed one had them"
    )
    gate.touch()
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert told[0][0] == told[1][0]
    after = stamps(tmp_path)
    assert len(after) == 2 * 3
    assert recorded.items() <= after.items()


def claims(folder: Path) -> list[int]:
    """Return the processes that hold a fold below a folder, those that live."""
    locks = [LockFile(path) for path in folder.glob("runs/*/*/folds/*.claim")]
    return [holder.pid for lock in locks if lock.is_held() and (holder := lock.holder())]


def _begin(
    command: list[str], folder: Path, environment: dict[str, str], *, workers: int
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mebench", *command, "--workers", str(workers), "--executor", "steered"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
