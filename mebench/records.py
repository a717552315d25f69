"""Fold records and the run directory that holds them.

    runs/casme3-4c/famnet-3f2a9c1e/
        run.json         what was run: settings, versions, hardware, manifest
        cohort.csv       clip key, subject, fold, class, action units: the truth scores are computed from
        folds/*.json     one record a fold and seed: predictions by clip key; no labels
        folds/*.claim    which process runs a fold at the moment
        models/*/        a fold's fitted model, where the run was asked to keep them
        events.jsonl     what happened, line by line
        trackers/*/      what trackers wrote
        scores.json      only once no fold is missing
        set-aside/       what `run --fresh` took out of the count

A record counts only when it is whole, for its checksum covers everything in it, when it was made under the identity of
its run, and when it says something of every clip of its fold. Another one is named and its fold is run again. Whether
the files agree is looked at in :mod:`mebench.evidence`.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError, MebenchWarning, near_matches
from mebench.evidence.description import read_description, run_name
from mebench.evidence.digests import sealed
from mebench.evidence.fold_record import RECORD_FORMAT, Evidence, problem_of
from mebench.evidence.shapes import misshapen
from mebench.evidence.truth import Truth, read_truth
from mebench.files import Signature, disk_errors, read_json, settled, signature, to_json, write_atomically
from mebench.locks import locked
from mebench.run_info import Record, RunInfo

# What stands beside scores wherever they are given to machines.
_ABOUT = (
    "model",
    "settings",
    "changed_settings",
    "protocol",
    "manifest",
    "selection",
    "label",
    "precision",
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
    """The files of one run.

    ``placed`` says that its folder has the run's name, as every run's has but one that is set aside or on its way.
    """

    def __init__(self, path: Path, *, placed: bool = True) -> None:
        self.path = path
        self._placed = placed
        self._described: tuple[Signature, RunInfo] | None = None
        self._known: tuple[tuple[Signature, Signature], Evidence] | None = None
        self._counted: dict[Task, tuple[Signature, Evidence]] = {}  # records that counted, under what

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

    @property
    def events_file(self) -> Path:
        """Return the path of the log of what happened; no evidence, and nothing is computed from it."""
        return self.path / "events.jsonl"

    def read_run(self) -> RunInfo:
        """Return ``run.json``, read again where it may have changed.

        Raises:
            MebenchError: it is missing or damaged, or its folder has another run's name.
        """
        try:
            found = signature(self.run_file.stat())
        except OSError:
            found = None
        if self._described is not None and found == self._described[0]:
            return copy(self._described[1])
        run = read_description(self.run_file)
        due = run_name(run["model"], run["identity"])
        if self._placed and due != self.path.name and due != self.path.resolve().name:
            raise MebenchError(
                f"{self.run_file} describes a run whose folder is named {due}: rename the folder, or restore the file"
            )
        if found is not None and settled(found):
            self._described = found, run
        return copy(run)

    def write_run(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Write ``run.json`` with its checksum, and return what it holds.

        Raises:
            MebenchError: the disk refuses, or it is no description of a run.
        """
        whole = sealed(run)
        if problem := misshapen(RunInfo, whole):
            raise MebenchError(f"{self.run_file} cannot be written, since no run is so ({problem})")
        write_atomically(self.run_file, to_json(whole))
        return whole

    def read_truth(self) -> Truth:
        """Return ``cohort.csv``.

        Raises:
            MebenchError: it or ``run.json`` is missing or damaged, or they do not agree.
        """
        return self.evidence().truth

    def evidence(self) -> Evidence:
        """Return what records are held against: ``run.json`` and ``cohort.csv``, read again where they changed.

        Raises:
            MebenchError: one of them is missing or damaged, or they do not agree.
        """
        try:
            found = signature(self.run_file.stat()), signature(self.cohort_file.stat())
        except OSError:
            found = None
        if self._known is None or found is None or self._known[0] != found:
            run = self.read_run()
            evidence = Evidence(run, read_truth(self.cohort_file, run))
            if found is None:
                return evidence
            self._known = found, evidence
        return self._known[1]

    def about(self) -> dict[str, Any]:
        """Return what a reader of scores must know of the run that they belong to.

        Raises:
            MebenchError: ``run.json`` is missing or damaged.
        """
        run = self.read_run()
        return {"run": str(self.path), **{name: run.get(name) for name in _ABOUT}}

    def set_aside(self) -> Path | None:
        """Take everything recorded so far out of the count, and return where it lies now; None where nothing is.

        Raises:
            MebenchError: the disk refuses.
        """
        # The scores first and the description last: whenever this is cut short, what is left tells the truth.
        names = (
            *("scores.json", "folds", "models", "logs", "events.jsonl", "trackers"),
            *("cohort.csv", "run.json"),
        )
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
            MebenchError: the disk refuses, and nothing half-written stays; or the content makes no record that
                would count.
        """
        evidence = self.evidence()
        record = sealed(
            {
                "format": RECORD_FORMAT,
                "identity": evidence.run["identity"],
                "seed": task.seed,
                "fold": task.fold,
                **content,
            }
        )
        if problem := problem_of(record, task.seed, task.fold, evidence):
            raise MebenchError(
                f"{self.record_file(task)} is not written, since it would not count ({problem})"
            )
        write_atomically(self.record_file(task), to_json(record))
        self.failure_file(task).unlink(missing_ok=True)
        return record

    def write_failure(self, task: Task, reason: str, trace: str) -> None:
        """Keep a failed fold's reason and traceback beside the records."""
        write_atomically(self.failure_file(task), f"{reason}\n\n{trace}")

    def read_record(self, task: Task) -> Record | None:
        """Return a fold's record, or None where it is missing or, with a warning, does not count.

        Raises:
            MebenchError: ``run.json`` or ``cohort.csv`` is missing or damaged, so that nothing says which records
                belong here.
        """
        record, problem = self.look(task)
        if problem:
            warnings.warn(
                f"record {self.record_file(task)} does not count ({problem}); its fold is run again",
                MebenchWarning,
                stacklevel=2,
            )
        return record

    def has_record(self, task: Task) -> bool:
        """Return whether a fold has a record that counts, without a word about one that does not.

        One that was looked at here before, and that has not changed since, is not read again.

        Raises:
            MebenchError: see :meth:`read_record`.
        """
        try:
            found = signature(self.record_file(task).stat())
        except OSError:
            return self.look(task)[0] is not None
        evidence = self.evidence()
        counted, under = self._counted.get(task, (None, None))
        return (counted == found and under is evidence) or self.look(task)[0] is not None

    def look(self, task: Task) -> tuple[Record | None, str]:
        """Return a record that counts, or why there is none; neither where there is no file.

        Raises:
            MebenchError: see :meth:`read_record`.
        """
        path = self.record_file(task)
        if not path.exists():
            return None, ""
        evidence = self.evidence()
        try:
            before = signature(path.stat())
            record: Record = read_json(path)
        except MebenchError as error:
            return None, str(error)
        except FileNotFoundError:  # taken away just now
            return None, ""
        if problem := problem_of(record, task.seed, task.fold, evidence):
            return None, problem
        if settled(before):
            self._counted[task] = before, evidence
        return record, ""


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
