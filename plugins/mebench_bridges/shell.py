"""Running a user's command line so that nothing of it outlives the fold.

    with guarded_folder(keep=False) as (folder, guard):
        ...                                     # write files into the folder
        guard.run("python train.py", cwd=Path("."), environment=os.environ, timeout=None)

The command runs under ``sh`` in a process group of its own, below a guard (:mod:`mebench_bridges.guard`) that kills
the group and removes the folder when this process ends it or is itself killed.
"""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

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


class Guard:
    """The process below which a command runs; it lives until :meth:`close` or until this process is gone."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self._output, writer = os.pipe()
        script = Path(__file__).with_name("guard.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), str(folder), "keep" if keep else "remove", str(writer)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(writer,),
            start_new_session=True,
        )
        os.close(writer)

    def run(self, line: str, *, cwd: Path, environment: Mapping[str, str], timeout: float | None) -> None:
        """Run a command line to its end; what it prints goes to this process's standard output.

        Raises:
            MebenchError: it failed, or was still running after ``timeout`` seconds and was killed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        last: deque[str] = deque(maxlen=_LAST_LINES)
        reader = threading.Thread(target=_pass_on, args=(self._output, last), daemon=True)
        reader.start()
        order = json.dumps({"line": line, "cwd": str(cwd), "env": dict(environment)})
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], timeout)
        said = self._process.stdout.readline() if ready else b""
        if not ready:
            self.close()
        reader.join(10)  # a process that left the group may keep the output open
        if not ready:
            raise MebenchError(
                f"the command was still running after {timeout:g} s and was killed (--set timeout=...){_ended(last)}"
            )
        if not said:
            raise MebenchError(f"the command could not be started in {cwd}: see the fold's log")
        if code := int(said):
            raise MebenchError(f"the command ended with {_told(code)}{_ended(last)}")

    def close(self) -> None:
        """End what still runs and remove the folder, unless it is to be kept."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def guarded_folder(*, keep: bool) -> Iterator[tuple[Path, Guard]]:
    """Yield a temporary folder and the guard of a command, both gone afterwards; the folder may be kept."""
    folder = Path(tempfile.mkdtemp(prefix="mebench-fold-"))
    guard = Guard(folder, keep=keep)
    try:
        yield folder, guard
    finally:
        guard.close()


def _pass_on(output: int, last: deque[str]) -> None:
    """Copy what a command prints to standard output as it comes, and remember the last lines that say something."""
    with os.fdopen(output, "rb") as lines:
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
