"""What the file of a module defines: the code of its functions and classes.

    written = written_code("mebench.records", Path("mebench/records.py"))
    written.inside("RunDirectory")["read_run"]  # the code objects of that name: several where it is overloaded
    written.holds(function.__code__)            # any function of the file, those inside others too

It is read from the file (or the bytecode that Python keeps beside it), never from what the process has in memory.
"""

from __future__ import annotations

import importlib.machinery
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType

# What Python sets for functions (CO_OPTIMIZED), and not for modules and classes; `inspect` is dear to import.
_FUNCTION = 1


@dataclass
class Written:
    """The code objects of a file's functions and classes."""

    _named: dict[str, dict[str, list[CodeType]]] = field(default_factory=dict)
    _every: dict[tuple[str, int], list[CodeType]] = field(default_factory=dict)

    def add(self, parent: str | None, code: CodeType) -> None:
        """Add a function or class; ``parent`` is the class that it is in, None inside a function."""
        if parent is not None:
            self._named.setdefault(parent, {}).setdefault(code.co_name, []).append(code)
        self._every.setdefault((code.co_name, code.co_firstlineno), []).append(code)

    def inside(self, parent: str) -> Mapping[str, list[CodeType]]:
        """Return name -> code of what a class defines, by its qualified name; the module itself is ``""``."""
        return self._named.get(parent, {})

    def holds(self, code: CodeType) -> bool:
        """Tell whether some function of the file has this code."""
        return code in self._every.get((code.co_name, code.co_firstlineno), ())


def written_code(name: str, file: str) -> Written:
    """Return what a module's file defines.

    Raises:
        ImportError, OSError, SyntaxError: it cannot be read, or is no Python.
    """
    found = Written()
    whole = importlib.machinery.SourceFileLoader(name, file).get_code(name)
    assert isinstance(whole, CodeType)
    for parent, code in _definitions("", whole):
        found.add(parent, code)
    return found


def _definitions(parent: str | None, code: CodeType) -> Iterator[tuple[str | None, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield (None if each.co_name.startswith("<") else parent), each
            of_class = parent is not None and not each.co_flags & _FUNCTION
            yield from _definitions(f"{parent}.{each.co_name}".lstrip(".") if of_class else None, each)
