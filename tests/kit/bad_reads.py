"""Files that the system really refuses to give: nothing is patched, so nothing can fail to be injected."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65_534


def unreadable_file() -> Path:
    """Return a file that opens and whose every read fails with EIO; skip the test where there is none."""
    path = Path("/proc/self/mem")  # the first page of a process is never mapped
    if not sys.platform.startswith("linux"):
        pytest.skip("a read that fails with EIO needs Linux's /proc/self/mem")
    with path.open("rb") as file, pytest.raises(OSError, match=os.strerror(errno.EIO)) as raised:
        file.read()
    assert raised.value.errno == errno.EIO
    return path


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    """Take away the right to read a file or folder, from root too."""
    before = path.stat().st_mode
    path.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        assert not os.access(path, os.R_OK, effective_ids=True)
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(before)
