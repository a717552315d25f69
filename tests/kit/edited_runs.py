"""Runs that are changed after the fact, as a careless hand or a cheat would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invented import invented_cohort, planned

from mebench.cohort.building import Cohort
from mebench.evidence.description import run_name
from mebench.evidence.digests import digest_of, sealed
from mebench.files import to_json
from mebench.plugin.loading import load_plugins
from mebench.records import RunDirectory, Task


def described(
    runs: Path, cohort: Cohort | None = None, model: str = "majority", **change: Any
) -> RunDirectory:
    """Return a run's directory below ``runs`` with its description and its truth, and no record."""
    entry = load_plugins().registry.get("model", model)
    with planned(runs, cohort or invented_cohort(), entry, entry.load()(), **change) as plan:
        return plan.directory


def content_of(directory: RunDirectory, task: Task, **change: Any) -> dict[str, Any]:
    """Return what a fold's record could hold: every clip is of the first class."""
    from mebench.evidence.digests import derive_seed

    run = directory.read_run()
    shares = [1.0] + [0.0] * (len(run["classes"]) - 1)
    return {
        "derived_seed": derive_seed(task.seed, run["protocol"], task.fold),
        "trained_on": 8,
        "predictions": [
            {"clip": key, "probabilities": shares} for key in directory.read_truth().folds[task.fold]
        ],
        **{name: run[name] for name in ("device", "precision", "threads")},  # type: ignore[literal-required]
        "fit_seconds": 0.5,
        "predict_seconds": 0.1,
        "peak_memory_mib": 80.0,
        **change,
    }


def edit(file: Path, change: Mapping[str, Any], *, seal: bool = True) -> None:
    """Change names of a JSON file; with ``seal`` its checksum fits again."""
    content = {**json.loads(file.read_text()), **change}
    file.write_text(to_json(sealed(content) if seal else content))


def edit_record(directory: RunDirectory, task: Task, **change: Any) -> None:
    """Change a record as a program would: its checksum fits."""
    edit(directory.record_file(task), change)


def forge(directory: RunDirectory, decided: Mapping[str, Any], **change: Any) -> RunDirectory:
    """Make another run of one, with everything that follows: identity, folder's name, checksums, records."""
    run = json.loads(directory.run_file.read_text())
    parts = {**run["decided_by"], **decided}
    identity = digest_of(parts)
    edit(directory.run_file, {**change, "decided_by": parts, "identity": identity})
    for file in directory.path.glob("folds/*.json"):
        edit(file, {"identity": identity})
    if directory.scores_file.exists():
        edit(directory.scores_file, {"identity": identity})
    place = directory.path.with_name(run_name(parts["model"], identity))
    directory.path.rename(place)
    return RunDirectory(place)
