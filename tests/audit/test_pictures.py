"""Near-duplicate pictures: the same one in other light, size and compression, and not another face."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented import invented_cohort
from PIL import Image

from mebench.audit.overlap import apex_pictures, judged_pictures, shared_by_name
from mebench.audit.pictures import LIMIT, difference_hashes, distances
from mebench.cohort.splits import Fold
from mebench.data.clips.layout import FrameList
from mebench.features.store import FeatureStore


def _picture(seed: int) -> Image.Image:
    """Return a picture of soft shapes, 170 pixels wide."""
    shapes = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(shapes).resize((170, 170), Image.Resampling.BICUBIC)


def _small(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((17, 17), Image.Resampling.BOX))


def _compressed(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=40)
    return Image.open(file)


def _apart(one: Image.Image, other: Image.Image) -> int:
    return int(distances(difference_hashes(np.stack([_small(one), _small(other)])))[0, 1])


def test_a_picture_is_known_again_in_other_light_size_and_compression() -> None:
    picture = _picture(1)
    darker = picture.point([round(0.8 * value + 10) for value in range(256)] * 3)
    for again in (picture, darker, picture.resize((90, 90)), _compressed(picture)):
        assert _apart(picture, again.convert("RGB")) <= LIMIT.same


def test_another_picture_is_far_away() -> None:
    assert all(_apart(_picture(1), _picture(seed)) > 5 * LIMIT.same for seed in range(2, 6))


def test_a_flat_background_is_no_difference() -> None:
    flat = np.full((2, 17, 17, 3), 128, np.uint8)
    assert not difference_hashes(flat).any()


def test_distances_count_bits() -> None:
    hashes = np.array([[0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 1, 1]], bool)
    assert distances(hashes).tolist() == [[0, 2, 0], [2, 0, 2], [0, 2, 0]]


def test_the_same_picture_under_two_subjects_fails() -> None:
    cohort = invented_cohort(subjects=3, clips=2)
    pictures = np.stack([_small(_picture(seed)) for seed in range(6)])
    assert judged_pictures(cohort, pictures, "nothing").passed
    pictures[5] = pictures[0]  # of another subject
    found = judged_pictures(cohort, pictures, "nothing")
    assert found.passed is False
    assert "casme3/spNO.1/a/10" in found.evidence
    assert "casme3/spNO.3/b/10" in found.evidence
    assert "2 of 3 folds have such pairs" in found.evidence
    alike = pictures.copy()
    alike[5], alike[1] = _small(_picture(7)), alike[0]  # of one subject: on one side
    assert judged_pictures(cohort, alike, "nothing").passed


@pytest.mark.parametrize(
    ("shared", "what"), [(0, "the clip casme3/spNO.1/a/10"), (1, "the subject casme3/spNO.1")]
)
def test_what_lies_on_both_sides_is_named(shared: int, what: str) -> None:
    cohort = invented_cohort(subjects=3, clips=2)
    assert not shared_by_name(cohort)
    fold = Fold("odd", np.array([shared, 2, 3]), np.array([0, 4]))
    assert shared_by_name(replace(cohort, folds=(fold,))).startswith(what)


def test_ready_pictures_stand_for_apex_frames(tmp_path: Path) -> None:
    """Where there are no recordings, the published pictures are compared themselves."""
    cohort = invented_cohort(subjects=3, clips=2)
    (data,), frames = cohort.data, {}
    for place, key in enumerate(cohort.clips["key"]):
        _picture(place % 5).save(path := tmp_path / f"{place}.png")  # the last is the first once more
        frames[key] = FrameList((13,), (path,))
    ready = replace(cohort, data=(replace(data, frames=frames, ready=object()),))
    pictures = apex_pictures(ready, FeatureStore(tmp_path / "store"), lambda what, done, total: None)
    assert pictures.shape == (6, 17, 17, 3)
    assert judged_pictures(ready, pictures, "nothing").passed is False
