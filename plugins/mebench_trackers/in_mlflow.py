"""The tracker ``mlflow``: a run of mebench as a run of MLflow.

    MLFLOW_TRACKING_URI=http://server:5000 mebench run ststnet megc2019 --tracker mlflow

Where and under which experiment is said by MLflow's own variables, ``MLFLOW_TRACKING_URI`` and
``MLFLOW_EXPERIMENT_NAME``. Where none is set, all lies in the database ``mlflow.db``, or without a library for it
(``mlflow-skinny``) in the folder ``mlruns``, of the folder one is in.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

# A server that is away must not hold up a run: it is asked once more, and then the tracker is given up with a warning.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
# MLflow would rather have a database than a folder, and refuses one unless this is set.
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from mebench.api import Record, RunInfo, Scores, Tracker
from mebench_trackers import told

EXPERIMENT = "mebench"
# What MLflow takes in one call, and the longest values it keeps.
_METRICS, _PARAMETERS, _LONGEST = 1000, 100, 6000

Each = TypeVar("Each")


class MLflowTracker(Tracker):
    """Settings as parameters, tags, the curves of every fold when it is done, and the scores with their intervals.

    A run that goes on, or that several processes share, is one run of MLflow: it is found by its identity. Folds stand
    in the names of metrics, ``loss/seed0-spNO.1``.
    """

    def __init__(self) -> None:
        said = os.environ.get("MLFLOW_TRACKING_URI")
        folder = None if said or find_spec("sqlalchemy") else str(Path("mlruns").absolute())
        self._client = mlflow.MlflowClient(tracking_uri=folder)
        self._run = ""

    def run_started(self, run: RunInfo, directory: Path) -> None:
        """Begin a run of MLflow, or go on with the one that is there."""
        self._run = self._found(run) or self._made(run, directory)
        tags = [RunTag(f"mebench.{name}", text) for name, text in told.tags_of(run).items()]
        tags += [
            RunTag("mebench.seeds", ", ".join(map(str, run["seeds"]))),
            RunTag("mebench.folder", str(directory.absolute())),
        ]
        self._client.log_batch(self._run, tags=tags)
        settings = [
            Param(_name(name), str(value)[:_LONGEST]) for name, value in told.settings_of(run).items()
        ]
        for some in _batches(settings, _PARAMETERS):
            self._client.log_batch(self._run, params=some)
        self._client.update_run(self._run, status="RUNNING")

    def fold_done(self, run: RunInfo, directory: Path, record: Record) -> None:
        """Write a fold's curves and figures."""
        stem = told.stem_of(record["seed"], record["fold"])
        values = [*told.curves_of(record)]
        values += [(f"fold/{name}", 0, value) for name, value in told.fold_figures(record).items()]
        self._metrics([(f"{name}/{stem}", step, value) for name, step, value in values])

    def fold_failed(self, run: RunInfo, directory: Path, fold: str, seed: int, reason: str) -> None:
        """Write why a fold failed, as a tag."""
        self._client.set_tag(
            self._run, f"mebench.failed/{_name(told.stem_of(seed, fold))}", reason[:_LONGEST]
        )

    def run_finished(self, run: RunInfo, directory: Path, scores: Scores | None) -> None:
        """Write the scores; a run with folds missing stays open."""
        if not self._run:
            return  # it was finished before, and nothing is new
        if scores is not None:
            figures = told.score_figures(scores)
            self._metrics([(f"scores/{name}", 0, value) for name, value in figures.items()])
            self._client.set_terminated(self._run, "FINISHED")

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        try:
            return str(self._client.create_experiment(name))
        except MlflowException:
            found = self._client.get_experiment_by_name(name)
            if found is None:
                raise
            return str(found.experiment_id)

    def _found(self, run: RunInfo) -> str:
        """Return the first run of this identity, which all processes take; ``""`` where there is none."""
        there = self._client.search_runs(
            [self._experiment()], f"tags.`mebench.identity` = '{run['identity']}'"
        )
        first = min(there, key=lambda each: (each.info.start_time, each.info.run_id), default=None)
        return "" if first is None else str(first.info.run_id)

    def _made(self, run: RunInfo, directory: Path) -> str:
        name = f"{run['protocol']}/{directory.name}"
        tags = {"mebench.identity": run["identity"]}
        made = self._client.create_run(self._experiment(), tags=tags, run_name=name).info.run_id
        first = self._found(run) or made
        if first != made:  # another process made one at the same time
            self._client.delete_run(made)
        return str(first)

    def _metrics(self, values: Sequence[tuple[str, int, float]]) -> None:
        now = int(time.time() * 1000)
        metrics = [Metric(_name(name), value, now, step) for name, step, value in values]
        for some in _batches(metrics, _METRICS):
            self._client.log_batch(self._run, metrics=some)


def _batches(each: Sequence[Each], size: int) -> Iterator[Sequence[Each]]:
    return (each[start : start + size] for start in range(0, len(each), size))


def _name(text: str) -> str:
    """Return a name as MLflow takes one: letters, digits and a few signs."""
    return "".join(sign if sign.isalnum() or sign in "/_-. " else "_" for sign in text)[:250]
