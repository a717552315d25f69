"""OpenCV's own threads while clips are worked on, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from odd_inputs import clips_on_disk

from mebench.features import flow, making
from mebench.features.flow import OpticalFlow, optical_flow
from mebench.features.making import make_each
from mebench.features.opencv import opencv_in_one_thread

cv2 = pytest.importorskip("cv2")


@pytest.fixture(autouse=True)
def _three_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def test_it_has_one_thread_until_the_last_block_ends() -> None:
    with opencv_in_one_thread():
        with opencv_in_one_thread():
            assert cv2.getNumThreads() == 1
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 3


def test_it_has_its_threads_again_after_an_error() -> None:
    with pytest.raises(KeyError), opencv_in_one_thread():
        raise KeyError
    assert cv2.getNumThreads() == 3


@pytest.mark.parametrize(("fewer", "threads"), [(0, 1), (1, 3)], ids=["a clip for each core", "fewer clips"])
def test_it_has_its_own_threads_only_where_a_core_is_without_a_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fewer: int, threads: int
) -> None:
    seen = []

    def estimate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        seen.append(cv2.getNumThreads())
        return np.zeros((*first.shape, 2), np.float32)

    monkeypatch.setitem(flow._METHODS, "dis", flow._Method("cv2", estimate))
    monkeypatch.setattr(making, "cores", lambda: 4)
    data = clips_on_disk(tmp_path)
    assert len(list(make_each(data, OpticalFlow(method="dis"), range(4 - fewer)))) == 4 - fewer
    assert seen == [threads] * (4 - fewer)
    assert cv2.getNumThreads() == 3


@pytest.mark.parametrize("method", ["dis", "farneback"])
@pytest.mark.parametrize("threads", [2, 7])
def test_what_it_computes_does_not_depend_on_its_threads(method: str, threads: int) -> None:
    first = np.asarray(np.random.default_rng(0).integers(0, 256, (28, 28)), np.uint8)
    first = cv2.resize(first, (224, 224), interpolation=cv2.INTER_CUBIC)
    second = np.roll(first, (3, -2), (0, 1))
    cv2.setNumThreads(threads)
    several = optical_flow(first, second, method)
    with opencv_in_one_thread():
        assert optical_flow(first, second, method).tobytes() == several.tobytes()
