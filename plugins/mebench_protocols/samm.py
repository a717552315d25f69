"""Protocols on SAMM alone (Davison et al. 2018, doi:10.1109/TAFFC.2016.2573832)."""

from __future__ import annotations

from mebench.api import Expected, Protocol

from .signs import SAMM_BY_SIGN, SAMM_LEFT_OUT, THREE_CLASSES, counts

_AUS = (2, 4, 7, 12)
_FIVE = {"anger": 57, "contempt": 12, "happiness": 26, "surprise": 15, "other": 26}

CLASSES_3 = Protocol(
    name="samm-3c",
    title="SAMM, 3 classes",
    datasets=("samm",),
    classes=THREE_CLASSES,
    labels={"samm": SAMM_BY_SIGN},
    left_out={"samm": SAMM_LEFT_OUT},
    aus=_AUS,
    expected=Expected(133, 28, counts(92, 26, 15)),
    source="the SAMM part of MEGC2019's official list",
)

CLASSES_5 = Protocol(
    name="samm-5c",
    title="SAMM, 5 classes",
    datasets=("samm",),
    classes=tuple(_FIVE),
    labels={"samm": {word: word for word in _FIVE} | {"others": "other"}},
    left_out={"samm": dict.fromkeys(("disgust", "fear", "sadness"), "too few clips for a class")},
    aus=_AUS,
    expected=Expected(136, 27, _FIVE),
    source="SAMM_Micro_FACS_Codes_v2.xlsx; list of xiazhaoqiang/Benchmark-MicroExpressionRec",
)
