"""What a run is, and what of it is still missing.

A run's directory is named by a hash of everything that decides its results. The same command finds the same
directory and goes on where it stopped; another setting, cohort or precision is another run.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.cohort.splits import fold_columns
from mebench.data.clips.marker import MARKER_FILE, PREPARATION_FILE
from mebench.data.fetching import is_there
from mebench.errors import MebenchError, MebenchWarning, UnknownNameError
from mebench.features.inputs import Input
from mebench.files import disk_errors, read_json, to_json, write_atomically
from mebench.models.base import Model
from mebench.plugin.registry import Entry
from mebench.records import RUN_FORMAT, RunDirectory, Task
from mebench.runner import provenance


@dataclass(frozen=True)
class RunPlan:
    """A run that is ready to go: its directory, and the tasks it consists of."""

    directory: RunDirectory
    run: dict[str, Any]
    tasks: tuple[Task, ...]


@contextmanager
def plan_run(
    *,
    runs: Path,
    entry: Entry,
    model: Model,
    cohort: Cohort,
    seeds: Sequence[int],
    device: str,
    precision: str,
    threads: int,
    shuffle_labels: bool,
) -> Iterator[RunPlan]:
    """Find or make a run's directory, with ``run.json`` and ``cohort.csv`` in it, and hold it meanwhile.

    Raises:
        MebenchError: another process holds it, the disk refuses, or an existing ``run.json`` is damaged.
    """
    identity = _identity(entry, model, cohort, (device, precision, threads), shuffle_labels)
    digest = hashlib.sha256(to_json(identity).encode()).hexdigest()
    directory = RunDirectory(runs / cohort.protocol.name / f"{entry.name}-{digest[:8]}")
    run = {
        "format": RUN_FORMAT,
        **identity,
        "identity": digest,
        "seeds": sorted(set(seeds)),
        "changed_settings": _changed(entry, model),
        "selection": model.selection,
        "synthetic": cohort.twin,
        "subject_dependent": cohort.protocol.subject_dependent,
        "cohort": {
            "clips": len(cohort.clips),
            "subjects": int(cohort.clips["group"].nunique()),
            "folds": len(cohort.folds),
            "repeats": cohort.repeats,
            "class_counts": cohort.class_counts(),
            "left_out_by_rule": sum(drop.by_rule for drop in cohort.drops),
            "dropped_for_faults": [
                {"clip": d.key, "row": d.row, "reason": d.reason} for d in cohort.faults()
            ],
            "differences": [] if cohort.twin else cohort.differences(),
        },
        "editions": {data.dataset: data.edition for data in cohort.data},
        "protocol_source": cohort.protocol.source,
        "versions": provenance.versions(entry.target),
        "code": {
            "mebench": provenance.commit(provenance.__file__),
            "model": provenance.commit(inspect.getfile(type(model))),
        },
        "hardware": {**provenance.hardware(), **provenance.gpu(device)},
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    with _only_one(directory):
        if directory.run_file.exists():
            run = _continued(directory, run)
        write_atomically(directory.run_file, to_json(run))
        write_atomically(directory.cohort_file, cohort_csv(cohort))
        tasks = tuple(Task(seed, fold.name) for seed in run["seeds"] for fold in cohort.folds)
        yield RunPlan(directory, run, tasks)


def choose_folds(cohort: Cohort, wanted: str | None) -> set[str]:
    """Return the fold names that ``--folds`` asks for: a count, or names with or without their dataset.

    Raises:
        UnknownNameError: no fold has such a name.
        MebenchError: the count is not positive.
    """
    names = [fold.name for fold in cohort.folds]
    if wanted is None:
        return set(names)
    if re.fullmatch(r"[+-]?[0-9]+", wanted):
        if int(wanted) < 1:
            raise MebenchError(f"--folds {wanted}: give a positive count, or names of subjects")
        return set(names[: int(wanted)])
    chosen = set()
    for name in map(str.strip, wanted.split(",")):
        matches = [n for n in names if name in (n, n.partition("/")[2])]
        if not matches:
            known = [n.partition("/")[2] for n in names]
            raise UnknownNameError("fold", name, known, hint="a fold is named by the subject it leaves out")
        chosen.update(matches)
    return chosen


def cohort_csv(cohort: Cohort) -> str:
    """Return the truth of a cohort as CSV: what scores are computed from, beside the records."""
    columns = ["key", "dataset", "group", *fold_columns(cohort.clips), "label"]
    table = cohort.clips[columns].rename(columns={"group": "subject"})
    names = (*cohort.protocol.classes, "")  # -1, no class, is the last
    table = table.assign(**{"class": [names[label] for label in table["label"]]})
    for column, number in enumerate(cohort.protocol.aus):
        table[f"au{number}"] = [unit if unit != AU_UNKNOWN else "" for unit in cohort.aus[:, column]]
    return str(table.to_csv(index=False, lineterminator="\n"))


def _identity(
    entry: Entry, model: Model, cohort: Cohort, computing: tuple[str, str, int], shuffle_labels: bool
) -> dict[str, Any]:
    inputs: dict[str, Input] = dict(model.inputs())
    return {
        "model": entry.name,
        "target": entry.target,
        "settings": model.settings.model_dump(mode="json"),
        "inputs": {name: wanted.describe() for name, wanted in sorted(inputs.items())},
        "protocol": cohort.protocol.name,
        "classes": list(cohort.protocol.classes),
        "aus": list(cohort.protocol.aus),
        "manifest": cohort.manifest,
        "data": [
            {
                "dataset": data.dataset,
                "annotation": data.annotation.name,
                "sha256": data.sha256,
                "repairs": data.repairs.name,
                "repairs_applied": [str(repair) for repair in data.repairs.applied],
                "twin": _described(data.root / MARKER_FILE) or data.twin,
                "prepared": _described(data.root / PREPARATION_FILE),
            }
            for data in cohort.data
        ],
        **dict(zip(("device", "precision", "threads"), computing, strict=True)),
        "shuffled_labels": shuffle_labels,
        "mebench": provenance.versions(entry.target)["mebench"],
    }


def _changed(entry: Entry, model: Model) -> dict[str, Any]:
    """Return the settings that differ from what the model's name stands for."""
    defaults = type(model).Settings(**entry.settings).model_dump(mode="json")
    return {
        name: value
        for name, value in model.settings.model_dump(mode="json").items()
        if value != defaults[name]
    }


