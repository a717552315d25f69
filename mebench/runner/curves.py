"""What a model reports while it learns, as curves: the loss and other values of each step."""

from __future__ import annotations

import math
from typing import Any

from mebench.errors import MebenchError
from mebench.models.base import Progress

# Far more than any training reports, and little enough for the main process to hold.
_MOST_NAMES = 1_000
_MOST_VALUES = 5_000_000
_LONGEST_NAME = 200


def plain_progress(progress: Progress) -> Progress:
    """Return a report of plain whole numbers, floats and texts.

    Raises:
        MebenchError: a value is called ``loss``, which has a place of its own, or something is no number.
    """
    if "loss" in progress.values:
        raise MebenchError("a model reports a value named 'loss': give it as the loss of the Progress")
    for name in progress.values:
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            raise MebenchError(f"a model reports a value named {repr(name)[:50]}: give it a text as its name")
    return Progress(
        _whole("step", progress.step),
        _whole("steps", progress.steps),
        None if progress.loss is None else _number("loss", progress.loss),
        {name: _number(name, value) for name, value in progress.values.items()},
    )


class Curves:
    """Collects the reports of one fold.

    A curve has a place for each step that was reported: None where a report lacks it or where it is not finite.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._values: dict[str, list[float | None]] = {}

    def add(self, progress: Progress) -> None:
        """Take a report.

        Raises:
            MebenchError: as :func:`plain_progress`, or there are more of them than can be kept.
        """
        progress = plain_progress(progress)
        loss = {} if progress.loss is None else {"loss": progress.loss}
        for name, number in {**loss, **progress.values}.items():
            curve = self._values.setdefault(name, [])
            curve += [None] * (self._steps - len(curve))
            curve.append(number if math.isfinite(number) else None)
        self._steps += 1
        if len(self._values) > _MOST_NAMES or self._steps * max(1, len(self._values)) > _MOST_VALUES:
            raise MebenchError(
                f"a model reports {len(self._values)} values {self._steps} times, which is too much to keep: report "
                "once an epoch"
            )

    def values(self) -> dict[str, list[float | None]]:
        """Return the curves by name."""
        return {name: each + [None] * (self._steps - len(each)) for name, each in self._values.items()}


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MebenchError(f"a model reports {name}={repr(value)[:50]}, which is no number") from error


def _whole(name: str, value: Any) -> int:
    number = _number(name, value)
    if not math.isfinite(number) or number != int(number):
        raise MebenchError(f"a model reports {name}={repr(value)[:50]}, which is no whole number")
    return int(number)
