"""A finished run as its trackers are told of it, with curves and two datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from invented import invented_cohort, store_run

from mebench.plugin.loading import Plugins
from mebench.records import RunDirectory, Task
from mebench.runner.tracking import Notifier, make_trackers
from mebench.scoring.rebuild import score_run

LOSSES = [2.0, None, 0.5]


def tracked(runs: Path, plugins: Plugins) -> RunDirectory:
    """Return a finished run of six folds, of two datasets."""
    entry = plugins.registry.get("model", "majority")
    return store_run(runs, invented_cohort(datasets=("casme3", "samm")), entry, entry.load()())


def tell(plugins: Plugins, tracker: str, directory: RunDirectory, *, folds: int | None = None) -> Any:
    """Tell a new tracker of a run, as one process does that ran some of its folds; return the scores."""
    notify = Notifier(plugins, make_trackers(plugins.registry, (tracker,)))
    told: dict[str, Any] = {"run": directory.read_run(), "directory": directory.path}
    notify("mebench_run_started", **told)
    for fold in [*directory.read_truth().folds][:folds]:
        record = directory.read_record(Task(0, fold))
        notify("mebench_fold_done", record={**record, "curves": {"loss": LOSSES}}, **told)  # type: ignore[dict-item]
    scores = score_run(directory) if folds is None else None
    notify("mebench_run_finished", scores=scores, **told)
    return scores
