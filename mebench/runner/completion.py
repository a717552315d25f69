"""Whether a run is complete, and its scores then. Whichever process comes last sees to them.

standing = settle(directory)
standing.scores          # None while folds are missing; then there is no scores.json either
"""

from __future__ import annotations

from dataclasses import dataclass

from mebench.files import forget_leftovers
from mebench.records import RunDirectory, Task
from mebench.run_info import RunInfo
from mebench.scoring.rebuild import score_run
from mebench.scoring.schema import Scores
from mebench.scoring.stored import write_scores


@dataclass(frozen=True)
class Standing:
    """What a run has come to: its description, all its tasks, those without a record, its scores."""

    run: RunInfo
    tasks: tuple[Task, ...]
    missing: tuple[Task, ...]
    scores: Scores | None


def settle(directory: RunDirectory) -> Standing:
    """Write ``scores.json`` if no fold of any seed is missing, else see that there is none.

    Other processes may record folds and add seeds meanwhile; what is written fits what is there.

    Raises:
        MebenchError: the run is damaged, its records do not fit its cohort, or the disk refuses.
    """
    while True:
        run = directory.read_run()
        folds = directory.read_truth().folds
        tasks = tuple(Task(seed, fold) for seed in run["seeds"] for fold in folds)
        missing = _missing(directory, tasks)
        scores = None if missing else score_run(directory)
        with directory.locked():
            if directory.read_run()["seeds"] != run["seeds"]:
                continue
            forget_leftovers(directory.scores_file)
            if scores is not None:
                write_scores(directory, scores)
            elif _missing(directory, missing):
                directory.scores_file.unlink(missing_ok=True)
            else:
                continue
        return Standing(run, tasks, missing, scores)


def forget_scores(directory: RunDirectory, tasks: tuple[Task, ...]) -> None:
    """Remove the scores of before if a fold is missing: further seeds were asked for, or a record was lost."""
    with directory.locked():
        if _missing(directory, tasks):
            directory.scores_file.unlink(missing_ok=True)


def _missing(directory: RunDirectory, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    return tuple(task for task in tasks if not directory.has_record(task))
