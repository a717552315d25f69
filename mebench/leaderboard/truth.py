"""The truth of stored runs whose labels may not be handed on: put back from the organisers' list.

    restore_truth(registry, RunDirectory(path), Path("combined_3class_gt.csv"))

A run's predictions are whose who made them; the labels beside them may be somebody else's. Such a run is stored
without its ``cohort.csv``, and whoever has the list rebuilds its scores.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from mebench.cohort.of_pictures import cohort_without_pictures
from mebench.cohort.opening import load_protocol
from mebench.errors import MebenchError
from mebench.evidence.truth import cohort_csv
from mebench.files import write_atomically
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory


def restore_truth(registry: Registry, directory: RunDirectory, file: Path) -> None:
    """Write the ``cohort.csv`` of a run on ready inputs from the list that it was made with; one that is there stays.

    Raises:
        MebenchError: the run is damaged, the list cannot be read, or it is another one: it gives another
            ``cohort.csv``.
    """
    if directory.cohort_file.exists():
        return
    run = directory.read_run()
    cohort = cohort_without_pictures(registry, load_protocol(registry, run["protocol"]), file)
    text = cohort_csv(cohort)
    if hashlib.sha256(text.encode()).hexdigest() != run["decided_by"]["truth"]:
        raise MebenchError(
            f"{file} is not the list that {directory.path} was made with: give the one that run.json names by its "
            "SHA-256"
        )
    write_atomically(directory.cohort_file, text)
