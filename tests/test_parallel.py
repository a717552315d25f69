"""Starting processes: from scripts of every kind, and with a temporary folder of any length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from mebench.parallel import map_processes
print("once")
print(list(map_processes(abs, [-1, 2, -3], workers=2)))
"""


def python(
    *arguments: str | Path, folder: Path, script: str | None = None, **environment: str
) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        input=script,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout, done.stderr


def test_a_script_from_standard_input_starts_processes(tmp_path: Path) -> None:
    assert python("-", folder=tmp_path, script=SCRIPT) == ("once\n[1, 2, 3]\n", "")
    assert python(folder=tmp_path, script=SCRIPT) == ("once\n[1, 2, 3]\n", "")


def test_a_script_without_a_guard_is_run_once(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    assert python("script.py", folder=tmp_path) == ("once\n[1, 2, 3]\n", "")
    assert python("-m", "script", folder=tmp_path) == ("once\n[1, 2, 3]\n", "")


@pytest.mark.skipif(
    hasattr(__import__("multiprocessing.util").util, "_get_base_temp_dir"),
    reason="this Python finds a shorter folder",
)
def test_a_temporary_folder_too_long_for_a_socket_is_one_sentence_that_names_tmpdir(tmp_path: Path) -> None:
    script = """
from mebench.parallel import map_processes
try:
    print(list(map_processes(abs, [-1], workers=1)))
except Exception as error:
    print(type(error).__name__, error)
"""
    longest = 107 - 32 if sys.platform != "darwin" else 103 - 32
    for length in (longest, longest + 1):
        folder = "/tmp/" + f"mebench-{os.getpid()}-".ljust(length - 5, "x")
        Path(folder).mkdir()
        try:
            said, errors = python("-", folder=tmp_path, script=script, TMPDIR=folder)
        finally:
            Path(folder).rmdir()
        assert errors == ""
        if length == longest:
            assert said == "[1]\n"
        else:
            assert said.startswith(
                f"MebenchError the temporary folder {folder} has a path that is 1 bytes too long"
            )
            assert "set TMPDIR to a shorter one" in said


def test_a_process_that_is_killed_while_it_works_is_one_sentence(tmp_path: Path) -> None:
    script = """
import os, signal
from mebench.errors import MebenchError
from mebench.parallel import map_processes
try:
    list(map_processes(os._exit, [9], workers=1))
except MebenchError as error:
    print(error)
"""
    said, errors = python("-c", script, folder=tmp_path)
    assert said.startswith("one of 1 processes that work at this was killed (often: out of memory)")
    assert "Traceback" not in errors
