"""Runs in a notebook: made, opened again, listed.

run = mebench.run("famnet", cohort, preset="small", set={"fusion": "mean"}, seeds=[0, 1])
run.scores["uf1"]["mean"]
run = mebench.open_run("famnet-1a2b3c4d")
mebench.runs().frame
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, overload

import pandas as pd

from mebench.data.locations import Place
from mebench.display.tables import Shown
from mebench.display.view import SilentView, run_view
from mebench.errors import MebenchError, MebenchWarning
from mebench.notebook.cohort import OpenCohort, given_cohort, protocol_of
from mebench.notebook.installed import installed
from mebench.notebook.named import naming
from mebench.plugin.local_file import refuse_while_imported
from mebench.records import RunDirectory, find_run
from mebench.run_info import RunInfo
from mebench.runner.named import check_chosen, named_model, run_named
from mebench.runner.options import RunOptions
from mebench.runner.timeout import DAY
from mebench.scoring.curves import curves_frame, read_curves
from mebench.scoring.listing import RunRow, run_rows, runs_table
from mebench.scoring.metric import score_metrics
from mebench.scoring.rebuild import read_predictions, score_run
from mebench.scoring.recorded import recorded_predictions, unrecorded
from mebench.scoring.schema import MetricScore, Scores
from mebench.scoring.stood_in import tell_ready, tell_substitutions
from mebench.scoring.tables import Table, score_note, score_tables, title_of

Folder = str | os.PathLike[str]


def run(
    model: str,
    cohort: OpenCohort | str,
    *,
    preset: str | None = None,
    set: Mapping[str, Any] | Sequence[str] = (),
    seeds: int | Iterable[int] = 0,
    folds: int | str | Sequence[str] | None = None,
    workers: int = 0,
    threads: int = 1,
    device: str = "auto",
    precision: str = "auto",
    fast: bool = False,
    runs: Folder = "runs",
    shuffle_labels: bool = False,
    progress: bool = True,
    data: Place | Mapping[str, Place] | None = None,
    annotations: Folder | None = None,
    synthetic: bool = False,
    repairs: bool = True,
    allow_dropped: bool = False,
    fresh: bool = False,
    executor: str = "local",
    trackers: Sequence[str] = (),
    save_models: bool = False,
    selection: str = "last",
    fold_timeout: float = DAY,
    require_isolation: bool = False,
    folds_together: bool = False,
) -> Run:
    """Run a model, as ``mebench run`` does: the same call goes on where it stopped.

    Ctrl-C, or a notebook's stop button, ends it; folds that are recorded stay. A fold that fails is named in a
    warning and in :attr:`Run.failed`.

    Args:
        model: its registered name, or a class in a file, ``"models/tiny.py:Tiny"``.
        cohort: an open one, or a protocol's name, which the arguments from ``data`` on then open.
        preset: a named group of settings; ``"none"`` for none. With a synthetic cohort: ``small``.
        set: settings and their values, or texts ``name=value``.
        seeds: run once for each.
        folds: only the first so many, or those of the named subjects.
        workers: folds at a time; 0 for one a core, or one in all on a GPU.
        threads: CPU threads of each fold.
        device: ``auto``, ``cpu`` or ``cuda``.
        precision: ``auto``, ``float32``, ``tf32`` or ``bfloat16``.
        fast: let a GPU take its fastest kernels, which give other bytes each time.
        runs: the folder of the runs' records.
        shuffle_labels: shuffle the training labels; a sound benchmark then shows chance.
        progress: show how it goes.
        data, annotations, synthetic, repairs: as for :func:`mebench.open_cohort`.
        allow_dropped: leave out faulty clips, and go on with those of which too little can be read.
        fresh: set aside what was recorded of this very run before.
        executor: what works through the folds: ``local``, or a plugin's.
        trackers: plugins' trackers that follow the run.
        save_models: keep the fitted model of each fold in the run's folder, ``models/``.
        selection: which epoch predicts: ``last``, ``inner`` (the best on subjects split off the training subjects) or
            ``oracle`` (the best on the test clips).
        fold_timeout: end a fold that takes more seconds.
        require_isolation: refuse to run where a fold's process cannot be kept from files and the network.
        folds_together: train all folds of a small network as one, in one process (docs/folds-together.md).

    Raises:
        MebenchError: a name or value is wrong, the data cannot be used, or the disk refuses a record.
    """
    refuse_while_imported("mebench.run")
    plugins = installed()
    asked = naming(model, cohort, preset=preset, set=set, synthetic=synthetic, progress=progress)
    made = named_model(plugins, model, **asked)
    options = options_of(
        runs=runs,
        seeds=seeds,
        folds=folds,
        workers=workers,
        threads=threads,
        device=device,
        precision=precision,
        fast=fast,
        shuffle_labels=shuffle_labels,
        allow_dropped=allow_dropped,
        fresh=fresh,
        executor=executor,
        trackers=trackers,
        save_models=save_models,
        selection=selection,
        fold_timeout=fold_timeout,
        require_isolation=require_isolation,
        folds_together=folds_together,
    )
    check_chosen(plugins, options, made, protocol_of(cohort))
    cohort = given_cohort(
        cohort,
        data=data,
        annotations=annotations,
        synthetic=synthetic,
        repairs=repairs,
        allow_dropped=allow_dropped,
        progress=progress,
    )
    with run_view() if progress else nullcontext(SilentView()) as view:
        outcome = run_named(plugins, made, cohort.definition, options, view)
    if problem := outcome.problem():
        warnings.warn(problem, MebenchWarning, stacklevel=2)
    failed = {f"{task.fold} seed {task.seed}": reason for task, reason in outcome.failed.items()}
    return Run(outcome.directory, failed)


def open_run(name: Folder, *, runs: Folder = "runs") -> Run:
    """Open a recorded run: its folder, or its name below ``runs``.

    Raises:
        MebenchError: no run has that name, or several have.
    """
    return Run(find_run(os.fspath(name), Path(runs)))


def runs(folder: Folder = "runs") -> Runs:
    """List the runs in a folder, one row each; a damaged one is named in a warning."""
    return Runs(os.fspath(folder), tuple(run_rows(Path(folder))))


@dataclass(frozen=True, repr=False)
class Run(Shown):
    """A recorded run. ``failed`` tells which folds failed just now, and why."""

    directory: RunDirectory
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Return the run's folder."""
        return self.directory.path

    @cached_property
    def info(self) -> RunInfo:
        """Return what was run, as ``run.json`` says it: settings, seeds, versions, hardware, manifest."""
        return self.directory.read_run()

    @property
    def missing(self) -> list[str]:
        """Return the folds that have no record, by name and seed; a run has scores once there is none."""
        return [f"{task.fold} seed {task.seed}" for task in unrecorded(self.directory)]

    @cached_property
    def scores(self) -> Scores:
        """Return the scores, computed from the records.

        Raises:
            MebenchError: a fold is missing.
        """
        return score_run(self.directory)

    def score(self, metric: str) -> MetricScore:
        """Return a plugin's metric of the pooled predictions: mean, spread over seeds, and interval.

        Raises:
            MebenchError: no plugin has a metric of that name, it fails, or a fold is missing.
        """
        return score_metrics(installed().registry, (metric,), read_predictions(self.directory))[metric]

    @property
    def curves(self) -> pd.DataFrame:
        """Return what was reported by epoch: ``fold, seed, name, epoch, value``; empty where nothing was."""
        return curves_frame(read_curves(self.directory))

    @property
    def predictions(self) -> pd.DataFrame:
        """Return what is recorded; see :func:`mebench.scoring.recorded.recorded_predictions`."""
        return recorded_predictions(self.directory)

    @property
    def confusion(self) -> pd.DataFrame:
        """Return counts of clips, rows truth, columns prediction, all seeds added.

        Raises:
            MebenchError: a fold is missing, or the protocol has no classes.
        """
        return confusion_table(self.scores)

    def __repr__(self) -> str:
        state = f"{len(self.missing)} folds missing" if self.missing else "complete"
        return f"<Run {self.path}: {self._title()}, {state}>"

    def _title(self) -> str:
        return title_of(self.info, None if self.missing else self.scores)

    def _tables(self) -> list[Table]:
        missing = self.missing
        if not missing:
            return score_tables("", self.scores)
        rows = [(name, self.failed.get(name, "")) for name in missing]
        return [Table("No scores yet: folds without a record", ("fold", "failed"), rows)]

    def _note(self) -> str:
        parts = [score_note(self.scores)] if not self.missing else []
        if ready := tell_ready(self.info):
            parts.append(f"inputs from files: {ready}")
        if bridged := tell_substitutions(self.info["substitutions"]):
            parts.append(f"bridged: {bridged}")
        return "; ".join((*parts, f"records: {self.path}"))


