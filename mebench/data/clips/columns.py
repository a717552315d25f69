"""Columns that the user names: ``--column emotion=Label``.

    with user_columns((("emotion", "Label"),), path):
        table = dataset.read_annotation(path)       # its sheets' column `Label` is the emotion

A dataset's plugin reads its sheets itself, so the names reach :func:`mebench.data.clips.sheet.read_sheet` by the
context, not by an argument that every plugin would have to hand on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from mebench.data.clips.fields import fold_name
from mebench.errors import MebenchError, near_matches

Columns = tuple[tuple[str, str], ...]

FIELDS = ("subject", "clip", "onset", "apex", "offset", "emotion", "aus", "objective_class", "fps")


@dataclass
class _Named:
    headers: dict[str, str]
    used: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


_NAMED: ContextVar[_Named | None] = ContextVar("named columns", default=None)


def parse_columns(assignments: Sequence[str]) -> Columns:
    """Return field and header of each ``FIELD=HEADER``.

    Raises:
        MebenchError: one has another form, names no field, or a field or a header a second time.
    """
    found: dict[str, str] = {}
    for text in assignments:
        name, equals, header = (part.strip() for part in text.partition("="))
        if not equals or not fold_name(header):
            raise MebenchError(f"--column {text}: write FIELD=HEADER, as in emotion=Label")
        if name not in FIELDS:
            raise MebenchError(f"--column {text}: there is no field {name!r}{near_matches(name, FIELDS)}")
        if name in found:
            raise MebenchError(f"--column {text}: {name} is the column {found[name]!r} already; name one")
        double = [other for other, known in found.items() if fold_name(known) == fold_name(header)]
        if double:
            raise MebenchError(
                f"--column {text}: the column {header!r} is the {double[0]} already; name another"
            )
        found[name] = header
    return tuple(found.items())


@contextmanager
def user_columns(columns: Columns, path: Path) -> Iterator[None]:
    """Let sheets that are read meanwhile take columns by the user's names.

    Raises:
        MebenchError: no sheet that was read has one of the columns.
    """
    if not columns:
        yield
        return
    named = _Named(dict(columns))
    token = _NAMED.set(named)
    try:
        yield
    except MebenchError as error:
        # A column that is named wrongly is the cause of whatever was found missing for it.
        _refuse_unseen(named, path, error)
        raise
    finally:
        _NAMED.reset(token)
    _refuse_unseen(named, path)


def named_header(name: str) -> str | None:
    """Return the header that the user gave for a field, if any."""
    named = _NAMED.get()
    return named.headers.get(name) if named else None


def note_header(header: Sequence[object], taken: Sequence[str] = ()) -> None:
    """Remember a header that was read, and which fields were found in it by the user's names."""
    if named := _NAMED.get():
        named.seen |= {str(cell).strip() for cell in header if fold_name(cell)}
        named.used |= set(taken)


def _refuse_unseen(named: _Named, path: Path, cause: Exception | None = None) -> None:
    seen = {fold_name(header) for header in named.seen}
    for name, header in named.headers.items():
        if name in named.used or (cause and fold_name(header) in seen):
            continue
        if fold_name(header) in seen:
            raise MebenchError(
                f"--column {name}={header}: {path} is read without a column {name!r}; leave it out"
            )
        there = near_matches(header, named.seen) if named.seen else ", and no header that was read"
        raise MebenchError(f"--column {name}={header}: {path} has no column {header!r}{there}") from cause
