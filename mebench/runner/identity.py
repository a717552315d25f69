"""What a run is: everything that decides its predictions, and nothing else.

    identity = identify(
        entry, model, cohort, inputs, features, contents={}, computing=("cpu", "float32", 1), shuffle_labels=False
    )
    identity.digest                        # names the run's directory and stands in each of its records
    identity.refuse_changes()              # raises where code or weights are no longer what they were

Content counts: what the features hold, what weight files hold, the source of the code. Where any of it lies, what
its folder is called and when it was written does not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mebench
from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.evidence.digests import digest_of
from mebench.evidence.truth import truth_hash
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.files import to_json
from mebench.models.base import Model, ModelSettings, settings_values
from mebench.models.epoch_rules import LAST
from mebench.models.loading import homes_of
from mebench.models.settings import left_open
from mebench.models.weights import dump_without_places, files_of
from mebench.plugin.entry import Entry
from mebench.plugin.source import refuse_changed_source, source_of
from mebench.runner.data_used import deciding_data

# Variables by which users choose other arithmetic in the libraries that models compute with.
ARITHMETIC = (
    "ATEN_CPU_CAPABILITY",
    "CUBLAS_WORKSPACE_CONFIG",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "TORCH_CPU_CAPABILITY",
)


@dataclass(frozen=True)
class Identity:
    """``parts`` are what decides a run, as plain values; ``digest`` is their SHA-256."""

    parts: dict[str, Any]
    settings: ModelSettings

    @property
    def digest(self) -> str:
        """Return the hash that stands for all parts."""
        return digest_of(self.parts)

    def refuse_changes(self) -> None:
        """Raise where code or files that settings name are no longer those of this identity.

        Raises:
            MebenchError: what would be computed now belongs to another run.
        """
        refuse_changed_source(self.parts["code"])
        now = files_of(self.settings)
        if changed := [name for name, content in self.parts["files"].items() if now.get(name) != content]:
            raise MebenchError(
                f"the file of setting {changed[0]!r} changed while the run went on: start it again, which begins a "
                "new run with the new file; folds recorded before stay"
            )


def identify(
    entry: Entry,
    model: Model,
    cohort: Cohort,
    inputs: Mapping[str, Input],
    features: Mapping[str, Mapping[str, Features]],
    *,
    contents: Mapping[str, str],
    computing: tuple[str, str, int],
    shuffle_labels: bool,
    selection: str = LAST,
    folds_together: bool = False,
) -> Identity:
    """Return the identity of a run.

    Args:
        entry: the model's name and target.
        model: with its settings.
        cohort: clips, labels and folds.
        inputs: what the model's inputs are made of, by their names (:func:`mebench.features.ready.inputs_for`).
        features: input name -> dataset -> its features.
        contents: name -> hash of what the model fetched by a name (:mod:`mebench.models.asking`).
        computing: device, precision and CPU threads of a fold.
        shuffle_labels: whether training labels are shuffled.
        selection: the rule by which an epoch is chosen.
        folds_together: whether all folds are trained as one network.

    Raises:
        MebenchError: a file or the source of a module cannot be read.
    """
    inputs = dict(sorted(inputs.items()))
    clips = {str(name): list(part["key"]) for name, part in cohort.clips.groupby("dataset", sort=True)}
    device, precision, threads = computing
    parts = {
        "model": entry.name,
        "target": entry.target,
        "settings": dump_without_places(model.settings),
        "files": files_of(model.settings),
        "contents": dict(contents),
        "inputs": {name: wanted.describe() for name, wanted in inputs.items()},
        "features": {
            name: {dataset: features[name][dataset].content(keys) for dataset, keys in clips.items()}
            for name in inputs
        },
        "protocol": cohort.protocol.name,
        "classes": list(cohort.protocol.classes),
        "aus": list(cohort.protocol.aus),
        "manifest": cohort.manifest,
        "folds": folds_hash(cohort),
        "truth": truth_hash(cohort),
        "data": [deciding_data(data) for data in cohort.data],
        "device": device,
        "precision": precision,
        "threads": threads,
        "environment": {name: os.environ[name] for name in ARITHMETIC if name in os.environ},
        "shuffled_labels": shuffle_labels,
        "selection": selection,
        # A part of its own, so that the runs of the usual mode keep their names.
        **({"folds_together": True} if folds_together else {}),
        "mebench": mebench.__version__,
        "code": {name: source_of(name) for name in ("mebench", *homes_of(model, inputs))},
        "shown": _shown(entry, model, cohort, selection),
    }
    return Identity(parts, model.settings)


def folds_hash(cohort: Cohort) -> str:
    """Return a hash of the clips that each fold trains on and tests, in their order."""
    keys = cohort.clips["key"].to_numpy()
    lines = [[fold.name, list(keys[fold.train]), list(keys[fold.test])] for fold in cohort.folds]
    return hashlib.sha256(to_json(lines).encode()).hexdigest()


def changed_settings(entry: Entry, model: Model) -> dict[str, Any]:
    """Return the settings that differ from what the model's name stands for."""
    kind, values = type(model), settings_values(model.settings)
    due = {name: values[name] for name in left_open(kind, entry.settings)}
    defaults = settings_values(kind.Settings(**entry.settings, **due), "json")
    return {
        name: value
        for name, value in settings_values(model.settings, "json").items()
        if name in due or value != defaults[name]
    }


def shown_selection(model: Model, selection: str) -> str:
    """Return the rule of a run's epochs as tables name it: the model's own, where the run asks for no other."""
    return model.selection if selection == LAST else selection


def _shown(entry: Entry, model: Model, cohort: Cohort, selection: str) -> dict[str, Any]:
    """Return what tables say of a run: whoever changes a mark changes the run's name."""
    local = entry.local_code()
    return {
        "selection": shown_selection(model, selection),
        "label": model.label,
        "local_code": local and local["sha256"],
        "synthetic": cohort.twin,
        "subject_dependent": cohort.protocol.subject_dependent,
        "changed_settings": sorted(changed_settings(entry, model)),
    }
