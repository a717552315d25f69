"""Pages from docstrings: the notebook's door, the plugin author's, and the rooms of the core, each a page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import mebench
import mebench.api

# Where figures come from, which is what readers ask of the core; of the rest, what a plugin needs is in mebench.api.
_SHOWN = ("mebench.cohort", "mebench.evidence", "mebench.records", "mebench.run_info", "mebench.scoring")


def pages() -> Iterator[tuple[str, str]]:
    """Yield place in the site without ending, and reStructuredText, of all pages."""
    yield (
        "reference/door",
        _named(
            "import mebench", "mebench", set(mebench.__all__) - {"__version__", "api", *mebench.api.__all__}
        ),
    )
    yield "reference/api", _named("mebench.api", "mebench.api", set(mebench.api.__all__))
    rooms = _rooms()
    for room, modules in rooms.items():
        yield f"reference/modules/{room}", _room(room, modules)
    listed = "\n".join(f"   modules/{room}" for room in rooms)
    yield (
        "reference/modules",
        f"{_title('Cohorts, records and scores')}The modules that figures come from. What a plugin may rely on is "
        ":mod:`mebench.api`; the rest may\nchange with any version.\n\n"
        f".. toctree::\n   :maxdepth: 1\n\n{listed}\n",
    )


def _named(title: str, module: str, names: set[str]) -> str:
    home = importlib.import_module(module)
    parts = [_title(title), f".. automodule:: {module}\n   :no-members:\n"]
    for name in sorted(names, key=str.lower):
        thing = getattr(home, name)
        if inspect.isclass(thing):
            parts.append(f".. autoclass:: {module}.{name}\n   :members:\n")
        elif inspect.isfunction(thing):
            parts.append(f".. autofunction:: {module}.{name}\n")
        else:
            parts.append(f".. py:data:: {module}.{name}\n\n   {_one_line(thing)}\n")
    return "\n".join(parts)


def _rooms() -> dict[str, list[str]]:
    rooms: dict[str, list[str]] = {}
    for name in _SHOWN:
        home = importlib.import_module(name)
        below = pkgutil.walk_packages(getattr(home, "__path__", []), f"{name}.")
        rooms[name.removeprefix("mebench.")] = [each.name for each in below] or [name]
    return rooms


def _room(room: str, modules: list[str]) -> str:
    """Return a page with all modules of a room, in their own words, but what the page of the API describes."""
    parts = [_title(f"mebench.{room}")]
    for name in modules:
        known = [each for home, names in mebench.api._HOMES.items() if home == name for each in names]
        without = f"   :exclude-members: {', '.join(known)}\n" if known else ""
        heading = f"{name}\n{'-' * len(name)}\n\n" if modules != [f"mebench.{room}"] else ""
        parts.append(f"{heading}.. automodule:: {name}\n   :members:\n{without}")
    return "\n".join(parts)


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n\n"


def _one_line(thing: object) -> str:
    text = " ".join(repr(thing).split())
    return f"``{text}``" if len(text) < 90 else ""
