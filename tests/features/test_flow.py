"""Optical flow: known motion is found, units and signs are as documented, and bad settings are refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("skimage")

from moving_clips import clip_of, face, shifted, texture

from mebench.errors import MebenchError
from mebench.features.flow import FlowStack, OpticalFlow, optical_flow, shrink
from mebench.features.grey import grey
from mebench.synthetic.render import displacement, render_clip

METHODS = ("tvl1", "farneback", "dis")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("right", "down"), [(0.5, 0.0), (0.0, -0.75), (1.5, 1.0), (-2.0, 0.25)])
def test_a_rigid_shift_is_found(method: str, right: float, down: float) -> None:
    first = texture(96)
    flow = optical_flow(first, shifted(first, right, down), method)
    assert flow.dtype == np.float32
    inside = flow[12:-12, 12:-12].reshape(-1, 2)
    assert np.abs(np.median(inside, axis=0) - (right, down)).max() < 0.1
    assert np.median(np.linalg.norm(inside - (right, down), axis=1)) < 0.15


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("seed", "units"), [(0, (12, 6)), (1, (1, 2)), (2, (4,)), (3, (15, 17))])
def test_the_motion_of_a_drawn_face_is_found(method: str, seed: int, units: tuple[int, ...]) -> None:
    made = face(seed, units, frames=9, apex=4)
    frames = [grey(frame) for frame in render_clip(**made)]
    truth = displacement(**made, index=4)
    found = optical_flow(frames[0], frames[4], method)
    # Flat skin and background show no motion: the error counts where the picture has structure.
    slopes = np.hypot(*np.gradient(frames[0]))
    seen = slopes > np.quantile(slopes, 0.8)
    error = np.linalg.norm(found - truth, axis=-1)[seen]
    moved = np.linalg.norm(truth, axis=-1)[seen]
    assert np.median(error) < 0.3
    assert np.median(error) < 0.5 * np.median(moved)


@pytest.mark.parametrize("method", METHODS)
def test_no_motion_gives_no_flow(method: str) -> None:
    still = texture(64)
    assert np.abs(optical_flow(still, still, method)).mean() < 0.01


@pytest.mark.parametrize("method", METHODS)
def test_flow_is_in_pixels_of_the_result(method: str, tmp_path: Path) -> None:
    picture = texture(96)
    clip = clip_of(tmp_path, [picture, shifted(picture, 1.0, 0.5), shifted(picture, 2.0, 1.0)], apex=2)
    wanted = OpticalFlow(method=method, size=24, resolution=96)
    flow = wanted.compute(clip)
    assert flow.shape == wanted.shape == (24, 24, 2)
    assert flow.dtype == wanted.dtype
    assert np.abs(np.median(flow[3:-3, 3:-3], axis=(0, 1)) - (0.5, 0.25)).max() < 0.04


def test_a_stack_measures_every_frame_from_the_onset(tmp_path: Path) -> None:
    picture = texture(64)
    clip = clip_of(tmp_path, [shifted(picture, 0.5 * t, 0.0) for t in range(5)], apex=2, first=10)
    wanted = FlowStack(n=4, size=16, resolution=64)
    flows = wanted.compute(clip)
    assert flows.shape == wanted.shape == (4, 16, 16, 2)
    assert flows.dtype == wanted.dtype
    found = np.median(flows[:, 3:-3, 3:-3], axis=(1, 2)) * 4
    assert np.abs(found - np.array([[0.5, 0], [1, 0], [1.5, 0], [2, 0]])).max() < 0.12


def test_a_clip_of_one_frame_has_no_flow(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [texture(64)])
    assert not OpticalFlow(size=16, resolution=64).compute(clip).any()
    assert np.abs(FlowStack(n=2, size=16, resolution=64).compute(clip)).mean() < 0.01


def test_shrinking_averages_boxes() -> None:
    maps = np.random.default_rng(0).normal(size=(12, 12, 2)).astype(np.float32)
    due = maps.reshape(4, 3, 4, 3, 2).mean(axis=(1, 3))
    assert np.abs(shrink(maps, 4) - due).max() < 1e-5
    assert (shrink(maps, 12) == maps).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "tvl"}, "tvl1"),
        ({"size": 0}, "at least 1"),
        ({"resolution": 16, "size": 8}, "32 pixels or more"),
        ({"size": 300}, "300 pixels or more"),
    ],
)
@pytest.mark.parametrize("kind", [OpticalFlow, FlowStack])
def test_settings_that_cannot_work_are_refused(kind: type, settings: dict[str, object], words: str) -> None:
    with pytest.raises(MebenchError, match=words):
        kind(**settings)


def test_a_stack_of_no_frames_is_refused() -> None:
    with pytest.raises(MebenchError, match="at least 1"):
        FlowStack(n=0)


@pytest.mark.parametrize(("method", "module"), [("dis", "cv2"), ("tvl1", "skimage.transform")])
def test_a_missing_library_is_named_with_its_extra(
    method: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MebenchError, match=r"pip install 'mebench\[flow\]'"):
        optical_flow(texture(32), texture(32), method)


def test_the_identity_names_the_library_that_estimates() -> None:
    assert OpticalFlow(method="dis").describe()["library"].startswith("cv2 ")
    assert OpticalFlow(method="tvl1").describe()["library"].startswith("skimage ")