def _described(file: Path) -> Any:
    """Return what a file in a dataset's folder says of how its pictures were made; None without it."""
    return read_json(file) if is_there(file) else None


def _continued(directory: RunDirectory, run: dict[str, Any]) -> dict[str, Any]:
    """Return the stored description with the seeds of both; name what has changed around it."""
    stored = directory.read_run()
    changed = [
        f"{package} {stored['versions'].get(package, 'none')} -> {version}"
        for package, version in run["versions"].items()
        if stored["versions"].get(package) != version
    ]
    if stored.get("code") != run["code"]:
        changed.append("the code's commit or its changes")
    if stored["hardware"] != run["hardware"]:
        changed.append("the hardware")
    if changed:
        warnings.warn(
            f"{directory.path} was begun under other conditions ({'; '.join(changed)}); finished folds are kept: "
            "choose another --runs folder to start anew",
            MebenchWarning,
            stacklevel=3,
        )
    return {**stored, "seeds": sorted({*stored["seeds"], *run["seeds"]})}


@contextmanager
def _only_one(directory: RunDirectory) -> Iterator[None]:
    lock = FileLock(directory.path / ".lock")
    try:
        with disk_errors(directory.path, "free some space or choose another --runs folder"):
            directory.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
    except Timeout as error:
        raise MebenchError(
            f"another process is running {directory.path}: wait for it, or choose another --runs folder"
        ) from error
    try:
        yield
    finally:
        lock.release()
