"""Memory that a fold's process frees and asks for again at the next step.

    keep_freed_memory()

By itself the C library gives a freed array of more than 32 MB back to the system and gets the next one anew, page by
page: of a large network's element-wise operations that is most of the time.
"""

from __future__ import annotations

import ctypes

# Names and numbers of mallopt(3); values are ints in C.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST = 2**30


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, up to arrays of 1 GiB; return whether its C library can, as glibc does.

    No result changes by it. The process may hold some more memory at its peak, in gaps between arrays.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all([mallopt(_MMAP_THRESHOLD, _LARGEST), mallopt(_TRIM_THRESHOLD, 2**31 - 1)])
