"""What a drawn clip must be: reproducible, one look a subject, peak at the apex, motion where it belongs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from mebench.errors import MebenchError
from mebench.synthetic.look import landmarks, subject_look
from mebench.synthetic.render import NOISE, displacement, render_clip
from mebench.synthetic.units import Movement, known_units

SIZE = 96


def draw(
    movements: Sequence[Movement] = (),
    *,
    subject: str = "sub01",
    clip: str = "EP01",
    frames: int = 2,
    apex: int = 1,
    size: int = SIZE,
) -> NDArray[np.float64]:
    clip_frames = render_clip(
        seed=0, subject=subject, clip=clip, movements=movements, frames=frames, apex=apex, size=size
    )
    return np.stack(list(clip_frames)).astype(np.float64)


def effect(movements: Sequence[Movement], **clip: object) -> NDArray[np.float64]:
    """Return what the movements change in each frame: head, light and noise are the same without them."""
    return np.abs(draw(movements, **clip) - draw((), **clip)).sum(axis=-1)  # type: ignore[arg-type]


def around(energy: NDArray[np.float64], landmark: str, subject: str = "sub01", reach: float = 0.07) -> float:
    """Return the share of an energy map that lies near a landmark or its mirror image."""
    at_x, at_y = landmarks(subject_look(0, subject))[landmark]
    centres = (np.arange(energy.shape[0]) + 0.5) / energy.shape[0]
    across, down = np.abs(centres - 0.5)[None, :] - at_x, centres[:, None] - at_y
    return float(energy[np.hypot(across, down) < reach].sum() / energy.sum())


def test_the_same_arguments_give_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from mebench.synthetic.render import render_clip; "
        "from mebench.synthetic.units import Movement; "
        "clip = render_clip(seed=3, subject='s', clip='c', movements=[Movement(12, 'L'), Movement(26)], "
        "frames=4, apex=2, size=64); "
        "print(hashlib.sha256(b''.join(frame.tobytes() for frame in clip)).hexdigest())"
    )
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = render_clip(
        seed=3,
        subject="s",
        clip="c",
        movements=[Movement(12, "L"), Movement(26)],
        frames=4,
        apex=2,
        size=64,
    )
    assert hashlib.sha256(b"".join(frame.tobytes() for frame in here)).hexdigest() == elsewhere.stdout.strip()


def test_clips_drawn_in_turns_do_not_disturb_each_other() -> None:
    def start(subject: str):  # type: ignore[no-untyped-def]
        return render_clip(
            seed=0, subject=subject, clip="c", movements=[Movement(1)], frames=3, apex=1, size=48
        )

    together = list(zip(start("a"), start("b"), strict=True))
    for alone, pair in zip(start("a"), together, strict=True):
        np.testing.assert_array_equal(alone, pair[0])


def test_subjects_look_different_and_a_subject_looks_like_itself() -> None:
    faces = np.stack([draw(subject=f"sub{number:02d}")[0] for number in range(12)])
    gaps = np.abs(faces[:, None] - faces[None]).mean(axis=(2, 3, 4)) + 255 * np.eye(12)
    again = np.abs(draw(subject="sub00", clip="EP02")[0] - faces[0]).mean()
    assert gaps.min() > 4 * NOISE
    assert again < 0.75 * gaps.min()


def test_clips_of_one_subject_differ_in_light_and_noise_and_the_seed_changes_the_look() -> None:
    one = draw(clip="EP01")[0]
    assert np.abs(draw(clip="EP02")[0] - one).mean() > 1
    [other] = render_clip(seed=1, subject="sub01", clip="EP01", movements=[], frames=1, apex=0, size=SIZE)
    assert np.abs(other - one).mean() > 4 * NOISE


@pytest.mark.parametrize("size", [32, 64, 256, 512])
def test_a_face_looks_alike_at_every_size(size: int) -> None:
    def shrunk(width: int) -> NDArray[np.float64]:
        face = draw([Movement(26)], frames=1, apex=0, size=width)[0]
        return face.reshape(32, width // 32, 32, width // 32, 3).mean(axis=(1, 3))

    assert np.abs(shrunk(size) - shrunk(128)).mean() < 5


@pytest.mark.parametrize(
    ("unit", "landmark", "elsewhere"),
    [
        (1, "inner_brow", "mouth_corner"),
        (2, "outer_brow", "mouth_corner"),
        (4, "inner_brow", "mouth_corner"),
        (5, "upper_lid", "mouth_corner"),
        (7, "lower_lid", "inner_brow"),
        (9, "nose_side", "chin"),
        (10, "upper_lip_side", "inner_brow"),
        (12, "mouth_corner", "inner_brow"),
        (15, "mouth_corner", "inner_brow"),
        (17, "lower_lip", "inner_brow"),
        (24, "upper_lip", "inner_brow"),
        (25, "lower_lip", "inner_brow"),
        (38, "nostril", "inner_brow"),
        (45, "upper_lid", "mouth_corner"),
    ],
)
def test_a_unit_changes_the_picture_where_it_acts(unit: int, landmark: str, elsewhere: str) -> None:
    changed = effect([Movement(unit)])[1]
    assert around(changed, landmark) > 0.15  # it covers 3 % of the image
    assert around(changed, elsewhere, reach=0.04) < 0.01


def test_left_is_the_right_half_of_the_image_and_leaves_the_other_half_alone() -> None:
    for unit in (1, 5, 12, 25, 45):
        left, right = effect([Movement(unit, "L")])[1], effect([Movement(unit, "R")])[1]
        half = SIZE // 2
        assert left[:, half:].sum() > 500
        assert left[:, : half - 2].max() == 0
        assert right[:, : half - 1].sum() > 500
        assert right[:, half + 2 :].max() == 0


def test_a_blink_covers_the_pupils_and_raised_lids_leave_them_in_place() -> None:
    look = subject_look(0, "sub01")
    row, right = int((look.eye_y - 0.005) * SIZE), int((0.5 + look.eye_x) * SIZE)
    left = int((0.5 - look.eye_x) * SIZE)
    blink, raised = effect([Movement(45)])[1], effect([Movement(5)])[1]
    wink = effect([Movement(45, "R")])[1]
    assert min(blink[row, left], blink[row, right], wink[row, left]) > 60
    assert max(raised[row, left], raised[row, right], wink[row, right]) < 10


def test_the_peak_is_at_the_apex_and_the_offset_is_nearly_neutral() -> None:
    course = effect([Movement(4), Movement(12)], frames=11, apex=4).sum(axis=(1, 2))
    assert course[0] == 0
    assert course.argmax() == 4
    assert (np.diff(course[:5]) > 0).all()
    assert (np.diff(course[4:]) < 0).all()
    assert course[-1] < 0.25 * course[4]


def test_a_clip_may_start_or_end_at_its_peak_or_be_a_single_frame() -> None:
    at_start = effect([Movement(12)], frames=5, apex=0).sum(axis=(1, 2))
    at_end = effect([Movement(12)], frames=5, apex=4).sum(axis=(1, 2))
    alone = effect([Movement(12)], frames=1, apex=0).sum(axis=(1, 2))
    assert at_start.argmax() == 0
    assert at_end.argmax() == 4
    assert alone[0] == pytest.approx(at_start[0], rel=0.05)


def test_an_unknown_unit_moves_nothing() -> None:
    assert 99 not in known_units()
    np.testing.assert_array_equal(draw([Movement(99)]), draw())


@pytest.mark.parametrize("unit", [4, 12, 18, 26])
def test_the_frame_is_the_neutral_face_moved_by_the_true_displacement(unit: int) -> None:
    subject = next(name for name in "abcdefgh" if not subject_look(0, name).glasses)
    clip = {"subject": subject, "clip": "EP01", "frames": 7, "apex": 3, "size": 128}
    frames = draw([Movement(unit)], **clip).mean(axis=-1)  # type: ignore[arg-type]
    flow = displacement(seed=0, movements=[Movement(unit)], index=3, **clip)  # type: ignore[arg-type]
    rows, columns = np.indices((128, 128)).astype(np.float64)
    moved = ndimage.map_coordinates(
        frames[0], [rows - flow[..., 1], columns - flow[..., 0]], order=1, mode="nearest"
    )
    light = frames[3].mean() / moved.mean()
    expressive = np.hypot(flow[..., 0], flow[..., 1]) > 1.5
    before = np.abs(frames[3] - light * frames[0])[expressive].mean()
    after = np.abs(frames[3] - light * moved)[expressive].mean()
    assert after < 0.6 * before


def test_the_head_drifts_about_a_pixel_over_a_clip_without_expression() -> None:
    ends = [
        np.abs(
            displacement(
                seed=0, subject="s", clip=f"c{k}", movements=[], frames=20, apex=9, size=128, index=19
            )
        ).mean()
        for k in range(20)
    ]
    assert 0.2 < np.mean(ends) < 1.2
    assert np.max(ends) < 3


def test_units_can_be_told_apart_on_subjects_never_seen() -> None:
    """A nearest mean over onset-to-apex changes, learnt on other subjects, beats luck tenfold.

    Head motion and light stay in; the changes are described by their blurred sign and their blurred energy.
    """
    units = sorted(known_units() - {41, 43})  # degrees of the same closing of the eye as 45

    def changes(numbers: range) -> NDArray[np.float64]:
        rows = []
        for number in numbers:
            for unit in units:
                onset, apex = draw([Movement(unit)], subject=f"p{number}", clip=f"c{unit}", size=64)
                change = (apex - onset).mean(axis=-1)
                change -= change.mean()
                energy = np.sqrt(ndimage.gaussian_filter(change**2, 1))
                described = np.concatenate([ndimage.gaussian_filter(change, 1).ravel(), energy.ravel()])
                rows.append(described / np.sqrt((described**2).sum()))
        return np.stack(rows).reshape(len(numbers), len(units), -1)

    known, unseen = changes(range(16)), changes(range(16, 24))
    means = known.mean(axis=0) - known.mean(axis=(0, 1))
    means /= np.sqrt((means**2).sum(axis=-1, keepdims=True))
    found = ((unseen - known.mean(axis=(0, 1))) @ means.T).argmax(axis=-1)
    assert (found == np.arange(len(units))).mean() > 10 / len(units)


def test_a_wrong_apex_or_size_is_named_at_the_call() -> None:
    with pytest.raises(
        MebenchError, match="'EP07' of subject 'sub01' has its apex at 5, outside its 5 frames"
    ):
        render_clip(seed=0, subject="sub01", clip="EP07", movements=[], frames=5, apex=5, size=64)
    with pytest.raises(MebenchError, match="give a size of 32 or more"):
        render_clip(seed=0, subject="sub01", clip="EP07", movements=[], frames=5, apex=2, size=8)
    with pytest.raises(MebenchError, match="has no frame 5"):
        displacement(seed=0, subject="s", clip="c", movements=[], frames=5, apex=2, size=64, index=5)
