"""From names to clips: datasets where they lie, or as synthetic twins in the cache.

data = open_dataset(registry, "casme3", find_data("casme3"))
data = open_twin(registry, "casme3", TwinOptions())
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from mebench.dataset import ClipData, Dataset, read_annotated, read_clips
from mebench.files import disk_errors
from mebench.locations import Location
from mebench.paths import cache_folder
from mebench.registry import Registry
from mebench.synthetic.twin import Progress, TwinOptions, make_twin


def load_dataset(registry: Registry, name: str) -> Dataset:
    """Return a dataset plugin's object."""
    dataset: Dataset = registry.get("dataset", name).load()()
    return dataset


def open_dataset(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset from where it lies, with its named repairs or, for a comparison, without.

    Raises:
        MebenchError: see :func:`mebench.dataset.read_clips`.
    """
    return read_clips(load_dataset(registry, name), location.root, location.annotation, repairs=repairs)


def open_annotation(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset's annotation without its pictures; the location's root may be the annotation file itself.

    Raises:
        MebenchError: see :func:`mebench.dataset.read_annotated`.
    """
    root, annotation = location.root, location.annotation
    if root.is_file():
        root, annotation = root.parent, annotation or root
    return read_annotated(load_dataset(registry, name), root, annotation, repairs=repairs)


def twins_folder() -> Path:
    """Return the cache's folder of twins."""
    return cache_folder() / "twins"


def open_twin(
    registry: Registry, name: str, options: TwinOptions, progress: Progress = lambda done, total: None
) -> ClipData:
    """Read a dataset's twin from the cache, making it first where it is not there yet.

    Raises:
        MebenchError: the dataset has no twin recipe, or the disk refuses.
    """
    dataset = load_dataset(registry, name)
    folder = twins_folder() / f"{name}-{options.key()}"
    with disk_errors(
        folder, "free some space (`mebench cache clear`) or set MEBENCH_CACHE to another folder"
    ):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                make_twin(dataset, folder, options, progress)
    return read_clips(dataset, folder)
