"""What a run is: everything that decides its predictions, and nothing else.

    identity = identify(entry, model, cohort, features, computing=("cpu", "float32", 1), shuffle_labels=False)
    identity.digest                        # names the run's directory and stands in each of its records
    identity.refuse_changes()              # raises where code or weights are no longer what they were
    changes(former["decided_by"], identity.parts)    # ["the code of mynet", ...]

Content counts: what the features hold, what weight files hold, the source of the code. Where any of it lies, what
its folder is called and when it was written does not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mebench
from mebench.cohort.building import Cohort
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.files import to_json
from mebench.models.base import Model, ModelSettings
from mebench.models.weights import dump_without_places, files_of
from mebench.plugin.registry import Entry
from mebench.plugin.source import code_of_class, refuse_changed_source, source_of
from mebench.records import RunDirectory, digest_of, find_runs

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

# What a command asks for; the rest of an identity is what it finds.
_ASKED = ("model", "protocol", "device", "precision", "threads", "shuffled_labels")


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
    features: Mapping[str, Mapping[str, Features]],
    *,
    computing: tuple[str, str, int],
    shuffle_labels: bool,
) -> Identity:
    """Return the identity of a run.

    Args:
        entry: the model's name and target.
        model: with its settings.
        cohort: clips, labels and folds.
        features: input name -> dataset -> its features.
        computing: device, precision and CPU threads of a fold.
        shuffle_labels: whether training labels are shuffled.

    Raises:
        MebenchError: a file or the source of a module cannot be read.
    """
    inputs: dict[str, Input] = dict(sorted(model.inputs().items()))
    clips = {str(name): list(part["key"]) for name, part in cohort.clips.groupby("dataset", sort=True)}
    device, precision, threads = computing
    parts = {
        "model": entry.name,
        "target": entry.target,
        "settings": dump_without_places(model.settings),
        "files": files_of(model.settings),
        "contents": dict(model.contents()),
        "inputs": {name: wanted.describe() for name, wanted in inputs.items()},
        "features": {
            name: {dataset: features[name][dataset].content(keys) for dataset, keys in clips.items()}
            for name in inputs
        },
        "protocol": cohort.protocol.name,
        "classes": list(cohort.protocol.classes),
        "aus": list(cohort.protocol.aus),
        "manifest": cohort.manifest,
        "folds": _folds(cohort),
        "data": [
            {
                "dataset": data.dataset,
                "sha256": data.sha256,
                "repairs": data.repairs.name,
                "repairs_applied": [str(repair) for repair in data.repairs.applied],
                "twin": data.twin,
            }
            for data in cohort.data
        ],
        "device": device,
        "precision": precision,
        "threads": threads,
        "environment": {name: os.environ[name] for name in ARITHMETIC if name in os.environ},
        "shuffled_labels": shuffle_labels,
        "mebench": mebench.__version__,
        "code": {name: source_of(name) for name in _homes(model, inputs)},
    }
    return Identity(parts, model.settings)


def former_run(runs: Path, run: Mapping[str, Any]) -> tuple[RunDirectory, list[str]] | None:
    """Return the latest other run of the same command, and what has changed since; None where there is none.

    Args:
        runs: the folder of all runs.
        run: the description of the new one.
    """
    latest: tuple[str, RunDirectory, list[str]] | None = None
    for directory in find_runs(runs):
        if directory.path.parent.name != run["protocol"]:
            continue
        try:
            other = directory.read_run()
            if other["identity"] == run["identity"] or _asked(other) != _asked(run):
                continue
            found = (other["created"], directory, changes(other["decided_by"], run["decided_by"]))
        except (MebenchError, KeyError, TypeError):
            continue  # a damaged description is named by whoever uses that run
        if latest is None or found[0] >= latest[0]:
            latest = found
    return latest and latest[1:]


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in words which parts of two identities differ; every difference has its words."""
    said: list[str] = []

    def differing(part: str) -> list[str]:
        one, other = before.get(part) or {}, now.get(part) or {}
        return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]

    if before.get("mebench") != now.get("mebench"):
        said.append(f"mebench {before.get('mebench')} -> {now.get('mebench')}")
    said += [f"the code of {name}" for name in differing("code")]
    said += [f"the file of setting {name!r}" for name in differing("files")]
    said += [f"what the model fetched as {name!r}" for name in differing("contents")]
    said += [f"setting {name!r}" for name in differing("settings")]
    said += [f"the definition of input {name!r}" for name in differing("inputs")]
    said += _changed_data(before["data"], now["data"])
    if before.get("manifest") != now.get("manifest"):
        said.append("the cohort's clips, labels, windows or folds")
    elif before.get("folds") != now.get("folds"):
        said.append("which clips a fold trains on, or their order")
    said += _changed_pictures(before["features"], now["features"])
    said += [f"the variable {name}" for name in differing("environment")]
    spoken = {"mebench", "code", "files", "contents", "settings", "inputs", "data", "manifest", "folds"}
    spoken |= {"features", "environment"}
    rest = sorted({*before, *now} - spoken)
    return said + [name for name in rest if before.get(name) != now.get(name)]


def _changed_pictures(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    inputs: dict[str, list[str]] = {}
    for name in sorted({*before, *now}):
        one, other = before.get(name, {}), now.get(name, {})
        for dataset in sorted({*one, *other}):
            if one.get(dataset) != other.get(dataset):
                inputs.setdefault(dataset, []).append(name)
    return [f"the pictures of {dataset} (as {', '.join(names)})" for dataset, names in inputs.items()]


def _changed_data(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    words = {
        "sha256": "the annotation of {}",
        "repairs": "the repairs of {}",
        "repairs_applied": "the repairs of {}",
        "twin": "whether {} is synthetic",
    }
    former = {each["dataset"]: each for each in before}
    said = [
        text.format(each["dataset"])
        for each in now
        for part, text in words.items()
        if former.get(each["dataset"], {}).get(part) != each[part]
    ]
    return list(dict.fromkeys(said))


def _asked(run: Mapping[str, Any]) -> list[Any]:
    """Return what a run's command asked for: runs that agree in it differ only in what was found."""
    decided = run["decided_by"]
    changed = {name: decided["settings"].get(name) for name in run["changed_settings"]}
    return [*(decided[name] for name in _ASKED), changed, run["synthetic"]]


def _homes(model: Model, inputs: Mapping[str, Input]) -> list[str]:
    kinds = [
        (type(model), Model),
        (type(model.settings), ModelSettings),
        *((type(i), Input) for i in inputs.values()),
    ]
    return sorted({"mebench"}.union(*(code_of_class(kind, base) for kind, base in kinds)))


def _folds(cohort: Cohort) -> str:
    """Return a hash of the clips that each fold trains on and tests, in their order."""
    keys = cohort.clips["key"].to_numpy()
    lines = [[fold.name, list(keys[fold.train]), list(keys[fold.test])] for fold in cohort.folds]
    return hashlib.sha256(to_json(lines).encode()).hexdigest()
