"""A network, shared memory and a view of the files of its own, for this process and what it starts.

if leave_network():                     # before there are threads
    close_mounts([private], readable)   # what may be written is that folder alone
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x00020000
_NOSUID, _NODEV, _BIND, _RECURSIVE, _PRIVATE = 1 << 1, 1 << 2, 1 << 12, 1 << 14, 1 << 18
_SET_ATTRIBUTES, _HERE, _ALL_BELOW, _READ_ONLY = 442, -100, 0x8000, 1

SHARED_MEMORY = "/dev/shm"
# Sockets of the system's and the user's services, which would do outside what is asked of them.
_SERVICES = "/run"


def leave_network() -> bool:
    """Enter an empty network, shared memory and a copy of the mounts; tell whether this system allows it.

    Only who may administrate the system may do so alone; anybody else gets it inside a user namespace of their own,
    where the system allows that. The kernel refuses one to a process with threads.
    """
    if not sys.platform.startswith("linux"):
        return False
    apart = _NEW_NET | _NEW_IPC | _NEW_MOUNTS
    if _call("unshare", apart):
        return True
    user, group = os.getuid(), os.getgid()
    if not _call("unshare", _NEW_USER | apart):
        return False
    # Without these everybody's files, this user's too, would seem to be nobody's.
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    for name, number in (("uid_map", user), ("gid_map", group)):
        with suppress(OSError):
            Path("/proc/self", name).write_text(f"{number} {number} 1", encoding="ascii")
    return True


def close_mounts(writable: Iterable[str], readable: Iterable[str]) -> bool:
    """Make everything read-only but some folders, shared memory an empty one, and the services' sockets vanish.

    Landlock knows no right to change a file's times, mode or owner: whoever owns the libraries could leave a note
    for the next process there. Call it after :func:`leave_network`, and go to the working directory anew.
    """
    kept = list(writable)
    if not _mount(None, "/", None, _RECURSIVE | _PRIVATE) or not _mount("tmpfs", SHARED_MEMORY, "tmpfs"):
        return False
    if not any(path.startswith((_SERVICES + os.sep, "/var/run/")) for path in (*kept, *readable)):
        _mount("tmpfs", _SERVICES, "tmpfs")
    if not all(_mount(path, path, None, _BIND | _RECURSIVE) for path in kept):
        return False
    return _set_read_only("/", True, _ALL_BELOW) and all(
        _set_read_only(path, False, 0) for path in (*kept, SHARED_MEMORY)
    )


def _set_read_only(path: str, value: bool, flags: int) -> bool:
    # struct mount_attr: what is set, what is cleared, propagation, user namespace.
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY * value, _READ_ONLY * (not value), 0, 0)
    return _call(
        "syscall",
        ctypes.c_long(_SET_ATTRIBUTES),
        ctypes.c_int(_HERE),
        os.fsencode(path),
        ctypes.c_uint(flags),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )


def _mount(source: str | None, target: str, kind: str | None, flags: int = _NOSUID | _NODEV) -> bool:
    names = (None if name is None else os.fsencode(name) for name in (source, target, kind))
    return _call("mount", *names, ctypes.c_ulong(flags), b"mode=1777" if kind else None)


def _call(name: str, *arguments: object) -> bool:
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    return function is not None and function(*arguments) == 0
