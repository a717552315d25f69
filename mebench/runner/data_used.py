"""Which data something was trained on, for readers of its description."""

from __future__ import annotations

from typing import Any

from mebench.data.clips.marker import preparation_of, twin_of
from mebench.data.reading import ClipData
from mebench.features.ready import described_ready


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
        "twin": twin_of(data.root) or data.twin,
        "prepared": prepared_with(data),
    }


def prepared_with(data: ClipData) -> Any:
    """Return the options with which mebench prepared the frames of a dataset; None where it did not."""
    return preparation_of(data.root)
