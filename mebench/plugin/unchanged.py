"""Whether modules still hold what they held when they were last looked through: far cheaper than to read their files.

seen = Seen({"mebench.records": module}, functions)
seen.still_holds({"mebench.records": module})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from types import FunctionType
from typing import Any

Namespace = Mapping[str, Any]


class Seen:
    """What stood under each name of modules and of their classes, and which code their functions had.

    ``functions`` returns those that a value is made of. All that was seen is kept, so that nothing else can come to be
    at its place in memory.
    """

    def __init__(
        self, modules: Mapping[str, Any], functions: Callable[[Any], Iterable[FunctionType]]
    ) -> None:
        self._modules = dict(modules)
        self._namespaces = [
            (each, dict(each)) for name, module in modules.items() for each in _namespaces(name, vars(module))
        ]
        values = {id(value): value for _, copy in self._namespaces for value in copy.values()}
        self._codes = [(each, each.__code__) for value in values.values() for each in functions(value)]

    def still_holds(self, modules: Mapping[str, Any]) -> bool:
        """Tell whether the modules are those that were seen, and every name and function is as it was."""
        return (
            _same(self._modules, modules)
            and all(_same(copy, now) for now, copy in self._namespaces)
            and all(function.__code__ is code for function, code in self._codes)
        )


def _namespaces(module: str, names: Namespace) -> Iterator[Namespace]:
    """Yield the names of a module, and of each class that it defines, in classes too."""
    waiting, known = [names], set[int]()
    while waiting:
        yield (names := waiting.pop())
        for value in list(names.values()):
            if isinstance(value, type) and value.__module__ == module and id(value) not in known:
                known.add(id(value))
                waiting.append(vars(value))


def _same(before: Namespace, now: Namespace) -> bool:
    return len(before) == len(now) and all(map(is_, before.values(), now.values())) and [*before] == [*now]
