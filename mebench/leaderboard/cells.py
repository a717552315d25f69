"""What stands in the cells of a board's tables, and the notes below that cells name by number.

>>> printed_percent(".5280"), printed_percent("0.71")
('52.80', '71')
>>> notes = Notes()
>>> notes.mark("one seed", "its own split"), notes.mark("one seed")
('[1, 2]', '[1]')
"""

from __future__ import annotations

from mebench.scoring.schema import Scored
from mebench.scoring.tables import bounds, percent


class Notes:
    """Sentences below a table, each once, numbered as they are first named."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._named: set[int] = set()

    def mark(self, *sentences: str) -> str:
        """Return what a cell says in place of some sentences; empty ones count for nothing."""
        numbers = {self._numbers.setdefault(each, len(self._numbers) + 1) for each in sentences if each}
        self._named |= numbers
        return f"[{', '.join(map(str, sorted(numbers)))}]" if numbers else ""

    def taken(self) -> tuple[int, ...]:
        """Return the numbers that were named since this was asked last."""
        numbers = tuple(sorted(self._named))
        self._named.clear()
        return numbers

    def lines(self, numbers: tuple[int, ...] | None = None) -> list[str]:
        """Return the sentences behind numbers, or all of them, each with its number."""
        return [
            f"[{number}] {sentence}"
            for sentence, number in self._numbers.items()
            if numbers is None or number in numbers
        ]


def mean_and_sd(block: Scored | None) -> str:
    """Return a mean in percent, with its deviation over training seeds where there are several."""
    if block is None:
        return ""
    return percent(block["mean"], block["sd"] if len(block["per_seed"]) > 1 else None)


def interval(block: Scored | None) -> str:
    """Return the bounds of a score in percent."""
    return "" if block is None else bounds(block["low"], block["high"])


def printed_percent(text: str) -> str:
    """Return a printed share in percent, with as many digits as are printed."""
    if not text:
        return ""
    digits = len(text.partition(".")[2])
    return f"{100 * float(text):.{max(digits - 2, 0)}f}"
