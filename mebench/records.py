"""Fold records and the run directory that holds them.

    runs/casme3-4c/famnet-3f2a9c1e/
        run.json         what was run: settings, versions, hardware, manifest
        cohort.csv       clip key, subject, fold, class, action units: the truth scores are computed from
        folds/*.json     one record a fold and seed: predictions by clip key; no labels
        folds/*.claim    which process runs a fold at the moment
        models/*/        a fold's fitted model, where the run was asked to keep them
        scores.json      only once no fold is missing
        set-aside/       what `run --fresh` took out of the count

A record counts only when it is whole, for its checksum covers everything in it, and when it was made under the
identity of its run. Another one is named and its fold is run again.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError, MebenchWarning, near_matches
from mebench.files import disk_errors, read_json, to_json, write_atomically
from mebench.locks import locked
from mebench.run_info import Record, RunInfo

RUN_FORMAT = 2
RECORD_FORMAT = 2

# What stands beside scores wherever they are given to machines.
_ABOUT = (
    "model",
    "settings",
    "changed_settings",
    "protocol",
    "manifest",
    "selection",
    "label",
    "local_code",
    "synthetic",
    "shuffled_labels",
    "subject_dependent",
    "substitutions",
)


@dataclass(frozen=True, order=True)
class Task:
    """One fold with one seed: the unit of work and of record."""

    seed: int
    fold: str

    @property
    def stem(self) -> str:
        """Return the record's file name without its ending, safe on any file system."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", self.fold)
        if plain.replace("_", "/") != self.fold:
            # Two folds must never share a file, whatever characters their names lost.
            plain += "-" + hashlib.sha256(self.fold.encode()).hexdigest()[:8]
        return f"seed{self.seed}-{plain}"


class RunDirectory:
    """The files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def run_file(self) -> Path:
        """Return the path of ``run.json``."""
        return self.path / "run.json"

    @property
    def cohort_file(self) -> Path:
        """Return the path of ``cohort.csv``."""
        return self.path / "cohort.csv"

    @property
    def scores_file(self) -> Path:
        """Return the path of ``scores.json``."""
        return self.path / "scores.json"

    def read_run(self) -> RunInfo:
        """Return ``run.json``.

        Raises:
            MebenchError: it is missing or damaged.
        """
        run: RunInfo = read_json(self.run_file)
        if not isinstance(run, dict) or run.get("format") != RUN_FORMAT:
            raise MebenchError(
                f"{self.run_file} describes no run of format {RUN_FORMAT}: restore it, or move its folder away and "
                "run again (format 1 did not say what decided a run)"
            )
        if run.get("identity") != digest_of(run.get("decided_by")):
            raise MebenchError(
                f"{self.run_file} was changed: what it says decided the run is not its identity; restore it"
            )
        return run

    def about(self) -> dict[str, Any]:
        """Return what a reader of scores must know of the run that they belong to.

        Raises:
            MebenchError: ``run.json`` is missing or damaged.
        """
        run = self.read_run()
        return {"run": str(self.path), **{name: run.get(name) for name in _ABOUT}}

    @cached_property
    def identity(self) -> str:
        """Return the identity of the run, under which each of its records was made.

        Raises:
            MebenchError: see :meth:`read_run`.
        """
        return str(self.read_run()["identity"])

    def set_aside(self) -> Path | None:
        """Take everything recorded so far out of the count, and return where it lies now; None where nothing is.

        Raises:
            MebenchError: the disk refuses.
        """
        # The scores first and the description last: whenever this is cut short, what is left tells the truth.
        names = ("scores.json", "folds", "models", "logs", "cohort.csv", "run.json")
        found = [self.path / name for name in names if (self.path / name).exists()]
        if not found:
            return None
        taken = self.path / "set-aside"
        with disk_errors(taken, "free some space or choose another --runs folder"):
            taken.mkdir(exist_ok=True)
            number = 1 + max((int(each.name) for each in taken.iterdir() if each.name.isdecimal()), default=0)
            place = taken / str(number)
            place.mkdir()
            for each in found:
                each.rename(place / each.name)
        return place

    def locked(self) -> AbstractContextManager[None]:
        """Hold the run while what its records have in common is changed: ``run.json``, the truth, the scores."""
        return locked(self.path / ".lock", f"{self.path}, which is written")

    def record_file(self, task: Task) -> Path:
        """Return the path of a fold's record."""
        return self.path / "folds" / f"{task.stem}.json"

    def claim_file(self, task: Task) -> Path:
        """Return the path of the claim that a process has on a fold while it runs it."""
        return self.path / "folds" / f"{task.stem}.claim"

    @property
    def models(self) -> Path:
        """Return the folder of the folds' fitted models, where the run keeps them."""
        return self.path / "models"

    def model_folder(self, task: Task) -> Path:
        """Return the folder of a fold's fitted model, where the run keeps them."""
        return self.models / task.stem

    def failure_file(self, task: Task) -> Path:
        """Return the path of a failed fold's traceback."""
        return self.path / "folds" / f"{task.stem}.error.txt"

    def write_record(self, task: Task, content: dict[str, Any]) -> dict[str, Any]:
        """Write a fold's record with the run's identity and a checksum, and return it.

        Raises:
            MebenchError: the disk refuses; nothing half-written stays.
        """
        record = {
            "format": RECORD_FORMAT,
            "identity": self.identity,
            "seed": task.seed,
            "fold": task.fold,
            **content,
        }
        record["checksum"] = checksum(record)
        write_atomically(self.record_file(task), to_json(record))
        self.failure_file(task).unlink(missing_ok=True)
        return record

    def write_failure(self, task: Task, reason: str, trace: str) -> None:
        """Keep a failed fold's reason and traceback beside the records."""
        write_atomically(self.failure_file(task), f"{reason}\n\n{trace}")

    def read_record(self, task: Task) -> Record | None:
        """Return a fold's record, or None where it is missing or, with a warning, does not count.

        Raises:
            MebenchError: ``run.json`` is missing or damaged, so that nothing says which records belong here.
        """
        record, problem = self._look(task)
        if problem:
            warnings.warn(
                f"record {self.record_file(task)} does not count ({problem}); its fold is run again",
                MebenchWarning,
                stacklevel=2,
            )
        return record

    def has_record(self, task: Task) -> bool:
        """Return whether a fold has a record that counts, without a word about one that does not.

        Raises:
            MebenchError: see :meth:`read_record`.
        """
        return self._look(task)[0] is not None

    def _look(self, task: Task) -> tuple[Record | None, str]:
        """Return a record that counts, or why there is none; neither where there is no file."""
        path = self.record_file(task)
        if not path.exists():
            return None, ""
        identity = self.identity
        try:
            record: Record = read_json(path)
            problem = problem_of(record, task, identity)
        except (MebenchError, ValueError) as error:
            # JSON may hold numbers and characters that no record does: NaN, half a surrogate pair.
            problem = str(error)
        return (None, problem) if problem else (record, "")


