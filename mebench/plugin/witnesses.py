"""Which files and folders something was found out from, so that it can be told later whether they are still the same.

    with watched() as witnesses:
        ...                                   # whatever this process opens for reading or lists is seen
    kept = witnesses.kept([Path("data")])     # plain values; None where a later change could go unnoticed
    unchanged(kept)                           # True as long as all of them are as they were

A witness is known by its signature (:func:`mebench.files.signature`), as it was before it was read; a folder's changes
when an entry comes or goes. Python, what is installed and the system's own files are left out: their versions tell.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mebench.files import Signature, settled, signature

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/bin", "/sbin")
# More than that take longer to look at than they save.
_MOST = 200_000

Kept = Mapping[str, Any]


class Witnesses:
    """What was seen, by absolute path; None stands for nothing there.

    What is ``fresh`` changed so shortly before it was seen that another change might not show.
    """

    def __init__(self) -> None:
        self.seen: dict[str, Signature | None] = {}
        self._above: dict[str, Signature | None] = {}
        self.fresh: set[str] = set()
        self.blind = False

    def note(self, path: str | Path) -> None:
        """Take down what a path is now, unless it was before."""
        place = os.path.abspath(path)  # noqa: PTH100  # thousands, and none of them resolved
        if place in self.seen:
            return
        above = os.path.dirname(place)  # noqa: PTH120
        while above not in self._above:
            self._take(self._above, above)
            above = os.path.dirname(above)  # noqa: PTH120
        self._take(self.seen, place)

    def _take(self, among: dict[str, Signature | None], place: str) -> None:
        among[place] = found = _state(place)
        if found is not None and not settled(found):
            self.fresh.add(place)

    def add(self, other: Witnesses) -> None:
        """Take over what others saw; what was seen here before counts."""
        new = other.seen.keys() - self.seen.keys()
        self.seen |= {place: other.seen[place] for place in new}
        self._above = {**other._above, **self._above}
        self.fresh |= other.fresh
        self.blind |= other.blind

    def kept(self, roots: Iterable[Path] = (), *, without: Iterable[Path] = ()) -> dict[str, Any] | None:
        """Return what was seen as plain values; None where a change from now on might not show, or something changed.

        Args:
            roots: of whatever lies below them, the folders on the way count, too.
            without: folders whose files are known otherwise.
        """
        outside = (*_not_counted(), *(_inside(each) for each in without))
        below = tuple(_inside(each) for each in roots)
        ways = {place: state for place, state in self._above.items() if _inside(place).startswith(below)}
        counted = {p: s for p, s in {**ways, **self.seen}.items() if not _inside(p).startswith(outside)}
        if self.blind or self.fresh & counted.keys() or len(counted) > _MOST:
            return None
        folders: dict[str, list[str]] = {}
        for place in sorted(counted):
            folder, name = os.path.split(place)
            folders.setdefault(folder, []).append(name)
        kept = {folder: {"names": n, "signatures": _digest(folder, n)} for folder, n in folders.items()}
        return kept if all(_state(place) == state for place, state in counted.items()) else None


@contextmanager
def watched() -> Iterator[Witnesses]:
    """Yield what takes down every file that this process opens for reading, and every folder that it lists."""
    if not _HOOKED:
        _HOOKED.append(True)
        sys.addaudithook(_hook)
    witnesses = Witnesses()
    _WATCHING.append(witnesses)
    try:
        yield witnesses
    finally:
        _WATCHING.remove(witnesses)


def unchanged(kept: Kept) -> bool:
    """Tell whether everything that :meth:`Witnesses.kept` gave is still as it was."""
    return all(_digest(folder, each["names"]) == each["signatures"] for folder, each in kept.items())


_WATCHING: list[Witnesses] = []
_HOOKED: list[bool] = []


def _hook(event: str, arguments: Sequence[Any]) -> None:
    if not _WATCHING or event not in ("open", "os.listdir", "os.scandir"):
        return
    try:
        path = arguments[0]
        if event == "open" and (_writes(*arguments[1:3]) or path is None or isinstance(path, int)):
            return  # a descriptor was opened by its path before
        if isinstance(path, int):
            for each in _WATCHING:
                each.blind = True
            return
        place = os.fsdecode("." if path is None else path)
        for each in _WATCHING:
            each.note(place)
    except Exception:  # it would end up in whoever opens the file
        for each in _WATCHING:
            each.blind = True


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)


def _not_counted() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    own = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    own |= {os.path.realpath(each) for each in own}
    return tuple(_inside(each) for each in (*own, *_SYSTEM))


def _inside(folder: str | Path) -> str:
    """Return what the paths of a folder and of all in it begin with."""
    return f"{os.path.abspath(folder).rstrip(os.sep)}{os.sep}"  # noqa: PTH100


def _state(place: str) -> Signature | None:
    with suppress(OSError, ValueError):
        found = os.stat(place)  # noqa: PTH116
        # A device or a pipe is another each time.
        return signature(found) if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) else (0,) * 5
    return None


def _digest(folder: str, names: Iterable[str]) -> str:
    return _hash([_state(os.path.join(folder, name)) for name in names])  # noqa: PTH118


def _hash(states: Sequence[Signature | None]) -> str:
    return hashlib.sha256(repr(states).encode()).hexdigest()
