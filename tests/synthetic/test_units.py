"""What the table of action units and the fields made from it promise, before anything is drawn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mebench.errors import MebenchError
from mebench.synthetic.hair import CUTS
from mebench.synthetic.look import HAIRCUTS, landmarks, subject_look
from mebench.synthetic.motion import envelope, express
from mebench.synthetic.units import UNITS, Movement, known_units

LOOK = subject_look(0, "sub01")
SIZE = 128
NEEDED = {1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 28, 38, 39, 43, 45}


def field(unit: int, side: str = "", amount: float = 1.0) -> NDArray[np.float64]:
    """Return the displacement of one unit in pixels, ``(2, SIZE, SIZE)``."""
    expression = express(LOOK, [Movement(unit, side, amount)], SIZE)
    return SIZE * (expression.surface + expression.parting).astype(np.float64)


def at(moved: NDArray[np.float64], landmark: str) -> tuple[float, float]:
    x, y = landmarks(LOOK)[landmark]
    return tuple(moved[:, int(y * SIZE), int((x + 0.5) * SIZE)])  # type: ignore[return-value]


def test_every_unit_of_the_common_annotations_is_known() -> None:
    assert known_units() >= NEEDED


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_typical_movement_is_a_few_pixels_and_folds_nothing_over(unit: int) -> None:
    moved = field(unit)
    assert 1 < np.hypot(*moved).max() < 8
    strong = SIZE * express(LOOK, [Movement(unit, "", 2.0)], SIZE).surface
    assert np.gradient(strong[0], axis=1).max() < 1
    assert np.gradient(strong[1], axis=0).max() < 1


@pytest.mark.parametrize(
    ("unit", "landmark", "out", "down"),
    [
        (1, "inner_brow", 0, -1),
        (2, "outer_brow", 0, -1),
        (4, "inner_brow", -1, 1),
        (5, "upper_lid", 0, -1),
        (6, "cheek", 0, -1),
        (7, "lower_lid", 0, -1),
        (9, "nose_side", 0, -1),
        (10, "upper_lip_side", 0, -1),
        (12, "mouth_corner", 1, -1),
        (13, "mouth_corner", 0, -1),
        (14, "mouth_corner", -1, 0),
        (15, "mouth_corner", 0, 1),
        (16, "lower_lip", 0, 1),
        (17, "chin", 0, -1),
        (18, "mouth_corner", -1, 0),
        (20, "mouth_corner", 1, 0),
        (24, "upper_lip", 0, 1),
        (24, "lower_lip", 0, -1),
        (25, "lower_lip", 0, 1),
        (26, "chin", 0, 1),
        (38, "nostril", 1, 0),
        (39, "nostril", -1, 0),
    ],
)
def test_a_unit_moves_its_landmark_the_way_facs_says(unit: int, landmark: str, out: int, down: int) -> None:
    for moved, expected in zip(at(field(unit), landmark), (out, down), strict=True):
        if expected:
            assert moved * expected > 0.6
        else:
            assert abs(moved) < 1


def test_both_halves_mirror_each_other() -> None:
    for unit in UNITS:
        moved = field(unit)
        np.testing.assert_allclose(moved[0], -moved[0, :, ::-1], atol=1e-3)
        np.testing.assert_allclose(moved[1], moved[1, :, ::-1], atol=1e-3)


def test_amount_scales_the_motion() -> None:
    for unit in UNITS:
        np.testing.assert_allclose(field(unit, amount=2.5), 2.5 * field(unit), atol=1e-3)


def test_movements_add_up() -> None:
    both = express(LOOK, [Movement(12), Movement(25)], SIZE)
    np.testing.assert_allclose(SIZE * (both.surface + both.parting), field(12) + field(25), atol=1e-3)


def test_top_and_bottom_restrict_a_unit_of_the_mouth_to_one_lip() -> None:
    top, bottom = field(18, "T"), field(18, "B")
    assert abs(at(top, "upper_lip")[1]) > 10 * abs(at(top, "lower_lip")[1])
    assert abs(at(bottom, "lower_lip")[1]) > 10 * abs(at(bottom, "upper_lip")[1])
    np.testing.assert_allclose(field(1, "T"), field(1))


def test_no_two_units_have_nearly_the_same_field_and_appearance() -> None:
    def signature(unit: int) -> NDArray[np.float64]:
        made = express(LOOK, [Movement(unit)], 64)
        parts = (64 * (made.surface + made.parting), 8 * made.crease, 20 * made.lids)
        return np.concatenate([part.ravel() for part in parts]).astype(np.float64)

    signatures = {unit: signature(unit) for unit in UNITS}
    for one, other in itertools.combinations(UNITS, 2):
        a, b = signatures[one], signatures[other]
        gap, largest = ((a - b) ** 2).sum(), max((a**2).sum(), (b**2).sum())
        assert gap > 0.03 * largest, (one, other)


@given(st.integers(2, 300).flatmap(lambda frames: st.tuples(st.just(frames), st.integers(0, frames - 1))))
def test_an_expression_rises_to_one_at_the_apex_and_decays(clip: tuple[int, int]) -> None:
    frames, apex = clip
    course = envelope(frames, apex)
    assert course.shape == (frames,)
    assert course[apex] == 1
    assert (np.diff(course[: apex + 1]) >= 0).all()
    assert (np.diff(course[apex:]) <= 0).all()
    if apex > 0:
        assert course[0] == 0
    if apex < frames - 1:
        assert course[-1] == pytest.approx(0.05)


def test_a_side_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MebenchError, match="action unit 12 has side 'X'"):
        Movement(12, "X")


def test_every_haircut_can_be_cut() -> None:
    assert set(CUTS) | {"bald"} == set(HAIRCUTS)
