"""The source of packages, as hashes: which code a model, an input or the core itself is.

    home_of("mynet.model")              # "mynet", the package that holds it
    source_of("mynet")                  # SHA-256 of every file of it
    code_of("mynet.model")              # ("helpers", "mynet"): also what it imports of code that lies about
    drop_stale_bytecode("mynet")        # so that what Python imports is what the files say
    refuse_changed_source({"mynet": sha256})    # raises where it is no longer what it was

Every file in a package's folder counts, data files too, for they may decide as much as code does. Not counted are
what Python, editors and tools leave there (bytecode, hidden and temporary files, environments) and folders of runs.
Where the package lies does not count.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mebench.errors import MebenchError
from mebench.files import Signature, content_of, settled, signature, written_before

# A folder that holds one of these is no part of a package: an environment, a run of mebench.
_FOREIGN = ("pyvenv.cfg", "run.json")
_LEFT_BEHIND = (".log", ".lock", ".tmp", ".swp", "~")
# What stands before the name of a module that is one file of a user's, no package (mebench.plugin.local_file).
LOCAL_FILE = "local_file_"

# As this process first found them.
_sources: dict[str, str] = {}
_imported: dict[str, tuple[str, ...]] = {}
# The signatures of their files and folders when they were last found the same.
_unchanged: dict[str, dict[str, Signature]] = {}


def home_of(module: str) -> str:
    """Return the outermost package that holds a module and is no mere namespace; else the module itself."""
    parts = module.split(".")
    names = (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return next((name for name in names if _place(name)[0] is not None), module)


def code_of(*modules: str) -> tuple[str, ...]:
    """Return the packages whose code modules are, by name.

    They are the modules' own homes, and what these import of code that is not installed from a wheel: modules that
    lie beside a plugin, checkouts. Installed libraries are told apart by their version.
    """
    found: set[str] = set()
    waiting = [home_of(module) for module in modules]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _local_imports(name)
    return tuple(sorted(found))


def code_of_class(kind: type, base: type) -> tuple[str, ...]:
    """Return the packages whose code a class is: its own, and those of its ancestors below ``base``."""
    return code_of(*(each.__module__ for each in kind.__mro__ if issubclass(each, base)))


def source_of(name: str) -> str:
    """Return the SHA-256 of a package or module as this process first found it.

    Python keeps what it has imported, so a process runs the code that it began with: what is asked later gives the
    same answer, and :func:`refuse_changed_source` tells when it is no longer true.

    Raises:
        MebenchError: no file holds it, or one cannot be read.
    """
    if name not in _sources:
        _sources[name] = _hash(name)
    return _sources[name]


def has_changed(name: str) -> bool:
    """Tell whether a package's files are no longer those of :func:`source_of`.

    It is asked twice a fold: where no file's signature changed since it was found the same, nothing is read.

    Raises:
        MebenchError: a file cannot be read.
    """
    if _is_as_it_was(name):
        return False
    now = _signatures(name)
    if _hash(name) != source_of(name):
        return True
    if all(map(settled, now.values())):
        _unchanged[name] = now
    return False


def forget_source(chosen: Callable[[str], bool] = lambda name: True) -> None:
    """Forget what this process found of packages, of those chosen by name: they will be imported anew."""
    for known in (_sources, _imported, _unchanged):
        for name in [each for each in known if chosen(each)]:
            del known[name]  # type: ignore[attr-defined]


def code_name(name: str) -> str:
    """Return the name of a package, module or local file as a user knows it."""
    return f"{name.removeprefix(LOCAL_FILE)}.py" if name.startswith(LOCAL_FILE) else name


def refuse_changed_source(code: Mapping[str, str]) -> None:
    """Raise where the files of packages are no longer those of the SHA-256 that each had (:func:`source_of`).

    Raises:
        MebenchError: they changed; what is computed from now on may be of either version.
    """
    for name, due in code.items():
        # A user's own file may have been taken up anew meanwhile.
        if source_of(name) != due or has_changed(name):
            raise MebenchError(
                f"the code of {code_name(name)} changed while this process was running: start it again, which begins "
                "a new run with the new code; folds recorded before stay"
            )


def drop_stale_bytecode(name: str) -> None:
    """Delete a package's bytecode that may belong to another version of its source.

    Python compares the source's size and its time in whole seconds, so an edit of the same length within a second,
    or one whose time was set back, would go unnoticed: another version would run than the one that is hashed.
    """
    for path in python_files(name):
        with suppress(OSError, NotImplementedError):
            compiled = Path(importlib.util.cache_from_source(str(path)))
            if written_before(compiled.stat(), path.stat()):
                compiled.unlink()


def _hash(name: str) -> str:
    origin, folders = _place(name)
    if not folders:
        if origin is None:
            raise MebenchError(
                f"the module {name!r} lies in no file, so nothing can say which code it is: put it into a file or "
                "package that can be imported"
            )
        return hashlib.sha256(b"module\0" + _content(origin)).hexdigest()
    digest = hashlib.sha256(b"package\0")
    for folder in folders:
        for path in sorted(files_below(folder)):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + _content(path))
    return digest.hexdigest()


def _is_as_it_was(name: str) -> bool:
    """Tell whether no file or folder of a package changed since it was found the same, without reading any."""
    try:
        # A file that came or went shows in its folder.
        return name in _unchanged and all(
            signature(os.stat(path)) == before  # noqa: PTH116 - hundreds, twice a fold
            for path, before in _unchanged[name].items()
        )
    except OSError:
        return False


def _signatures(name: str) -> dict[str, Signature]:
    """Return the signatures of a package's files and folders by path."""
    origin, folders = _place(name)
    places = [origin] if origin is not None else []
    for folder in folders:
        for place, files in _walked(folder):
            places += [place, *(place / each for each in files)]
    return {str(path): signature(path.stat()) for path in places}


