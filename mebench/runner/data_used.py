"""Which data something was trained on, for readers of its description."""

from __future__ import annotations

from typing import Any

from mebench.data.clips.marker import MARKER_FILE, PREPARATION_FILE
from mebench.data.fetching import is_there
from mebench.data.reading import ClipData
from mebench.features.ready import described_ready
from mebench.files import read_json


def edition_of(data: ClipData) -> dict[str, Any]:
    """Return which data of a dataset was used, wherever it lies, without a word of any clip."""
    return {
        "dataset": data.dataset,
        "sha256": data.sha256,
        "repairs": data.repairs.name,
        "twin": data.twin,
        "ready": described_ready(data.ready),
    }


def deciding_data(data: ClipData) -> dict[str, Any]:
    """Return what of a dataset decides a run."""
    return {**edition_of(data), "repairs_applied": [str(repair) for repair in data.repairs.applied]}


def described_data(data: ClipData) -> dict[str, Any]:
    """Return which data of a dataset was used; what of it decides a run is in the run's identity."""
    return {
        **deciding_data(data),
        "annotation": data.annotation.name,
        "twin": _content(data, MARKER_FILE) or data.twin,
        "prepared": prepared_with(data),
    }


def prepared_with(data: ClipData) -> Any:
    """Return the options with which mebench prepared the frames of a dataset; None where it did not."""
    return _content(data, PREPARATION_FILE)


def _content(data: ClipData, name: str) -> Any:
    file = data.root / name
    return read_json(file) if is_there(file) else None
