"""A fold on a node of the cluster: the trusted side, which seals the fold's own process and asks it.

Ray runs :func:`work` in a process that ends with it. It says first that it began, then how the fold goes, then how it
ended; or it says which files of features this node does not see, and is called again with their arrays.
"""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mebench.api import Failure, Progress
from mebench.errors import MebenchError
from mebench.runner.elsewhere import Sent, files_out_of_sight, run_sent

# More often nobody looks at a bar.
_SECONDS = 0.5


def work(sent: Sent, arrays: Mapping[Path, Any]) -> Iterator[tuple[str, Any]]:
    """Run a fold; ``arrays`` are references to those of files that some node did not see.

    Yields:
        ``("began", node)``, ``("progress", Progress)`` now and then, and at last ``("ended", (outcome, log))`` or
        ``("absent", paths)``.
    """
    try:
        missing = files_out_of_sight(sent.opened())
    except MebenchError as error:
        yield "ended", (Failure(str(error)), b"")
        return
    if missing - set(arrays):
        yield "absent", tuple(sorted(missing))
        return
    yield "began", socket.gethostname()
    with tempfile.TemporaryDirectory(prefix="mebench-fold-") as folder:
        log, told = Path(folder) / "log", 0.0
        for said in run_sent(sent, _fetched(arrays) if missing else None, log):
            if not isinstance(said, Progress):
                yield "ended", (said, log.read_bytes() if log.exists() else b"")
            elif time.monotonic() - told > _SECONDS:
                told = time.monotonic()
                yield "progress", said


def _fetched(arrays: Mapping[Path, Any]) -> dict[Path, Any]:
    """Return the arrays as they lie in this node's memory, which all its processes share."""
    import ray

    paths = list(arrays)
    return dict(zip(paths, ray.get([arrays[path] for path in paths]), strict=True))
