"""A process that runs one command line, and sees that nothing of it is left when whoever asked is gone.

    python guard.py FOLDER KEEP OUTPUT      (a script of its own: it imports nothing of mebench)

Standard input gives one line of JSON, ``{"line": ..., "cwd": ..., "env": ...}``; standard output gives the command's
exit code on a line. When standard input ends, be it closed or its writer killed, the command's process group is
killed and the folder is removed, unless it is to be kept. What the command prints goes to the descriptor OUTPUT.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading


def main() -> None:
    """Wait for the command line, run it, wait for the end of standard input, clean up."""
    folder, keep, output = sys.argv[1], sys.argv[2] == "keep", int(sys.argv[3])
    # The worker neither hears nor heeds Ctrl-C; the command is to be a plain process.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    command = None
    try:
        if order := sys.stdin.buffer.readline():
            asked = json.loads(order)
            command = subprocess.Popen(
                ["/bin/sh", "-c", asked["line"]],
                cwd=asked["cwd"],
                env=asked["env"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            os.close(output)
            threading.Thread(target=_tell, args=(command,), daemon=True).start()
            sys.stdin.buffer.read()
    finally:
        if command is not None:
            _end(command)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _tell(command: subprocess.Popen[bytes]) -> None:
    code = command.wait()
    _end(command)  # what it left running in the background holds its output open
    with contextlib.suppress(BrokenPipeError):
        print(code, flush=True)


def _end(command: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(command.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
