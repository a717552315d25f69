"""Looking for registered names, and for those that a family's library has.

matching(registry, "model", "svm")              # entries with the text in a name or in the title
matching(registry, "model", "timm:convnext")    # members of the family timm: whose name holds it
near(registry, "model", "timm:convnxt")         # where none does: those that are spelt alike
"""

from __future__ import annotations

from mebench.errors import close_names
from mebench.plugin.entry import Entry
from mebench.plugin.families import COLON
from mebench.plugin.metadata import Kind
from mebench.plugin.registry import Registry

_ALIKE = 10


def matching(registry: Registry, kind: Kind, text: str) -> list[Entry]:
    """Return entries with a text in a name or in the title, whatever its case.

    Behind the prefix of a family its members' names are looked through, which asks the library; without one the
    family itself is found by its prefix and title, as any entry.

    Raises:
        MebenchError: the family's library is not installed, or cannot tell its names.
    """
    prefix, members = _members(registry, kind, text)
    if prefix:
        wanted = text.removeprefix(prefix).strip().casefold()
        return [entry for entry in members if wanted in entry.name.removeprefix(prefix).casefold()]
    wanted = text.strip().casefold()
    return [
        entry
        for entry in (*registry.entries(kind), *registry.families(kind))
        if any(wanted in each.casefold() for each in (entry.name, entry.title, *entry.aliases))
    ]


def near(registry: Registry, kind: Kind, text: str) -> list[Entry]:
    """Return the entries, or members of the family that a text names, which are spelt most like it.

    Raises:
        MebenchError: as :func:`matching`.
    """
    prefix, members = _members(registry, kind, text)
    entries = {entry.name: entry for entry in (members if prefix else registry.entries(kind))}
    return [entries[name] for name in close_names(text, entries, _ALIKE)]


def _members(registry: Registry, kind: Kind, text: str) -> tuple[str, list[Entry]]:
    prefix = text[: text.find(COLON) + 1]
    family = next((family for family in registry.families(kind) if family.name == prefix), None)
    return (prefix, family.members()) if family else ("", [])