def imported_names(name: str) -> set[str]:
    """Return the names that a package's files import anywhere, modules and what is in them alike."""
    # A package's relative imports stay inside it; those of a module in a namespace do not.
    package = "" if _place(name)[1] else name.rpartition(".")[0]
    return {each for file in python_files(name) for each in _imports(file, package)}


def _local_imports(name: str) -> tuple[str, ...]:
    """Return the homes of what a package's files import, without the core, Python's own and installed ones."""
    if name == "mebench":
        return ()
    if name not in _imported:
        names = {
            each for each in imported_names(name) if each.partition(".")[0] not in sys.stdlib_module_names
        }
        homes = {home_of(each) for each in names} - {name, "mebench"}
        _imported[name] = tuple(sorted(home for home in homes if _is_local(home)))
    return _imported[name]


def _imports(file: Path, package: str) -> set[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return set()  # a template, or code for another Python: what matters of it fails when it is imported
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            parts = package.split(".")
            start = parts[: len(parts) + 1 - node.level] if node.level else []
            parent = ".".join(filter(None, (*start, node.module)))
            found |= {f"{parent}.{alias.name}" for alias in node.names}
    return found


def _is_local(name: str) -> bool:
    origin, _ = _place(name)
    if origin is None or {"site-packages", "dist-packages"} & set(origin.parts):
        return False
    return not origin.is_relative_to(sysconfig.get_path("stdlib"))


def _place(name: str) -> tuple[Path | None, tuple[Path, ...]]:
    """Return a module's file, and the folders where it is a package; a namespace has folders and no file."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    if spec is None and module is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return None, ()
    file = getattr(module, "__file__", None) or (
        spec.origin if spec is not None and spec.has_location else None
    )
    folders = getattr(module, "__path__", None) or (
        spec.submodule_search_locations if spec is not None else None
    )
    return (Path(file) if file else None), tuple(sorted(Path(folder) for folder in folders or ()))


def python_files(name: str) -> Iterator[Path]:
    """Yield the Python files of a package or module."""
    origin, folders = _place(name)
    if folders:
        yield from (path for folder in folders for path in files_below(folder) if path.suffix == ".py")
    elif origin is not None and origin.suffix == ".py":
        yield origin


def places_of(name: str) -> tuple[Path, ...]:
    """Return the folders of a package, or the file of a module; nothing where it lies in no file."""
    origin, folders = _place(name)
    return folders or ((origin,) if origin is not None else ())


def places_of_code(names: Iterable[str]) -> set[Path]:
    """Return the folders and files of some code beside the core, which the process that is to run it must read."""
    return {place for name in names if name != "mebench" for place in places_of(name)}


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that count as its content."""
    return (place / name for place, files in _walked(folder) for name in files)


def _walked(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield a folder and those in it, each with the names of its files that count."""
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        foreign = place != str(folder) and any(name in files for name in _FOREIGN)
        if foreign or (real := os.path.realpath(place)) in seen:
            folders.clear()
            yield Path(place), []
            continue
        seen.add(real)
        folders[:] = [each for each in folders if each != "__pycache__" and not each.startswith(".")]
        counted = [each for each in files if not each.startswith(".") and not each.endswith(_LEFT_BEHIND)]
        yield Path(place), counted


def _content(path: Path) -> bytes:
    try:
        return content_of(path).encode()
    except OSError as error:
        raise MebenchError(f"cannot read {path}, a part of the code: {error.strerror or error}") from error
