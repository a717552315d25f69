"""Flow as colours: hue is direction, value is length, and the inputs of EMR and SLSTT made of it."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("cv2")

from moving_clips import clip_of, shifted, texture

from mebench.errors import MebenchError
from mebench_baselines.flow_colours import FlowColourFrames, FlowColours, flow_colours, saturation_of


def test_the_colours_are_those_of_a_known_conversion() -> None:
    rng = np.random.default_rng(0)
    flow = rng.normal(size=(9, 7, 2))
    saturation = rng.uniform(size=(9, 7))
    picture = flow_colours(flow, saturation)
    length = np.hypot(flow[..., 0], flow[..., 1])
    value = (length - length.min()) / (length.max() - length.min())
    hue = np.arctan2(flow[..., 1], flow[..., 0]) / (2 * np.pi) % 1
    for at in np.ndindex(9, 7):
        expected = 255 * np.array(colorsys.hsv_to_rgb(hue[at], saturation[at], value[at]))
        assert np.abs(picture[at] - expected).max() <= 0.5001


def test_right_is_red_and_left_is_cyan() -> None:
    flow = np.zeros((1, 3, 2))
    flow[0, :2, 0] = 1, -1
    picture = flow_colours(flow)
    assert picture.tolist() == [[[255, 0, 0], [0, 255, 255], [0, 0, 0]]]


def test_the_same_motion_everywhere_stretches_to_black() -> None:
    assert not flow_colours(np.ones((4, 4, 2))).any()


def test_grey_has_no_saturation_and_a_pure_colour_all() -> None:
    picture = np.array([[[90, 90, 90], [200, 0, 0], [200, 100, 100], [0, 0, 0]]], np.uint8)
    assert saturation_of(picture).tolist() == [[0, 1, 0.5, 0]]


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        ((10, 20, 40), [18, 19, 20, 21, 22]),  # around the apex
        ((10, 11, 40), [11, 12, 13, 14, 15]),  # never the onset itself, whose flow is nothing
        ((10, 20, 21), [18, 19, 20, 20, 21]),  # as far as there are frames
        ((10, 10, 10), [10, 10, 10, 10, 10]),
    ],
)
def test_the_frames_lie_around_the_apex(clip: tuple[int, int, int], expected: list[int]) -> None:
    assert FlowColourFrames(n=5).numbers(*clip) == expected


def test_a_face_that_moves_right_is_red_in_every_frame(tmp_path: Path) -> None:
    picture = texture(64)
    picture[:32] = 128  # the upper half stays where it is, so that lengths differ
    later = [np.vstack([picture[:32], shifted(picture, step / 2, 0)[32:]]) for step in range(4)]
    colours = FlowColourFrames(n=3, size=32, resolution=64)
    frames = colours.compute(clip_of(tmp_path, later, apex=2))
    assert frames.shape == colours.shape
    assert frames.dtype == colours.dtype
    moved = frames[:, 20:28, 4:28].reshape(3, -1, 3).mean(axis=1)
    assert (moved[:, 0] > 2 * moved[:, 1:].max(axis=1)).all()


def test_magnification_makes_small_motion_tell_more(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = [np.dstack([texture(64, seed) for seed in range(3)])]
    for step in range(1, 5):
        moved = np.dstack([shifted(frames[0][..., i], step * 0.1, 0) for i in range(3)])
        frames.append(np.clip(moved + rng.normal(0, 0.1, moved.shape), 0, 255))
    clip = clip_of(tmp_path, frames, apex=4)
    settings = {"method": "farneback", "size": 64, "resolution": 64}
    plain, magnified = (FlowColours(**settings, alpha=alpha).compute(clip) for alpha in (0.0, 10.0))
    assert plain.shape == FlowColours(**settings).shape
    assert plain.dtype == np.uint8
    assert not np.array_equal(plain, magnified)


def test_a_clip_of_one_frame_is_black(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [texture(64)])
    still = FlowColours(method="dis", size=32, resolution=64).compute(clip)
    assert still.shape == (32, 32, 3)
    assert still.max() == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"method": "tlv1"}, "did you mean 'tvl1'"),
        ({"size": 0}, "size is 0"),
        ({"resolution": 16}, "resolution is 16"),
        ({"alpha": -1.0}, "alpha is -1"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(MebenchError, match=sentence):
        FlowColours(**wrong)  # type: ignore[arg-type]


def test_they_are_measurements_with_the_library_in_their_identity() -> None:
    for kind in (FlowColours(), FlowColourFrames()):
        assert kind.kind == "measurement"
        assert not kind.fault()
        assert kind.describe()["library"]
