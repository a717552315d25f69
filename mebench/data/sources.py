"""From names to clips: datasets where they lie.

data = open_dataset(registry, "casme3", find_data("casme3"))
"""

from __future__ import annotations

from mebench.data.dataset import Dataset
from mebench.data.locations import Location
from mebench.data.reading import ClipData, read_annotated, read_clips
from mebench.plugin.registry import Registry


def load_dataset(registry: Registry, name: str) -> Dataset:
    """Return a dataset plugin's object."""
    dataset: Dataset = registry.get("dataset", name).load()()
    return dataset


def open_dataset(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset from where it lies, with its named repairs or, for a comparison, without.

    Raises:
        MebenchError: see :func:`mebench.data.reading.read_clips`.
    """
    return read_clips(load_dataset(registry, name), location.root, location.annotation, repairs=repairs)


def open_annotation(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset's annotation without its pictures; the location's root may be the annotation file itself.

    Raises:
        MebenchError: see :func:`mebench.data.reading.read_annotated`.
    """
    root, annotation = location.root, location.annotation
    if root.is_file():
        root, annotation = root.parent, annotation or root
    return read_annotated(load_dataset(registry, name), root, annotation, repairs=repairs)
