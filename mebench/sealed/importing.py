"""Importing code from folders that may be read and cannot be listed from above.

Python finds a package by listing the folder that it lies in, as a checkout with data beside the code; a sealed process
may read the package and not that folder. So it is told in so many words where each package lies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path


def places_of(code: Iterable[str], path: Iterable[str]) -> dict[str, str]:
    """Return the names that files and folders of code may be imported by, with their places.

    Args:
        code: real paths; those that are no package or module are left out.
        path: ``sys.path``. Code that lies below none of it, as with an editable install, has its own name.
    """
    roots = {os.path.realpath(each) for each in path if each}
    found: dict[str, str] = {}
    for each in code:
        place = Path(each)
        if place.suffix == ".py" or (place / "__init__.py").is_file():
            above = [root for root in map(str, place.parents) if root in roots]
            for root in (*above, str(place.parent)):
                parts = place.relative_to(root).with_suffix("").parts
                if all(part.isidentifier() for part in parts):
                    found.setdefault(".".join(parts), each)
    return found


class ToldFinder(MetaPathFinder):
    """Finds the modules whose places it was told."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return where a told module lies, None for all others."""
        place = self._places.get(fullname)
        if place is None or place.endswith(".py"):
            return spec_from_file_location(fullname, place) if place else None
        return spec_from_file_location(
            fullname, str(Path(place, "__init__.py")), submodule_search_locations=[place]
        )


class AroundFinder(MetaPathFinder):
    """Finds the namespaces around told modules, where nobody else finds anything of the name."""

    def __init__(self, places: Iterable[str]) -> None:
        self._names = {
            ".".join(name.split(".")[:depth]) for name in places for depth in range(1, name.count(".") + 1)
        }

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return an empty namespace for a name that told ones begin with, None for all others."""
        if fullname not in self._names:
            return None
        around = ModuleSpec(fullname, None, is_package=True)
        around.submodule_search_locations = []
        return around


def import_from(path: Iterable[str], places: Mapping[str, str]) -> None:
    """Let this process import what the main one would, as far as it may read it."""
    sys.path[:] = path
    sys.path_importer_cache.clear()
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, ToldFinder(places))
    sys.meta_path.append(AroundFinder(places))
