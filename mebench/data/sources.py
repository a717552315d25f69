"""From names to clips: datasets where they lie.

data = open_dataset(registry, "casme3", find_data("casme3"))
"""

from __future__ import annotations

from typing import TypeVar

from mebench.data.dataset import Dataset
from mebench.data.links import links_followed
from mebench.data.locations import Location
from mebench.data.reading import ClipData, NoFramesError, read_annotated, read_clips
from mebench.data.ready import ReadyDataset
from mebench.errors import MebenchError
from mebench.plugin.entry import Entry
from mebench.plugin.given import loaded_class, refuse
from mebench.plugin.registry import Registry

Made = TypeVar("Made")


def load_dataset(registry: Registry, name: str) -> Dataset:
    """Return a dataset plugin's object, once its class is one that can be made.

    Raises:
        MebenchError: nothing has that name, it cannot be loaded, or it is no dataset of that name.
    """
    entry = registry.get("dataset", name)
    if entry.stands_in:
        raise MebenchError(
            f"{name} consists of ready inputs, without recordings: it stands in for the datasets of "
            f"{' and '.join(entry.stands_in)}, and cannot be used as one of its own"
        )
    kind = loaded_class(entry, Dataset)  # type: ignore[type-abstract]
    _refuse_other_name(entry, kind.name)
    for what, values in (("annotation_files", kind.annotation_files), ("layouts", kind.layouts)):
        if not values:
            refuse(entry, f"its {what} is empty")
    if kind.twin and kind.twin.annotation_file and kind.write_annotation is Dataset.write_annotation:
        refuse(
            entry, "it has a recipe for twins with an annotation file, and does not define write_annotation()"
        )
    return _made(entry, kind)


def load_ready(registry: Registry, name: str) -> ReadyDataset:
    """Return the object of a dataset of ready inputs.

    Raises:
        MebenchError: nothing has that name, it cannot be loaded, or it is no such dataset.
    """
    entry = registry.get("dataset", name)
    if not entry.stands_in:
        refuse(entry, "it does not say with stands_in=(...) for which protocols' datasets it stands in")
    kind = loaded_class(entry, ReadyDataset)  # type: ignore[type-abstract]
    _refuse_other_name(entry, kind.name)
    return _made(entry, kind)


def ready_datasets(registry: Registry, protocol: str | None = None) -> list[str]:
    """Return the names of the datasets of ready inputs, of all or of those that a protocol accepts."""
    return [
        entry.name
        for entry in registry.entries("dataset")
        if (protocol in entry.stands_in if protocol else entry.stands_in)
    ]


def _refuse_other_name(entry: Entry, name: str) -> None:
    if name != entry.name:
        refuse(entry, f"it is registered as {entry.name!r} and calls itself {name!r}: give it one name")


def _made(entry: Entry, kind: type[Made]) -> Made:
    try:
        return kind()
    except Exception as error:
        raise MebenchError(
            f"dataset {entry.name!r} of plugin {entry.plugin!r} cannot be made: {error}"
        ) from error


def open_dataset(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset from where it lies, with its named repairs or, for a comparison, without.

    Raises:
        MebenchError: see :func:`mebench.data.reading.read_clips`.
    """
    with links_followed(location.follow_links):
        return read_clips(
            load_dataset(registry, name),
            location.root,
            location.annotation,
            repairs=repairs,
            columns=location.columns,
        )


def open_annotation(registry: Registry, name: str, location: Location, *, repairs: bool = True) -> ClipData:
    """Read a dataset's annotation without its pictures; the location's root may be the annotation file itself.

    Raises:
        MebenchError: see :func:`mebench.data.reading.read_annotated`.
    """
    root, annotation = location.root, location.annotation
    if root.is_file():
        root, annotation = root.parent, annotation or root
    with links_followed(location.follow_links):
        return read_annotated(
            load_dataset(registry, name), root, annotation, repairs=repairs, columns=location.columns
        )


def open_known(
    registry: Registry, name: str, location: Location, *, repairs: bool = True
) -> tuple[ClipData, NoFramesError | None, str]:
    """Read of a dataset what is there: clips and frames, or the annotation alone.

    Returns:
        The data; the error that a run would end with, where there are pictures and none is a frame; and why
        frames were not looked for, where there is no picture at all. The last two are None and ``""`` where
        frames were found.

    Raises:
        MebenchError: the annotation cannot be found or read.
    """
    if location.root.is_file():
        why = f"{location.root} is a file, without a folder of frames"
        return open_annotation(registry, name, location, repairs=repairs), None, why
    try:
        return open_dataset(registry, name, location, repairs=repairs), None, ""
    except NoFramesError as error:
        data = open_annotation(registry, name, location, repairs=repairs)
        if error.pictures:
            return data, error, ""
        return data, None, f"{location.root} holds no pictures"
