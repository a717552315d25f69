"""What choosing the epoch on the test clips is worth: the scores of the epochs chosen, less those of the last.

    found = optimism_of(oracle)                   # the folder of a run under --selection oracle
    found["uf1"]["difference"]

Both come of one and the same training, so that nothing but the choice differs.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from mebench.errors import MebenchError
from mebench.models.epoch_rules import ORACLE
from mebench.records import RunDirectory
from mebench.scoring.compared import compare_pooled
from mebench.scoring.rebuild import Pooled, read_predictions
from mebench.scoring.recorded import tasks_of
from mebench.scoring.same_clips import common_seeds

Measured = Literal["uf1", "uar", "accuracy", "au_f1"]
MEASURED: tuple[Measured, ...] = ("uf1", "uar", "accuracy", "au_f1")


class AgainstLast(TypedDict):
    """A score by a rule, the last epoch's, and how much more the rule's is, with its bounds; None: not known."""

    last: float | None
    chosen: float | None
    difference: float | None
    low: float | None
    high: float | None


class ChosenEpoch(TypedDict):
    """The epoch that was chosen in a fold, of ``epochs``; ``equal_epochs`` are all that were as good."""

    fold: str
    seed: int
    epoch: int
    epochs: int
    equal_epochs: list[int]


class Optimism(TypedDict):
    """What the choice is worth, by score, over some training seeds, and which epochs were chosen in their folds."""

    seeds: list[int]
    scores: dict[Measured, AgainstLast]
    epochs: list[ChosenEpoch]


def optimism_of(oracle: RunDirectory) -> Optimism:
    """Return what choosing the epoch on the test clips is worth, from the records of one run.

    Raises:
        MebenchError: the run chose no epochs on the test clips, or a fold is missing.
    """
    run = oracle.read_run()
    if run["selection"] != ORACLE:
        raise MebenchError(
            f"{oracle.path} followed the epoch rule {run['selection']!r}, and only a run under 'oracle' holds the "
            "predictions of the epoch that is best on the test clips and of the last one"
        )
    return _beside(oracle, oracle)


def inner_beside(oracle: RunDirectory, inner: RunDirectory) -> Optimism:
    """Return the same of a run whose epochs were chosen on validation subjects: what it has more than the last epoch.

    The last epoch is that of the oracle's training, with all training subjects; seeds that one of them lacks are left
    out.

    Raises:
        MebenchError: they are not of the same clips, or a fold is missing.
    """
    return _beside(oracle, inner)


def _beside(oracle: RunDirectory, run: RunDirectory) -> Optimism:
    last, chosen = read_predictions(oracle, of="last"), read_predictions(run)
    seeds = common_seeds(last, chosen)
    epochs = [each for each in chosen_epochs(run) if each["seed"] in seeds]
    return {"seeds": list(seeds), "scores": against_last(last, chosen), "epochs": epochs}


def against_last(last: Pooled, chosen: Pooled) -> dict[Measured, AgainstLast]:
    """Return the scores of predictions of the same clips, less those of the last epoch.

    Raises:
        MebenchError: see :func:`mebench.scoring.compared.compare_pooled`.
    """
    found = compare_pooled(last, chosen)
    return {
        name: {
            "last": found[name]["a"],
            "chosen": found[name]["b"],
            "difference": found[name]["difference"],
            "low": found[name]["low"],
            "high": found[name]["high"],
        }
        for name in MEASURED
        if name in found
    }


def chosen_epochs(directory: RunDirectory) -> list[ChosenEpoch]:
    """Return the epochs that a run chose, of every fold and seed that is recorded.

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged.
    """
    found: list[ChosenEpoch] = []
    for task in tasks_of(directory):
        record = directory.read_record(task)
        if record is not None and "epoch" in record:
            found.append(
                {
                    "fold": task.fold,
                    "seed": task.seed,
                    "epoch": record["epoch"],
                    "epochs": record["epochs"],
                    "equal_epochs": record["equal_epochs"],
                }
            )
    return found
