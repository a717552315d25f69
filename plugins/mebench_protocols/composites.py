"""Composites beyond the Grand Challenges: FAMNet's three databases, and CD6ME's six."""

from __future__ import annotations

from mebench.api import Expected, LeaveOneDatasetOut, Protocol

from .signs import (
    CASME2_BY_SIGN,
    CASME2_EXCLUDED,
    CASME2_LEFT_OUT,
    MMEW_BY_SIGN,
    MMEW_LEFT_OUT,
    SAMM_BY_SIGN,
    SAMM_LEFT_OUT,
    THREE_CLASSES,
    counts,
)

_TWELVE = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)


def _famnet(name: str, title: str, *, others_negative: bool) -> Protocol:
    mmew = MMEW_BY_SIGN | ({"others": "negative"} if others_negative else {})
    extra = 66 if others_negative else 0
    return Protocol(
        name=name,
        title=title,
        datasets=("casme2", "samm", "mmew"),
        classes=THREE_CLASSES,
        labels={"casme2": CASME2_BY_SIGN, "samm": SAMM_BY_SIGN, "mmew": mmew},
        left_out={
            "casme2": CASME2_LEFT_OUT,
            "samm": SAMM_LEFT_OUT,
            "mmew": {} if others_negative else MMEW_LEFT_OUT,
        },
        excluded=CASME2_EXCLUDED,
        aus=_TWELVE,
        expected=Expected(
            512 + extra,
            None,
            counts(289 + extra, 94, 129),
            {
                "casme2": Expected(145, 24, counts(88, 32, 25)),
                "samm": Expected(133, 28, counts(92, 26, 15)),
                "mmew": Expected(234 + extra, None, counts(109 + extra, 36, 89)),
            },
        ),
        source="databases: FAMNet (arXiv 2508.13483); labels: MEGC2019's mapping, assumed",
        notes=(
            "No list of the paper's clips is public; the classes and the treatment of MMEW's others are assumed.",
        ),
    )


CASME2_SAMM_MMEW = _famnet("casme2-samm-mmew", "CASME II + SAMM + MMEW, 3 classes", others_negative=False)
CASME2_SAMM_MMEW_OTHERS = _famnet(
    "casme2-samm-mmew-others",
    "CASME II + SAMM + MMEW, 3 classes, MMEW's others negative",
    others_negative=True,
)

CD6ME = Protocol(
    name="cd6me",
    title="CD6ME: 12 action units, leave one dataset out",
    datasets=("casme", "casme2", "samm", "4dme", "mmew", "casme3"),
    aus=_TWELVE,
    expected=Expected(
        2031,
        None,
        {},
        {
            name: Expected(clips)
            for name, clips in (
                ("casme", 189),
                ("casme2", 256),
                ("samm", 159),
                ("4dme", 267),
                ("mmew", 300),
                ("casme3", 860),
            )
        },
    ),
    source="Varanka et al. 2022, arXiv 2211.11425",
    split=LeaveOneDatasetOut(),
    notes=("The source's CASME II sheet has 256 rows; the release of 20140508 has 255.",),
)
