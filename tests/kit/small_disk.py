"""A disk that is soon full: a small memory file system, where this process may mount one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path]:
    """Mount ``kib`` of memory at ``folder``; skip the test where that is not allowed."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("a full disk needs Linux and root: a small file system is mounted")
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a full disk needs the right to mount: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave_kib: int = 0) -> None:
    """Fill the disk under ``folder`` up to the last ``leave_kib``."""
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - leave_kib * 1024
    (folder / "ballast").write_bytes(b"\0" * max(size, 0))
