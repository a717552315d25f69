"""Twins in the cache: drawn when first asked for, read from then on, as long as the code that draws is the same.

data = open_twin(registry, "casme3", TwinOptions())
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.data.sources import load_dataset
from mebench.files import disk_errors
from mebench.locks import locked
from mebench.paths import cache_folder
from mebench.plugin.registry import Registry
from mebench.plugin.source import home_of, source_of
from mebench.synthetic.twin import Progress, TwinOptions, make_twin


def twins_folder() -> Path:
    """Return the cache's folder of twins."""
    return cache_folder() / "twins"


def twin_folder(dataset: Dataset, options: TwinOptions) -> Path:
    """Return where a dataset's twin lies in the cache: one that other code drew lies elsewhere."""
    code = (source_of("mebench.synthetic"), source_of(home_of(type(dataset).__module__)))
    digest = hashlib.sha256(" ".join((options.key(), *code)).encode()).hexdigest()
    return twins_folder() / f"{dataset.name}-{digest[:16]}"


def open_twin(
    registry: Registry, name: str, options: TwinOptions, progress: Progress = lambda done, total: None
) -> ClipData:
    """Read a dataset's twin from the cache, making it first where it is not there yet.

    Raises:
        MebenchError: the dataset has no twin recipe, or the disk refuses.
    """
    dataset = load_dataset(registry, name)
    folder = twin_folder(dataset, options)
    with disk_errors(
        folder, "free some space (`mebench cache clear`) or set MEBENCH_CACHE to another folder"
    ):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f"{folder.name}.lock"), f"the twin of {name}, which is drawn"):
            if not folder.exists():
                make_twin(dataset, folder, options, progress)
    return read_clips(dataset, folder)
