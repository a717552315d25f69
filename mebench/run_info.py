"""What ``run.json`` and the records of folds hold, as types. docs/runs.md says what it is for.

They are checked as they stand here, limits and all, whenever such a file is read (:mod:`mebench.evidence.shapes`);
names that are not here may be there besides.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

# Of typing, only Python 3.12's can be checked.
from typing_extensions import NotRequired, TypedDict

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal digits."""
PlainName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]*$")]
"""The name of a protocol: folders and tables are named by it."""
Count = Annotated[int, Field(ge=0, lt=2**53)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Quantity = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Of seconds or MiB."""
Share = Annotated[float, Field(ge=-1e-6, le=1 + 1e-6, allow_inf_nan=False)]
"""A probability, as single precision gives it."""


class DroppedClip(TypedDict):
    """A clip that a run had to leave out for a fault in the data."""

    clip: str
    row: int
    reason: str


class CohortInfo(TypedDict):
    """What ``run.json`` says of the cohort."""

    clips: Count
    subjects: Count
    folds: Count
    repeats: Count
    class_counts: dict[str, Count]
    left_out_by_rule: Count
    dropped_for_faults: list[DroppedClip]
    differences: list[str]


class ReadyInfo(TypedDict):
    """Which published inputs stood in for a dataset's frames."""

    dataset: str
    pictures: Count
    sha256: str


class DecidingData(TypedDict):
    """What of a dataset decides a run."""

    dataset: str
    sha256: str
    repairs: str
    repairs_applied: list[str]
    twin: bool
    ready: ReadyInfo | None


class DataInfo(TypedDict):
    """What ``run.json`` says of a dataset; ``twin`` is how it was made, where it is synthetic."""

    dataset: str
    sha256: str
    repairs: str
    repairs_applied: list[str]
    twin: Any
    ready: ReadyInfo | None
    annotation: str
    prepared: Any


class Shown(TypedDict):
    """What tables say of a run: the rule of its epochs as its model names it, and the names of changed settings."""

    selection: str
    label: str
    local_code: Digest | None
    synthetic: bool
    subject_dependent: bool
    changed_settings: list[str]


class DecidedBy(TypedDict):
    """The parts of a run's identity: what decides its predictions, ``truth``, and what tables say of it.

    ``truth`` is the SHA-256 of ``cohort.csv``.
    """

    model: str
    target: str
    settings: dict[str, Any]
    files: dict[str, str | None]
    contents: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    features: dict[str, dict[str, str]]
    protocol: PlainName
    classes: list[str]
    aus: list[Count]
    manifest: str
    folds: str
    truth: Digest
    data: list[DecidingData]
    device: str
    precision: str
    threads: Count
    environment: dict[str, str]
    shuffled_labels: bool
    selection: str
    folds_together: NotRequired[bool]
    mebench: str
    code: dict[str, Any]
    shown: Shown


class _Bridged(TypedDict):
    pictures: Count
    clips: Count


class _Missing(TypedDict):
    frames: Count
    clips: Count


class _Kept(TypedDict):
    clip: str
    reason: str


class Substitutions(TypedDict):
    """What was bridged (:mod:`mebench.features.substitutions`); earlier versions knew fewer kinds of pictures."""

    missing_frames: _Missing
    apexes: dict[str, Count]
    kept: list[_Kept]
    unreadable: NotRequired[_Bridged]
    turned: NotRequired[_Bridged]
    several: NotRequired[_Bridged]
    faceless: NotRequired[_Bridged]


class Converted(TypedDict):
    """Of which format a stored run was before, and which identity it had then."""

    format: int
    identity: Digest


class RunDescription(TypedDict):
    """What a run is, as ``run.json`` says it but for its checksum; docs/runs.md says what it is for.

    ``converted`` is there in stored runs alone.
    """

    format: int
    model: str
    target: str
    settings: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    protocol: PlainName
    classes: list[str]
    aus: list[Count]
    manifest: str
    data: list[DataInfo]
    device: str
    precision: str
    threads: Count
    shuffled_labels: bool
    mebench: str
    identity: Digest
    decided_by: DecidedBy
    seeds: Annotated[list[Seed], Field(min_length=1, max_length=100_000)]
    changed_settings: dict[str, Any]
    selection: str
    label: str
    local_code: dict[str, str] | None
    synthetic: bool
    subject_dependent: bool
    cohort: CohortInfo
    substitutions: Substitutions | None
    protocol_source: str
    versions: dict[str, str]
    code: dict[str, Any]
    hardware: dict[str, Any]
    created: str
    converted: NotRequired[Converted]


class RunInfo(RunDescription):
    """What ``run.json`` holds."""

    checksum: Digest


class RecordedPrediction(TypedDict):
    """What a model said of one clip; ``aus`` only where it detects action units."""

    clip: str
    probabilities: list[Share]
    aus: NotRequired[list[Share]]


class RecordedTask(TypedDict):
    """A fold with a seed."""

    seed: Seed
    fold: str


class Record(TypedDict):
    """What a fold's record holds; ``curves`` only where the model reported any: name -> a value, or None, a step.

    Where an epoch was chosen, ``epoch`` is its number from 1 to ``epochs``, and ``equal_epochs`` are all that were as
    good. Under ``inner`` it was chosen by ``validated_on`` clips split off the training clips; under ``oracle`` by the
    test clips, and ``last`` are the predictions of the last epoch. ``isolation`` says what kept the fold's process from
    everything else, if the record says it. ``checks`` are, in one fold of a seed, the largest differences between its
    predictions and those of the same clips asked for again, in reverse order, or one by one; 1 where there was no
    valid answer. ``together`` are the folds that were trained as one network with it, itself among them.
    """

    format: int
    identity: Digest
    seed: Seed
    fold: str
    checksum: Digest
    derived_seed: Seed
    trained_on: Count
    predictions: list[RecordedPrediction]
    device: str
    precision: str
    threads: Count
    fit_seconds: Quantity
    predict_seconds: Quantity
    peak_memory_mib: Quantity
    curves: NotRequired[dict[str, list[Finite | None]]]
    epoch: NotRequired[Count]
    epochs: NotRequired[Count]
    equal_epochs: NotRequired[list[Count]]
    last: NotRequired[list[RecordedPrediction]]
    validated_on: NotRequired[Count]
    isolation: NotRequired[str]
    checks: NotRequired[dict[str, Quantity]]
    together: NotRequired[list[RecordedTask]]
