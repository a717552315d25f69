"""Locks as other processes and machines leave them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from mebench.locks import STALE_SECONDS, LockFile

# Longer ago than any holder that lives would let it be.
LONG_AGO = STALE_SECONDS + 60


def leave_lock(path: Path, age: float = 0.0, **change: Any) -> None:
    """Write a lock by hand: this process's, but for what is changed, renewed ``age`` seconds ago."""
    own = LockFile(path)
    assert own.take()
    content = {**json.loads(path.read_text()), **change}
    own.release()
    path.write_text(json.dumps(content))
    last_renewed(path, age)


def last_renewed(path: Path, age: float) -> None:
    """Let a lock's last renewal be ``age`` seconds ago."""
    os.utime(path, (time.time() - age, time.time() - age))
