"""Giving up an administrator's powers, for this process and what it starts (Linux)."""

from __future__ import annotations

import ctypes
import sys

_VERSION = 0x20080522
# What an administrator needs to use files that belong to others, as a checkout of theirs may.
_CHOWN, _OVERRIDE, _OWNER = 0, 1, 3


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop_capabilities() -> None:
    """Keep only the powers over files of others that this process has; harmless for an ordinary user."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = _Header(_VERSION, 0)
    has = (_Data * 2)()
    if libc.capget(ctypes.byref(header), ctypes.byref(has)) == 0:
        kept = has[0].permitted & sum(1 << each for each in (_CHOWN, _OVERRIDE, _OWNER))
        new = (_Data * 2)(_Data(kept, kept, 0), _Data(0, 0, 0))
        libc.capset(ctypes.byref(header), ctypes.byref(new))
