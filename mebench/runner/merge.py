"""Joining folders of records that were made apart, on several machines say, into one.

    for joined in merge_runs([Path("a/runs"), Path("b/runs")], into=Path("runs")):
        print(joined.directory.path, joined.joined)

What is joined must agree: everything is read and compared before anything is written. The sources are only read.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.description import run_name
from mebench.evidence.fold_record import problem_of, shape_problem
from mebench.files import disk_errors, read_json, whole_folder, write_atomically
from mebench.locks import locked
from mebench.records import RunDirectory, Task, find_runs
from mebench.run_info import Record, RecordedPrediction, RunInfo
from mebench.runner.completion import settle
from mebench.runner.former import changes
from mebench.runner.plan import other_conditions


@dataclass(frozen=True)
class Joined:
    """What came of one run: records joined now, records that were there, and folds recorded and due in all."""

    directory: RunDirectory
    sources: tuple[Path, ...]
    joined: int
    there: int
    recorded: int
    due: int


@dataclass(frozen=True)
class _Plan:
    """A run to be joined: what its description will be, and the file of each record."""

    target: RunDirectory
    sources: tuple[RunDirectory, ...]
    run: RunInfo
    records: dict[Task, Path]


def merge_runs(sources: Sequence[Path], into: Path) -> list[Joined]:
    """Join the runs of several folders in one; merging again changes nothing.

    Args:
        sources: folders of runs, or single runs' own folders. ``into`` may be one of them.
        into: the folder of runs that gets them; made where it is missing.

    Raises:
        MebenchError: something does not agree (another identity under one name, another cohort, two records of
            one fold that predict differently), a folder holds no run, or the disk refuses. What does not agree
            is found before anything is written.
    """
    if (into / "run.json").exists():
        raise MebenchError(f"{into} is one run's own folder: name the folder of runs that it should lie in")
    parts: dict[str, dict[Path, RunDirectory]] = {}
    for directory in (found for source in sources for found in _runs_of(source)):
        path = directory.path.resolve()
        run = directory.read_run()
        name = f"{run['protocol']}/{run_name(run['model'], run['identity'])}"
        parts.setdefault(name, {})[path] = directory
    plans = [_compared(into / name, list(found.values())) for name, found in sorted(parts.items())]
    with locked(into / ".merge.lock", f"{into}, which another merge writes"):
        return [_write(plan) for plan in plans]


def _runs_of(source: Path) -> list[RunDirectory]:
    found = [RunDirectory(source)] if (source / "run.json").exists() else list(find_runs(source))
    if not found:
        raise MebenchError(
            f"{source} holds no run: give a folder of runs (PROTOCOL/RUN/run.json), or one run's own folder"
        )
    return found


def _compared(place: Path, found: Iterable[RunDirectory]) -> _Plan:
    """Return what is to be written, after all parts of one run were compared."""
    target = RunDirectory(place)
    sources = tuple(each for each in found if each.path.resolve() != place.resolve())
    for source in sources:
        if source.models.is_dir():
            warnings.warn(
                f"the fitted models in {source.models} are not merged: copy the folders that you want to keep",
                MebenchWarning,
                stacklevel=4,
            )
    if target.run_file.exists():
        parts = (target, *sources)
    elif place.exists() and any(place.iterdir()):
        raise MebenchError(f"{place} is in the way: it is no run; move it away")
    else:
        parts = sources
    first = parts[0]
    run = first.read_run()
    seeds = set(run["seeds"])
    records: dict[Task, tuple[Path, Record]] = {}
    for part in parts:
        other = part.read_run()
        _refuse_other_run(first, run, part, other)
        seeds.update(other["seeds"])
        for task, file, record in _records(part):
            if task in records:
                _refuse_other_predictions(*records[task], file, record)
            else:
                records[task] = (file, record)
    joined: RunInfo = {**run, "seeds": sorted(seeds)}
    return _Plan(target, sources, joined, {task: file for task, (file, _) in records.items()})


def _records(directory: RunDirectory) -> list[tuple[Task, Path, Record]]:
    """Return the records of a run that count; others are named, and stay where they are."""
    evidence = directory.evidence()
    run = evidence.run
    found = []
    for file in sorted(directory.path.glob("folds/*.json")):
        try:
            record: Record = read_json(file)
        except MebenchError as error:
            _leave_out(file, str(error))
            continue
        if problem := shape_problem(record):
            _leave_out(file, problem)
            continue
        if record["identity"] != run["identity"]:
            raise MebenchError(
                f"{file} was made under the identity {record['identity'][:12]}, and {directory.run_file} names "
                f"{run['identity'][:12]}: move the record away, or merge the run that it belongs to"
            )
        task = Task(record["seed"], record["fold"])
        problem = problem_of(record, task.seed, task.fold, evidence)
        if not problem and task.seed not in run["seeds"]:
            problem = f"its run has no seed {task.seed}"
        if not problem and file != directory.record_file(task):
            problem = f"it belongs to fold {task.fold} with seed {task.seed}"
        if problem:
            _leave_out(file, problem)
        else:
            found.append((task, file, record))
    return found


def _leave_out(file: Path, problem: str) -> None:
    warnings.warn(f"record {file} is left out ({problem})", MebenchWarning, stacklevel=5)


def _refuse_other_run(first: RunDirectory, run: RunInfo, part: RunDirectory, other: RunInfo) -> None:
    if other["identity"] != run["identity"]:
        what = ", ".join(changes(run["decided_by"], other["decided_by"]))
        raise MebenchError(
            f"{first.run_file} and {part.run_file} are two runs of one name, which differ in {what}: rename the "
            "folder of one of them, or merge them into folders of their own"
        )
    if different := other_conditions(run, other):
        warnings.warn(
            f"{part.path} was run under other conditions than {first.path} ({'; '.join(different)})",
            MebenchWarning,
            stacklevel=4,
        )


def _refuse_other_predictions(file: Path, record: Record, other_file: Path, other: Record) -> None:
    if (here := _said(record)) == (there := _said(other)):
        return
    pairs = zip_longest(here, there)
    one, two = next(pair for pair in pairs if pair[0] != pair[1])
    clip = (one or two or {"clip": "?"})["clip"]
    raise MebenchError(
        f"{file} and {other_file} predict differently, first for clip {clip}: keep the one that you trust, and move "
        "the other away"
    )


def _said(record: Record) -> list[RecordedPrediction]:
    """Return what a record says of clips: of the epoch chosen, and of the last where that is another."""
    return [*record["predictions"], *record.get("last", ())]


def _write(plan: _Plan) -> Joined:
    target, there = plan.target, 0
    if target.run_file.exists():
        with target.locked():
            fresh = [task for task in plan.records if not target.has_record(task)]
            there = len(plan.records) - len(fresh)
            _copy(plan, fresh, target)
            run = target.read_run()
            if not set(plan.run["seeds"]) <= set(run["seeds"]):
                # The description comes last: until it names a seed, the seed's records do not count.
                target.scores_file.unlink(missing_ok=True)
                seeds = sorted({*run["seeds"], *plan.run["seeds"]})
                target.write_run({**run, "seeds": seeds})
        standing = settle(target)
    else:
        fresh = list(plan.records)
        with disk_errors(target.path, "free some space or merge into another folder"):
            if target.path.exists() and any(target.path.iterdir()):
                raise MebenchError(f"{target.path} was made by another process meanwhile: merge again")
            with whole_folder(target.path) as folder:
                made = RunDirectory(folder, placed=False)
                write_atomically(made.cohort_file, plan.sources[0].cohort_file.read_bytes())
                made.write_run(plan.run)
                _copy(plan, fresh, made)
                standing = settle(made)
    recorded = len(standing.tasks) - len(standing.missing)
    sources = tuple(source.path for source in plan.sources)
    return Joined(target, sources, len(fresh), there, recorded, len(standing.tasks))


def _copy(plan: _Plan, tasks: Iterable[Task], target: RunDirectory) -> None:
    for task in tasks:
        write_atomically(target.record_file(task), plan.records[task].read_bytes())
        target.failure_file(task).unlink(missing_ok=True)
