"""The picture of print against what was found can be read: no bar goes through a name where there is a way around."""

from __future__ import annotations

import re

from mebench.leaderboard.site.scatter import Point, scatter


def _names(*points: Point) -> dict[str, str]:
    """Return the names in a picture, each with the class that says on which side of its dot it stands."""
    drawn = str(scatter(points).inline())
    return {name: kind for kind, name in re.findall(r'class="(d-note d-over[^"]*)">([^<]+)<', drawn)}


def _point(name: str, printed: float, low: float = 0.5, high: float = 0.9) -> Point:
    return Point(name, printed, ((low + high) / 2, low, high), "reproduced", f"#{name}")


def test_a_name_stands_where_no_bar_crosses_it() -> None:
    left, right = "d-note d-over d-end", "d-note d-over"
    assert _names(_point("STSTNet", 0.70)) == {"STSTNet": right}
    assert _names(_point("STSTNet", 0.70), _point("OFF", 0.72)) == {"STSTNet": left, "OFF": right}
    # A bar that ends above the name is none to go around.
    above = _point("OFF", 0.72, 0.8, 0.9)
    assert _names(_point("STSTNet", 0.70), above)["STSTNet"] == right


def test_no_name_leaves_the_picture_or_lies_on_another() -> None:
    assert _names(_point("a method of some length", 0.89)) == {"a method of som…": "d-note d-over d-end"}
    three = _names(*(_point(name, 0.70) for name in ("STSTNet", "HTNet", "OFF")))
    assert three == {"STSTNet": "d-note d-over", "HTNet": "d-note d-over d-end"}


def test_every_bar_lies_below_all_dots() -> None:
    drawn = str(scatter([_point("STSTNet", 0.70), _point("OFF", 0.72)]).inline())
    assert drawn.rindex("k-line") < drawn.index("k-dot")
