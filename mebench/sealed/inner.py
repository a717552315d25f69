"""What a sealed process does from its first moment: close what it inherited, seal itself, and only then work."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mebench.sealed.channel import Channel
from mebench.sealed.environment import enter
from mebench.sealed.importing import import_from
from mebench.sealed.seal import Seal, apply
from mebench.sealed.supervisor import close_all_but, die_with_parent

# Where the machine's memory is used up, the system is to end a fold and not the main process.
_OUT_OF_MEMORY_FIRST = "500"
_CHANNEL = 3


def begin(request: Mapping[str, Any], connection: int, log: int) -> None:
    """Become the sealed process that a request describes. It does not return.

    Args:
        request: of :class:`mebench.sealed.process.SealedProcess`, as plain JSON.
        connection: the descriptor of the socket to the main process.
        log: the descriptor for all that is printed.
    """
    parent = os.getppid()
    private = Path(request["private"])
    channel = Channel(_own_descriptors(connection, log), private)
    try:
        _own_state()
        enter(request["environment"], private)
        import_from(request["path"], request["places"])
        channel.isolation = apply(_seal_of(request["seal"]), private)
        die_with_parent(parent)  # a new user namespace takes it away
    except Exception as error:
        with suppress(OSError):
            channel.send({"unsealed": f"{type(error).__name__}: {error}"})
        _end(1)
    code = 1
    try:
        channel.send({"sealed": channel.isolation})
        assignment = channel.receive().arrays["assignment"].tobytes()
        module, _, name = request["work"].partition(":")
        getattr(importlib.import_module(module), name)(channel, assignment)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    except (EOFError, BrokenPipeError):
        pass  # the main process is gone, and with it whoever would read why
    except BaseException:
        traceback.print_exc()
    _end(code)


def _own_descriptors(connection: int, log: int) -> socket.socket:
    """Keep the channel, the log and an empty input; nothing else that was open when this process began."""
    # Out of the way of the numbers that they are to get.
    connection, log = os.dup(connection), os.dup(log)
    null = os.open(os.devnull, os.O_RDONLY)
    connection, log, null = (_above(each) for each in (connection, log, null))
    for source, target in ((null, 0), (log, 1), (log, 2), (connection, _CHANNEL)):
        os.dup2(source, target, inheritable=target != _CHANNEL)
    close_all_but({0, 1, 2, _CHANNEL})
    return socket.socket(fileno=_CHANNEL)


def _above(descriptor: int) -> int:
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _CHANNEL + 1)


def _own_state() -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    sys.argv[:] = ["mebench"]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OUT_OF_MEMORY_FIRST, encoding="ascii")


def _seal_of(plain: Mapping[str, Any]) -> Seal:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}
    return Seal(**values)


def _end(code: int) -> None:
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code & 0xFF)
