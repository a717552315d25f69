"""The look of one synthetic subject: proportions, colours, hair, and where its landmarks lie.

>>> look = subject_look(seed=0, subject="sub01")
>>> look == subject_look(seed=0, subject="sub01")
True
>>> landmarks(look)["mouth_corner"][0] > 0
True

Face coordinates: ``x`` runs from -0.5 to 0.5 over the image, 0 being the midline of the face; ``y`` from 0
(top) to 1 (bottom). A landmark that exists twice is given for the image's right half, the subject's left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]

SKINS: tuple[Colour, ...] = (
    (246, 214, 192),
    (236, 194, 164),
    (240, 200, 160),
    (220, 172, 132),
    (200, 150, 112),
    (172, 120, 84),
    (138, 92, 64),
    (104, 68, 50),
)
HAIRS: tuple[Colour, ...] = (
    (28, 24, 26),
    (52, 36, 28),
    (92, 60, 36),
    (150, 104, 56),
    (206, 168, 104),
    (142, 64, 34),
    (150, 148, 146),
)
IRISES: tuple[Colour, ...] = ((74, 48, 30), (52, 34, 26), (104, 122, 74), (84, 120, 160), (120, 128, 132))
WALLS: tuple[Colour, ...] = (
    (206, 208, 204),
    (150, 160, 172),
    (120, 136, 122),
    (186, 170, 150),
    (92, 98, 110),
    (214, 204, 214),
)
CLOTHES: tuple[Colour, ...] = ((60, 70, 100), (120, 48, 52), (64, 92, 74), (188, 186, 180), (44, 44, 50))
HAIRCUTS = ("short", "fringe", "long", "receding", "curly", "bald")


@dataclass(frozen=True)
class Look:
    """What one subject looks like at rest: lengths in face coordinates, colours in RGB 0..255."""

    skin: Colour
    hair: Colour
    brow: Colour
    iris: Colour
    lip: Colour
    wall: Colour
    cloth: Colour
    haircut: str
    hairline: float
    glasses: bool
    beard: float
    freckles: float
    face_width: float
    face_height: float
    squareness: float
    taper: float
    eye_x: float
    eye_y: float
    eye_width: float
    lid_up: float
    lid_low: float
    eye_tilt: float
    iris_radius: float
    brow_y: float
    brow_inner: float
    brow_outer: float
    brow_thick: float
    brow_arch: float
    brow_slope: float
    nose_y: float
    nose_width: float
    nose_ridge: float
    mouth_y: float
    mouth_width: float
    mouth_curve: float
    upper_lip: float
    lower_lip: float
    texture_seed: int


def named_generator(*names: object) -> np.random.Generator:
    """Return random numbers that depend on the names alone: not on the process, the order or ``hash()``."""
    digest = hashlib.sha256(repr(tuple(str(name) for name in names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def subject_look(seed: int, subject: str) -> Look:
    """Draw the look of a subject; the same ``(seed, subject)`` always gives the same look."""
    rng = named_generator("look", seed, subject)

    def pick(options: tuple[Colour, ...]) -> Colour:
        jitter = rng.normal(0, 6) + rng.normal(0, 2, 3)
        red, green, blue = np.clip(np.asarray(options[rng.integers(len(options))]) + jitter, 8, 250)
        return float(red), float(green), float(blue)

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    skin = pick(SKINS)
    hair = pick(HAIRS if skin[0] > 160 else HAIRS[:3])
    rosy = np.asarray((188, 78, 82)) * between(0.8, 1.05)
    lip = 0.4 * np.asarray(skin) + 0.6 * rosy * (0.35 + 0.65 * skin[0] / 255)
    brow = 0.8 * np.asarray(hair) + 0.12 * np.asarray(skin)
    haircut = HAIRCUTS[rng.integers(len(HAIRCUTS))]
    eye_y = between(0.435, 0.475)
    eye_x = between(0.145, 0.175)
    return Look(
        skin=skin,
        hair=hair,
        brow=(float(brow[0]), float(brow[1]), float(brow[2])),
        iris=pick(IRISES),
        lip=(float(lip[0]), float(lip[1]), float(lip[2])),
        wall=pick(WALLS),
        cloth=pick(CLOTHES),
        haircut=haircut,
        hairline=between(0.18, 0.23),
        glasses=bool(rng.random() < 0.25),
        beard=between(0.35, 0.8) if haircut != "long" and rng.random() < 0.35 else 0.0,
        freckles=between(0.5, 1.0) if rng.random() < 0.25 else 0.0,
        face_width=between(0.315, 0.385),
        face_height=between(0.43, 0.465),
        squareness=between(2.1, 2.7),
        taper=between(0.12, 0.32),
        eye_x=eye_x,
        eye_y=eye_y,
        eye_width=between(0.066, 0.082),
        lid_up=between(0.027, 0.038),
        lid_low=between(0.016, 0.024),
        eye_tilt=between(-0.008, 0.010),
        iris_radius=between(0.028, 0.033),
        brow_y=eye_y - between(0.085, 0.11),
        brow_inner=eye_x - between(0.085, 0.1),
        brow_outer=eye_x + between(0.085, 0.105),
        brow_thick=between(0.008, 0.019),
        brow_arch=between(0.006, 0.026),
        brow_slope=between(-0.012, 0.016),
        nose_y=between(0.605, 0.645),
        nose_width=between(0.044, 0.068),
        nose_ridge=between(0.6, 1.2),
        mouth_y=between(0.75, 0.785),
        mouth_width=between(0.105, 0.145),
        mouth_curve=between(-0.006, 0.010),
        upper_lip=between(0.019, 0.033),
        lower_lip=between(0.027, 0.043),
        texture_seed=int(rng.integers(2**31)),
    )


def grid(size: int) -> tuple[Array, Array]:
    """Return the face coordinates of pixel centres: ``x`` as ``(1, size)``, ``y`` as ``(size, 1)``."""
    centres = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    return centres[None, :] - np.float32(0.5), centres[:, None]


def mouth_line(look: Look, x: Array) -> Array:
    """Return the height ``y`` at which the closed lips meet, for each face coordinate ``x``."""
    line: Array = look.mouth_y + look.mouth_curve * (0.5 - np.square(x / look.mouth_width))
    return line


def landmarks(look: Look) -> dict[str, tuple[float, float]]:
    """Return the anchors of the action units, ``name -> (x, y)`` in face coordinates, right image half."""
    width, mouth = look.mouth_width, look.mouth_y
    corner_y = float(mouth_line(look, np.full(1, width, np.float32))[0])
    return {
        "inner_brow": (look.brow_inner + 0.015, look.brow_y),
        "mid_brow": (look.eye_x, look.brow_y - look.brow_arch),
        "outer_brow": (look.brow_outer - 0.02, look.brow_y),
        "forehead": (0.0, look.brow_y - 0.08),
        "glabella": (0.0, look.brow_y + 0.015),
        "upper_lid": (look.eye_x, look.eye_y - look.lid_up),
        "lower_lid": (look.eye_x, look.eye_y + look.lid_low),
        "eye_corner": (look.eye_x + look.eye_width, look.eye_y - look.eye_tilt),
        "cheek": (look.eye_x + 0.03, look.eye_y + 0.12),
        "nose_side": (0.5 * look.nose_width + 0.008, look.nose_y - 0.08),
        "nostril": (look.nose_width, look.nose_y + 0.01),
        "fold": (0.5 * (look.nose_width + width) + 0.02, 0.5 * (look.nose_y + mouth)),
        "mouth_corner": (width, corner_y),
        "upper_lip": (0.0, mouth - 0.7 * look.upper_lip),
        "upper_lip_side": (0.55 * width, mouth - 0.6 * look.upper_lip),
        "lower_lip": (0.0, mouth + 0.7 * look.lower_lip),
        "lower_lip_side": (0.55 * width, mouth + 0.6 * look.lower_lip),
        "chin": (0.0, mouth + 0.105),
    }
