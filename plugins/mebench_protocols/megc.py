"""The protocols of the Facial Micro-Expressions Grand Challenges 2018 and 2019."""

from __future__ import annotations

from mebench.api import Expected, LeaveOneDatasetOut, LeaveOneSubjectOut, Protocol, Split

from .signs import (
    CASME2_BY_SIGN,
    CASME2_EXCLUDED,
    CASME2_LEFT_OUT,
    SAMM_BY_SIGN,
    SAMM_LEFT_OUT,
    SMIC_BY_SIGN,
    THREE_CLASSES,
    counts,
)

MEGC2019 = Protocol(
    name="megc2019",
    title="MEGC2019 composite, 3 classes",
    datasets=("smic-hs", "casme2", "samm"),
    classes=THREE_CLASSES,
    labels={"smic-hs": SMIC_BY_SIGN, "casme2": CASME2_BY_SIGN, "samm": SAMM_BY_SIGN},
    left_out={"casme2": CASME2_LEFT_OUT, "samm": SAMM_LEFT_OUT},
    excluded=CASME2_EXCLUDED,
    aus=(1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17),
    expected=Expected(
        442,
        68,
        counts(250, 109, 83),
        {
            "smic-hs": Expected(164, 16, counts(70, 51, 43), edition="clips"),
            "casme2": Expected(145, 24, counts(88, 32, 25)),
            "samm": Expected(133, 28, counts(92, 26, 15)),
        },
    ),
    source="combined_3class_gt.csv, Facial-Micro-ExpressionGC/MEGC2019",
    notes=("SMIC has no action units: its clips take no part in their detection.",),
)

_OBJECTIVE = ("I", "II", "III", "IV", "V")
# The owners write the classes as numbers; both spellings are read.
_LABELS = {str(number): name for number, name in enumerate(_OBJECTIVE, start=1)} | {n: n for n in _OBJECTIVE}
_LEFT_OUT = dict.fromkeys(("6", "7", "VI", "VII"), "objective classes VI and VII take no part")


def _objective(*numbers: int) -> dict[str, int]:
    return dict(zip(_OBJECTIVE, numbers, strict=True))


def _megc2018(name: str, title: str, split: Split) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        datasets=("casme2", "samm"),
        classes=_OBJECTIVE,
        labels={"casme2": _LABELS, "samm": _LABELS},
        label_by="objective_class",
        left_out={"casme2": _LEFT_OUT, "samm": _LEFT_OUT},
        expected=Expected(
            253,
            47,
            _objective(49, 28, 119, 34, 23),
            {
                "casme2": Expected(185, None, _objective(25, 15, 99, 26, 20)),
                "samm": Expected(68, None, _objective(24, 13, 20, 8, 3)),
            },
        ),
        source="MEGC2018 (Yap et al. 2018); classes of Davison et al. 2018",
        split=split,
    )


MEGC2018 = _megc2018("megc2018", "MEGC2018 composite, objective classes I to V", LeaveOneSubjectOut())
MEGC2018_HDE = _megc2018("megc2018-hde", "MEGC2018 hold-out, objective classes I to V", LeaveOneDatasetOut())
