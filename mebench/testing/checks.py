"""A check, how it is asked, and what came of it.

    CHECKS = Checks[Protocol]()

    @CHECKS.add("every class is reached by a label")
    def every_class(protocol: Protocol) -> str:
        return ""           # nothing is wrong; or one sentence: what is, and what to do

    outcome = ask(CHECKS[0], protocol)

A check returns what is wrong. What a plugin's own code raises counts as its fault, with the traceback kept; a check
that does not apply raises :class:`NotAsked` with the reason.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from mebench.errors import MebenchError, reason_of

Subject_contra = TypeVar("Subject_contra", contravariant=True)
Of = TypeVar("Of")
State = Literal["passed", "failed", "not asked"]


# How the reason of a check ends that needs what another one found to fail.
SEE_ABOVE = "see above"


class NotAsked(Exception):  # noqa: N818 - it is no error
    """A check does not apply here; the text says why."""


@dataclass(frozen=True)
class Check(Generic[Subject_contra]):
    """One thing that must hold: its name, a statement, and what finds the fault."""

    name: str
    fault: Callable[[Subject_contra], str]

    @property
    def why(self) -> str:
        """Return why it must hold, as its function says."""
        return (self.fault.__doc__ or "").strip()


@dataclass(frozen=True)
class Outcome:
    """What came of a check: ``said`` is the fault or why it was not asked, ``trace`` where the plugin's code failed."""

    check: str
    state: State
    said: str = ""
    trace: str = ""


class Checks(Generic[Of]):
    """Checks of one kind of subject, in the order in which they are asked."""

    def __init__(self) -> None:
        self._checks: list[Check[Of]] = []

    def add(self, name: str) -> Callable[[Callable[[Of], str]], Callable[[Of], str]]:
        """Return a decorator that makes a check of a function."""

        def added(fault: Callable[[Of], str]) -> Callable[[Of], str]:
            self._checks.append(Check(name, fault))
            return fault

        return added

    def __iter__(self) -> Iterator[Check[Of]]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


def ask(check: Check[Of], subject: Of) -> Outcome:
    """Ask a check of a subject; whatever happens is an outcome, but for Ctrl-C."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a trial on noise warns of much that no run would
            fault = check.fault(subject)
    except NotAsked as reason:
        return Outcome(check.name, "not asked", str(reason))
    except MebenchError as error:
        return Outcome(check.name, "failed", str(error), traceback.format_exc())
    except (Exception, SystemExit) as error:
        return Outcome(check.name, "failed", f"its code failed: {reason_of(error)}", traceback.format_exc())
    return Outcome(check.name, "failed" if fault else "passed", fault)