@dataclass(frozen=True, repr=False)
class Runs(Shown, Sequence[RunRow]):
    """The runs in a folder, a sequence of rows; :attr:`frame` is the same as a DataFrame."""

    folder: str
    rows: tuple[RunRow, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row a run: model, settings, seeds, scores, what data."""
        return pd.DataFrame(self.rows, columns=list(RunRow.__annotations__))

    @overload
    def __getitem__(self, index: int) -> RunRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RunRow]: ...
    def __getitem__(self, index: int | slice) -> RunRow | Sequence[RunRow]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def _title(self) -> str:
        return f"runs in {self.folder}: {len(self)}"

    def _tables(self) -> list[Table]:
        return [runs_table("", self.rows)]


def confusion_table(scores: Scores) -> pd.DataFrame:
    """Return a confusion as a table.

    Raises:
        MebenchError: there are no classes.
    """
    if not scores["classes"]:
        raise MebenchError(
            "action units alone have no confusion: scores['au'] has what is known of each unit"
        )
    names = scores["classes"]
    return pd.DataFrame(
        scores["confusion"]["sum"],
        index=pd.Index(names, name="truth"),
        columns=pd.Index(names, name="prediction"),
    )


def options_of(
    *,
    runs: Folder = "runs",
    seeds: int | Iterable[int] = 0,
    trackers: str | Sequence[str] = (),
    **others: Any,
) -> RunOptions:
    """Return how to run, of what a notebook gives: a folder as text, one seed or several, one tracker or several."""
    given = seeds if isinstance(seeds, Iterable) else [seeds]
    return RunOptions(
        runs=Path(runs),
        # numpy's whole numbers are as good; anything else is refused by name further on.
        seeds=tuple(
            int(seed) if isinstance(seed, Integral) and not isinstance(seed, bool) else seed for seed in given
        ),
        trackers=(trackers,) if isinstance(trackers, str) else tuple(trackers),
        **others,
    )
