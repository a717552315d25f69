"""The face is found, its landmarks are steady, and what cannot be loaded says how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mebench.data.preparation.align import TEMPLATE, face_transform, transform_points, warp
from mebench.data.preparation.detect import Detector, find_face, load_detector
from mebench.errors import MebenchError

# Read off the portrait by eye: the pupils, the tip of the nose and the corners of the mouth.
LANDMARKS = np.array([[204, 104], [249, 105], [226, 126], [204, 144], [244, 145]])

Move = Callable[[Image.Image, float, float, tuple[float, float]], Image.Image]
Noise = Callable[[Image.Image, int], Image.Image]


def landmarks_of(detector: Detector, picture: Image.Image) -> np.ndarray:
    found = find_face(detector, picture)
    assert found is not None
    return found


def test_a_face_is_found_where_it_is(detector: Detector, astronaut: Image.Image) -> None:
    assert np.abs(landmarks_of(detector, astronaut) - LANDMARKS).max() < 4
    (face,) = detector.faces(astronaut)
    left, top, right, bottom = face.box
    assert ([left, top] < LANDMARKS).all()
    assert ([right, bottom] > LANDMARKS).all()


def test_the_largest_of_two_faces_counts(detector: Detector, astronaut: Image.Image) -> None:
    two = Image.new("RGB", (768, 512))
    two.paste(astronaut.crop((100, 0, 350, 250)).resize((125, 125)), (600, 20))
    two.paste(astronaut, (0, 0))
    assert len(detector.faces(two)) == 2
    assert np.abs(landmarks_of(detector, two) - LANDMARKS).max() < 4


def test_there_is_no_face_in_a_landscape(detector: Detector, scenery: Callable[[int], Image.Image]) -> None:
    assert [find_face(detector, scenery(seed)) for seed in range(3)] == [None] * 3


@pytest.mark.parametrize(("turn", "scale"), [(0, 0.5), (20, 1.0), (-35, 0.8), (10, 1.8)])
def test_a_turned_and_scaled_face_is_brought_upright_to_the_template(
    detector: Detector, astronaut: Image.Image, moved: Move, turn: float, scale: float
) -> None:
    upright = warp(astronaut, face_transform(landmarks_of(detector, astronaut), 256), 256)
    picture = moved(astronaut, turn, scale, (15.0, 20.0))
    matrix = face_transform(landmarks_of(detector, picture), 256)
    crop = warp(picture, matrix, 256)
    assert np.abs(landmarks_of(detector, crop) - 256 * TEMPLATE).max() < 12
    # The same crop as from the picture that was upright from the start.
    face = (slice(60, 220), slice(60, 196))
    difference = np.asarray(crop, float)[face] - np.asarray(upright, float)[face]
    assert np.sqrt((difference**2).mean()) < 20


def test_landmarks_follow_a_turn_within_two_pixels_of_a_crop(
    detector: Detector, astronaut: Image.Image, moved: Move
) -> None:
    straight = landmarks_of(detector, astronaut)
    spread = [
        transform_points(
            face_transform(landmarks_of(detector, moved(astronaut, turn, 1.0, (0, 0))), 256), point
        )
        for turn in (-24, -12, 0, 12, 24)
        for point in [straight_moved(straight, turn)]
    ]
    assert np.std(spread, axis=0).max() < 2


def straight_moved(points: np.ndarray, turn: float) -> np.ndarray:
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned: np.ndarray = (points - [225, 130]) @ rotation.T + [225, 130]
    return turned


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_detector.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MebenchError, match=r"onnxruntime.*pip install 'mebench\[prepare\]'"):
        load_detector("centerface")


@pytest.mark.parametrize("model", [None, Path("nowhere.task")])
def test_mediapipe_asks_for_its_model_file(model: Path | None) -> None:
    with pytest.raises(MebenchError, match=r"mediapipe.*--detector-model FILE"):
        load_detector("mediapipe", model)


def test_centerface_takes_no_model_file() -> None:
    with pytest.raises(MebenchError, match="leave out --detector-model"):
        load_detector("centerface", Path("face_landmarker.task"))


def test_an_unknown_detector_is_told_the_known_ones() -> None:
    with pytest.raises(MebenchError, match="centerface, mediapipe"):
        load_detector("haar")
