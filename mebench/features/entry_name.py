"""What entries of the cache are called: by what is computed, and by what it was computed of.

    kind = kind_of(store.folder, "casme3-ApexFrame", key)     # .../casme3-ApexFrame-0a1b2c3d
    entries_of(kind)                                          # one for each content that the pictures had
    folder = named(kind, content)                             # .../casme3-ApexFrame-0a1b2c3d-0123456789abcdef
    locked(lock_of(folder), ...)

Which pictures an input looks at is known when it is computed, so the lock is one for all entries of a kind.
"""

from __future__ import annotations

import re
from glob import escape
from pathlib import Path

_KIND, _CONTENT = 8, 16


def kind_of(cache: Path, label: str, key: str) -> Path:
    """Return the beginning of the paths of all entries of a kind, whose key is that of all but the pictures."""
    return cache / f"{label}-{key[:_KIND]}"


def named(kind: Path, content: str) -> Path:
    """Return the folder of an entry, whose key ``content`` covers the pictures, too."""
    return kind.with_name(f"{kind.name}-{content[:_CONTENT]}")


def entries_of(kind: Path) -> list[Path]:
    """Return what lies in the cache under the name of an entry of a kind, by name."""
    fits = re.compile(re.escape(kind.name) + rf"-[0-9a-f]{{{_CONTENT}}}")
    return sorted(path for path in kind.parent.glob(f"{escape(kind.name)}-*") if fits.fullmatch(path.name))


def kind_named(entry: Path) -> Path:
    """Return the beginning that an entry's path has in common with all of its kind."""
    return entry.with_name(entry.name.rpartition("-")[0])


def lock_of(entry: Path) -> Path:
    """Return the lock of an entry."""
    return entry.with_name(f"{kind_named(entry).name}.lock")
