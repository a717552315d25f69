"""Where a user's datasets lie: ``--data``, then an environment variable, then what ``data add`` remembered.

find_data("casme3")                     # Location(root=..., annotation=None)
remember("casme3", Location(root))      # `mebench data add casme3 DIR`
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mebench.data.clips.columns import Columns
from mebench.errors import MebenchError, UnknownNameError
from mebench.files import disk_errors, read_json, to_json, write_atomically
from mebench.paths import config_folder


@dataclass(frozen=True)
class Location:
    """A dataset's folder, its annotation file where it lies elsewhere, and columns of it that the user names.

    ``columns`` pairs a field with the header of its column (:mod:`mebench.data.clips.columns`); ``follow_links`` lets
    links lead out of the folder (:mod:`mebench.data.links`).
    """

    root: Path
    annotation: Path | None = None
    columns: Columns = ()
    follow_links: bool = False


# A dataset's environment variable begins so.
VARIABLE = "MEBENCH_DATA_"
# What else a user without the data might do.
SYNTHETIC_INSTEAD = "try it without the licence with --synthetic"

Place = str | os.PathLike[str] | Location


def given_locations(
    data: Place | Mapping[str, Place] | None,
    annotations: str | os.PathLike[str] | None,
    datasets: Sequence[str],
    *,
    ready: Sequence[str] = (),
    columns: Columns = (),
    instead: str = SYNTHETIC_INSTEAD,
) -> dict[str, Location]:
    """Return dataset -> location of what a user gives; what is not given is missing (see :func:`find_data`).

    Args:
        data: where the one dataset lies, or dataset -> where it lies.
        annotations: the annotation file of the one dataset, or the list of one of ready inputs.
        datasets: the protocol's.
        ready: datasets of ready inputs, which may be given instead of the protocol's.
        columns: columns of that annotation file that the user names.
        instead: see :func:`find_data`.

    Raises:
        MebenchError: one place or file for several datasets, or a dataset that the protocol does not use.
    """
    names = ", ".join(datasets)
    if data is None:
        data = {}
    elif not isinstance(data, Mapping):
        if len(datasets) > 1:
            raise MebenchError(f"data {str(data)!r}: say which dataset lies there, one of {names}")
        data = {datasets[0]: data}
    found = {}
    for name, place in data.items():
        if name not in (*datasets, *ready):
            raise UnknownNameError("dataset of this protocol", name, (*datasets, *ready))
        found[name] = place if isinstance(place, Location) else Location(Path(place))
    if annotations is None and not columns:
        return found
    stands_in = [name for name in found if name in ready]
    if stands_in and columns:
        raise MebenchError(
            f"--column names a column of an annotation, and {stands_in[0]} has none: leave it out"
        )
    if stands_in:
        return {**found, stands_in[0]: with_options(found[stands_in[0]], Path(annotations or ""), ())}
    if len(datasets) > 1:
        option = "--annotations FILE" if annotations else "--column FIELD=HEADER"
        raise MebenchError(f"{option} fits a protocol of one dataset: use `mebench data add` for each")
    location = found.get(datasets[0]) or find_data(datasets[0], instead)
    return {datasets[0]: with_options(location, Path(annotations) if annotations else None, columns)}


def with_options(location: Location, annotation: Path | None, columns: Columns) -> Location:
    """Return a location with another annotation file and further columns, where they are given."""
    return Location(
        location.root,
        annotation or location.annotation,
        tuple({**dict(location.columns), **dict(columns)}.items()),
        location.follow_links,
    )


def variable_of(dataset: str) -> str:
    """Return the environment variable that names a dataset's folder: ``MEBENCH_DATA_CASME3``."""
    return VARIABLE + "".join(c if c.isalnum() else "_" for c in dataset).upper()


def remembered() -> dict[str, Location]:
    """Return every location that ``data add`` has stored."""
    path = _file()
    if not path.exists():
        return {}
    content = read_json(path)
    if not isinstance(content, dict):
        raise _not_as_written(path, "it holds no names of datasets")
    return {name: _location(path, name, entry) for name, entry in content.items()}


def _location(path: Path, name: str, entry: Any) -> Location:
    """Return what an entry of the file says.

    Raises:
        MebenchError: it is of another form than ``data add`` writes.
    """
    if not isinstance(entry, dict):
        raise _not_as_written(path, f"{name!r} is no entry")
    annotation, columns = entry.get("annotation"), entry.get("columns") or {}
    places = [entry.get("root"), *([annotation] if annotation is not None else [])]
    if not all(isinstance(place, str) and place and "\0" not in place for place in places):
        raise _not_as_written(path, f"{name!r} names no folder or file")
    if not isinstance(columns, dict) or not all(isinstance(header, str) for header in columns.values()):
        raise _not_as_written(path, f"the columns of {name!r} are no headers")
    if not isinstance(entry.get("follow_links", False), bool):
        raise _not_as_written(path, f"{name!r} says neither true nor false of follow_links")
    return Location(
        Path(entry["root"]),
        Path(annotation) if annotation else None,
        tuple(columns.items()),
        entry.get("follow_links", False),
    )


def _not_as_written(path: Path, why: str) -> MebenchError:
    return MebenchError(
        f"{path} does not say where datasets lie as `mebench data add` writes it ({why}): delete it, and add them again"
    )


def remember(dataset: str, location: Location) -> Path:
    """Store a location and return the file that holds it."""
    return _store(remembered() | {dataset: location})


def forget(dataset: str) -> Location:
    """Take a stored location back, and return it; the data itself is not touched.

    Raises:
        UnknownNameError: none is stored under that name; the message carries near matches of those that are.
    """
    entries = remembered()
    if dataset not in entries:
        hint = f"{variable_of(dataset)} says where it lies" if os.environ.get(variable_of(dataset)) else ""
        raise UnknownNameError("remembered dataset", dataset, entries, hint=hint)
    location = entries.pop(dataset)
    _store(entries)
    return location


def _store(entries: Mapping[str, Location]) -> Path:
    content = {
        name: {
            "root": str(entry.root.resolve()),
            "annotation": str(entry.annotation.resolve()) if entry.annotation else None,
            **({"columns": dict(entry.columns)} if entry.columns else {}),
            **({"follow_links": True} if entry.follow_links else {}),
        }
        for name, entry in entries.items()
    }
    with disk_errors(_file(), "set MEBENCH_CONFIG to a folder where writing is allowed"):
        _file().parent.mkdir(parents=True, exist_ok=True)
    write_atomically(_file(), to_json(content))
    return _file()


def find_data(dataset: str, instead: str = SYNTHETIC_INSTEAD) -> Location:
    """Return where a dataset lies; ``instead`` is what else the user might do.

    Raises:
        MebenchError: nothing says where; the message lists the ways to say it.
    """
    if location := known_place(dataset):
        return location
    raise MebenchError(
        f"mebench does not know where {dataset} lies: run `mebench data add {dataset} DIR`, pass --data DIR, "
        f"or set {variable_of(dataset)}" + (f"; or {instead}" if instead else "")
    )


def known_place(dataset: str) -> Location | None:
    """Return where the environment or ``data add`` says that a dataset lies; None where neither says."""
    if root := os.environ.get(variable_of(dataset)):
        return Location(Path(root))
    return remembered().get(dataset)


def _file() -> Path:
    return config_folder() / "datasets.json"
