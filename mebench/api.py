"""Everything a plugin author imports.

    from mebench.api import ApexFrame, Model, Predictions, hookimpl

Names are resolved on first use: importing :data:`hookimpl` alone pulls in neither torch nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mebench.plugin.hookspecs import hookimpl

if TYPE_CHECKING:
    from mebench.cohort.protocol import AU_UNKNOWN, Expected, Protocol
    from mebench.cohort.splits import Fold, GivenParts, LeaveOneDatasetOut, LeaveOneSubjectOut, Split
    from mebench.data.clips.aus import ActionUnit, parse_aus
    from mebench.data.clips.layout import FrameLayout
    from mebench.data.clips.remarks import Remark
    from mebench.data.clips.repairs import Repair, RepairSet
    from mebench.data.clips.sheet import read_sheet
    from mebench.data.clips.table import clip_rows, make_clip_table
    from mebench.data.dataset import Dataset
    from mebench.data.editions import Edition
    from mebench.data.ready import ReadyDataset
    from mebench.data.recipe import TwinRecipe
    from mebench.errors import MebenchError, MebenchWarning
    from mebench.features.dynamic_image import DynamicImage
    from mebench.features.flow import FlowInput, FlowStack, OpticalFlow, optical_flow, shrink
    from mebench.features.flow_picture import FlowFiles, FlowPicture
    from mebench.features.grey import grey
    from mebench.features.inputs import (
        ApexFrame,
        ClipFrames,
        Input,
        MiddleFrame,
        OnsetAndApex,
        OnsetFrame,
        positive,
    )
    from mebench.features.landmarks import Landmarks, Landmarks68
    from mebench.features.magnification import MagnifiedFrames, magnify
    from mebench.features.points68 import SWAP_68
    from mebench.features.reader import ClipReader
    from mebench.features.ready import ReadyInput
    from mebench.features.regions import Regions
    from mebench.features.spotting import SpottedApexFrame, spot_apex
    from mebench.features.strain import FlowStrain, OpticalStrain, optical_strain
    from mebench.features.temporal import TimFrames
    from mebench.models.augment import augment
    from mebench.models.base import Context, Model, ModelSettings, Predictions, Progress, TestSet, TrainSet
    from mebench.models.batches import Batch, au_targets, batches, normalise, seed_everything, to_tensor
    from mebench.models.conformance import training_faults
    from mebench.models.features import FeatureView
    from mebench.models.inner import inner_split
    from mebench.models.outside import Outside
    from mebench.models.pretrained import (
        Pretrained,
        PretrainedTag,
        content_of,
        fetched,
        load_weights,
        read_weights,
    )
    from mebench.models.recipe import LoopSettings, Stage, StepSettings, TorchSettings, warmup_cosine
    from mebench.models.sklearn import SklearnModel
    from mebench.models.torch import TorchModel
    from mebench.models.weights import WeightFile
    from mebench.plugin.entry import Entry
    from mebench.plugin.metadata import DatasetMetadata, Metadata, ModelMetadata
    from mebench.plugin.registry import Registry
    from mebench.records import Task
    from mebench.run_info import CohortInfo, Record, RecordedPrediction, RunInfo
    from mebench.runner.executor import Event, Executor, ExecutorSettings, run_job
    from mebench.runner.jobs import Failure, FoldResult, Job
    from mebench.runner.tracking import Tracker
    from mebench.scoring.metric import Metric, predicted
    from mebench.scoring.schema import Scored, Scores

# What type checkers see above, at run time; a test holds the lists together.
_HOMES = {
    "mebench.data.clips.aus": ("ActionUnit", "parse_aus"),
    "mebench.data.clips.layout": ("FrameLayout",),
    "mebench.data.clips.remarks": ("Remark",),
    "mebench.data.clips.repairs": ("Repair", "RepairSet"),
    "mebench.data.clips.sheet": ("read_sheet",),
    "mebench.data.clips.table": ("clip_rows", "make_clip_table"),
    "mebench.data.dataset": ("Dataset",),
    "mebench.data.editions": ("Edition",),
    "mebench.errors": ("MebenchError", "MebenchWarning"),
    "mebench.features.dynamic_image": ("DynamicImage",),
    "mebench.features.flow": (
        "FlowInput",
        "FlowStack",
        "OpticalFlow",
        "optical_flow",
        "shrink",
    ),
    "mebench.features.grey": ("grey",),
    "mebench.features.landmarks": ("Landmarks", "Landmarks68"),
    "mebench.features.magnification": ("MagnifiedFrames", "magnify"),
    "mebench.features.points68": ("SWAP_68",),
    "mebench.features.regions": ("Regions",),
    "mebench.features.spotting": ("SpottedApexFrame", "spot_apex"),
    "mebench.features.strain": (
        "FlowStrain",
        "OpticalStrain",
        "optical_strain",
    ),
    "mebench.features.temporal": ("TimFrames",),
    "mebench.features.inputs": (
        "ApexFrame",
        "ClipFrames",
        "Input",
        "MiddleFrame",
        "OnsetAndApex",
        "OnsetFrame",
        "positive",
    ),
    "mebench.models.base": (
        "Context",
        "Model",
        "ModelSettings",
        "Predictions",
        "Progress",
        "TestSet",
        "TrainSet",
    ),
    "mebench.models.features": ("FeatureView",),
    "mebench.models.outside": ("Outside",),
    "mebench.models.sklearn": ("SklearnModel",),
    "mebench.models.augment": ("augment",),
    "mebench.models.batches": (
        "Batch",
        "au_targets",
        "batches",
        "normalise",
        "seed_everything",
        "to_tensor",
    ),
    "mebench.models.conformance": ("training_faults",),
    "mebench.models.inner": ("inner_split",),
    "mebench.models.pretrained": (
        "Pretrained",
        "PretrainedTag",
        "content_of",
        "fetched",
        "load_weights",
        "read_weights",
    ),
    "mebench.models.recipe": ("LoopSettings", "Stage", "StepSettings", "TorchSettings", "warmup_cosine"),
    "mebench.models.torch": ("TorchModel",),
    "mebench.models.weights": ("WeightFile",),
    "mebench.cohort.protocol": ("AU_UNKNOWN", "Expected", "Protocol"),
    "mebench.cohort.splits": ("Fold", "GivenParts", "LeaveOneDatasetOut", "LeaveOneSubjectOut", "Split"),
    "mebench.features.reader": ("ClipReader",),
    "mebench.plugin.entry": ("Entry",),
    "mebench.plugin.metadata": ("DatasetMetadata", "Metadata", "ModelMetadata"),
    "mebench.plugin.registry": ("Registry",),
    "mebench.records": ("Task",),
    "mebench.run_info": ("CohortInfo", "Record", "RecordedPrediction", "RunInfo"),
    "mebench.runner.executor": ("Event", "Executor", "ExecutorSettings", "run_job"),
    "mebench.runner.jobs": ("Failure", "FoldResult", "Job"),
    "mebench.runner.tracking": ("Tracker",),
    "mebench.scoring.metric": ("Metric", "predicted"),
    "mebench.scoring.schema": ("Scored", "Scores"),
    "mebench.data.ready": ("ReadyDataset",),
    "mebench.data.recipe": ("TwinRecipe",),
    "mebench.features.flow_picture": ("FlowFiles", "FlowPicture"),
    "mebench.features.ready": ("ReadyInput",),
}

__all__ = [
    "AU_UNKNOWN",
    "SWAP_68",
    "ActionUnit",
    "ApexFrame",
    "Batch",
    "ClipFrames",
    "ClipReader",
    "CohortInfo",
    "Context",
    "Dataset",
    "DatasetMetadata",
    "DynamicImage",
    "Edition",
    "Entry",
    "Event",
    "Executor",
    "ExecutorSettings",
    "Expected",
    "Failure",
    "FeatureView",
    "FlowFiles",
    "FlowInput",
    "FlowPicture",
    "FlowStack",
    "FlowStrain",
    "Fold",
    "FoldResult",
    "FrameLayout",
    "GivenParts",
    "Input",
    "Job",
    "Landmarks",
    "Landmarks68",
    "LeaveOneDatasetOut",
    "LeaveOneSubjectOut",
    "LoopSettings",
    "MagnifiedFrames",
    "MebenchError",
    "MebenchWarning",
    "Metadata",
    "Metric",
    "MiddleFrame",
    "Model",
    "ModelMetadata",
    "ModelSettings",
    "OnsetAndApex",
    "OnsetFrame",
    "OpticalFlow",
    "OpticalStrain",
    "Outside",
    "Predictions",
    "Pretrained",
    "PretrainedTag",
    "Progress",
    "Protocol",
    "ReadyDataset",
    "ReadyInput",
    "Record",
    "RecordedPrediction",
    "Regions",
    "Registry",
    "Remark",
    "Repair",
    "RepairSet",
    "RunInfo",
    "Scored",
    "Scores",
    "SklearnModel",
    "Split",
    "SpottedApexFrame",
    "Stage",
    "StepSettings",
    "Task",
    "TestSet",
    "TimFrames",
    "TorchModel",
    "TorchSettings",
    "Tracker",
    "TrainSet",
    "TwinRecipe",
    "WeightFile",
    "au_targets",
    "augment",
    "batches",
    "clip_rows",
    "content_of",
    "fetched",
    "grey",
    "hookimpl",
    "inner_split",
    "load_weights",
    "magnify",
    "make_clip_table",
    "normalise",
    "optical_flow",
    "optical_strain",
    "parse_aus",
    "positive",
    "predicted",
    "read_sheet",
    "read_weights",
    "run_job",
    "seed_everything",
    "shrink",
    "spot_apex",
    "to_tensor",
    "training_faults",
    "warmup_cosine",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'mebench.api' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
