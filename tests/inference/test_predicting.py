"""What a fitted model says of a user's clip is what it would say of the same clip in a test fold; and what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looking import CLASSES, UNITS, Fitted, Looks, LooksTwice, fitted
from own_clips import moving, write_folder
from PIL import Image

from mebench.api import (
    ApexFrame,
    ClipFrames,
    FlowFiles,
    Input,
    Model,
    Predictions,
    TestSet,
)
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError
from mebench.features.store import FeatureStore
from mebench.inference.clip import user_clip
from mebench.inference.faces import Preparation
from mebench.inference.predicting import Said, predict
from mebench.inference.window import Asked
from mebench.models.features import FeatureView
from mebench.plugin.registry import Registry


def said_of(model: Fitted, folder: Path, **asked: int) -> Said:
    with user_clip(folder, Asked(**asked), Preparation("as it is")) as clip:
        return predict(model, clip)


def test_a_clip_of_a_database_gets_the_probabilities_that_it_gets_in_its_fold(
    tmp_path: Path, twin: Path, registry: Registry
) -> None:
    from mebench.data.clips.table import clip_rows
    from mebench.data.reading import read_clips

    data = read_clips(load_dataset(registry, "casme3"), twin)
    model = fitted(LooksTwice(), tmp_path / "sets", aus=UNITS)
    inputs = model.model.inputs()
    features = FeatureStore(tmp_path / "cache").get_each(data, inputs)
    count = len(data.table)
    views = {
        name: FeatureView(
            (each.path,), np.zeros(count, int), np.array([each.rows[key] for key in data.table["key"]])
        )
        for name, each in features.items()
    }
    due = model.model.predict(TestSet(views, count, inputs))
    for row, clip in enumerate(clip_rows(data.table)):
        if row % 5 == 0:
            folder = data.frames[clip.key].paths[0].parent
            said = said_of(model, folder, onset=clip.onset, apex=clip.apex, offset=clip.offset)
            np.testing.assert_allclose(list(said.probabilities.values()), due.probabilities[row], atol=1e-6)
            assert due.aus is not None
            np.testing.assert_allclose(list(said.aus.values()), due.aus[row], atol=1e-6)


def test_classes_and_units_are_named(tmp_path: Path) -> None:
    said = said_of(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS), write_folder(tmp_path / "clip"))
    assert tuple(said.probabilities) == CLASSES
    assert tuple(said.aus) == ("AU4", "AU12")
    assert sum(said.probabilities.values()) == pytest.approx(1)
    assert said.probabilities[said.predicted] == max(said.probabilities.values())


def test_what_was_bridged_or_fits_badly_is_told(tmp_path: Path) -> None:
    frames = [np.repeat(frame[::8, ::8, :1], 3, axis=-1) for frame in moving()]
    place = write_folder(tmp_path / "clip", frames)
    (place / "img0003.png").write_bytes(b"no picture")
    # The middle frames of 20 are mixed of 9, and one of them cannot be read.
    notes = said_of(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS), place, apex=5).notes
    assert "the window has 9 frames and clip samples 20: those between are mixed" in notes
    assert "frame(s) 3 cannot be read and are bridged by others" in notes
    assert "pictures of 8 pixels are enlarged to 16: there is little in them to see" in notes
    assert "the pictures have no colour" in notes


def test_of_a_clip_that_fits_nothing_is_told(tmp_path: Path) -> None:
    coloured = [np.dstack([frame[..., 0], frame[..., 1] // 2, frame[..., 2]]) for frame in moving(24, apex=9)]
    place = write_folder(tmp_path / "clip", coloured)
    assert said_of(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS), place, apex=9).notes == ()


def test_an_input_that_was_somebody_elses_in_training_is_told(tmp_path: Path) -> None:
    model = fitted(Looks(), tmp_path / "sets", inputs={"apex": FlowFiles(16).describe()})
    (note,) = (n for n in said_of(model, write_folder(tmp_path / "clip")).notes if "training" in n)
    assert note.startswith("apex is computed from the frames, by ApexFrame, and was FlowFiles in training")


class Odd(Model):
    """Gives what its name of an act says."""

    act = ""

    def inputs(self) -> dict[str, Input]:
        return {"files": FlowFiles(16)} if self.act == "files" else {"apex": ApexFrame(16)}

    def fit(self, train: Any, context: Any) -> None:
        pass

    def predict(self, test: TestSet) -> Predictions:
        assert len(test) == 1
        assert test.features["apex"][0].shape == (16, 16, 3)
        if self.act == "raise":
            raise ValueError("odd on\npurpose")
        if self.act == "nan":
            return Predictions(np.full((1, 3), np.nan))
        return Predictions(np.full((1, 2), 0.5))


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("raise", "odd failed on clip clip: ValueError: odd on purpose"),
        ("nan", "numbers for one clip"),
        ("two", r"gave \(1, 2\) numbers for one clip where \(1, 3\) are due"),
        ("files", "reads its input 'files' from published files"),
    ],
)
def test_a_model_that_cannot_say_is_told_in_one_sentence(tmp_path: Path, act: str, sentence: str) -> None:
    model = Odd()
    model.act = act
    about = fitted(Looks(), tmp_path / "sets").about
    with pytest.raises(MebenchError, match=sentence):
        said_of(Fitted(model, {**about, "model": "odd"}), write_folder(tmp_path / "clip"))


def test_an_input_of_another_shape_than_declared_is_refused(tmp_path: Path) -> None:
    class Short(ClipFrames):
        def compute(self, clip: Any) -> np.ndarray:
            return super().compute(clip)[:-1]

    class LooksShort(Looks):
        def inputs(self) -> dict[str, Input]:
            return {"apex": Short(3, 16)}

    model = fitted(LooksShort(), tmp_path / "sets")
    with pytest.raises(MebenchError, match=r"gave uint8 \(2, 16, 16, 3\) where it declares"):
        said_of(model, write_folder(tmp_path / "clip"))


def test_a_picture_that_is_turned_is_told(tmp_path: Path) -> None:
    place = write_folder(tmp_path / "clip", names="{}.jpg")
    tag = Image.Exif()
    tag[0x0112] = 6
    Image.open(place / "5.jpg").save(place / "5.jpg", exif=tag)
    said = said_of(fitted(Looks(), tmp_path / "sets"), place, apex=5)
    assert "frame(s) 5 are turned as their orientation tag says" in said.notes
