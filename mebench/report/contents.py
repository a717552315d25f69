"""All that a report says of a run, read and computed once.

contents = read_contents(RunDirectory(Path("runs/casme3-4c/famnet-3f2a9c1e")))
contents.scores         # as `mebench show --json` has them; None while folds are missing
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mebench.plugin import integrity
from mebench.records import RunDirectory
from mebench.run_info import RunInfo
from mebench.scoring.by_clip import ClipRow, SubjectRow, clip_rows, subject_rows
from mebench.scoring.calibration import Calibration, calibration
from mebench.scoring.curves import Curve, summarise
from mebench.scoring.rebuild import read_predictions, scores_of
from mebench.scoring.recorded import tasks_of
from mebench.scoring.schema import Scores
from mebench.scoring.unit_relations import UnitRelations, unit_relations


@dataclass(frozen=True)
class Spent:
    """What the recorded folds took: seconds of fitting and predicting, all together, and the largest memory in MiB."""

    fit_seconds: float
    predict_seconds: float
    peak_memory_mib: float


@dataclass(frozen=True)
class RunContents:
    """One run: ``name`` is its folder's with the protocol's, ``done`` of ``total`` folds of all seeds are recorded.

    ``problems`` say why records do not count. What comes of predictions is empty or None while folds are missing, and
    what is of classes where the protocol has none.
    """

    name: str
    run: RunInfo
    done: int
    total: int
    problems: tuple[str, ...]
    scores: Scores | None
    spent: Spent
    curves: dict[str, Curve]
    subjects: tuple[SubjectRow, ...] = ()
    clips: tuple[ClipRow, ...] = ()
    calibration: Calibration | None = None
    relations: UnitRelations | None = None

    @property
    def complete(self) -> bool:
        """Return whether no fold is missing."""
        return self.done == self.total


def read_contents(directory: RunDirectory) -> RunContents:
    """Return what there is to say of a run, complete or not.

    Raises:
        MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged, or a plugin has changed mebench.
    """
    integrity.refuse_patched()
    run, tasks = directory.read_run(), tasks_of(directory)
    problems, curves, records = [], {}, []
    for task in tasks:
        record, problem = directory.look(task)
        if problem:
            problems.append(f"fold {task.fold} of seed {task.seed}: {problem}")
        if record is None:
            continue
        records.append(record)
        if steps := {name: values for name, values in record.get("curves", {}).items() if values}:
            curves[task] = steps
    spent = Spent(
        sum(record["fit_seconds"] for record in records),
        sum(record["predict_seconds"] for record in records),
        max((record["peak_memory_mib"] for record in records), default=0.0),
    )
    known = {
        "name": name_of(directory),
        "run": run,
        "done": len(records),
        "total": len(tasks),
        "problems": tuple(problems),
        "spent": spent,
        "curves": summarise(curves),
    }
    if len(records) < len(tasks):
        return RunContents(**known, scores=None)  # type: ignore[arg-type]
    pooled = read_predictions(directory)
    of_classes = bool(pooled.classes)
    return RunContents(
        **known,  # type: ignore[arg-type]
        scores=scores_of(pooled),
        subjects=tuple(subject_rows(pooled)) if of_classes else (),
        clips=tuple(clip_rows(pooled)) if of_classes else (),
        calibration=calibration(pooled) if of_classes else None,
        relations=unit_relations(pooled),
    )


def name_of(directory: RunDirectory) -> str:
    """Return what a run is called in pages: its folder's name, below that of its protocol."""
    path = Path(directory.path).resolve()
    return f"{path.parent.name}/{path.name}"
