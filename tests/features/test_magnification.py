"""Motion magnification: a small motion grows by the amount that theory gives, and stillness stays still."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of, texture

from mebench.errors import MebenchError
from mebench.features.inputs import ClipFrames
from mebench.features.magnification import MagnifiedFrames, laplacian_pyramid, level_alpha, magnify

SIDE, WAVE, PERIOD = 64, 32, 12


def _swaying(amplitude: float, count: int) -> list[np.ndarray]:
    """Return stripes, 32 pixels long, that sway to the left and right by ``amplitude`` pixels."""
    columns = np.arange(SIDE)
    frames = []
    for t in range(count):
        phase = 2 * np.pi * (columns - amplitude * np.sin(2 * np.pi * t / PERIOD)) / WAVE
        row = 128 + 100 * np.cos(phase)
        frames.append(np.broadcast_to(np.rint(row)[None, :, None], (SIDE, SIDE, 3)).astype(np.uint8))
    return frames


def _positions(frames: list[np.ndarray]) -> np.ndarray:
    """Return where the stripes are, in pixels, from the phase of their wave."""
    wave = np.exp(2j * np.pi * np.arange(SIDE) / WAVE)
    return np.array([np.angle((f[20:44, :, 0].mean(axis=0) - 128) @ wave) for f in frames]) * WAVE / 2 / np.pi


def _sway(positions: np.ndarray) -> float:
    """Return the amplitude at the period, over the last two periods."""
    last = positions[-2 * PERIOD :]
    return float(2 * np.abs(last @ np.exp(-2j * np.pi * np.arange(len(last)) / PERIOD)) / len(last))


def _theory(alpha: float, fast: float, slow: float) -> float:
    delay = np.exp(-2j * np.pi / PERIOD)
    low_pass = [r / (1 - (1 - r) * delay) for r in (fast, slow)]
    return float(abs(1 + alpha * (low_pass[0] - low_pass[1])))


@pytest.mark.parametrize("alpha", [2.0, 5.0, 10.0])
@pytest.mark.parametrize(("fast", "slow"), [(0.4, 0.05), (1.0, 0.1), (0.6, 0.2)])
def test_motion_in_the_band_grows_as_theory_says(alpha: float, fast: float, slow: float) -> None:
    frames = _swaying(0.15, 6 * PERIOD)
    before = _sway(_positions(frames))
    after = _sway(_positions(list(magnify(frames, alpha, fast, slow))))
    assert before == pytest.approx(0.15, rel=0.05)
    assert after / before == pytest.approx(_theory(alpha, fast, slow), rel=0.12)


def test_an_alpha_of_zero_changes_nothing() -> None:
    frames = _swaying(1.0, 8)
    assert all((a == b).all() for a, b in zip(magnify(frames, alpha=0), frames, strict=True))


def test_a_still_clip_stays_as_it_is() -> None:
    frame = np.repeat(texture(33)[..., None], 3, axis=-1).astype(np.uint8)
    assert all((found == frame).all() for found in magnify([frame] * 5, alpha=50))


def test_the_first_frame_comes_back_as_it_is() -> None:
    frames = _swaying(1.0, 5)[2:]
    assert (next(magnify(frames, alpha=20)) == frames[0]).all()


def test_a_change_that_stays_is_let_go() -> None:
    before, _, after = _swaying(0.5, 3)
    found = list(magnify([before] * 5 + [after] * 30, alpha=5, fast=0.6, slow=0.3))
    assert np.abs(found[5].astype(int) - after).max() > 5
    assert np.abs(found[-1].astype(int) - after).max() <= 1


def test_fine_detail_is_not_amplified_beyond_what_it_bears() -> None:
    assert level_alpha(0, 10, 16) < level_alpha(1, 10, 16) < level_alpha(2, 10, 16)
    # 16 pixels are the wavelength of level 2: from there on alpha is given in full.
    assert level_alpha(2, 10, 16) == pytest.approx(10)
    assert level_alpha(0, 100, 1000) == 0


@pytest.mark.parametrize("shape", [(64, 64), (37, 50), (9, 8), (5, 5)])
def test_with_no_limit_to_band_or_wavelength_every_change_is_amplified(shape: tuple[int, int]) -> None:
    # True only if the levels of the pyramid sum to the picture.
    first, second = np.random.default_rng(0).integers(100, 120, (2, *shape, 1))
    frames = [np.repeat(frame, 3, axis=-1).astype(np.uint8) for frame in (first, second)]
    changed = list(magnify(frames, alpha=2, fast=1.0, slow=0.0, wavelength=0.1))[1]
    assert np.abs(changed - (second + 2.0 * (second - first))).max() < 0.51


def test_an_even_picture_lies_in_the_coarsest_level_alone() -> None:
    *fine, coarsest = laplacian_pyramid(np.ones((37, 50), np.float32))
    assert len(fine) == 3
    assert all(np.abs(level).max() < 1e-5 for level in fine)
    assert np.abs(coarsest - 1).max() < 1e-5


@pytest.mark.parametrize(
    "band",
    [{"alpha": -1}, {"alpha": float("nan")}, {"fast": 0.1, "slow": 0.2}, {"fast": 1.5}, {"wavelength": 0}],
)
def test_a_band_that_cannot_be_is_refused(band: dict[str, float]) -> None:
    for make in (MagnifiedFrames, lambda **kw: magnify([], **kw)):
        with pytest.raises(MebenchError, match=next(iter(band))):
            make(**band)


def test_the_input_samples_the_magnified_clip(tmp_path: Path) -> None:
    frames = _swaying(0.5, 9)
    clip = clip_of(tmp_path, frames, apex=3, first=4)
    whole = list(magnify(frames, alpha=5))
    wanted = MagnifiedFrames(n=5, size=SIDE, alpha=5)
    found = wanted.compute(clip)
    assert found.shape == wanted.shape
    assert (found == np.stack(whole[::2])).all()
    assert (found != ClipFrames(n=5, size=SIDE).compute(clip)).any()
    longer = MagnifiedFrames(n=17, size=SIDE, alpha=5).compute(clip)
    assert (longer[::2] == np.stack(whole)).all()
    between = (whole[3].astype(float) + whole[4]) / 2
    assert np.abs(longer[7] - between).max() <= 0.5
