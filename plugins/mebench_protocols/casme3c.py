"""Protocols on CAS(ME)^3 part C (Li et al. 2022), the mock crime: 165 clips of 30 subjects."""

from __future__ import annotations

from mebench.api import Expected, Protocol

from .signs import THREE_CLASSES, counts

_SOURCE = "CAS(ME)3_part_C_ME.xlsx, jingtingEmmaLi/CAS-ME-3"
_LABELS = {name: name for name in THREE_CLASSES}

CLASSES_3 = Protocol(
    name="casme3c-3c",
    title="CAS(ME)^3 part C, 3 classes",
    datasets=("casme3c",),
    classes=THREE_CLASSES,
    labels={"casme3c": _LABELS},
    left_out={"casme3c": {"others": "not one of the three classes"}},
    expected=Expected(145, None, counts(99, 16, 30)),
    source=_SOURCE,
)

CLASSES_4 = Protocol(
    name="casme3c-4c",
    title="CAS(ME)^3 part C, 4 classes",
    datasets=("casme3c",),
    classes=(*THREE_CLASSES, "others"),
    labels={"casme3c": _LABELS | {"others": "others"}},
    expected=Expected(165, 30, counts(99, 16, 30) | {"others": 20}),
    source=_SOURCE,
)
