"""A command line runs as typed, is told from its output, and leaves nothing behind, however the fold ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mebench.errors import MebenchError
from mebench_bridges.shell import filled, guarded_folder, placeholders


def run(line: str, *, timeout: float | None = None, keep: bool = False, **environment: str) -> Path:
    with guarded_folder(keep=keep) as (folder, guard):
        line = filled(line, {"fold": str(folder)})
        guard.run(line, cwd=Path.cwd(), environment={**os.environ, **environment}, timeout=timeout)
    return folder


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return (
        Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        if Path("/proc").exists()
        else True
    )


def gone(number: int) -> bool:
    return _until(lambda: not is_alive(number))


def _until(condition: object, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_names_in_braces_are_filled_and_the_shell_s_own_are_left() -> None:
    line = "a {train} ${HOME} '{print $1}' x{1,2} {{train}} {train}"
    assert placeholders(line) == ["train", "train"]
    assert filled(line, {"train": "/a b"}) == "a '/a b' ${HOME} '{print $1}' x{1,2} {train} '/a b'"


def test_a_line_means_what_it_means_in_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not run(
        'for i in 1 2; do echo "$WORD $i"; done | tail -1 > out.txt && pwd >> out.txt', WORD="w"
    ).exists()
    assert (tmp_path / "out.txt").read_text().split("\n")[:2] == ["w 2", str(tmp_path)]


def test_output_is_passed_on() -> None:
    # The log is the process's own standard output, not what Python calls so.
    done = subprocess.run(
        [sys.executable, "-c", "import test_shell; test_shell.run('echo said; echo wrong >&2')"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == ["said", "wrong"]


FAILURES = {
    "a failure": (
        "echo first; echo the reason >&2; exit 3",
        "ended with exit code 3; its last words: first | the reason",
    ),
    "silence": ("exit 1", "ended with exit code 1; it printed nothing"),
    "no program": ("nothing-of-that-name {fold}", r"ended with exit code 127; its last words: .*not found"),
    "a signal": ("kill -SEGV $$", r"ended with exit code -11 \(SIGSEGV\)"),
    "a signal below the shell": ("sh -c 'kill -9 $$'; exit $?", r"ended with exit code 137 \(SIGKILL\)"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_a_command_that_fails_is_told_with_its_last_words(what: str) -> None:
    line, sentence = FAILURES[what]
    with pytest.raises(MebenchError, match=sentence):
        run(line)


def test_a_command_is_killed_after_its_time_with_all_it_started(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(
        MebenchError, match=r"still running after 0\.5 s and was killed.*its last words: begun"
    ):
        run(f"echo begun; sh -c 'echo $$ > {tmp_path}/pid; sleep 60; true'; true", timeout=0.5)
    assert time.monotonic() - start < 8
    assert gone(int((tmp_path / "pid").read_text()))


def test_what_it_left_in_the_background_ends_with_it(tmp_path: Path) -> None:
    run(f"sleep 60 & echo $! > {tmp_path}/pid")
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_folder_is_kept_on_demand() -> None:
    folder = run("echo kept > {fold}/word", keep=True)
    assert (folder / "word").read_text() == "kept\n"
    (folder / "word").unlink()
    folder.rmdir()


def test_when_the_worker_is_killed_the_command_ends_and_its_folder_goes(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import test_shell; test_shell.run('echo $$ {{fold}} > {tmp_path}/pid; sleep 60; true')",
        ],
        cwd=Path(__file__).parent,
    )
    assert _until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"), 20)
    number, folder = (tmp_path / "pid").read_text().split()
    assert is_alive(int(number))
    assert Path(folder).is_dir()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert gone(int(number))
    assert _until(lambda: not Path(folder).exists())
