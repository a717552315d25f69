"""Action units as data: what each one pushes, which lid it moves, where lips part, where skin creases.

>>> Movement(12, "L", 0.5)
Movement(number=12, side='L', amount=0.5)
>>> 12 in known_units()
True

The table follows the descriptions of the Facial Action Coding System (Ekman, Friesen and Hager, 2002). Every
unit is described for the image's right half and mirrored. An unknown unit moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from mebench.errors import MebenchError

SIDES = ("", "L", "R", "T", "B")


@dataclass(frozen=True)
class Movement:
    """One action unit of a clip.

    ``side`` is ``""`` for both halves, ``"L"`` or ``"R"`` for the subject's own left or right (the subject's
    left is the image's right), ``"T"`` or ``"B"`` for what lies above or below the meeting of the lips (it
    restricts units of the mouth only). ``amount`` 1.0 is the typical strength of a micro-expression.
    """

    number: int
    side: str = ""
    amount: float = 1.0

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise MebenchError(
                f"action unit {self.number} has side {self.side!r}: use 'L', 'R', 'T', 'B' or '' for both"
            )


@dataclass(frozen=True)
class Push:
    """A Gaussian window around a landmark, and the way its skin moves.

    ``out`` (away from the midline) and ``down`` are multiples of the typical shift; ``reach`` holds the
    window's standard deviations ``(x, y)`` in face coordinates.
    """

    at: str
    out: float
    down: float
    reach: tuple[float, float]


@dataclass(frozen=True)
class Crease:
    """A fold that darkens: ``angle`` in degrees from horizontal (positive dips outwards), ``depth`` 0..1."""

    at: str
    offset: tuple[float, float]
    angle: float
    length: float
    width: float
    depth: float


@dataclass(frozen=True)
class Unit:
    """One action unit at amount 1.

    ``upper_lid`` and ``lower_lid`` cover that fraction of the open eye (negative opens it further);
    ``part_upper`` and ``part_lower`` draw the lips apart, in multiples of the typical shift.
    """

    pushes: tuple[Push, ...] = ()
    creases: tuple[Crease, ...] = ()
    upper_lid: float = 0.0
    lower_lid: float = 0.0
    part_upper: float = 0.0
    part_lower: float = 0.0
    of_mouth: bool = False


def _mouth(*pushes: Push, creases: tuple[Crease, ...] = (), part: tuple[float, float] = (0.0, 0.0)) -> Unit:
    return Unit(pushes, creases, part_upper=part[0], part_lower=part[1], of_mouth=True)


def _lips(upper: float, lower: float, reach: tuple[float, float] = (0.08, 0.028)) -> tuple[Push, Push]:
    return Push("upper_lip", 0.0, upper, reach), Push("lower_lip", 0.0, lower, reach)


_NASOLABIAL = Crease("fold", (0.012, -0.01), 58, 0.045, 0.006, 0.13)
_LIP_SEAM = Crease("upper_lip", (0.0, 0.018), 0, 0.07, 0.012, 0.22)

UNITS: dict[int, Unit] = {
    1: Unit(
        (Push("inner_brow", 0.0, -1.1, (0.05, 0.055)),), (Crease("forehead", (0, 0), 0, 0.06, 0.006, 0.1),)
    ),
    2: Unit(
        (Push("outer_brow", 0.0, -1.1, (0.06, 0.055)),),
        (Crease("outer_brow", (-0.02, -0.06), 20, 0.04, 0.006, 0.08),),
    ),
    4: Unit(
        (Push("inner_brow", -0.6, 0.95, (0.055, 0.05)), Push("mid_brow", -0.2, 0.45, (0.06, 0.045))),
        (Crease("glabella", (0.014, 0), 85, 0.028, 0.005, 0.16),),
    ),
    5: Unit((Push("upper_lid", 0.0, -0.6, (0.06, 0.03)),), upper_lid=-0.3),
    6: Unit(
        (Push("cheek", 0.0, -1.1, (0.085, 0.06)), Push("eye_corner", -0.35, 0.1, (0.035, 0.035))),
        (
            Crease("eye_corner", (0.035, 0.0), -12, 0.018, 0.004, 0.14),
            Crease("eye_corner", (0.033, 0.018), 18, 0.018, 0.004, 0.14),
        ),
        lower_lid=0.2,
    ),
    7: Unit((Push("lower_lid", 0.0, -0.65, (0.06, 0.028)),), upper_lid=0.16, lower_lid=0.26),
    9: Unit(
        (
            Push("nose_side", 0.0, -1.1, (0.04, 0.05)),
            Push("inner_brow", -0.2, 0.4, (0.05, 0.04)),
            Push("upper_lip_side", 0.0, -0.35, (0.06, 0.035)),
        ),
        (
            Crease("glabella", (0.0, 0.05), 0, 0.022, 0.005, 0.17),
            Crease("nose_side", (0.008, -0.015), -50, 0.022, 0.005, 0.17),
        ),
    ),
    10: _mouth(
        Push("upper_lip_side", 0.0, -0.95, (0.05, 0.035)),
        Push("fold", 0.1, -0.6, (0.045, 0.05)),
        creases=(Crease("fold", (0.0, -0.03), 50, 0.03, 0.006, 0.12),),
    ),
    11: _mouth(Push("fold", 0.25, -0.9, (0.035, 0.045)), creases=(_NASOLABIAL,)),
    12: _mouth(
        Push("mouth_corner", 0.85, -0.95, (0.055, 0.05)),
        Push("cheek", 0.1, -0.35, (0.08, 0.06)),
        creases=(_NASOLABIAL,),
    ),
    13: _mouth(Push("mouth_corner", -0.1, -1.15, (0.04, 0.055)), Push("fold", 0.4, -0.3, (0.04, 0.05))),
    14: _mouth(
        Push("mouth_corner", -0.8, 0.0, (0.042, 0.04)),
        creases=(Crease("mouth_corner", (0.022, 0.0), 82, 0.024, 0.007, 0.24),),
    ),
    15: _mouth(
        Push("mouth_corner", 0.15, 1.1, (0.05, 0.048)),
        creases=(Crease("mouth_corner", (0.008, 0.035), 65, 0.02, 0.006, 0.13),),
    ),
    16: _mouth(
        Push("lower_lip", 0.0, 0.55, (0.06, 0.035)),
        Push("lower_lip_side", 0.1, 0.6, (0.05, 0.035)),
        part=(0.0, 0.3),
    ),
    17: _mouth(
        Push("chin", 0.0, -1.2, (0.08, 0.05)),
        Push("lower_lip", 0.0, -0.5, (0.08, 0.035)),
        creases=(Crease("chin", (0.0, -0.03), 0, 0.05, 0.008, 0.18),),
    ),
    18: _mouth(Push("mouth_corner", -1.2, 0.0, (0.06, 0.05)), *_lips(-0.3, 0.3, (0.05, 0.035))),
    20: _mouth(
        Push("mouth_corner", 1.15, 0.2, (0.06, 0.045)), Push("lower_lip_side", 0.3, 0.25, (0.05, 0.04))
    ),
    22: _mouth(
        Push("mouth_corner", -0.5, 0.0, (0.05, 0.04)), *_lips(-0.55, 0.55, (0.075, 0.04)), part=(0.2, 0.25)
    ),
    23: _mouth(Push("mouth_corner", -0.6, 0.0, (0.045, 0.035)), *_lips(0.55, -0.6, (0.07, 0.026))),
    24: _mouth(
        *_lips(0.85, -0.9, (0.1, 0.026)),
        creases=(Crease("mouth_corner", (0.015, 0.0), 80, 0.014, 0.006, 0.12), _LIP_SEAM),
    ),
    25: _mouth(part=(0.35, 0.65)),
    26: _mouth(Push("chin", 0.0, 1.1, (0.13, 0.09)), part=(0.0, 1.0)),
    27: _mouth(
        Push("chin", 0.0, 1.3, (0.15, 0.1)), Push("mouth_corner", -0.35, 0.1, (0.05, 0.05)), part=(0.3, 1.6)
    ),
    28: _mouth(
        *_lips(0.95, -1.0, (0.1, 0.03)),
        Push("chin", 0.0, -0.6, (0.09, 0.05)),
        creases=(Crease("upper_lip", (0.0, 0.018), 0, 0.08, 0.022, 0.3),),
    ),
    38: Unit((Push("nostril", 0.8, -0.1, (0.028, 0.03)),)),
    39: Unit((Push("nostril", -0.8, 0.15, (0.028, 0.03)),)),
    41: Unit((Push("upper_lid", 0.0, 0.4, (0.06, 0.03)),), upper_lid=0.35),
    43: Unit((Push("upper_lid", 0.0, 0.6, (0.06, 0.035)),), upper_lid=0.8),
    45: Unit(
        (Push("upper_lid", 0.0, 0.7, (0.06, 0.035)), Push("lower_lid", 0.0, -0.3, (0.06, 0.03))),
        upper_lid=0.9,
        lower_lid=0.15,
    ),
}


def known_units() -> frozenset[int]:
    """Return the action units that move; any other number leaves the face as it is."""
    return frozenset(UNITS)
