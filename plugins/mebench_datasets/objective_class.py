"""The objective class of a set of action units, for twins of databases whose owner gives one.

    objective_class(frozenset({1, 2}))      # 2

Davison, Merghani, Yap, "Objective Classes for Micro-Facial Expression Recognition", J. Imaging 4(10), 2018,
table 1. Real data keep the class that their owner wrote.
"""

from __future__ import annotations

_COMBINATIONS = {
    1: "6 12 6+12 6+7+12 7+12",
    2: "1+2 5 25 1+2+25 25+26 5+24",
    3: "23 4 4+7 4+5 4+5+7 17+24 4+6+7 4+38",
    4: "10 9 4+9 4+40 4+5+40 4+7+9 4+9+10 4+7+10 4+5+7+9 7+10",
    5: "1 15 1+4 6+15 15+17",
    6: "1+2+4 20",
}
_CLASSES = {
    frozenset(int(number) for number in units.split("+")): number_of_class
    for number_of_class, combinations in _COMBINATIONS.items()
    for units in combinations.split()
}
_OTHER = 7


def objective_class(numbers: frozenset[int]) -> int:
    """Return 1 to 6 for the combinations that the paper lists and 7 for any other."""
    return _CLASSES.get(numbers, _OTHER)
