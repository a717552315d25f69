"""A fold as plain files: what is there, and that nothing but pictures tells test clips apart."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat

from mebench.api import AU_UNKNOWN, FeatureView, TestSet, TrainSet
from mebench_bridges.fold_files import FoldFiles, FramePlaces

CLASSES = ("negative", "positive")


def view(folder: Path, name: str, array: np.ndarray) -> FeatureView:
    path = folder / f"{name}.npy"
    np.save(path, array)
    return FeatureView((path,), np.zeros(len(array), int), np.arange(len(array)))


@pytest.fixture
def features(tmp_path: Path) -> dict[str, FeatureView]:
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (3, 2, 4, 4, 3), np.uint8)
    return {
        "clip": view(tmp_path, "clip", pictures),
        "apex": view(tmp_path, "apex", pictures[:, 1]),
        "flow": view(tmp_path, "flow", rng.normal(size=(3, 4, 4, 2)).astype(np.float32)),
        "places": view(tmp_path, "places", np.array([[1, 2, 2], [1, 1, 2], [1, 2, 2]])),
    }


@pytest.fixture
def fold(tmp_path: Path) -> FoldFiles:
    (tmp_path / "fold").mkdir()
    return FoldFiles(tmp_path / "fold", ("png", "npy", "csv", "mat"), CLASSES, (1, 12))


def train_set(features: dict[str, FeatureView]) -> TrainSet:
    aus = np.array([[0, 1], [AU_UNKNOWN, AU_UNKNOWN], [1, 0]], np.uint8)
    return TrainSet(features, np.array([1, 0, 1]), aus, np.array([0, 0, 1]))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_training_clips_come_with_what_is_known_of_them(
    fold: FoldFiles, features: dict[str, FeatureView]
) -> None:
    fold.write_train(train_set(features))
    first, second, _ = rows(fold.train / "labels.csv")
    assert first == {
        "clip": "clip-00001",
        "class": "positive",
        "label": "1",
        "subject": "0",
        "onset": "1",
        "apex": "2",
        "offset": "2",
        "au1": "0",
        "au12": "1",
    }
    assert (second["class"], second["apex"], second["au1"], second["au12"]) == ("negative", "1", "", "")


def test_every_format_holds_the_same_numbers(fold: FoldFiles, features: dict[str, FeatureView]) -> None:
    fold.write_train(train_set(features))
    clip, apex, flow = (features[name][:] for name in ("clip", "apex", "flow"))
    for number in (1, 2):
        frame = Image.open(fold.train / "clip-00003" / f"frame-{number:03d}.png")
        assert np.array_equal(np.asarray(frame), clip[2, number - 1])
    assert np.array_equal(np.asarray(Image.open(fold.train / "clip-00002" / "apex.png")), apex[1])
    for name, array in (("clip", clip), ("apex", apex), ("flow", flow)):
        assert np.array_equal(np.load(fold.train / f"{name}.npy"), array)
        assert np.array_equal(loadmat(fold.train / f"{name}.mat")[name], array)
        lines = [line.split(",") for line in (fold.train / f"{name}.csv").read_text().splitlines()]
        assert [line[0] for line in lines] == ["clip-00001", "clip-00002", "clip-00003"]
        assert np.allclose(np.array([line[1:] for line in lines], float), array.reshape(3, -1), atol=0)
    assert not list(fold.train.rglob("flow*.png"))


def test_test_clips_have_no_label_and_names_places_and_times_tell_nothing(
    fold: FoldFiles, features: dict[str, FeatureView]
) -> None:
    assert fold.write_test(TestSet(features, 3)) == ["clip-00001", "clip-00002", "clip-00003"]
    assert list(rows(fold.test / "clips.csv")[0]) == ["clip", "onset", "apex", "offset"]
    files = sorted(path.relative_to(fold.test).as_posix() for path in fold.test.rglob("*"))
    per_clip = [
        {each.partition("/")[2] for each in files if each.startswith(f"clip-0000{n}")} for n in (1, 2, 3)
    ]
    assert per_clip[0] == per_clip[1] == per_clip[2] == {"", "apex.png", "frame-001.png", "frame-002.png"}
    assert len({path.stat().st_mtime_ns for path in (fold.test, *fold.test.rglob("*"))}) == 1


def test_under_action_units_alone_there_are_no_classes(
    tmp_path: Path, features: dict[str, FeatureView]
) -> None:
    fold = FoldFiles(tmp_path, ("npy",), (), (1, 12))
    fold.write_train(train_set({"apex": features["apex"]}))
    assert list(rows(fold.train / "labels.csv")[0]) == ["clip", "subject", "au1", "au12"]


class _Clip:
    def __init__(self, onset: int, apex: int, offset: int) -> None:
        self.onset, self.apex, self.offset = onset, apex, offset


@pytest.mark.parametrize(
    ("clip", "places"),
    [
        ((10, 20, 40), [1, 6, 16]),
        ((10, 10, 40), [1, 1, 16]),
        ((10, 40, 40), [1, 16, 16]),
        ((5, 5, 5), [1, 1, 16]),
    ],
)
def test_the_apex_is_the_nearest_written_frame(clip: tuple[int, int, int], places: list[int]) -> None:
    assert FramePlaces(16).compute(_Clip(*clip)).tolist() == places  # type: ignore[arg-type]
