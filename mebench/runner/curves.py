"""What a model reports while it learns, as curves: the loss and other values of each step."""

from __future__ import annotations

import math

from mebench.errors import MebenchError
from mebench.models.base import Progress


class Curves:
    """Collects the reports of one fold.

    A curve has a value for each step that was reported. One that a step lacks, or that is no number, is left out of
    the stored curves as a whole: a gap would shift what follows.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._values: dict[str, list[float]] = {}

    def add(self, progress: Progress) -> None:
        """Take a report.

        Raises:
            MebenchError: a value is called ``loss``, which has a place of its own, or is no number.
        """
        if "loss" in progress.values:
            raise MebenchError("a model reports a value named 'loss': give it as the loss of the Progress")
        self._steps += 1
        loss = {} if progress.loss is None else {"loss": progress.loss}
        for name, value in {**loss, **progress.values}.items():
            try:
                self._values.setdefault(name, []).append(float(value))
            except (TypeError, ValueError) as error:
                raise MebenchError(f"a model reports {name}={value!r}, which is no number") from error

    def values(self) -> dict[str, list[float]]:
        """Return the whole curves by name."""
        return {
            name: values
            for name, values in self._values.items()
            if len(values) == self._steps and all(map(math.isfinite, values))
        }
