"""``scores.json``: a run's scores, kept so that they need not be computed anew wherever they are looked at.

    write_scores(directory, scores)
    read_scores(directory, run)         # None where there are none, or what they came of has changed since

They are no evidence. What ranks or compares runs computes scores from the records; a list of runs shows these, as
long as nothing that they were computed from is younger.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.evidence.digests import checksum, sealed
from mebench.evidence.shapes import misshapen
from mebench.files import read_json, to_json, write_atomically
from mebench.records import RunDirectory
from mebench.run_info import RunInfo
from mebench.scoring.schema import Scores


def write_scores(directory: RunDirectory, scores: Scores) -> None:
    """Write the scores with the identity of their run and a checksum.

    Raises:
        MebenchError: ``run.json`` is damaged, or the disk refuses.
    """
    whole = sealed({**scores, "identity": directory.read_run()["identity"]})
    write_atomically(directory.scores_file, to_json(whole))


def read_scores(directory: RunDirectory, run: RunInfo) -> Scores | None:
    """Return the stored scores of a run; None where there are none, or something is younger than they are.

    Raises:
        MebenchError: they are damaged, or another run's.
    """
    file = directory.scores_file
    if not file.exists():
        return None
    stored: Any = read_json(file)
    problem = misshapen(Scores, stored)
    if not problem and stored.get("identity") != run["identity"]:
        problem = "they are another run's"
    if not problem and stored.get("checksum") != checksum(stored):
        problem = "their checksum does not agree with their content"
    if not problem and stored["seeds"] != run["seeds"]:
        problem = f"they are of the seeds {stored['seeds']}, and run.json names {run['seeds']}"
    if problem:
        raise MebenchError(f"{file} holds no scores of its run ({problem}): delete it")
    if _youngest(directory) > file.stat().st_ctime_ns:
        return None
    scores: Scores = {name: value for name, value in stored.items() if name not in ("identity", "checksum")}  # type: ignore[assignment]
    return scores


def _youngest(directory: RunDirectory) -> int:
    """Return when the last of the files changed that scores are computed from (nanoseconds)."""
    files: list[Path | os.DirEntry[str]] = [directory.run_file, directory.cohort_file]
    with suppress(OSError), os.scandir(directory.path / "folds") as entries:
        files += [entry for entry in entries if entry.name.endswith(".json")]
    times = []
    for file in files:
        with suppress(OSError):
            times.append(file.stat().st_ctime_ns)
    return max(times, default=0)
