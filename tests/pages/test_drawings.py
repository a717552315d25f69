"""Figures say what they show, escape what they are given, and are the same bytes each time."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from mebench.pages.axes import Scale, ticks
from mebench.pages.confusion import confusion
from mebench.pages.lines import curve
from mebench.pages.reliability import Bin, reliability
from mebench.pages.strip import Dot, strip
from mebench.pages.svg import WIDTH, Drawing, number, png, text
from mebench.pages.whiskers import Whisker, whisker, whiskers

EVIL = "<script>alert(1)</script>\"'&\u202e\x00"
DRAWINGS = {
    "confusion": confusion([[3, 1], [0, 4]], [EVIL, "b"], EVIL),
    "seven classes": confusion(
        [[n + m for n in range(7)] for m in range(7)], [f"happiness {n}" for n in range(7)]
    ),
    "whisker": whisker(0.5, 0.4, 0.7, name=EVIL),
    "whiskers": whiskers([Whisker(EVIL, 0.5, 0.4, 0.7, 0.3), Whisker("not known", None)]),
    "strip": strip({EVIL: [Dot(EVIL, 0.5, 4), Dot("2", 0.5, 40)], "": []}),
    "curve": curve(EVIL, [1.0, None, 0.5], [0.9, None, 0.4], [1.1, None, 0.6]),
    "flat curve": curve("loss", [0.0], [0.0], [0.0]),
    "no curve": curve("loss", [None], [None], [None]),
    "reliability": reliability([Bin(0, 0.5, 0.4, 0.3, 9), Bin(0.5, 1, None, None, 0)], 0.1),
    "no answers": reliability([], None),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_and_within_its_frame(name: str) -> None:
    drawing = DRAWINGS[name]
    tree = ET.fromstring(drawing.file())
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= {
        *("svg", "title", "style", "rect", "g", "text", "path", "circle"),
    }
    assert drawing.width <= WIDTH + 0.01
    for element in tree.iter():
        for axis, most in (
            ("x", drawing.width),
            ("y", drawing.height),
            ("cx", drawing.width),
            ("cy", drawing.height),
        ):
            assert -0.01 <= float(element.get(axis, "0")) <= most
    inline = ET.fromstring(drawing.inline())
    assert inline.get("role") == "img"
    assert inline.get("aria-label")
    assert "var(--" not in drawing.file()


def test_a_confusion_matrix_shows_its_counts_and_shares() -> None:
    shown = [e.text for e in ET.fromstring(confusion([[3, 1], [0, 4]], ["a", "b"]).inline()).iter("text")]
    assert shown[-8:] == ["3", "75 %", "1", "25 %", "0", "0 %", "4", "100 %"]
    titles = [e.text for e in ET.fromstring(confusion([[3, 1], [0, 4]], ["a", "b"]).inline()).iter("title")]
    assert titles[1] == "a taken for b: 1 of 4"


def test_whiskers_lie_where_their_values_are() -> None:
    tree = ET.fromstring(whisker(0.5, 0.25, 1.0, width=212).inline())
    (dot,) = tree.iter("circle")
    assert float(dot.attrib["cx"]) == 106
    assert any(path.get("d") == "M56 10L206 10" for path in tree.iter("path"))


def test_dots_of_a_strip_do_not_lie_on_each_other() -> None:
    drawing = strip({"": [Dot(str(n), (n % 4) / 4, 1 + n % 9) for n in range(60)]})
    dots = [
        tuple(float(e.attrib[k]) for k in ("cx", "cy", "r"))
        for e in ET.fromstring(drawing.inline()).iter("circle")
    ]
    assert len(dots) == 60
    for place, (x, y, r) in enumerate(dots):
        for u, v, s in dots[:place]:
            assert ((x - u) ** 2 + (y - v) ** 2) ** 0.5 >= r + s - 0.05


def test_a_png_is_the_same_bytes_each_time_and_three_times_as_wide() -> None:
    pytest.importorskip("resvg_py")
    pytest.importorskip("matplotlib")
    drawing = DRAWINGS["whisker"]
    first = png(drawing)
    assert first == png(Drawing(drawing.width, drawing.height, drawing.title, drawing.shapes))
    picture = Image.open(io.BytesIO(first))
    assert picture.size == (3 * drawing.width, 3 * drawing.height)
    written = Image.open(io.BytesIO(png(Drawing(60, 20, "", [text(2, 15, "UF1")]))))
    assert len(written.convert("L").getcolors() or ()) > 2, "the font is there"


@pytest.mark.parametrize(
    ("value", "written"), [(-0.001, "0"), (10, "10"), (100.0, "100"), (0.126, "0.13"), (-3.5, "-3.5")]
)
def test_coordinates_are_written_in_one_way(value: float, written: str) -> None:
    assert number(value) == written


def test_a_place_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        number(float("nan"))


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.13, 0.47, [0.2, 0.3, 0.4]),
        (5, 5, [5]),
        (-2e6, 2e6, [-2e6, -1e6, 0, 1e6, 2e6]),
    ],
)
def test_ticks_are_round_values_within(low: float, high: float, found: list[float]) -> None:
    assert ticks(low, high) == found


def test_a_scale_keeps_what_lies_beyond_at_its_end() -> None:
    scale = Scale(0, 1, 10, 20)
    assert (scale(-1), scale(0.5), scale(7)) == (10, 15, 20)
