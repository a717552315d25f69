"""A model in a file: loaded from where it lies, in this process and in workers, with what lies beside it.

    file = local_file("models/tiny.py:Tiny")    # None for text that names no Python file
    file.module                                 # "local_file_tiny": the name it is imported under
    file.open()                                 # from now on that name can be imported, as the file is now
    pickle.dumps(file)                          # whoever unpickles it can import that name, too

The name is the module's own, so a file that is called like a library takes nothing's place. Modules that lie beside
the file can be imported by it, unless something of that name is installed. A file that changed since it was loaded is
loaded anew, as are the modules beside it: a notebook sees each edit.
"""

from __future__ import annotations

import importlib
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from mebench.errors import MebenchError, sentence_of
from mebench.files import content_of
from mebench.plugin.source import LOCAL_FILE, code_of, forget_source, has_changed, imported_names

_TARGET = re.compile(r"(?P<path>.+\.py)(?::(?P<attribute>.*))?", re.DOTALL)


@dataclass(frozen=True)
class LocalFile:
    """A Python file and the name of a class in it; the name is empty where the file is to say it by itself."""

    path: Path
    attribute: str = ""

    @property
    def module(self) -> str:
        """Return the name that the file is imported under, wherever it lies."""
        return LOCAL_FILE + re.sub(r"\W", "_", self.path.stem)

    @property
    def name(self) -> str:
        """Return file and class as a user writes them, without folders."""
        return f"{self.path.name}:{self.attribute}" if self.attribute else self.path.name

    def sha256(self) -> str:
        """Return the hash of the file's bytes, as ``sha256sum`` gives it."""
        return content_of(self.path)

    def open(self) -> None:
        """Let Python find the file under its name; another one that had it, or a former version, is forgotten."""
        _FINDER.show(self)

    def imports(self) -> list[str]:
        """Return the names of what it imported of installed modules, for a server that is to have them ready."""
        beside = {self.module, *_FINDER.given}
        return sorted(
            each
            for each in imported_names(self.module)
            if each in sys.modules and each.partition(".")[0] not in beside
        )

    def fault(self, error: BaseException) -> str:
        """Return in one sentence why the file cannot be imported."""
        if isinstance(error, SyntaxError):
            file = Path(error.filename).name if error.filename else self.path.name
            text = f": {error.text.strip()}" if error.text else ""
            return f"{file}, line {error.lineno}, is no Python: {error.msg}{text}"
        lines = [
            f"{Path(f.filename).name}, line {f.lineno}" for f in traceback.extract_tb(error.__traceback__)
        ]
        own = [line for line in lines if line.startswith(f"{self.path.name}, ")]
        where = own[-1] if own else self.path.name
        said = sentence_of(error)
        if isinstance(error, ImportError) and "relative import" in str(error):
            said += "; import what lies beside the file by its name, without the dot"
        if isinstance(error, SystemExit):
            said += "; put what is for a script alone under `if __name__ == '__main__':`"
        return f"{where}: the file cannot be imported: {said}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.open()


def local_file(text: str) -> LocalFile | None:
    """Return the file that ``PATH.py:CLASS`` or ``PATH.py`` names; None for text of another form.

    Raises:
        MebenchError: there is no such file, or what stands behind the colon can be no class.
    """
    match = _TARGET.fullmatch(text)
    if match is None:
        return None
    path, attribute = Path(match["path"]).expanduser(), match["attribute"]
    try:
        if not path.is_file():
            why = "a folder" if path.is_dir() else f"no file {path}"
            raise MebenchError(f"there is {why} where {text!r} names a Python file (folder: {Path.cwd()})")
        path.open("rb").close()
    except OSError as error:
        raise MebenchError(
            f"{path} cannot be read: {error.strerror or error}; see that you may read it"
        ) from error
    if attribute is not None and not attribute.isidentifier():
        raise MebenchError(f"{text!r} names no class of {path}: write it as {path}:CLASS")
    return LocalFile(path.resolve(), attribute or "")


def file_that_gives(module: str) -> LocalFile | None:
    """Return the local file that a module is, or beside which it lies; None for any other module."""
    file = _FINDER.file
    if file is not None and module.partition(".")[0] in (file.module, *_FINDER.given):
        return file
    return None


def refuse_while_imported(what: str) -> None:
    """Raise where a local file does something while it is imported that each worker would do again.

    Raises:
        MebenchError: the import of one is under way.
    """
    module = sys.modules.get(_FINDER.file.module) if _FINDER.file else None
    if getattr(getattr(module, "__spec__", None), "_initializing", False):
        raise MebenchError(
            f"it calls {what}, which every worker would do again: put the call under `if __name__ == '__main__':`"
        )


class _Finder(MetaPathFinder):
    """Finds one file under its private name, and what lies beside it where nothing else has the name."""

    def __init__(self) -> None:
        self.file: LocalFile | None = None
        self.given: set[str] = set()

    def show(self, file: LocalFile) -> None:
        """Be about this file from now on."""
        if self not in sys.meta_path:
            # First, for a folder of the same name in the current folder would be found before.
            sys.meta_path.insert(0, self)
        before, self.file = self.file, file
        if before is not None and (before.path != file.path or self._is_stale(file.module)):
            self._forget(before.module)
        importlib.invalidate_caches()  # a file written this very second

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self.file is None or path is not None:
            return None
        if fullname == self.file.module:
            return spec_from_file_location(fullname, self.file.path)
        spec = PathFinder.find_spec(fullname, [str(self.file.path.parent)])
        if spec is None or self._is_installed(fullname):
            return None
        self.given.add(fullname)
        return spec

    def _is_installed(self, name: str) -> bool:
        # Python may look into the current folder, too, which is no place where things are installed.
        here = Path.cwd()
        places = [each for each in sys.path if Path(each).absolute() != here]
        for finder in sys.meta_path:
            if finder is self:
                continue
            path = places if finder is PathFinder else None
            spec = finder.find_spec(name, path)
            if spec is not None and spec.loader is not None:
                return True
        return False

    def _is_stale(self, module: str) -> bool:
        if module not in sys.modules:
            # An import that failed: nothing of it is to stay.
            return True
        return any(has_changed(name) for name in code_of(module) if self._gave(name, module))

    def _gave(self, name: str, module: str) -> bool:
        """Tell whether a module is the file, which may be a package, or lies beside it."""
        return name.partition(".")[0] in (module, *self.given)

    def _forget(self, module: str) -> None:
        for name in [each for each in sys.modules if self._gave(each, module)]:
            del sys.modules[name]
        forget_source(lambda name: self._gave(name, module))
        self.given.clear()


_FINDER = _Finder()
