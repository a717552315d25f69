"""Protocols on CAS(ME)^3 part A, from the owner's sheet v2 (860 clips of 94 subjects).

The class sets are those of the field: seven emotions as annotated; four classes with disgust, fear, anger
and sad as ``negative`` (SFAMNet, Neurocomputing 2024); three classes without ``others`` (HTNet, 2023, whose
own list has 687 of the 699 clips).
"""

from __future__ import annotations

from mebench.api import Expected, Protocol

_SOURCE = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx, jingtingEmmaLi/CAS-ME-3"
# The action units that at least 10 of the 860 clips show.
_AUS = (1, 2, 4, 5, 7, 9, 10, 12, 14, 16, 17, 18, 24, 25, 38)
_BY_SIGN = {
    "disgust": "negative",
    "fear": "negative",
    "anger": "negative",
    "sad": "negative",
    "happy": "positive",
    "surprise": "surprise",
}
_SEVEN = ("happy", "surprise", "sad", "disgust", "fear", "anger", "others")

CLASSES_3 = Protocol(
    name="casme3-3c",
    title="CAS(ME)^3 part A, 3 classes",
    datasets=("casme3",),
    classes=("negative", "positive", "surprise"),
    labels={"casme3": _BY_SIGN},
    left_out={"casme3": {"others": "not one of the three classes"}},
    aus=_AUS,
    expected=Expected(
        699,
        88,
        {"negative": 457, "positive": 55, "surprise": 187},
        edition="v2",
        editions={
            "HTNet's 687": Expected(
                687, 87, {"negative": 449, "positive": 54, "surprise": 184}, edition="HTNet's 687"
            )
        },
    ),
    source=_SOURCE,
    notes=("HTNet's list of 687 leaves 12 of these clips out; compare its figures with that in mind.",),
)

CLASSES_4 = Protocol(
    name="casme3-4c",
    title="CAS(ME)^3 part A, 4 classes",
    datasets=("casme3",),
    classes=("negative", "positive", "surprise", "others"),
    labels={"casme3": _BY_SIGN | {"others": "others"}},
    aus=_AUS,
    expected=Expected(
        860, 94, {"negative": 457, "positive": 55, "surprise": 187, "others": 161}, edition="v2"
    ),
    source=_SOURCE,
)

CLASSES_7 = Protocol(
    name="casme3-7c",
    title="CAS(ME)^3 part A, 7 classes",
    datasets=("casme3",),
    classes=_SEVEN,
    labels={"casme3": {emotion: emotion for emotion in _SEVEN}},
    aus=_AUS,
    expected=Expected(
        860,
        94,
        {"disgust": 250, "surprise": 187, "others": 161, "fear": 86, "anger": 64, "sad": 57, "happy": 55},
        edition="v2",
    ),
    source=_SOURCE,
)
