"""Landlock, Linux's way for a process to give up rights of its own: which files it may read or write, for good.

    restrict([(path, READ), (folder, WRITE)])       # from now on, for this process and all that it starts

No privilege is needed. Since version 4 it also forbids TCP, since 6 signals to processes outside and their abstract
sockets. https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterable

# Rights by the version that knows them, from <linux/landlock.h>.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
_RIGHTS_OF = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP = 3  # bind and connect
_SCOPED = 3  # abstract sockets and signals
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | IOCTL_DEV

READ = READ_FILE | READ_DIR
RUN = READ | EXECUTE
USE = READ | WRITE_FILE | IOCTL_DEV  # devices
WRITE = ((1 << 16) - 1) & ~(_MAKE_CHAR | _MAKE_BLOCK | IOCTL_DEV)

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_NO_NEW_PRIVS = 38


class _Attributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return which version of Landlock this kernel has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def restrict(allowed: Iterable[tuple[str, int]], *, tcp: bool = False) -> int:
    """Give up all rights to files but those beneath the given paths; return the version, 0 where there is none.

    A path that does not exist, or cannot be opened, gives no right. It holds for the calling thread and what it
    starts, so call it before there are others.

    Raises:
        OSError: the kernel refuses, though it has Landlock.
    """
    known = version()
    if not known:
        return 0
    handled = (1 << _RIGHTS_OF[min(known, 5)]) - 1
    attributes = _Attributes(handled, 0 if tcp or known < 4 else _TCP, _SCOPED if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _checked(
        "landlock_create_ruleset",
        _CREATE,
        ctypes.byref(attributes),
        ctypes.c_size_t(size),
        ctypes.c_uint32(0),
    )
    try:
        for path, rights in allowed:
            _allow(rules, path, rights & handled)
        no_new_privileges()
        _checked("landlock_restrict_self", _RESTRICT, rules, ctypes.c_uint32(0))
    finally:
        os.close(rules)
    return known


def no_new_privileges() -> None:
    """Let no program that is started from here have more rights than this process (Linux; elsewhere nothing).

    Raises:
        OSError: the kernel refuses.
    """
    if sys.platform.startswith("linux") and _libc().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _ON_FILES  # rights that only folders have are refused on files
        if rights:
            rule = _Beneath(rights, place)
            _checked(f"landlock_add_rule {path}", _ADD, rules, 1, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(place)


def _checked(what: str, *arguments: object) -> int:
    if (result := _call(*arguments)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {errno.errorcode.get(code, code)}")
    return result


def _call(*arguments: object) -> int:
    return int(_libc().syscall(*arguments))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
