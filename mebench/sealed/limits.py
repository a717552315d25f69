"""Limits of a sealed process: memory, the size of a file, no image of its memory on the disk."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

FILE_LIMIT = 64 << 30
_DUMPABLE = 4


def limit(memory: int | None, *, device: str = "cpu") -> None:
    """Set the limits of this process and what it starts.

    Args:
        memory: bytes of address space more than it has now; None: as much as the machine has; 0: no limit.
        device: on a GPU address space is no measure (the driver reserves far more than there is), so it has no limit.
    """
    import resource

    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, FILE_LIMIT)
    if device == "cpu" and memory != 0 and sys.platform.startswith("linux"):
        _set(resource.RLIMIT_AS, _address_space() + (memory or machine_memory()))


def hide_memory() -> None:
    """Let no process of this user look into the memory of this one (Linux), where nothing else keeps it away."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


def machine_memory() -> int:
    """Return this machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _set(which: int, most: int) -> None:
    import resource

    hard = resource.getrlimit(which)[1]
    new = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(which, (new, new))
