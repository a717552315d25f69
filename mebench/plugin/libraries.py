"""What a sealed process finds imported: what the plugin's code uses, which it is there for.

    libraries_for("mebench_famnet.model")      # ("torch", "torch.nn", ..., "mebench.models.torch", "mebench.api")

Of the libraries that this process has, those that a model's or an input's module names, itself or by way of the modules
of its own package and of its bases; and those bases. Others would cost each start and help nobody: workbooks, tables
for the terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType

from mebench.sealed.preload import trusted_modules

# Rooms of the core that a plugin's own bases lie in; what the others use, the core's side imports by itself.
_BASES = ("mebench.models.", "mebench.features.")
# What a plugin's own code imports beside them.
_ALSO = ("mebench.api",)


@lru_cache(maxsize=16)
def libraries_for(module: str) -> tuple[str, ...]:
    """Return the modules of trusted libraries and of the core that a module uses, as this process has imported them."""
    own = module.partition(".")[0]
    used: set[str] = set()
    waiting, seen = [module], {module}
    while waiting:
        for owner in _owners(sys.modules.get(waiting.pop())):
            top = owner.partition(".")[0]
            if top not in (own, "mebench"):
                used.add(top)
            elif owner not in seen and (top == own or owner.startswith(_BASES)):
                seen.add(owner)
                waiting.append(owner)
    libraries = (name for name in trusted_modules() if name.partition(".")[0] in used)
    bases = sorted(name for name in seen if name.startswith(_BASES))
    also = (name for name in _ALSO if bases and name in sys.modules)
    return (*libraries, *bases, *also)


def _owners(module: ModuleType | None) -> Iterator[str]:
    """Yield the names of the modules that a module's own names are, or come from."""
    for value in list(vars(module).values()) if module is not None else ():
        owner = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(owner, str):
            yield owner
