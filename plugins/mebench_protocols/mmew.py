"""Protocols on MMEW alone (Ben et al. 2021, doi:10.1109/TPAMI.2021.3067464).

The class counts are those published with the database; a real sheet confirms them.
"""

from __future__ import annotations

from mebench.api import Expected, Protocol

from .signs import MMEW_BY_SIGN, MMEW_LEFT_OUT, THREE_CLASSES, counts

_SOURCE = "MMEW_Micro_Exp.xlsx (Ben et al. 2021)"
_AUS = (1, 2, 4, 5, 7, 10, 12, 14)
_SEVEN = {"happiness": 36, "surprise": 89, "anger": 8, "disgust": 72, "fear": 16, "sadness": 13, "others": 66}


def _some(name: str, title: str, words: tuple[str, ...], why: str) -> Protocol:
    expected = {word: _SEVEN[word] for word in words}
    return Protocol(
        name=name,
        title=title,
        datasets=("mmew",),
        classes=words,
        labels={"mmew": {word: word for word in words}},
        left_out={"mmew": dict.fromkeys((word for word in _SEVEN if word not in words), why)},
        aus=_AUS,
        expected=Expected(sum(expected.values()), None, expected),
        source=_SOURCE,
    )


CLASSES_3 = Protocol(
    name="mmew-3c",
    title="MMEW, 3 classes",
    datasets=("mmew",),
    classes=THREE_CLASSES,
    labels={"mmew": MMEW_BY_SIGN},
    left_out={"mmew": MMEW_LEFT_OUT},
    aus=_AUS,
    expected=Expected(234, None, counts(109, 36, 89)),
    source=_SOURCE,
)
CLASSES_4 = _some(
    "mmew-4c", "MMEW, 4 classes", ("happiness", "surprise", "disgust", "others"), "too few clips for a class"
)
CLASSES_6 = _some(
    "mmew-6c", "MMEW, 6 classes", tuple(word for word in _SEVEN if word != "others"), "not one emotion"
)
CLASSES_7 = _some("mmew-7c", "MMEW, 7 classes", tuple(_SEVEN), "")