def problem_of(record: Record, task: Task, identity: str) -> str:
    """Return why a record does not count for a task of the run with an identity, or an empty string."""
    if not isinstance(record, dict) or record.get("format") != RECORD_FORMAT:
        return "it has another format"
    if record.get("checksum") != checksum(record):
        return "its checksum does not agree with its content"
    if (record.get("seed"), record.get("fold")) != (task.seed, task.fold):
        return f"it belongs to fold {record.get('fold')} with seed {record.get('seed')}"
    if record.get("identity") != identity:
        return f"it was made under the identity {str(record.get('identity'))[:8]}, and this run is {identity[:8]}"
    return ""


def digest_of(decided_by: Any) -> str:
    """Return the SHA-256 of what decides a run: its identity."""
    return hashlib.sha256(to_json(decided_by).encode()).hexdigest()


def checksum(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record's content, the checksum itself left out."""
    content = {name: value for name, value in record.items() if name != "checksum"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def find_runs(folder: Path) -> Iterator[RunDirectory]:
    """Yield the runs below a folder, by name."""
    for file in sorted(folder.glob("*/*/run.json")):
        yield RunDirectory(file.parent)


def find_run(name: str, folder: Path) -> RunDirectory:
    """Return the one run that a name means: its folder, or its name below ``folder``, with or without protocol.

    Raises:
        MebenchError: no run has that name, or several have.
    """
    found = list(find_runs(folder))
    matches = [d for d in found if name in (str(d.path), d.path.name, _name(d))]
    if not matches and (Path(name) / "run.json").exists():
        matches = [RunDirectory(Path(name))]
    if len(matches) != 1:
        several = f"{len(matches)} runs are" if matches else "there is no run"
        raise MebenchError(f"{several} named {name!r} in {folder}{near_matches(name, map(_name, found))}")
    return matches[0]


def _name(directory: RunDirectory) -> str:
    return f"{directory.path.parent.name}/{directory.path.name}"
