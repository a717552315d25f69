"""MDMO: 36 areas that tile a face, and the main direction in which each moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of, shifted, texture
from scipy.ndimage import map_coordinates

from mebench.features.points68 import MEAN_FACE
from mebench.features.reader import ClipReader
from mebench_baselines.face_areas import AREAS, SIDE, covered, face_areas
from mebench_baselines.mdmo import MainDirections, main_direction, steadied
from mebench_baselines.mdmo_svm import MdmoSettings, MdmoSvm

PIXELS = 96


def middle(area: int) -> np.ndarray:
    inside = covered(face_areas(MEAN_FACE * PIXELS)[area], PIXELS)
    return np.argwhere(inside).mean(axis=0)[::-1]


def test_36_areas_of_a_face_do_not_overlap_and_none_is_empty() -> None:
    inside = np.stack([covered(area, 300) for area in face_areas(MEAN_FACE * 300)])
    assert len(inside) == AREAS
    assert inside.sum(axis=0).max() == 1
    assert inside.sum(axis=(1, 2)).min() > 100


def test_an_area_and_the_one_18_later_mirror_each_other() -> None:
    inside = np.stack([covered(area, 300) for area in face_areas(MEAN_FACE * 300)])
    left, right = inside[:SIDE], inside[SIDE:, :, ::-1]
    # A middle of a pixel on an edge belongs to one of its sides, so some may differ.
    assert (left != right).mean() < 1e-4


def test_a_polygon_covers_the_pixels_whose_middle_it_holds() -> None:
    inside = covered(np.array([[1, 1], [4, 1], [4, 3], [1, 3]]), 5)
    assert np.argwhere(inside).tolist() == [[y, x] for y in (1, 2) for x in (1, 2, 3)]
    notched = covered(np.array([[0, 0], [5, 0], [5, 5], [2.5, 0.4], [0, 5]]), 5)
    assert not notched[3, 2]
    assert notched[3, [0, 4]].all()


def test_the_main_direction_is_the_mean_of_the_fullest_sector() -> None:
    vectors = np.array([[1.0, 0.1], [3.0, 0.3], [0.0, -9.0]])
    assert np.allclose(main_direction(vectors), [2, 0.2])
    turned = np.array([[-v, u] for u, v in vectors])
    assert np.allclose(main_direction(turned), [-0.2, 2])


def test_opposite_sides_of_180_degrees_do_not_average_to_the_right() -> None:
    assert np.allclose(
        main_direction(np.array([[-1.0, 0.0], [-1.0, -0.0], [-1.0, -0.2]])), [-1, -0.07], atol=0.02
    )


def test_no_vectors_give_no_direction() -> None:
    assert (main_direction(np.zeros((0, 2))) == 0).all()


def test_a_turn_of_the_head_is_taken_off_and_an_expression_stays() -> None:
    y, x = np.mgrid[:PIXELS, :PIXELS] + 0.5
    head = np.stack([1 + 0.02 * x - 0.01 * y, 0.5 + 0.01 * x + 0.02 * y], axis=-1)
    assert np.abs(steadied(head, MEAN_FACE * PIXELS)).max() < 1e-9
    smile = np.zeros_like(head)
    smile[70:80, 30:40] = (-2, -1)
    assert np.abs(steadied(head + smile, MEAN_FACE * PIXELS) - smile).max() < 1e-9


def wanted(**fields: bool) -> MainDirections:
    return MainDirections(resolution=PIXELS, detector="template", **fields)


def smiling(folder: Path, area: int, way: int = 1) -> ClipReader:
    """Return a clip of three frames in which an area moves up and to the left, more and more."""
    picture = texture(PIXELS, grain=1.5)
    y, x = np.mgrid[:PIXELS, :PIXELS].astype(float)
    at = middle(area)
    bump = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * 6**2))
    frames = [
        map_coordinates(picture, [y + n * bump, x + 2 * n * bump], order=1, mode="nearest") for n in range(3)
    ]
    return clip_of(folder, [frame[:, ::way] for frame in frames], apex=2)


def test_the_area_that_moves_moves_most_and_its_mirror_in_the_mirror(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    torch = pytest.importorskip("torch")
    area = 13  # beside the mouth
    clip = smiling(tmp_path / "as it is", area)
    found = wanted().compute(clip)
    assert (found.shape, found.dtype) == ((36, 2), np.float32)
    assert (wanted().compute(clip) == found).all()
    assert np.linalg.norm(found, axis=1).argmax() == area
    u, v = found[area]
    assert u < -0.8
    assert -0.8 * abs(u) < v < -0.2 * abs(u)
    mirrored = wanted().compute(smiling(tmp_path / "mirrored", area, way=-1))
    assert np.linalg.norm(mirrored, axis=1).argmax() == area + SIDE
    due = wanted().mirror(torch.from_numpy(found)[None])[0].numpy()
    assert np.abs(due - mirrored).max() < 0.25
    assert np.abs(mirrored[area + SIDE] - [-u, v]).max() < 0.1


def test_a_shifted_picture_moves_all_areas_unless_it_is_steadied(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    picture = texture(PIXELS, grain=2)
    clip = clip_of(tmp_path, [picture, shifted(picture, 1.5, 0.5)], apex=1)
    assert np.abs(wanted(steady=False).compute(clip) - [1.5, 0.5]).max() < 0.3
    assert np.abs(wanted().compute(clip)).max() < 0.3


def test_a_clip_of_one_frame_does_not_move(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    assert (wanted().compute(clip_of(tmp_path, [texture(PIXELS)])) == 0).all()


def test_the_identity_names_flow_and_landmarks() -> None:
    pytest.importorskip("cv2")
    identity = wanted().describe()
    assert identity["flow"]["library"].startswith("cv2 ")
    assert identity["landmarks"]["detector"] == "template"


def test_72_numbers_are_lengths_over_the_largest_and_angles() -> None:
    moves = np.zeros((2, 36, 2), np.float32)
    moves[0, 0], moves[0, 5] = (0, 4), (-2, 0)
    rows = MdmoSvm(MdmoSettings(beta=0.75)).vectors({"mdmo": moves})  # type: ignore[dict-item]
    assert rows.shape == (2, 72)
    due = np.zeros(72)
    due[[0, 5, 36, 41]] = 0.75, 0.75 / 2, 0.25 * np.pi / 2, 0.25 * np.pi
    assert np.allclose(rows[0], due)
    assert (rows[1] == 0).all()


def test_the_published_recipe_is_the_default() -> None:
    (found,) = MdmoSvm().inputs().values()
    assert found == MainDirections(method="farneback", resolution=224, steady=True, detector="centerface")
    assert found.shape == (36, 2)
    svm = MdmoSvm().estimator(0)
    assert (svm.kernel, svm.C, svm.class_weight) == ("poly", 28, None)
    assert MdmoSvm(MdmoSettings(balanced=True)).estimator(0).class_weight == "balanced"
