"""Errors that a user can mend, and near matches for names that were not found.

A :class:`MebenchError` carries one sentence: what is wrong, where, and how to mend it. The command line
prints that sentence and exits with code 2; a traceback appears only with ``--debug``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from mebench.plain_text import plain

# Letters of a sentence: 60 names of a usual length, twice.
_LONGEST = 4000


class _Sentence(Exception):  # noqa: N818
    """What is said in one sentence, in which names from anywhere stand: no control character of theirs is in it."""

    def __str__(self) -> str:
        return _of_sensible_length(plain(super().__str__()))


class MebenchError(_Sentence):
    """Something the user can mend; ``str(error)`` is the one sentence to show."""


class MebenchWarning(_Sentence, UserWarning):
    """Something the user should know and need not mend; the command line prints it as one line."""


class MebenchNotice(MebenchWarning):
    """Something that is going on and asks for nothing, as a wait; the command line prints it as it is."""


class WaitingNotice(MebenchNotice):
    """A notice of a wait: once it is over, nobody need hear of it again."""


class UnknownNameError(MebenchError):
    """A name that is not registered; the message carries the nearest names."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(
            f"there is no {kind} named {name!r}{near_matches(name, known)}{hint and '; ' + hint}"
        )


def _of_sensible_length(text: str) -> str:
    """Return a sentence without its middle where a name in it is as long as a book; its end says what to do."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 4 :]}"


def reason_of(error: BaseException) -> str:
    """Return in one line what somebody else's code raised, for a sentence that names it.

    >>> reason_of(ValueError("only one\nclass"))
    'ValueError: only one class'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())


def sentence_of(error: BaseException) -> str:
    """Return what an error says: one of mebench's own its sentence, of somebody else's code :func:`reason_of`."""
    return str(error) if isinstance(error, MebenchError) else reason_of(error)


# CAS(ME)^2 is not CASME 2: a power, however it is written, is part of a name.
_POWER = re.compile(r"\^|\*\*|[\u00b2\u00b3]|squared|cubed|\(\w+\)\W*\d", re.IGNORECASE)

# A sentence can hold no more; whoever has so many names lists them elsewhere.
_LISTED = 60


def has_power(name: str) -> bool:
    """Tell whether a name is written with a power, as ``CAS(ME)^2``, ``CAS(ME)2`` and ``casme_squared`` are."""
    return _POWER.search(name) is not None


def first_few(names: Iterable[object], most: int = 5) -> str:
    """Return the first of some names in one line, and how many more there are.

    >>> first_few(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    every = [str(name) for name in names]
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def near_matches(name: str, known: Iterable[str], most: int = 3) -> str:
    """Return ``": did you mean 'famnet'?"`` or, where nothing is near, the list of known names.

    >>> near_matches("fammet", ["famnet", "majority"])
    ": did you mean 'famnet'?"

    A name with a power is near to none without: ``casme^2`` is no misspelt ``casme2``.
    """
    names = sorted(set(known))
    if close := close_names(name, names, most):
        return ": did you mean " + " or ".join(map(repr, close)) + "?"
    return f" (known: {first_few(names, most=_LISTED)})" if names else " (none is known)"


def close_names(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known names that are spelt most like a name, the nearest first."""
    folded = {each.casefold(): each for each in known if has_power(each) or not has_power(name)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=most, cutoff=0.6)
    return [folded[match] for match in close]
