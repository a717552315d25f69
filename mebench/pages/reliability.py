"""A reliability diagram: how often answers given with some confidence are right.

reliability([Bin(0.5, 0.6, 0.55, 0.48, 31), ...], ece=0.07)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mebench.pages.axes import Scale, ticks
from mebench.pages.svg import WIDTH, Drawing, dot, line, rect, text, told

_SIDE, _LEFT, _TOP = 236.0, 52.0, 10.0


@dataclass(frozen=True)
class Bin:
    """Answers whose probability lies from ``low`` to ``high``: how many, their mean probability, the share right."""

    low: float
    high: float
    confidence: float | None
    right: float | None
    answers: int


def reliability(bins: Sequence[Bin], ece: float | None) -> Drawing:
    """Return the diagram: bars to the share that is right, over the line of a model that knows how sure it may be.

    The strip below shows how many answers lie in each bin. ``ece`` is the expected calibration error, in words alone.
    """
    across = Scale(0, 1, _LEFT, _LEFT + _SIDE)
    up = Scale(0, 1, _TOP + _SIDE, _TOP)
    foot = _TOP + _SIDE
    shapes = []
    for value in ticks(0, 1, 6):
        shapes += [
            line(_LEFT, up(value), _LEFT + _SIDE, up(value), "d-grid"),
            text(_LEFT - 7, up(value) + 4, f"{100 * value:g}", "d-note d-end"),
            text(across(value), foot + 50, f"{100 * value:g}", "d-note d-middle"),
        ]
    most = max((each.answers for each in bins), default=0) or 1
    for each in bins:
        if each.right is None or each.confidence is None:
            continue
        x, wide = across(each.low) + 1, across(each.high) - across(each.low) - 2
        tall = 26 * each.answers / most
        said = (
            f"probability {100 * each.low:.0f} to {100 * each.high:.0f} %: {each.answers} answers, said with "
            f"{100 * each.confidence:.1f} % on average, {100 * each.right:.1f} % are right"
        )
        shapes.append(
            told(
                rect(x, up(each.right), wide, foot - up(each.right), "d-heat-2", round_=2)
                + rect(x, foot + 34 - tall, wide, tall, "d-rest")
                + dot(across(each.confidence), up(each.right), 4),
                said,
            )
        )
    shapes += [
        line(across(0), up(0), across(1), up(1), "d-chance"),
        line(_LEFT, foot, _LEFT + _SIDE, foot, "d-axis"),
        text(_LEFT + _SIDE / 2, foot + 66, "probability of the answer, %", "d-note d-middle"),
        text(13, _TOP + _SIDE / 2, "% that are right", "d-note d-middle", turned=-90),
        text(_LEFT - 7, foot + 32, "answers", "d-note d-end"),
    ]
    error = "" if ece is None else f", expected calibration error {100 * ece:.2f} %"
    return Drawing(
        WIDTH, foot + 74, f"Reliability diagram of {sum(b.answers for b in bins)} answers{error}", shapes
    )
