"""Which modules a start server may import ahead: those of the libraries that mebench itself depends on.

A plugin's code must never run there: every sealed process is a copy of the start server.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import metadata

# The first optimiser of a process imports some 800 modules: half a second of every fold.
_TORCH_ALSO = "torch._dynamo"
_TOP_LEVEL = re.compile(r"^([A-Za-z_]\w*)(?:/__init__\.py|\.py|\.[^/,]+\.so),", re.MULTILINE)


def trusted_modules() -> tuple[str, ...]:
    """Return the modules of trusted libraries that this process has imported, for a start server to have as well."""
    tops = trusted_packages()
    found = [name for name in list(sys.modules) if name.partition(".")[0] in tops]
    return (*found, _TORCH_ALSO) if "torch" in found and _TORCH_ALSO not in found else tuple(found)


@cache
def trusted_packages() -> frozenset[str]:
    """Return the top-level packages of mebench's requirements and extras, as far as they are installed."""
    try:
        required = metadata.requires("mebench") or []
    except metadata.PackageNotFoundError:
        return frozenset()
    names = {match.group() for each in required if (match := re.match(r"[\w.-]+", each))} - {"mebench"}
    return frozenset(top for name in names for top in _packages_of(name))


def _packages_of(distribution: str) -> set[str]:
    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return set()
    listed = found.read_text("top_level.txt")
    return set(listed.split()) if listed else set(_TOP_LEVEL.findall(found.read_text("RECORD") or ""))
