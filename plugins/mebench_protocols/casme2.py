"""Protocols on CASME II alone, with counts for two editions of the sheet: 20140508 and 20190701 (255 clips each).

The later one calls three clips of sub24 surprise that the earlier one calls sadness. Three classes are those of an
official list, which has none of the three: they are the same under every edition.
"""

from __future__ import annotations

from mebench.api import Expected, Protocol

from .signs import CASME2_BY_SIGN, CASME2_EXCLUDED, CASME2_LEFT_OUT, THREE_CLASSES, counts

_SOURCE = "CASME2-coding-20140508.xlsx and -20190701.xlsx (Yan et al. 2014, doi:10.1371/journal.pone.0086041)"
# The units on which published detectors are compared for this database.
_AUS = (1, 2, 4, 7, 12, 14, 15, 17)
_FIVE = {"happiness": 32, "disgust": 63, "repression": 27, "surprise": 25, "others": 99}
_SEVEN = _FIVE | {"sadness": 7, "fear": 2}
_FIVE_2019 = _FIVE | {"surprise": 28}
_SEVEN_2019 = _SEVEN | {"surprise": 28, "sadness": 4}


def _words(expected: dict[str, int]) -> dict[str, str]:
    return {word: word for word in expected}


CLASSES_3 = Protocol(
    name="casme2-3c",
    title="CASME II, 3 classes",
    datasets=("casme2",),
    classes=THREE_CLASSES,
    labels={"casme2": CASME2_BY_SIGN},
    left_out={"casme2": CASME2_LEFT_OUT},
    excluded=CASME2_EXCLUDED,
    aus=_AUS,
    expected=Expected(145, 24, counts(88, 32, 25)),
    source="the CASME II part of MEGC2019's official list",
    notes=("Lists of 147 and 156 clips circulate under the same name.",),
)

CLASSES_5 = Protocol(
    name="casme2-5c",
    title="CASME II, 5 classes",
    datasets=("casme2",),
    classes=tuple(_FIVE),
    labels={"casme2": _words(_FIVE)},
    left_out={"casme2": dict.fromkeys(("sadness", "fear"), "too few clips for a class")},
    aus=_AUS,
    expected=Expected(
        246,
        26,
        _FIVE,
        edition="20140508",
        editions={"20190701": Expected(249, 26, _FIVE_2019, edition="20190701")},
    ),
    source=_SOURCE,
    notes=("Lists of 244, 245 and 247 clips circulate under the same name.",),
)

CLASSES_7 = Protocol(
    name="casme2-7c",
    title="CASME II, 7 classes",
    datasets=("casme2",),
    classes=tuple(_SEVEN),
    labels={"casme2": _words(_SEVEN)},
    aus=_AUS,
    expected=Expected(
        255,
        26,
        _SEVEN,
        edition="20140508",
        editions={"20190701": Expected(255, 26, _SEVEN_2019, edition="20190701")},
    ),
    source=_SOURCE,
)
