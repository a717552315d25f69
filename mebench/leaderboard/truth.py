"""The truth of stored runs whose labels may not be handed on: put back from the organisers' list.

    restore_truth(registry, RunDirectory(path), Path("combined_3class_gt.csv"))

A run's predictions are whose who made them; the labels beside them may be somebody else's. Such a run is stored
without its ``cohort.csv``, and whoever has the list rebuilds its scores.
"""

from __future__ import annotations

from pathlib import Path

from mebench.cohort.of_pictures import cohort_without_pictures
from mebench.cohort.opening import load_protocol
from mebench.errors import MebenchError
from mebench.files import read_json, write_atomically
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.runner.identity import folds_hash
from mebench.runner.plan import cohort_csv
from mebench.scoring.rebuild import score_run


def restore_truth(registry: Registry, directory: RunDirectory, file: Path) -> None:
    """Write the ``cohort.csv`` of a run on ready inputs from the list that it was made with; one that is there stays.

    Raises:
        MebenchError: the list cannot be read, or is another one: its folds, or the scores that follow from its
            labels, are not those of the run.
    """
    if directory.cohort_file.exists():
        return
    run = directory.read_run()
    cohort = cohort_without_pictures(registry, load_protocol(registry, run["protocol"]), file)
    other = MebenchError(
        f"{file} is not the list that {directory.path} was made with: give the one that run.json names by its SHA-256"
    )
    if folds_hash(cohort) != run["decided_by"]["folds"]:
        raise other
    write_atomically(directory.cohort_file, cohort_csv(cohort))
    if directory.scores_file.exists() and score_run(directory) != read_json(directory.scores_file):
        directory.cohort_file.unlink()
        raise other
