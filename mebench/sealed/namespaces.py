"""An empty network for this process and what it starts: a namespace of its own with nothing in it."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


def leave_network() -> bool:
    """Enter a network namespace without any network, and tell whether this system allows it.

    Only who may administrate the system may do so alone; anybody else gets it inside a user namespace of their own,
    where the system allows that. Call it before there are threads: the kernel refuses a user namespace with them.
    """
    if not sys.platform.startswith("linux"):
        return False
    if _unshare(_NEW_NET):
        return True
    user, group = os.getuid(), os.getgid()
    if not _unshare(_NEW_USER | _NEW_NET):
        return False
    # Without these everybody's files, this user's too, would seem to be nobody's.
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    for name, number in (("uid_map", user), ("gid_map", group)):
        with suppress(OSError):
            Path("/proc/self", name).write_text(f"{number} {number} 1", encoding="ascii")
    return True


def _unshare(what: int) -> bool:
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    return unshare is not None and unshare(what) == 0
