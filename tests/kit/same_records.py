"""What runs of one kind say, to be held against each other: all but what it took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from odd_runs import only_run

_TAKEN = ("fit_seconds", "predict_seconds", "peak_memory_mib", "checksum")


def recorded(runs: Path) -> dict[str, dict[str, Any]]:
    """Return what the records of the only run below a folder say, but for what it took, by file."""
    found = {}
    for path in sorted(only_run(runs).path.glob("folds/*.json")):
        record = json.loads(path.read_text())
        found[path.name] = {name: value for name, value in record.items() if name not in _TAKEN}
    return found
