"""``mebench runs watch``."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from invented import invented_cohort, store_run
from odd_runs import wait_for

from mebench.plugin.registry import Registry
from mebench.records import RunDirectory, Task

Call = Callable[..., "object"]


def begun(folder: Path, registry: Registry) -> RunDirectory:
    """Return a run of which a fold failed and two are recorded."""
    entry = registry.get("model", "majority")
    run = store_run(folder / "runs", invented_cohort(), entry, entry.load()())
    run.record_file(Task(0, "casme3/spNO.2")).unlink()
    run.write_failure(Task(0, "casme3/spNO.2"), "out of \x1b[31mluck", "")
    return run


def test_once_is_a_table_and_json(call: Call, tmp_path: Path, registry: Registry) -> None:
    run = begun(tmp_path, registry)
    said = call("runs", "watch", "--once")
    assert said.code == 0
    assert f"four/{run.path.name}" in said.out
    assert "2/3" in said.out
    assert "casme3/spNO.2 seed 0: out of" in said.out
    assert "\x1b" not in said.out
    assert "1 run(s): 2 of 3 folds, 0 running, 1 failed" in said.out
    (told,) = json.loads(call("runs", "watch", "runs", "--json").out)
    assert (told["done"], told["total"], told["failed"]) == (2, 3, 1)


def test_a_folder_that_is_not_there_is_one_sentence(call: Call) -> None:
    said = call("runs", "watch", "nowhere")
    assert said.code == 2
    assert said.err == "error: there is no folder nowhere: name the --runs folder of `mebench run`\n"


def test_a_folder_without_runs_says_so(call: Call, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert call("runs", "watch", "--once").out == "Runs in runs: none\n\n"


def test_lines_tell_what_changed_until_ctrl_c(tmp_path: Path, registry: Registry) -> None:
    run = begun(tmp_path, registry)
    record = run.record_file(Task(0, "casme3/spNO.3"))
    content = record.read_bytes()
    record.unlink()
    watching = _watch(tmp_path, stdout=subprocess.PIPE)
    assert watching.stdout is not None
    first = [watching.stdout.readline() for _ in range(2)]
    assert first[0] == "1 run(s): 1 of 3 folds, 0 running, 1 failed\n"
    assert "1 of 3 folds, 1 failed, the last casme3/spNO.2" in first[1]
    record.write_bytes(content)
    assert "2 of 3 folds" in watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=20)
    assert (watching.returncode, out, err) == (0, "", "")


def test_a_terminal_gets_a_table_that_fits_and_ctrl_c_ends_it(tmp_path: Path, registry: Registry) -> None:
    begun(tmp_path, registry)
    ours, theirs = pty.openpty()
    watching = _watch(tmp_path, stdout=theirs, COLUMNS="60", LINES="12")
    os.close(theirs)
    seen = b""

    def drawn() -> bool:
        nonlocal seen
        seen += os.read(ours, 4096)
        return b"1 run(s): 2 of 3 folds" in seen

    assert wait_for(drawn), seen
    watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == 0
    assert watching.stderr is not None
    assert watching.stderr.read() == ""
    os.close(ours)


def _watch(folder: Path, *, stdout: int, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "mebench", "runs", "watch", "--every", "0.2"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
