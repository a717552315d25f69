"""``mebench sweep`` and ``mebench ablate`` as a user meets them: whole, killed, shared, with a variant that fails."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from odd_runs import odd_environment, wait_for
from small_studies import net_file

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def stamps(folder: Path) -> dict[Path, int]:
    """Return when each record below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/*/folds/*.json")}


def test_an_ablation_gives_the_whole_table_and_all_files_and_again_without_a_fold(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    net_file(tmp_path)
    command = ("ablate", "net.py:Net", "casme3", "--data", twin, "--seeds", "0,1", "--out", "out")
    done = cli(*command)
    assert done.returncode == 0, done.stderr
    assert "Ablations of net.py:Net under casme3-4c" in done.stdout
    assert "SYNTHETIC" in done.stdout
    assert "variant 6 of 6: axes=x: UF1" in done.stderr
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {"table.md", "table.csv", "table.tex"}
    rows = list(csv.DictReader((tmp_path / "out" / "table.csv").open(newline="")))
    assert [row["variant"] for row in rows] == [
        *("reference", "kind=one", "kind=two", "share=0.1", "share=0.9", "axes=x")
    ]
    assert all(row["uf1"] and row["uf1_sd"] for row in rows)
    before = stamps(tmp_path)
    assert len(before) == 6 * 2 * 3
    again = json.loads(cli(*command, "--json").stdout)
    assert [row["name"] for row in again["rows"]] == [row["variant"] for row in rows]
    assert [row["uf1"]["mean"] for row in again["rows"]] == [float(row["uf1"]) for row in rows]
    assert again["rows"][1]["difference"]["p"] is not None
    assert stamps(tmp_path) == before
    # A variant of the study is the run that anyone gets who names it.
    alone = cli("run", "net.py:Net[kind=one]", "casme3", "--data", twin, "--json")
    assert json.loads(alone.stdout)["run"] == rows[1]["run"]
    assert stamps(tmp_path) == before


def test_a_variant_that_fails_is_named_and_the_table_has_the_others(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    net_file(tmp_path)
    grid = ("--grid", "act=no,fail", "--grid", "share=0.5,0.1", "--set", "kind=two")
    done = cli("sweep", "net.py:Net", "casme3", "--data", twin, *grid)
    assert done.returncode == 2
    assert "2 of 4 variants failed (act=fail, act=fail, share=0.1)" in done.stderr
    assert "on purpose" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split()[:5] == ["variant", "act", "share", "UF1", "UAR"]
    assert [line.split()[0] for line in lines[2:6]] == ["reference", "share=0.1", "act=fail", "act=fail,"]
    assert lines[3].split()[3].count(".") == 1, "a score"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_study_goes_on_with_the_same_command(
    cli: Cli, twin: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    odd = odd_environment(tmp_path)
    # The first of the folds waits for a minute, so there is a moment to stop it at: in the first variant.
    command = ["sweep", "odd", "casme3", "--data", str(twin), "--grid", "act=a,b,c", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mebench", *command],
        cwd=tmp_path,
        env={**os.environ, **odd, "ODD_HOLD": str(tmp_path / "hold")},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert wait_for(lambda: stamps(tmp_path))
    os.kill(process.pid, stop)
    told = process.communicate(timeout=30)[1]
    before = stamps(tmp_path)
    if stop is signal.SIGKILL:
        assert process.returncode == -stop
    else:
        assert process.returncode == 130
        assert "finished folds are kept, and the same command goes on from here" in told
    done = cli(*command, **odd)
    assert done.returncode == 0, done.stderr
    after = stamps(tmp_path)
    assert len(after) == 9
    assert before.items() <= after.items()
    assert len(before) < 9


def test_two_studies_at_once_share_the_folds(cli: Cli, twin: Path, tmp_path: Path) -> None:
    odd = odd_environment(tmp_path)
    command = ["sweep", "odd", "casme3", "--data", str(twin), "--grid", "act=a,b", "--workers", "1"]
    gate = tmp_path / "gate"
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "mebench", *command],
            cwd=tmp_path,
            env={**os.environ, **odd, "ODD_GATE": str(gate)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert wait_for(lambda: len(list(tmp_path.glob("runs/*/*/folds/*.claim"))) == 2)
    gate.touch()
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert told[0][0] == told[1][0]
    assert len(stamps(tmp_path)) == 6
