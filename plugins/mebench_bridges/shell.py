"""Running a user's command line so that its words are told, and nothing of it outlives the fold.

    run_line("python train.py", cwd=Path("."), environment=os.environ, timeout=None)

The command runs under ``sh`` in a process group of its own. It has what the fold's process has: the same files and
folders, no network; what leaves the group ends with the fold.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from mebench.api import MebenchError

_LAST_LINES = 4
_LONGEST_LINE = 200
# ${HOME} is the shell's, {{name}} a way to write {name}.
_PLACEHOLDER = re.compile(r"\{(\{\w+\})\}|(?<!\$)\{([A-Za-z_]\w*)\}")


def placeholders(line: str) -> list[str]:
    """Return the names that stand in braces in a command line, but for the shell's own ``${NAME}``.

    >>> placeholders("awk '{print $1}' {train} ${HOME} {{kept}}")
    ['train']
    """
    return [match[2] for match in _PLACEHOLDER.finditer(line) if match[2]]


def filled(line: str, values: Mapping[str, str]) -> str:
    """Return a command line with values in place of names in braces, quoted for the shell where that is needed.

    >>> filled("train {data} {{kept}}", {"data": "/tmp/a b"})
    "train '/tmp/a b' {kept}"
    """
    return _PLACEHOLDER.sub(lambda match: match[1] or shlex.quote(values[match[2]]), line)


def run_line(line: str, *, cwd: Path, environment: Mapping[str, str], timeout: float | None) -> None:
    """Run a command line to its end; what it prints goes to this process's standard output.

    Raises:
        MebenchError: it could not be started, it failed, or was still running after ``timeout`` seconds and was killed.
    """
    last: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        command = subprocess.Popen(
            ["/bin/sh", "-c", line],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise MebenchError(f"the command could not be started in {cwd}: {error.strerror or error}") from error
    assert command.stdout is not None
    reader = threading.Thread(target=_pass_on, args=(command.stdout, last), daemon=True)
    reader.start()
    code = None
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = command.wait(timeout)
    finally:
        # What it left running in the background holds its output open.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        reader.join(10)  # a process that left the group may keep the output open
    if code is None:
        raise MebenchError(
            f"the command was still running after {timeout:g} s and was killed (--set timeout=...){_ended(last)}"
        )
    if code:
        raise MebenchError(f"the command ended with {_told(code)}{_ended(last)}")


def _pass_on(output: IO[bytes], last: deque[str]) -> None:
    """Copy what a command prints to standard output as it comes, and remember the last lines that say something."""
    with output as lines:
        for line in lines:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            if text := " ".join(line.decode(errors="replace").split()):
                last.append(text[:_LONGEST_LINE])


def _told(code: int) -> str:
    # A shell gives the signal that ended its command as 128 and its number.
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        return f"exit code {code} ({signal.Signals(number).name})"
    return f"exit code {code}"


def _ended(last: deque[str]) -> str:
    return f"; its last words: {' | '.join(last)}" if last else "; it printed nothing"
