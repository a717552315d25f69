"""``--executor ray`` on a real cluster of two nodes: the bytes of one machine, whatever dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from odd_runs import odd_environment, only_run, wait_for

pytest.importorskip("ray")

from ray_nodes import TOKEN, Cluster, cluster
from same_records import recorded

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def can_hide_folders() -> bool:
    """Whether this user may give a process another view of the file system."""
    try:
        return subprocess.run([*_apart(""), "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _apart(then: str) -> list[str]:
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{then}exec "$@"', "sh"]


def test_a_node_that_sees_no_file_of_ours_gives_the_same_bytes(cli: Cli, twin: Path, tmp_path: Path) -> None:
    if not can_hide_folders():
        pytest.skip("this user may not give a process another view of the file system (unshare --mount)")
    command = ("run", "difference-svm", "casme3-4c", "--data", twin)
    assert cli(*command, "--runs", "here").returncode == 0
    cache = os.environ["MEBENCH_CACHE"]
    with cluster(cpus=0) as there:
        hidden = "".join(f"mount -t tmpfs none '{each}' && " for each in (cache, tmp_path))
        there.add(cpus=2, gpus=1, before=_apart(hidden))
        executor = f"ray[address={there.address},gpus=0.5]"
        there.await_alive(2)
        done = cli(*command, "--runs", "there", "--executor", executor, timeout=300, **TOKEN)
    assert done.returncode == 0, done.stderr
    assert "2 folds of 1 CPU(s) and 0.5 GPU(s) at a time" in done.stderr
    here = recorded(tmp_path / "here")
    assert len(here) == 3
    assert recorded(tmp_path / "there") == here
    assert (only_run(tmp_path / "there").scores_file).read_bytes() == (
        only_run(tmp_path / "here").scores_file
    ).read_bytes()


def test_nodes_and_heads_may_die_and_nothing_is_lost(cli: Cli, twin: Path, tmp_path: Path) -> None:
    odd = odd_environment(tmp_path)
    gate = tmp_path / "gate"
    command = ["run", "odd", "casme3-4c", "--data", str(twin), "--set", f"path={gate}"]
    gate.mkdir()
    assert cli(*command, "--runs", "local", **odd).returncode == 0
    assert cli(*command, "--runs", "died", "--folds", "1", **odd).returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.glob("died/*/*/folds/*.json")}
    assert len(before) == 1
    gate.rmdir()

    with cluster(cpus=1) as there:
        second = there.add(cpus=1)
        there.await_alive(2)
        begun = _begin(command, tmp_path, there, "ray", odd)
        assert wait_for(
            lambda: begun.poll() is not None or (there.head.runs_a_fold() and second.runs_a_fold()), 120
        )
        assert begun.poll() is None, begun.communicate()
        second.kill()
        gate.mkdir()
        out, err = begun.communicate(timeout=300)
        assert begun.returncode == 0, err
        assert recorded(tmp_path / "ray") == recorded(tmp_path / "local")

        gate.rmdir()
        begun = _begin(command, tmp_path, there, "died", odd)
        assert wait_for(there.head.runs_a_fold, 120)
        there.head.kill()
        out, err = begun.communicate(timeout=120)
    assert begun.returncode == 2, (out, err)
    assert "Traceback" not in err
    assert "Ray cluster" in err
    assert "folds that were recorded stay, and the same command goes on" in err.splitlines()[-1]
    assert not list(tmp_path.glob("died/*/*/folds/*.claim"))

    gate.mkdir()
    done = cli(*command, "--runs", "died", **odd)
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path / "died") == recorded(tmp_path / "local")
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_cluster_that_is_not_there_is_one_sentence_at_once(cli: Cli, twin: Path) -> None:
    command = ("run", "majority", "casme3-4c", "--data", twin, "--executor", "ray[address=127.0.0.1:9]")
    done = cli(*command, timeout=60)
    assert done.returncode == 2
    assert "error: no Ray cluster can be reached: nothing answers at 127.0.0.1:9" in done.stderr


def _begin(
    command: list[str], folder: Path, there: Cluster, runs: str, odd: dict[str, str]
) -> subprocess.Popen[str]:
    executor = ["--executor", f"ray[address={there.address}]", "--runs", runs]
    return subprocess.Popen(
        [sys.executable, "-m", "mebench", *command, *executor],
        cwd=folder,
        env={**os.environ, **odd, **TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
