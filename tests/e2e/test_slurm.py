"""``--executor slurm``: the bytes of one machine, through submitit's own processes and through job arrays."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from odd_runs import odd_environment, wait_for
from same_records import recorded
from slurm_commands import slurm_commands

pytest.importorskip("submitit")

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_job_arrays_give_the_same_bytes_and_leave_nothing(cli: Cli, twin: Path, tmp_path: Path) -> None:
    command = ("run", "difference-svm", "casme3-4c", "--data", twin, "--seeds", "0,1")
    assert cli(*command, "--runs", "here").returncode == 0
    slurm = slurm_commands(tmp_path / "slurm")
    executor = f"slurm[folder={tmp_path / 'spool'},partition=gpu,account=faces,gres=gpu:1,minutes=7,memory=2]"
    done = cli(*command, "--runs", "there", "--executor", executor, "--workers", "2", **slurm)
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path / "there") == recorded(tmp_path / "here")
    (asked,) = [file.read_text() for file in (tmp_path / "slurm").glob("*.sbatch")]
    for line in ("partition=gpu", "account=faces", "gres=gpu:1", "time=7", "mem=2GB", "array=0-5%2"):
        assert f"#SBATCH --{line}\n" in asked
    assert "#SBATCH --cpus-per-task=2\n" in asked
    assert "gpus-per-node" not in asked
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_node_that_dies_is_tried_again_and_a_killed_run_goes_on(
    cli: Cli, twin: Path, tmp_path: Path
) -> None:
    odd, gate = odd_environment(tmp_path), tmp_path / "gate"
    command = ["run", "odd", "casme3-4c", "--data", str(twin), "--set", f"path={gate}"]
    gate.mkdir()
    assert cli(*command, "--runs", "here", **odd).returncode == 0
    gate.rmdir()
    slurm, spool = slurm_commands(tmp_path / "slurm"), tmp_path / "spool"
    executor = f"slurm[folder={spool},array=2]"

    first = _begin([*command, "--executor", executor, "--runs", "there"], tmp_path, {**odd, **slurm})
    assert wait_for(lambda: len(_states(spool)) == 2), first.communicate(timeout=5)
    (own,) = spool.iterdir()
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    first.kill()
    first.communicate(timeout=30)

    second = _begin([*command, "--executor", executor, "--runs", "there"], tmp_path, {**odd, **slurm})
    assert wait_for(lambda: len(_states(spool)) == 2 and not own.exists()), second.communicate(timeout=5)
    assert (tmp_path / "slurm" / "cancelled").read_text().split() == ["1000"]
    os.killpg(int((tmp_path / "slurm" / "1001_0.pid").read_text()), signal.SIGKILL)
    gate.mkdir()
    out, err = second.communicate(timeout=120)
    assert second.returncode == 0, (out, err)
    assert recorded(tmp_path / "there") == recorded(tmp_path / "here")
    assert list(spool.iterdir()) == []


def test_ctrl_c_cancels_what_slurm_has(twin: Path, tmp_path: Path) -> None:
    odd, slurm = odd_environment(tmp_path), slurm_commands(tmp_path / "slurm")
    command = ["run", "odd", "casme3-4c", "--data", str(twin), "--set", f"path={tmp_path / 'gate'}"]
    executor = f"slurm[folder={tmp_path / 'spool'}]"
    begun = _begin([*command, "--executor", executor], tmp_path, {**odd, **slurm})
    assert wait_for(lambda: len(_states(tmp_path / "spool")) == 3), begun.communicate(timeout=5)
    jobs = [psutil.Process(int(file.read_text())) for file in (tmp_path / "slurm").glob("*.pid")]
    begun.send_signal(signal.SIGINT)
    out, err = begun.communicate(timeout=60)
    assert begun.returncode == 130, (out, err)
    assert "finished folds are kept" in err
    assert wait_for(lambda: not any(map(_lives, jobs)), seconds=10)
    assert list((tmp_path / "spool").iterdir()) == []


def test_processes_of_this_machine_stand_in_for_slurm(cli: Cli, twin: Path, tmp_path: Path) -> None:
    command = ("run", "majority", "casme3-4c", "--data", twin)
    assert cli(*command, "--runs", "here").returncode == 0
    done = cli(*command, "--runs", "there", "--executor", "slurm[cluster=local]")
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path / "there") == recorded(tmp_path / "here")


def test_a_machine_without_slurm_is_one_sentence(cli: Cli, twin: Path, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    done = cli("run", "majority", "casme3-4c", "--data", twin, "--executor", "slurm", PATH=str(empty))
    assert done.returncode == 2
    assert "error: there is no sbatch here" in done.stderr
    assert "Traceback" not in done.stderr


def _begin(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mebench", *command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _states(spool: Path) -> list[Path]:
    """Return what folds that began wrote."""
    return list(spool.glob("*/state-*.json"))


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
