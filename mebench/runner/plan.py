"""What a run is, and what of it is still missing.

A run's directory is named by a hash of everything that decides its results (:mod:`mebench.runner.identity`). The
same command finds the same directory and goes on where it stopped; other settings, pictures or code are another run,
and the plan says so where the same command was run before.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mebench.cohort.building import Cohort
from mebench.errors import MebenchError, MebenchWarning, UnknownNameError
from mebench.evidence.description import RUN_FORMAT, SHOWN, run_name
from mebench.evidence.truth import cohort_csv
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.files import disk_errors, forget_leftovers, write_atomically
from mebench.models.base import Model, settings_values
from mebench.models.epoch_rules import LAST
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory, Task
from mebench.runner import provenance
from mebench.runner.claims import Claims, refuse_claimed
from mebench.runner.data_used import described_data
from mebench.runner.former import name_former
from mebench.runner.identity import Identity, changed_settings, identify, shown_selection


@dataclass(frozen=True)
class RunPlan:
    """A run that is ready to go: its directory, the tasks it consists of, and what of them this process has."""

    directory: RunDirectory
    run: dict[str, Any]
    tasks: tuple[Task, ...]
    identity: Identity
    claims: Claims


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
    inputs: Mapping[str, Input],
    features: Mapping[str, Mapping[str, Features]],
    substitutions: Mapping[str, Any] | None = None,
    contents: Mapping[str, str] | None = None,
    fresh: bool = False,
    selection: str = LAST,
    folds_together: bool = False,
) -> Iterator[RunPlan]:
    """Find or make a run's directory, with ``run.json`` and ``cohort.csv`` in it, and hold it meanwhile.

    ``inputs`` are what the model's inputs are made of here (:func:`mebench.features.ready.inputs_for`), ``features``
    those of each of them, by input and dataset; ``substitutions`` say what of them
    was bridged (:mod:`mebench.features.substitutions`); ``fresh`` sets aside what was recorded of this very run
    before; ``selection`` is the rule by which an epoch is chosen; ``folds_together`` trains all folds as one network.

    Raises:
        MebenchError: another process holds it, the disk refuses, or an existing ``run.json`` is damaged.
    """
    identity = identify(
        entry,
        model,
        cohort,
        inputs,
        features,
        contents=contents or {},
        computing=(device, precision, threads),
        shuffle_labels=shuffle_labels,
        selection=selection,
        folds_together=folds_together,
    )
    directory = RunDirectory(runs / cohort.protocol.name / run_name(entry.name, identity.digest))
    run = {
        "format": RUN_FORMAT,
        "identity": identity.digest,
        "decided_by": identity.parts,
        **{name: identity.parts[name] for name in SHOWN},
        "settings": settings_values(model.settings, "json"),
        "data": [described_data(data) for data in cohort.data],
        "seeds": sorted(set(seeds)),
        "changed_settings": changed_settings(entry, model),
        "selection": shown_selection(model, selection),
        "label": model.label,
        "local_code": entry.local_code(),
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
        "substitutions": substitutions,
        "editions": {data.dataset: data.edition for data in cohort.data},
        "protocol_source": cohort.protocol.source,
        "versions": provenance.versions(entry.imported),
        "code": {
            "mebench": provenance.commit(provenance.__file__),
            "model": provenance.commit(inspect.getfile(type(model))),
        },
        "hardware": {**provenance.hardware(), **provenance.gpu(device)},
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    with disk_errors(directory.path, "free some space or choose another --runs folder"):
        directory.path.mkdir(parents=True, exist_ok=True)
    with directory.locked():
        for file in (directory.run_file, directory.cohort_file):
            forget_leftovers(file)
        if not directory.run_file.exists():
            name_former(runs, directory, run)
        elif not fresh:
            run = _continued(directory, run)
        if fresh:
            refuse_claimed(directory, "--fresh would set aside what it runs")
            directory.set_aside()
        run = directory.write_run(run)
        _write_truth(directory, cohort_csv(cohort))
    tasks = tuple(Task(seed, fold.name) for seed in run["seeds"] for fold in cohort.folds)
    claims = Claims(directory)
    try:
        yield RunPlan(directory, run, tasks, identity, claims)
    finally:
        claims.release_all()


def choose_folds(cohort: Cohort, wanted: str | int | Sequence[str] | None) -> set[str]:
    """Return the fold names that ``--folds`` asks for: a count, or names with or without their dataset.

    A string is a count or names with commas between; None is all.

    Raises:
        UnknownNameError: no fold has such a name.
        MebenchError: the count is not positive.
    """
    names = [fold.name for fold in cohort.folds]
    if wanted is None:
        return set(names)
    if isinstance(wanted, str):
        wanted = int(wanted) if re.fullmatch(r"[+-]?[0-9]+", wanted) else wanted.split(",")
    if isinstance(wanted, int):
        if wanted < 1:
            raise MebenchError(f"--folds {wanted}: give a positive count, or names of subjects")
        return set(names[:wanted])
    chosen = set()
    for name in map(str.strip, wanted):
        matches = [n for n in names if name in (n, n.partition("/")[2])]
        if not matches:
            known = [n.partition("/")[2] for n in names]
            raise UnknownNameError("fold", name, known, hint="a fold is named by the subject it leaves out")
        chosen.update(matches)
    return chosen


def _write_truth(directory: RunDirectory, text: str) -> None:
    """Write ``cohort.csv``, and say where another one lay in its place."""
    if directory.cohort_file.is_file() and directory.cohort_file.read_bytes() != text.encode():
        warnings.warn(
            f"{directory.cohort_file} was changed since the run began; it is written anew",
            MebenchWarning,
            stacklevel=4,
        )
    write_atomically(directory.cohort_file, text)


def other_conditions(stored: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """Return what differs around two descriptions of one run, though not in what decides its results."""
    changed = [
        f"{package} {stored['versions'].get(package, 'none')} -> {version}"
        for package, version in run["versions"].items()
        if stored["versions"].get(package) != version
    ]
    if stored["hardware"] != run["hardware"]:
        changed.append("the hardware")
    return changed


def _continued(directory: RunDirectory, run: dict[str, Any]) -> dict[str, Any]:
    """Return the stored description with the seeds of both; name what has changed around it.

    Code, pictures and weights cannot have changed: they are part of what names the directory.
    """
    stored = directory.read_run()
    if stored["identity"] != run["identity"]:
        raise MebenchError(
            f"{directory.path} holds another run, of identity {stored['identity'][:12]}, where "
            f"{run['identity'][:12]} is due: move it away, or choose another --runs folder"
        )
    if changed := other_conditions(stored, run):
        warnings.warn(
            f"{directory.path} was begun under other conditions ({'; '.join(changed)}); finished folds are kept: "
            "--fresh starts anew",
            MebenchWarning,
            stacklevel=3,
        )
    return {**stored, "seeds": sorted({*stored["seeds"], *run["seeds"]})}
