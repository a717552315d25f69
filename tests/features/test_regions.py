"""Regions show their part of the face, hold still between frames, and change sides in the mirror."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving_clips import clip_of
from PIL import Image, ImageDraw

from mebench.data.preparation.align import TEMPLATE
from mebench.errors import MebenchError
from mebench.features.regions import Regions

SIDE = 200
NAMES = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
COLOURS = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0), (0, 250, 250)]


def spots(moved: int = 0) -> np.ndarray:
    """Return a picture with a spot of its own colour at each of the template's places."""
    picture = Image.new("RGB", (SIDE, SIDE), (90, 90, 90))
    draw = ImageDraw.Draw(picture)
    for (x, y), colour in zip(TEMPLATE * SIDE, COLOURS, strict=True):
        draw.ellipse((x + moved - 4, y - 4, x + moved + 4, y + 4), fill=colour)
    return np.asarray(picture)


def asked(**fields: Any) -> Regions:
    return Regions(**{"detector": "template", "size": 21, "width": 0.35, "resolution": SIDE, **fields})


def test_each_region_shows_its_part_in_the_middle(tmp_path: Path) -> None:
    wanted = asked()
    crops = wanted.compute(clip_of(tmp_path, [spots()]))
    assert (crops.shape, crops.dtype) == (wanted.shape, np.uint8)
    # The nose's region lies between its tip and its base, so that the tip's spot is above the middle.
    for name, crop, colour in zip(NAMES, crops, COLOURS, strict=True):
        row = 6 if name == "nose" else 10
        assert np.abs(crop[row, 10].astype(int) - colour).max() < 40, name
        assert (crop[20, 0] == 90).all()


def test_regions_follow_the_onset_so_that_motion_stays_in_them(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [spots(), spots(moved=9)], apex=1)
    onset, apex = (asked(frame=frame).compute(clip) for frame in ("onset", "apex"))
    # 9 pixels at 21 / (0.35 * 60) = 1 pixel each
    assert np.abs(apex[:, :, 9:].astype(int) - onset[:, :, :-9]).mean() < 2
    assert np.abs(apex.astype(int) - onset).mean() > 5


def test_what_lies_outside_the_picture_is_black(tmp_path: Path) -> None:
    (crop,) = asked(names=("chin",), width=3.0).compute(clip_of(tmp_path, [spots()]))
    assert (crop[-2:] == 0).all()
    assert (crop[5] == 90).any()


def test_in_the_mirror_left_is_right(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    wanted = asked(names=(*NAMES, "mouth", "left_brow", "right_brow"))
    crops = [
        torch.from_numpy(wanted.compute(clip_of(tmp_path / name, [frame])))[None].movedim(-1, 1).float()
        for name, frame in (("as it is", spots()), ("mirrored", spots()[:, ::-1]))
    ]
    mirrored = wanted.mirror(crops[0])
    assert mirrored is not None
    assert (mirrored - crops[1]).abs().max() < 60  # pixels sampled from the other side
    assert (crops[0].flip(-1) - crops[1]).abs().max() > 200
    assert asked(names=("left_eye", "nose")).mirror(crops[0]) is None


def test_training_mirrors_regions_with_their_sides(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mebench.models.augment import augment

    wanted = asked(width=0.6)
    crops = torch.from_numpy(wanted.compute(clip_of(tmp_path, [spots()])))[None].movedim(-1, 1).float()
    many = augment(crops.expand(8, -1, -1, -1, -1).contiguous(), torch.Generator().manual_seed(0), wanted)
    # By its colour, the left eye is red; in the place of the left eye a mirrored clip shows the right one, green.
    eyes = many[:, :, 0].amax(dim=(-2, -1))
    mirrored = (eyes[:, 1] > eyes[:, 0]).tolist()
    assert {*mirrored} == {True, False}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"names": ("left_ear",)}, "left_eye"),
        ({"names": ()}, "more than nothing"),
        ({"width": 0.0}, "more than nothing"),
        ({"size": 0}, "at least 1"),
        ({"frame": "offset"}, "onset"),
        ({"detector": "mediapipe"}, "needs its model file"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MebenchError, match=message):
        asked(**fields)
