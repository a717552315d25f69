"""A figure as it is printed: which exact values it may stand for.

>>> uf1 = Printed.read("uf1", ".20")
>>> uf1.rounded
Window(low=Fraction(39, 200), high=Fraction(41, 200), open=False)
>>> uf1.truncated
Window(low=Fraction(1, 5), high=Fraction(21, 100), open=True)

A table may round or cut off, and does not say which; so a figure stands for either. A value half-way between two
roundings counts for both of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mebench.errors import MebenchError

# The figures that are looked at, in the order of their names in sentences.
NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}

_SHARE = re.compile(r"[01]?\.[0-9]{1,12}")
_NUMBER = re.compile(r"([0-9]{1,3})(?:\.([0-9]{0,12}))?\s*%?")


@dataclass(frozen=True)
class Window:
    """The values from ``low`` to ``high``; ``open`` leaves ``high`` itself out."""

    low: Fraction
    high: Fraction
    open: bool = False

    def __contains__(self, value: Fraction) -> bool:
        return self.low <= value and (value < self.high or (value == self.high and not self.open))


@dataclass(frozen=True)
class Printed:
    """A figure, ``text`` as it is printed: a share with the digits that were printed, and no more."""

    name: str
    text: str

    @classmethod
    def read(cls, name: str, text: str, where: str = "") -> Printed:
        """Return a figure from its text; ``where`` (an option, a file's row) begins the sentence of an error.

        Raises:
            MebenchError: it is no share between 0 and 1, has no digit after the point, or looks like percent.
        """
        text = text.strip()
        subject = f"{where or name} {text!r}"
        if _SHARE.fullmatch(text) and Fraction(f"0{text}" if text[0] == "." else text) <= 1:
            return cls(name, text)
        found = _NUMBER.fullmatch(text)
        if found is None:
            raise MebenchError(f"{subject} is no share between 0 and 1: write it as it is printed, as .7353")
        whole, digits = found[1], found[2] or ""
        if not text.endswith("%") and int(whole) <= 1 and not digits.strip("0"):
            raise MebenchError(
                f"{subject} has no digits that say how exact it is: write it as 1.000 or 0.000"
            )
        if int(whole) > 100 or (int(whole) == 100 and digits.strip("0")):
            raise MebenchError(f"{subject} is no share between 0 and 1: write it as it is printed, as .7353")
        share = "1." + "0" * max(2 + len(digits), 1) if int(whole) == 100 else f".{int(whole):02d}{digits}"
        raise MebenchError(f"{subject} is more than a share can be; is it percent? Then write {share}")

    @property
    def value(self) -> Fraction:
        """Return the printed number itself."""
        return Fraction(f"0{self.text}" if self.text.startswith(".") else self.text)

    @property
    def step(self) -> Fraction:
        """Return one unit of the last digit."""
        return Fraction(1, 10 ** len(self.text.partition(".")[2]))

    @property
    def rounded(self) -> Window:
        """Return the values that round to it."""
        return Window(self.value - self.step / 2, self.value + self.step / 2)

    @property
    def truncated(self) -> Window:
        """Return the values that it is the beginning of."""
        return Window(self.value, self.value + self.step, open=True)

    @property
    def either(self) -> Window:
        """Return the values that it may stand for in one way or the other."""
        return Window(self.rounded.low, self.truncated.high, open=True)

    @property
    def slipped(self) -> Window:
        """Return the values that it may stand for if its last digit is one too many or too few."""
        return Window(self.either.low - self.step, self.either.high + self.step, open=True)

    def manner(self, value: Fraction) -> str:
        """Return how a value prints as this: ``rounded``, ``truncated``, or empty where it does not."""
        return "rounded" if value in self.rounded else "truncated" if value in self.truncated else ""

    def __str__(self) -> str:
        return f"{NAMES[self.name]} {self.text.removeprefix('0')}"


def windows(figures: Mapping[str, Printed], manner: str) -> dict[str, Window]:
    """Return the window of each figure: ``rounded``, ``either`` or ``slipped``."""
    return {name: getattr(figure, manner) for name, figure in figures.items()}
