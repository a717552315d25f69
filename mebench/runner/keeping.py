"""The fitted models of a run's folds: which can be kept, what is written beside their weights, which are not there.

refuse_keeping(entry, model, protocol, selection)       # before anything is computed
keeper = Keeper(trained, plan.directory)
keeper.keep(task, record, state)                        # before the fold is recorded
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import Protocol
from mebench.errors import MebenchError, MebenchWarning, first_few
from mebench.features.inputs import Input
from mebench.models.base import Context, Model
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.models.fitted import code_of_model, described, is_fitted, save_fitted
from mebench.models.keeping import refuse_unkeepable
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory, Task
from mebench.runner import provenance
from mebench.runner.data_used import edition_of, prepared_with


def refuse_keeping(entry: Entry, model: Model, protocol: Protocol, selection: str) -> None:
    """Raise where the models of a run cannot be kept, before anything is computed.

    Raises:
        MebenchError: the model cannot be kept, or the epoch would be chosen on test clips.
    """
    if selection == ORACLE:
        raise MebenchError(
            "the rule 'oracle' takes the epoch that is best on the test clips, and a model chosen so is worth nothing "
            "elsewhere: keep models with --selection last or inner"
        )
    refuse_unkeepable(entry, model, Context(0, protocol.classes, protocol.aus))


@dataclass(frozen=True)
class Trained:
    """What was trained how, of whatever fold: model, data and computing."""

    entry: Entry
    model: Model
    cohort: Cohort
    inputs: Mapping[str, Input]
    device: str
    precision: str
    threads: int
    selection: str
    shuffle_labels: bool = False

    def code(self) -> dict[str, str]:
        """Return the packages of the model and its inputs with the hashes of their source."""
        return code_of_model(self.model)

    def about(self, task: Task, record: Mapping[str, Any], *, fold: str | None) -> dict[str, Any]:
        """Return what ``model.json`` says of the model of a fold, or of the whole cohort where ``fold`` is None.

        ``record`` holds ``derived_seed``, ``trained_on``, and ``epoch`` where one was chosen. No place on a disk, no
        clip and no subject but the one left out is named.
        """
        cohort = self.cohort
        told, versions = described(self.entry, self.model), provenance.versions(self.entry.imported)
        return {
            **told,
            "classes": list(cohort.protocol.classes),
            "aus": list(cohort.protocol.aus),
            "inputs": {name: each.describe() for name, each in self.inputs.items()},
            "device": self.device,
            "precision": self.precision,
            "threads": self.threads,
            "protocol": cohort.protocol.name,
            "manifest": cohort.manifest,
            "trained_on": record["trained_on"],
            "fold": fold,
            "seed": task.seed,
            "derived_seed": record["derived_seed"],
            "synthetic": cohort.twin,
            "shuffled_labels": self.shuffle_labels,
            "prepared": {data.dataset: prepared_with(data) for data in cohort.data},
            "data": [edition_of(data) for data in cohort.data],
            "selection": self.selection if self.selection != LAST else told["selection"],
            **({"epoch": record["epoch"]} if "epoch" in record else {}),
            "versions": versions,
            "mebench": versions["mebench"],
        }


@dataclass(frozen=True)
class Keeper:
    """Writes the fitted models of a run's folds into its folder."""

    trained: Trained
    directory: RunDirectory

    def keep(self, task: Task, record: Mapping[str, Any], state: Mapping[str, np.ndarray] | None) -> None:
        """Keep a fold's model; one that a killed process left there without a record is replaced.

        Raises:
            MebenchError: the executor gave back no state, or the disk refuses.
        """
        if state is None:
            raise MebenchError(
                "the executor gave back no fitted model, which --save-models asks for: let it return what run_job() "
                "does, or use --executor local"
            )
        about = self.trained.about(task, record, fold=task.fold)
        save_fitted(self.directory.model_folder(task), about, state, replaced=True)


def warn_of_unkept(directory: RunDirectory, recorded: Iterable[Task]) -> None:
    """Warn of recorded folds whose models are not kept, as of a run that was begun without."""
    unkept = [task for task in recorded if not is_fitted(directory.model_folder(task))]
    if unkept:
        names = first_few((f"{task.fold} seed {task.seed}" for task in unkept), most=3)
        warnings.warn(
            f"{len(unkept)} recorded fold(s) have no kept model ({names}): they were run without --save-models; "
            "--fresh runs all folds again and keeps theirs",
            MebenchWarning,
            stacklevel=3,
        )
