"""Clips, cohorts and runs made of nothing, for tests that need no picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.clips.layout import FrameList
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import make_clip_table
from mebench.data.reading import ClipData
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.models.base import Model, Predictions, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.plugin.entry import Entry
from mebench.records import RunDirectory
from mebench.runner.jobs import FoldResult, JobFactory
from mebench.runner.plan import RunPlan, plan_run

EMOTIONS = ("happy", "surprise", "disgust", "others")
UNITS = ("12", "1+2", "4", "14")


def invented_clips(
    subjects: int = 3,
    clips: int = 4,
    *,
    dataset: str = "casme3",
    twin: bool = False,
    window: tuple[int, int, int] = (10, 13, 16),
    frames: Mapping[str, FrameList] | None = None,
) -> ClipData:
    """Return clips of ``subjects`` x ``clips``; emotions and action units take turns."""
    onset, apex, offset = window
    rows = [
        {
            "row": 2 + i,
            "subject": f"spNO.{1 + i // clips}",
            "clip": "abcdefghijklm"[i % clips],
            "onset": onset,
            "apex": apex,
            "offset": offset,
            "emotion": EMOTIONS[i % len(EMOTIONS)],
            "aus": UNITS[i % len(UNITS)],
        }
        for i in range(subjects * clips)
    ]
    table = make_clip_table(dataset, pd.DataFrame(rows), fps=30.0)
    return ClipData(
        dataset=dataset,
        root=Path("nowhere"),
        annotation=Path("nowhere/annotation.xlsx"),
        sha256="0" * 64,
        table=table,
        drops=(),
        repairs=RepairReport("none"),
        frames=frames or {},
        twin=twin,
    )


def invented_cohort(
    subjects: int = 3,
    clips: int = 4,
    *,
    twin: bool = False,
    datasets: Sequence[str] = ("casme3",),
    **change: Any,
) -> Cohort:
    """Return a cohort of four classes and three action units; ``change`` replaces fields of the protocol."""
    protocol = Protocol(
        name="four",
        title="four classes",
        datasets=tuple(datasets),
        classes=EMOTIONS,
        labels={name: {emotion: emotion for emotion in EMOTIONS} for name in datasets},
        aus=(1, 4, 12),
    )
    data = [invented_clips(subjects, clips, dataset=name, twin=twin) for name in datasets]
    return build_cohort(replace(protocol, **change), data)


def invented_features(
    cohort: Cohort, names: Iterable[str] = ("frame",), look: str = ""
) -> dict[str, dict[str, Features]]:
    """Return features whose arrays nobody opens; a clip's row is its place in its dataset.

    Other ``look`` stands for other pictures.
    """
    return {
        name: {
            data.dataset: Features(
                "0" * 64,
                Path("nowhere.npy"),
                {k: i for i, k in enumerate(data.table["key"])},
                {},
                hashes=tuple(f"{look}{i:064}" for i in range(len(data.table))),
            )
            for data in cohort.data
        }
        for name in names
    }


def factory_of(cohort: Cohort, *, shuffle_labels: bool = False, **change: Any) -> JobFactory:
    """Return the maker of a cohort's jobs; ``change`` replaces its fields."""
    factory = JobFactory(
        cohort=cohort,
        features=invented_features(cohort),
        target="odd_models:Odd",
        settings={},
        device="cpu",
        precision="float32",
        threads=1,
        shuffle_labels=shuffle_labels,
        logs=Path("logs"),
    )
    return replace(factory, **change)


def planned(
    runs: Path,
    cohort: Cohort,
    entry: Entry,
    model: Model,
    *,
    seeds: Sequence[int] = (0,),
    shuffle_labels: bool = False,
) -> AbstractContextManager[RunPlan]:
    """Plan a run whose features nobody computes."""
    return plan_run(
        runs=runs,
        entry=entry,
        model=model,
        cohort=cohort,
        seeds=seeds,
        device="cpu",
        precision="float32",
        threads=1,
        shuffle_labels=shuffle_labels,
        inputs=model.inputs(),
        features=invented_features(cohort, model.inputs()),
    )


def store_run(
    runs: Path,
    cohort: Cohort,
    entry: Entry,
    model: Model,
    *,
    wrong: int = 0,
    seeds: Sequence[int] = (0,),
    shuffle_labels: bool = False,
) -> RunDirectory:
    """Record a whole run without running anything: right for every clip but the first ``wrong`` ones."""
    truth = cohort.clips["label"].to_numpy()
    told = np.where(np.arange(len(truth)) < wrong, (truth + 1) % len(cohort.protocol.classes), truth)
    factory = factory_of(cohort, shuffle_labels=shuffle_labels)
    with planned(runs, cohort, entry, model, seeds=seeds, shuffle_labels=shuffle_labels) as plan:
        for task in plan.tasks:
            asked = factory.job(task).test.features["frame"].rows
            probabilities = np.eye(len(cohort.protocol.classes))[told[asked]]
            result = FoldResult(Predictions(probabilities), 0.5, 0.1, 80.0)
            plan.directory.write_record(task, factory.record(task, result))
    return plan.directory


def invented_sets(
    inputs: Mapping[str, Input], folder: Path, *, classes: int, clips: int, aus: int = 0, seed: int = 0
) -> tuple[TrainSet, TestSet]:
    """Return training and test clips of noise, ``clips`` each, in the shapes of the inputs; classes take turns.

    Class ``k`` is brighter, or larger, by ``k`` shares: there is something to learn.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(clips) % classes
    views = []
    for part in ("train", "test"):
        found = {}
        for name, wanted in inputs.items():
            noise = rng.random((clips, *wanted.shape))
            noise = 0.5 * noise + 0.5 * (labels / classes).reshape(-1, *[1] * len(wanted.shape))
            scale = 255 if wanted.dtype == np.uint8 else 1
            path = folder / f"{part}-{name}.npy"
            np.save(path, (noise * scale).astype(wanted.dtype))
            found[name] = FeatureView((path,), np.zeros(clips, int), np.arange(clips))
        views.append(found)
    units = rng.integers(0, 2, (clips, aus), dtype=np.uint8)
    train = TrainSet(views[0], labels.astype(np.int64), units, np.arange(clips) % 2, inputs)
    return train, TestSet(views[1], clips, inputs)
