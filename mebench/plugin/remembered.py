"""What plugins' code answered, kept as long as all that decides the answer is the same: asking again takes seconds.

    answer = Remembered("card", {"target": "mebench_famnet.model:FAMNet", ...})
    if (known := answer.known()) is None:
        with answer.watching():
            known = ...                     # plain values
        answer.keep(known, code=("mebench_famnet",))

An answer is found by the question and by what is around the code (:mod:`mebench.plugin.surroundings`), and it holds
while the source of the core, of all plugins and of the named packages is the same
(:func:`mebench.plugin.source.source_of`), and so are the files and folders that were read on the way
(:mod:`mebench.plugin.witnesses`). One that is damaged, or that could be of yesterday, counts as none.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.files import read_json, to_json, write_atomically
from mebench.paths import cache_folder
from mebench.plugin.hookspecs import ENTRY_POINT_GROUP
from mebench.plugin.source import code_of, has_changed, home_of, places_of, source_of
from mebench.plugin.surroundings import surroundings
from mebench.plugin.witnesses import Witnesses, unchanged, watched

_FORMAT = 1


def answers_folder() -> Path:
    """Return the cache's folder of answers."""
    return cache_folder() / "answers"


class Remembered:
    """The answer to one question; ``kind`` and ``question`` (plain values) say which."""

    def __init__(self, kind: str, question: Mapping[str, Any]) -> None:
        self._question = {"format": _FORMAT, "kind": kind, "question": question}
        self._began = dict(os.environ), tuple(sys.path)
        self._asked = self._key()
        self._witnesses = Witnesses()
        # As it is before any of it is imported.
        self._code = {name: source_of(name) for name in _everywhere()}

    @property
    def file(self) -> Path:
        """Return the path of the file that holds it."""
        return answers_folder() / f"{self._asked}.json"

    def known(self) -> Any:
        """Return the answer as it was given before; None where it is not known, or something has changed."""
        with suppress(MebenchError, OSError, LookupError, TypeError, ValueError):
            kept = read_json(self.file)
            if kept.pop("sum") != _hash(kept) or kept["key"] != self._asked:
                return None
            code = kept["code"]
            if code.keys() >= self._code.keys() and all(source_of(n) == sha for n, sha in code.items()):
                return kept["answer"] if unchanged(kept["witnesses"]) else None
        return None

    @contextmanager
    def watching(self) -> Iterator[Witnesses]:
        """See what is read meanwhile; a second time adds to the first."""
        with watched() as seen:
            try:
                yield seen
            finally:
                self._witnesses.add(seen)

    def note(self, files: Iterable[Path]) -> None:
        """Take down files that are about to be looked at in other ways than by opening them."""
        for each in files:
            self._witnesses.note(each)

    def keep(
        self, answer: Any, *, code: Iterable[str], roots: Iterable[Path] = (), without: Iterable[Path] = ()
    ) -> bool:
        """Keep an answer, and tell whether it is kept: not where a later change of something might go unnoticed.

        Args:
            answer: plain values.
            code: modules whose code it came of, beside the core and the plugins' own modules.
            roots: folders; those between them and what was read below them count.
            without: folders whose files are known otherwise when the answer is used.
        """
        names = {*self._code, *code_of(*self._code, *code)} | {"mebench"}
        places = [place for name in names for place in places_of(name)]
        for module in list(sys.modules.values()):
            if file := getattr(module, "__file__", None):
                self._witnesses.note(file)
        try:
            if any(map(has_changed, names)) or self._key() != self._asked:
                return False
            found = {name: source_of(name) for name in sorted(names)}
            witnesses = self._witnesses.kept(roots, without=(*without, *places, answers_folder()))
            if witnesses is None or any(found[name] != sha for name, sha in self._code.items()):
                return False
            whole = {"key": self._asked, "code": found, "witnesses": witnesses, "answer": answer}
            write_atomically(self.file, to_json({**whole, "sum": _hash(whole)}))
        except (MebenchError, OSError, TypeError, ValueError):
            return False  # a full disk, say: it is asked again
        return True

    def _key(self) -> str:
        return _hash({**self._question, "around": surroundings(*self._began)})


def _everywhere() -> tuple[str, ...]:
    """Return the packages that have a say in every answer: the core, and what plugins register with."""
    plugins = {home_of(point.module) for point in entry_points(group=ENTRY_POINT_GROUP)}
    return ("mebench", *sorted(plugins - {"mebench"}))


def _hash(content: Any) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()
