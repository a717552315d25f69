"""OpenCV's own threads, off while every core has a clip to work at.

    with opencv_in_one_thread(): ...        # in all threads of this process; afterwards as before

Its pool serves one caller at a time and waits by spinning, which takes the cores from the others. What it computes does
not depend on how many threads it has.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_before = 0


@contextmanager
def opencv_in_one_thread() -> Iterator[None]:
    """Let OpenCV, where it is imported, work in the thread that calls it."""
    global _inside, _before  # noqa: PLW0603 - OpenCV's setting is one for the process, too
    opencv = sys.modules.get("cv2")
    if opencv is None:
        yield
        return
    with _lock:
        if not _inside:
            _before = opencv.getNumThreads()
            opencv.setNumThreads(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                opencv.setNumThreads(_before)
