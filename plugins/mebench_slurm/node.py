"""A fold on a node: the trusted side, which seals the fold's own process and asks it. SLURM runs :func:`work`."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from mebench.api import Failure, FoldResult, Progress
from mebench.files import to_json, write_atomically
from mebench.runner.elsewhere import Sent, run_sent

# More often nobody looks at a bar, and a file server has other things to do.
_SECONDS = 2.0


def work(sent: Sent, state: Path) -> FoldResult | Failure:
    """Run a fold and return how it ended; how it goes stands in the file ``state`` meanwhile."""
    _write(state, None)
    told = time.monotonic()
    for said in run_sent(sent):
        if not isinstance(said, Progress):
            return said
        if time.monotonic() - told > _SECONDS:
            told = time.monotonic()
            _write(state, said)
    return Failure("its process ended without an answer")


def _write(state: Path, progress: Progress | None) -> None:
    said = None if progress is None else [progress.step, progress.steps, progress.loss]
    write_atomically(state, to_json({"node": socket.gethostname(), "progress": said}))
