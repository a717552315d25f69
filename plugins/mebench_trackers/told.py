"""What a run tells, as flat names and values: what trackers of any kind can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mebench.api import Record, RunInfo, Scores, Task
from mebench.scoring.figures import figures_of

_OF_RUN = (
    *("model", "protocol", "identity", "manifest", "selection", "label", "synthetic", "shuffled_labels"),
    *("subject_dependent", "device", "precision", "mebench"),
)
_OF_FOLD = ("fit_seconds", "predict_seconds", "peak_memory_mib", "epoch")


def settings_of(run: RunInfo) -> dict[str, Any]:
    """Return the model's settings."""
    return {**run["settings"]}


def tags_of(run: RunInfo) -> dict[str, str]:
    """Return what must be known of a run to read its scores: above all whether they are synthetic or an oracle's."""
    whole: Mapping[str, Any] = run
    return {name: _text(whole[name]) for name in _OF_RUN} | {"oracle": _text(run["selection"] == "oracle")}


def stem_of(seed: int, fold: str) -> str:
    """Return a name of a fold with its seed that any file system and any server takes."""
    return Task(seed, fold).stem


def curves_of(record: Record) -> Iterator[tuple[str, int, float]]:
    """Yield name, step from 1, and value of all that the model reported and that is finite."""
    for name, curve in record.get("curves", {}).items():
        yield from ((name, step, value) for step, value in enumerate(curve, start=1) if value is not None)


def fold_figures(record: Record) -> dict[str, float]:
    """Return times and memory of a fold, and the epoch that was chosen."""
    whole: Mapping[str, Any] = record
    return {name: float(whole[name]) for name in _OF_FOLD if name in whole}


def score_figures(scores: Scores) -> dict[str, float]:
    """Return ``uf1``, ``uf1_low``, ``uf1_high``, ``uf1_sd`` and so on, those of a dataset as ``casme3/uf1``."""
    blocks: dict[str, Mapping[str, Any]] = {"": scores}
    blocks |= {f"{name}/": block for name, block in scores.get("per_dataset", {}).items()}
    units: Mapping[str, Any] = scores.get("au", {}).get("per_dataset", {})
    for name, block in units.items():
        blocks[f"{name}/"] = {**blocks.get(f"{name}/", {}), "au": block}
    named = {
        f"{prefix}{name}{'' if part == 'mean' else f'_{part}'}": value
        for prefix, block in blocks.items()
        for name, figure in figures_of(block).items()
        for part, value in figure.items()
        if part != "per_seed"
    }
    return {name: value for name, value in named.items() if isinstance(value, float)}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
