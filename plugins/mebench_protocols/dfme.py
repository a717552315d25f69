"""The protocol on DFME as the CCAC 2024 challenge divides it: train, test A, test B."""

from __future__ import annotations

from mebench.api import Expected, GivenParts, Protocol

_SEVEN = ("happiness", "surprise", "disgust", "fear", "anger", "sadness", "contempt")

CLASSES_7 = Protocol(
    name="dfme-7c",
    title="DFME, 7 classes, given split",
    datasets=("dfme",),
    classes=_SEVEN,
    labels={"dfme": {word: word for word in _SEVEN}},
    expected=Expected(2629, edition="CCAC 2024"),
    source="training / testA / testB_full_with_AU.xlsx, CCAC 2024 (Zhao et al. 2023)",
    split=GivenParts(train="train"),
    notes=(
        "Scores are pooled over both test parts (474 and 299 clips); training clips (1856) are never tested.",
    ),
)
