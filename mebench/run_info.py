"""What ``run.json`` and the records of folds hold, as types. docs/runs.md says what it is for."""

from __future__ import annotations

from typing import Any, TypedDict

# What a record says of a fold whose process nothing kept from files and the network.
NO_ISOLATION = "none"


class DroppedClip(TypedDict):
    """A clip that a run had to leave out for a fault in the data."""

    clip: str
    row: int
    reason: str


class CohortInfo(TypedDict):
    """What ``run.json`` says of the cohort."""

    clips: int
    subjects: int
    folds: int
    repeats: int
    class_counts: dict[str, int]
    left_out_by_rule: int
    dropped_for_faults: list[DroppedClip]
    differences: list[str]


class RunInfo(TypedDict):
    """What ``run.json`` holds; docs/runs.md says what it is for."""

    format: int
    model: str
    target: str
    settings: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    protocol: str
    classes: list[str]
    aus: list[int]
    manifest: str
    data: list[dict[str, Any]]
    device: str
    precision: str
    threads: int
    shuffled_labels: bool
    mebench: str
    identity: str
    decided_by: dict[str, Any]
    seeds: list[int]
    changed_settings: dict[str, Any]
    selection: str
    label: str
    local_code: dict[str, str] | None
    synthetic: bool
    subject_dependent: bool
    cohort: CohortInfo
    substitutions: dict[str, Any] | None
    protocol_source: str
    versions: dict[str, str]
    code: dict[str, Any]
    hardware: dict[str, Any]
    created: str


class _EveryPrediction(TypedDict):
    clip: str
    probabilities: list[float]


class RecordedPrediction(_EveryPrediction, total=False):
    """What a model said of one clip; ``aus`` only where it detects action units."""

    aus: list[float]


class _EveryRecord(TypedDict):
    format: int
    identity: str
    seed: int
    fold: str
    checksum: str
    derived_seed: int
    trained_on: int
    predictions: list[RecordedPrediction]
    device: str
    precision: str
    threads: int
    fit_seconds: float
    predict_seconds: float
    peak_memory_mib: float
    isolation: str


class Record(_EveryRecord, total=False):
    """What a fold's record holds; ``curves`` only where the model reported any: name -> a value, or None, a step.

    Where an epoch was chosen, ``epoch`` is its number from 1 to ``epochs``, and ``equal_epochs`` are all that were as
    good. Under ``inner`` it was chosen by ``validated_on`` clips split off the training clips; under ``oracle`` by the
    test clips, and ``last`` are the predictions of the last epoch. ``isolation`` says what kept the fold's process from
    everything else. ``checks`` are, in one fold of a run, the largest differences between its predictions and those
    of the same clips asked for again, in reverse order, or one by one; 1 where there was no valid answer.
    """

    checks: dict[str, float]
    curves: dict[str, list[float | None]]
    epoch: int
    epochs: int
    equal_epochs: list[int]
    last: list[RecordedPrediction]
    validated_on: int
