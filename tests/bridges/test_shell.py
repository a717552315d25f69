"""A command line runs as typed, is told from its output, and leaves nothing behind, however the fold ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mebench.errors import MebenchError
from mebench_bridges.programs import programs_of
from mebench_bridges.shell import filled, placeholders, run_line


def run(line: str, *, timeout: float | None = None, **environment: str) -> None:
    run_line(line, cwd=Path.cwd(), environment={**os.environ, **environment}, timeout=timeout)


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
    run('for i in 1 2; do echo "$WORD $i"; done | tail -1 > out.txt && pwd >> out.txt', WORD="w")
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
    "no program": ("nothing-of-that-name", r"ended with exit code 127; its last words: .*not found"),
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


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=f"could not be started in {tmp_path}/nowhere: No such file"):
        run_line("true", cwd=tmp_path / "nowhere", environment={}, timeout=None)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Two installations and a home, each with a program."""
    for name in ("env/bin/old", "base/bin/old3", "home/bin/mine", "code/run.sh", "alone/tool"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch(0o755)
    (tmp_path / "env/bin/old").unlink()
    (tmp_path / "env/bin/old").symlink_to(tmp_path / "base/bin/old3")
    for name in ("env/pyvenv.cfg", "base/lib", "home/lib", "code/notes.txt"):
        (tmp_path / name).touch()
    return tmp_path


def test_programs_bring_the_folder_that_they_were_installed_in(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(line: str) -> set[str]:
        programs = programs_of(line, installed / "code")
        return {str(each.relative_to(installed)) for each in programs}

    monkeypatch.setenv("HOME", str(installed / "home"))
    monkeypatch.setenv("PATH", f"{installed / 'alone'}:/usr/bin:/bin")
    assert found(f"cd x; {installed}/env/bin/old train.py {{train}}") == {
        "env",
        "base/bin/old3",
        "base",
    }
    assert found("../env/bin/old>log") == {"env", "base/bin/old3", "base"}
    assert found("tool {out}; ls; cat notes.txt") == {"alone/tool"}
    assert found("./run.sh && ~/bin/mine") == {"code/run.sh", "home/bin/mine", "home/lib", "home/lib64"}
    assert found("sh -c 'true' nothing /no/such | awk '{print $1}'") == set()
