"""The picture of an explanation: colours lie where something is added, and every input that can be drawn is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from looking import UNITS, Fitted, Looks, LooksAtMovement, LooksTwice, fitted
from own_clips import write_folder
from PIL import Image

from mebench.api import FlowStack, Input, Landmarks
from mebench.errors import MebenchError
from mebench.inference.clip import user_clip
from mebench.inference.drawing import overlaid
from mebench.inference.explaining import Explanation, explain
from mebench.inference.faces import Preparation
from mebench.inference.panels import Group, groups
from mebench.inference.predicting import predict
from mebench.inference.report import picture_of
from mebench.inference.window import Asked

pytest.importorskip("captum", reason="captum is not installed: pip install 'mebench[explain]'")


def drawn(model: Fitted, folder: Path, apex: int = 5) -> tuple[list[Group], list[str]]:
    with user_clip(write_folder(folder / "clip"), Asked(apex=apex), Preparation("as it is")) as clip:
        said = predict(model, clip)
        return groups(model.model.inputs(), said.inputs, explain(model, clip, said), clip.reader)


def picture(model: Fitted, folder: Path) -> bytes:
    with user_clip(write_folder(folder / "clip"), Asked(apex=5), Preparation("as it is")) as clip:
        said = predict(model, clip)
        return picture_of(model, clip, said, explain(model, clip, said))


def test_the_picture_is_a_png_of_all_inputs(tmp_path: Path) -> None:
    content = picture(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS, synthetic=True), tmp_path)
    opened = Image.open(io.BytesIO(content))
    assert opened.format == "PNG"
    assert 1000 < opened.width < 3000
    assert opened.width / 2 < opened.height < 2 * opened.width
    assert np.ptp(np.asarray(opened.convert("RGB"))) == 255


def test_frames_carry_their_numbers_and_the_apex_its_mark(tmp_path: Path) -> None:
    (apex, clip, both), other = drawn(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS), tmp_path, apex=4)
    assert not other
    assert [panel.label for panel in apex.panels] == ["frame 4"]
    assert (len(clip.panels), clip.left_out) == (16, 4)
    assert "16 of 20 shown" in clip.title
    (marked,) = (panel for panel in clip.panels if panel.apex)
    assert marked.label in ("3.9, by the apex", "4.4, by the apex")
    assert [panel.label for panel in both.panels] == ["1", "4, apex"]
    assert [panel.apex for panel in both.panels] == [False, True]


def test_colours_lie_where_the_network_looks(tmp_path: Path) -> None:
    (group,), _ = drawn(fitted(Looks(), tmp_path / "sets"), tmp_path)
    heat = np.abs(group.panels[0].heat)
    side = len(heat) // 2
    assert heat[:side, :side].max() > 0.9
    assert heat[:side, :side].sum() > 0.8 * heat.sum()  # what is blurred goes over the edge


def test_what_speaks_for_is_red_and_against_is_blue_and_the_face_shows_through() -> None:
    face = np.zeros((2, 2, 3), np.uint8)
    face[0] = 200
    mixed = overlaid(face, np.array([[1.0, -1.0], [0.0, 1.0]]))
    (red, blue), (nothing, on_black) = mixed
    assert red[0] > red[2] + 0.3
    assert blue[2] > blue[0] + 0.3
    np.testing.assert_allclose(nothing, 0, atol=1e-6)
    assert red[1] > on_black[1] + 0.1


def test_flow_is_drawn_over_the_face_and_shown_itself(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed: pip install 'mebench[flow]'")
    (group,), _ = drawn(fitted(LooksAtMovement(), tmp_path / "sets"), tmp_path)
    (panel,) = group.panels
    assert panel.face.shape == (224, 224, 3)
    assert panel.heat.shape == (224, 224)
    assert panel.seen is not None
    assert panel.seen.shape == (16, 16, 3)


class LooksAtStack(LooksAtMovement):
    def inputs(self) -> Mapping[str, Input]:
        return {"flow": FlowStack(method="dis", size=16, resolution=64, n=4)}


def test_flow_to_several_frames_is_drawn_over_each(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed: pip install 'mebench[flow]'")
    (group,), _ = drawn(fitted(LooksAtStack(), tmp_path / "sets"), tmp_path)
    assert [panel.label for panel in group.panels] == ["3", "5, apex", "7", "9"]


class Points(Landmarks):
    def compute(self, clip):
        return np.linspace(0, 1, 10, dtype=np.float32).reshape(5, 2) + np.float32(
            clip.frame(clip.apex, 8).mean()
        )


class LooksAtPoints(Looks):
    def inputs(self) -> Mapping[str, Input]:
        return {"points": Points()}

    def outputs(self, network, inputs):
        return inputs["points"][..., 0, 0:1] * inputs["points"].new_tensor([1.0, -1.0, 0.0]), None


class LooksAtBoth(LooksAtPoints):
    def inputs(self) -> Mapping[str, Input]:
        return {**Looks.inputs(self), **super().inputs()}


def test_what_has_no_place_on_a_face_is_told_and_not_drawn(tmp_path: Path) -> None:
    found, other = drawn(fitted(LooksAtBoth(), tmp_path / "sets"), tmp_path)
    assert [group.name for group in found] == ["apex"]
    assert other == ["points"]


def test_where_nothing_can_be_drawn_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=r"\(points\) has no places on a face"):
        picture(fitted(LooksAtPoints(), tmp_path / "sets"), tmp_path)


def test_what_hardly_changes_the_odds_looks_pale(tmp_path: Path) -> None:
    added = np.zeros((3, 16, 16), np.float32)
    added[0, 4, 4] = 1e-3
    wanted = Looks().inputs()
    found = Explanation("positive", "still", 0.0, 1e-3, {"apex": added}, 0.0)
    with user_clip(write_folder(tmp_path / "clip"), Asked(apex=5), Preparation("as it is")) as clip:
        (group,), _ = groups(wanted, {"apex": np.zeros((16, 16, 3), np.uint8)}, found, clip.reader)
    assert 0 < np.abs(group.panels[0].heat).max() < 0.02


def test_nothing_added_is_drawn_as_no_colour(tmp_path: Path) -> None:
    wanted = Looks().inputs()
    found = Explanation("positive", "still", 0.0, 0.0, {"apex": np.zeros((3, 16, 16), np.float32)}, 0.0)
    with user_clip(write_folder(tmp_path / "clip"), Asked(apex=5), Preparation("as it is")) as clip:
        (group,), _ = groups(wanted, {"apex": np.zeros((16, 16, 3), np.uint8)}, found, clip.reader)
    assert not group.panels[0].heat.any()
