"""Cheats that are no models: what a plugin, a protocol or a hand does to a run. Each returns how it ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from cheats import main_process

from mebench.api import Fold, Split
from mebench.cohort.building import build_cohort
from mebench.cohort.soundness import sound_folds
from mebench.evidence.digests import checksum
from mebench.records import RunDirectory
from mebench.scoring.rebuild import score_run


def hook(keeper: Any) -> Any:
    """Run the honest model while a plugin's hooks change whatever they are given."""
    manager = keeper.plugins.manager
    listener = main_process.Hook()
    manager.register(listener, name="zoo-hook")
    try:
        return keeper.run("honest", runs="hook")
    finally:
        manager.unregister(name="zoo-hook")


def patch(keeper: Any) -> Any:
    """Run the honest model after a plugin has replaced a function of the core."""
    undo = main_process.patch_core()
    try:
        return keeper.run("honest", runs="patch")
    finally:
        undo()


@dataclass(frozen=True)
class Halves(Split):
    """Every other clip: subjects are on both sides."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        places = np.arange(len(clips))
        return tuple(
            Fold(f"half {half}", places[places % 2 != half], places[places % 2 == half]) for half in (0, 1)
        )

    def __str__(self) -> str:
        return "halves"


def split(keeper: Any) -> Any:
    """Make folds that share subjects."""
    protocol = replace(keeper.cohort.protocol, split=Halves())
    return keeper.refused(lambda: sound_folds(protocol, keeper.cohort.clips))


def declared_split(keeper: Any) -> Any:
    """Run the honest model under such folds, declared."""
    protocol = replace(keeper.cohort.protocol, split=Halves(), subject_dependent=True)
    cohort = build_cohort(protocol, keeper.cohort.data)
    return keeper.run("honest", runs="declared", cohort=cohort)


def _forged(keeper: Any, change: Callable[[RunDirectory], None]) -> Any:
    """Copy the honest run, change it by hand, and have it scored."""
    folder = keeper.folder / "forged" / keeper.honest_run.path.parent.name / keeper.honest_run.path.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(keeper.honest_run.path, folder)
    directory = RunDirectory(folder)
    change(directory)
    return keeper.refused(lambda: score_run(RunDirectory(folder)))


def forged_run(keeper: Any) -> Any:
    """Say in run.json that a synthetic run is none."""

    def change(directory: RunDirectory) -> None:
        run = json.loads(directory.run_file.read_text())
        run["synthetic"] = False
        directory.run_file.write_text(json.dumps(run))

    return _forged(keeper, change)


def forged_truth(keeper: Any) -> Any:
    """Give every clip the class that was predicted."""

    def change(directory: RunDirectory) -> None:
        table = pd.read_csv(directory.cohort_file, dtype=str, keep_default_na=False)
        table["label"] = "0"
        table.to_csv(directory.cohort_file, index=False, lineterminator="\n")

    return _forged(keeper, change)


def forged_record(keeper: Any) -> Any:
    """Make a record's predictions perfect."""

    def change(directory: RunDirectory) -> None:
        file = next(iter(sorted(directory.path.glob("folds/*.json"))))
        record = json.loads(file.read_text())
        for row in record["predictions"]:
            row["probabilities"] = [1.0] + [0.0] * (len(row["probabilities"]) - 1)
        file.write_text(json.dumps(record))

    return _forged(keeper, change)


def borrowed_record(keeper: Any) -> Any:
    """Take another run's record, with its checksum, for one's own."""

    def change(directory: RunDirectory) -> None:
        file = next(iter(sorted(directory.path.glob("folds/*.json"))))
        record = json.loads(file.read_text())
        record["identity"] = "0" * 64
        record["checksum"] = checksum(record)
        file.write_text(json.dumps(record))

    return _forged(keeper, change)


SCENES: dict[str, Callable[[Any], Any]] = {
    "hook": hook,
    "patch": patch,
    "split": split,
    "declared-split": declared_split,
    "forged-run": forged_run,
    "forged-truth": forged_truth,
    "forged-record": forged_record,
    "borrowed-record": borrowed_record,
}
