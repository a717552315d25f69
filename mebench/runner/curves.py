"""What a model reports while it learns, as curves: the loss and other values of each step."""

from __future__ import annotations

import math

from mebench.errors import MebenchError
from mebench.models.base import Progress


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
            MebenchError: a value is called ``loss``, which has a place of its own, or is no number.
        """
        if "loss" in progress.values:
            raise MebenchError("a model reports a value named 'loss': give it as the loss of the Progress")
        loss = {} if progress.loss is None else {"loss": progress.loss}
        for name, value in {**loss, **progress.values}.items():
            if not isinstance(name, str):
                raise MebenchError(f"a model reports a value named {name!r}: give it a text as its name")
            try:
                number = float(value)
            except (TypeError, ValueError, OverflowError) as error:
                raise MebenchError(f"a model reports {name}={value!r}, which is no number") from error
            curve = self._values.setdefault(name, [])
            curve += [None] * (self._steps - len(curve))
            curve.append(number if math.isfinite(number) else None)
        self._steps += 1

    def values(self) -> dict[str, list[float | None]]:
        """Return the curves by name."""
        return {name: each + [None] * (self._steps - len(each)) for name, each in self._values.items()}
