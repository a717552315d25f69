"""Apex spotting: the peak is found on clips whose apex is known, whatever the annotation says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of, face, texture
from scipy.ndimage import gaussian_filter, map_coordinates

from mebench.errors import MebenchError, UnknownNameError
from mebench.features.reader import ClipReader
from mebench.features.spotting import SpottedApexFrame, divide_and_conquer, spot_apex
from mebench.synthetic.render import render_clip

# action units, clip length, apex
FACES = [((12, 6), 17, 5), ((1, 2), 21, 13), ((4,), 15, 8), ((15, 17), 19, 6), ((9,), 13, 8), ((12,), 23, 9)]


def _bump(folder: Path, apex: int, count: int = 15, first: int = 100, said: int = 0) -> ClipReader:
    """Return a clip in which one place brightens until ``apex`` and fades, over sensor noise."""
    rng = np.random.default_rng(apex)
    spot = np.zeros((64, 64))
    spot[40:50, 20:30] = 60
    still, spot = texture(64), gaussian_filter(spot, 2)
    strengths = np.interp(np.arange(count), [0, apex, count - 1], [0, 1, 0])
    frames = [np.clip(still + s * spot + rng.normal(0, 1, still.shape), 0, 255) for s in strengths]
    return clip_of(folder, frames, apex=said, first=first)


@pytest.mark.parametrize("apex", [3, 7, 11])
def test_the_frame_of_the_greatest_change_is_found(tmp_path: Path, apex: int) -> None:
    assert abs(spot_apex(_bump(tmp_path, apex), size=64) - (100 + apex)) <= 1


def test_the_annotated_apex_has_no_say(tmp_path: Path) -> None:
    found = {spot_apex(_bump(tmp_path, 7, said=said), size=64) for said in (0, 3, 14)}
    assert len(found) == 1


def test_a_change_of_light_does_not_move_the_apex(tmp_path: Path) -> None:
    clip = _bump(tmp_path / "steady", 7)
    frames = [clip.frame(number, 64) for number in clip.frames.numbers]
    brightening = [np.clip(f + np.linspace(0, 20, 15)[t], 0, 255) for t, f in enumerate(frames)]
    assert abs(spot_apex(clip_of(tmp_path / "lit", brightening), size=64) - 7) <= 1


def test_faces_are_spotted_better_by_flow_than_by_taking_the_middle(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    errors, middle = [], []
    for seed, (units, count, apex) in enumerate(FACES):
        frames = list(render_clip(**face(seed, units, count, apex)))
        clip = clip_of(tmp_path / str(seed), frames)
        errors.append(abs(spot_apex(clip, "flow") - apex) / count)
        middle.append(abs(count // 2 - apex) / count)
    assert np.mean(errors) < 0.1
    assert np.mean(errors) < np.mean(middle)


def test_a_nod_of_the_head_is_not_the_apex(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    y, x = np.mgrid[0:96, 0:96].astype(float)
    local = 2 * np.exp(-((x - 60) ** 2 + (y - 40) ** 2) / 200)
    picture, frames = texture(96), []
    for t in range(15):
        twitch, nod = (np.interp(t, [0, peak, 14], [0, 1, 0]) for peak in (4, 11))
        frames.append(
            np.clip(map_coordinates(picture, [y - 4 * nod, x - local * twitch], mode="wrap"), 0, 255)
        )
    assert abs(spot_apex(clip_of(tmp_path, frames), "flow", size=96) - 4) <= 1


def test_a_damaged_frame_is_passed_over(tmp_path: Path) -> None:
    clip = _bump(tmp_path, 7)
    clip.frames.paths[3].write_bytes(b"")
    assert abs(spot_apex(clip, size=64) - 107) <= 1


@pytest.mark.parametrize("count", [1, 2])
def test_a_clip_of_fewer_than_three_frames_has_its_apex_first(tmp_path: Path, count: int) -> None:
    assert spot_apex(clip_of(tmp_path, [texture(32)] * count, first=5)) == 5


@pytest.mark.parametrize(
    ("curve", "peak"),
    [([3], 0), ([1, 2], 1), ([2, 2], 0), ([0, 1, 2, 3, 4], 4), ([0, 0, 9, 0, 5, 6, 5, 4], 5)],
)
def test_the_half_that_is_higher_on_average_is_followed(curve: list[float], peak: int) -> None:
    assert divide_and_conquer(np.array(curve)) == peak


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match="difference"):
        spot_apex(clip_of(tmp_path, [texture(32)]), "diference")


def test_the_spotted_apex_is_an_input_of_its_own_whatever_the_owner_says(tmp_path: Path) -> None:
    wanted = SpottedApexFrame(size=32)
    clip = _bump(tmp_path, 7, said=2)
    spotted = wanted.compute(clip)
    assert spotted.shape == wanted.shape
    assert (spotted == clip.frame(spot_apex(clip), 32)).all()
    with pytest.raises(UnknownNameError, match="'flow'"):
        SpottedApexFrame(method="flwo")
