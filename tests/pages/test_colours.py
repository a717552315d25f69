"""Text can be read on its ground, in the light and in the dark."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from mebench.pages import svg
from mebench.pages.colours import STEPS, TOKENS, css_tokens, heat, in_light


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXTS = ("ink", "quiet", "accent", "other", "good", "alarm", "reported", "rescored", "reproduced")
PAIRS = [
    *((text, ground) for text in TEXTS for ground in ("page", "paper")),
    *((name.removesuffix("-ground"), name) for name in TOKENS if name.endswith("-ground")),
    *((heat(step / STEPS)[1], heat(step / STEPS)[0]) for step in range(STEPS)),
]


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable_on_its_ground(text: str, ground: str, place: int) -> None:
    assert contrast(TOKENS[text][place], TOKENS[ground][place]) >= 4.5


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_colour_that_is_used_is_a_token() -> None:
    css = svg.CSS + resources.files("mebench.pages").joinpath("page.css").read_text(encoding="utf-8")
    assert {*re.findall(r"var\(--([a-z0-9-]+)\)", css)} <= {*TOKENS}
    assert "var(" not in in_light(svg.CSS)
    assert css_tokens().count("--ink:") == 2


def test_the_whole_of_a_share_is_the_strongest_and_nothing_the_palest() -> None:
    assert heat(0)[0] == "heat-0"
    assert heat(1)[0] == heat(0.999)[0] == f"heat-{STEPS - 1}"
