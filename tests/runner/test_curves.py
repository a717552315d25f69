"""What a model reports while it learns is kept, step by step."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.runner.curves import Curves


def curves(*reports: Progress) -> dict[str, list[float | None]]:
    collected = Curves()
    for report in reports:
        collected.add(report)
    return collected.values()


def test_every_step_has_its_place_in_every_curve() -> None:
    found = curves(
        Progress(1, 4, 0.5),
        Progress(2, 4, math.inf, {"rate": 1}),
        Progress(3, 4, 0.25),
        Progress(4, 4, 0.1, {"rate": 2}),
    )
    assert found == {"loss": [0.5, None, 0.25, 0.1], "rate": [None, 1.0, None, 2.0]}
    assert curves(Progress(1, 2), Progress(2, 2)) == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [({"loss": 1.0}, "named 'loss'"), ({"rate": "fast"}, "rate='fast'"), ({1: 0.5}, "named 1")],
)
def test_what_is_no_value_is_named(values: Any, said: str) -> None:
    with pytest.raises(MebenchError, match=said):
        curves(Progress(1, 1, 0.5, values))
