"""Clips that stay on the device: what is drawn is what the arrays hold, wherever they lie, and copied only then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mebench.features.flow import OpticalFlow  # noqa: E402
from mebench.features.inputs import ApexFrame  # noqa: E402
from mebench.models.base import TrainSet  # noqa: E402
from mebench.models.batches import batches, to_tensor  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.resident import ResidentClips, ResidentInputs  # noqa: E402

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (7, 5, 5, 3), dtype=np.uint8)
FLOW = RNG.normal(size=(7, 4, 4, 2)).astype(np.float32)
INPUTS = {"apex": ApexFrame(size=5), "flow": OpticalFlow()}


def of_memory(folder: Path) -> dict[str, FeatureView]:
    return {"apex": FeatureView.of_array(PICTURES), "flow": FeatureView.of_array(FLOW)}


def of_files(folder: Path) -> dict[str, FeatureView]:
    """Return the same clips in two files each, out of order."""
    views = {}
    for name, array in (("apex", PICTURES), ("flow", FLOW)):
        paths = (folder / f"{name}0.npy", folder / f"{name}1.npy")
        np.save(paths[0], array[4:][::-1])
        np.save(paths[1], array[:4])
        views[name] = FeatureView(paths, np.array([1, 1, 1, 1, 0, 0, 0]), np.array([0, 1, 2, 3, 2, 1, 0]))
    return views


@pytest.mark.parametrize("views", [of_memory, of_files])
def test_what_is_drawn_is_what_the_arrays_hold_in_any_order_and_repeatedly(
    views: object, tmp_path: Path
) -> None:
    chosen = [6, 0, 0, 3]
    drawn = ResidentInputs(views(tmp_path), INPUTS).take(torch.tensor(chosen))  # type: ignore[operator]
    assert torch.equal(drawn["apex"], to_tensor(PICTURES[chosen], "picture"))
    assert torch.equal(drawn["flow"], torch.from_numpy(FLOW[chosen]))


def test_some_of_the_clips_in_memory_are_drawn_by_their_own_places() -> None:
    part = FeatureView.of_array(PICTURES).take(np.array([5, 2]))
    drawn = ResidentInputs({"apex": part}, INPUTS).take(torch.tensor([1]))
    assert torch.equal(drawn["apex"], to_tensor(PICTURES[[2]], "picture"))


def test_arrays_in_memory_are_shared_and_never_written_to() -> None:
    flow = FLOW.copy()
    clips = ResidentInputs({"flow": FeatureView.of_array(flow)}, INPUTS)
    clips.take(torch.arange(7))["flow"].zero_()
    assert (flow == FLOW).all()
    flow[0] = 9
    assert (clips.take(torch.tensor([0]))["flow"] == 9).all()


def test_labels_and_units_come_with_their_clips() -> None:
    aus = np.array([[0, 1], [1, 255]] * 3 + [[1, 1]], np.uint8)
    train = TrainSet({"flow": FeatureView.of_array(FLOW)}, np.arange(7), aus, np.arange(7), INPUTS)
    batch = ResidentClips(train, INPUTS).take(torch.tensor([1, 6]))
    assert batch.labels.tolist() == [1, 6]
    assert torch.equal(batch.aus.isnan(), torch.tensor([[False, True], [False, False]]))
    (whole,) = batches(train, range(7), 7)
    assert whole.labels.tolist() == list(range(7))
