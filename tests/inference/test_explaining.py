"""An explanation points to where a network looks: checked against networks of which that is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from looking import UNITS, Fitted, Looks, LooksAtMovement, LooksTwice, fitted
from own_clips import moving, write_folder
from torch import nn

from mebench.api import Context, FlowPicture, FlowStack, Landmarks, TrainSet
from mebench.errors import MebenchError, UnknownNameError
from mebench.inference.clip import user_clip
from mebench.inference.explaining import Explanation, check_explainable, explain, target_of
from mebench.inference.faces import Preparation
from mebench.inference.predicting import Said, predict
from mebench.inference.references import is_map, references
from mebench.inference.window import Asked
from mebench_baselines.majority import Majority

pytest.importorskip("captum", reason="captum is not installed: pip install 'mebench[explain]'")


def explained(model: Fitted, folder: Path, **how: str) -> tuple[Said, Explanation]:
    place = folder / "clip"
    if not place.exists():
        write_folder(place)
    with user_clip(place, Asked(apex=5), Preparation("as it is")) as clip:
        said = predict(model, clip)
        return said, explain(model, clip, said, **how)


def share_in_corner(added: np.ndarray) -> float:
    """Return the share of what is added, either way, that lies in the upper left quadrant."""
    side = added.shape[-1] // 2
    return float(np.abs(added[..., :side, :side]).sum() / np.abs(added).sum())


@pytest.mark.parametrize("reference", ["still", "flat"])
def test_the_map_lies_where_the_network_looks(tmp_path: Path, reference: str) -> None:
    _, found = explained(fitted(Looks(), tmp_path / "sets"), tmp_path, reference=reference)
    assert found.added["apex"].shape == (3, 16, 16)
    assert share_in_corner(found.added["apex"]) == pytest.approx(1)


def test_hiding_a_part_of_the_picture_changes_the_odds_by_what_the_map_gives_it(tmp_path: Path) -> None:
    model = fitted(Looks(), tmp_path / "sets")
    said, found = explained(model, tmp_path, reference="flat")
    shown = said.inputs["apex"]
    hidden = shown.copy()
    hidden[:8, :8] = np.rint(shown.mean(axis=(0, 1)))
    scores = [network_odds(model, picture, found.target) for picture in (shown, hidden)]
    assert scores[0] - scores[1] == pytest.approx(found.added["apex"][:, :8, :8].sum(), rel=0.05)


def network_odds(model: Fitted, picture: np.ndarray, target: str) -> float:
    """Return the log-odds of a class, straight from the network."""
    looks = model.model
    assert isinstance(looks, Looks)
    x = looks.normalise("apex", torch.from_numpy(picture)[None].movedim(-1, 1) / 255)
    p = looks.network_(x).softmax(1)[0, model.about["classes"].index(target)]
    return float(torch.logit(p))


def test_what_is_added_is_the_change_of_the_log_odds(tmp_path: Path) -> None:
    model = fitted(LooksTwice(), tmp_path / "sets", aus=UNITS)
    said, found = explained(model, tmp_path)
    assert found.target == said.predicted
    assert sum(found.sums().values()) == pytest.approx(found.after - found.before, rel=0.05)
    assert found.unaccounted < 0.05
    assert found.probabilities[1] == pytest.approx(said.probabilities[said.predicted], abs=1e-5)


def test_an_input_that_is_not_used_adds_nothing_and_frames_that_are_not_looked_at_neither(
    tmp_path: Path,
) -> None:
    _, found = explained(fitted(LooksTwice(), tmp_path / "sets", aus=UNITS), tmp_path)
    assert not found.added["both"].any()
    by_frame = np.abs(found.added["clip"]).sum(axis=(0, 2, 3))
    assert by_frame[8:12].all()
    assert not by_frame[[*range(8), *range(12, 20)]].any()
    # The clip's score counts twice.
    assert found.sums()["clip"] / found.sums()["apex"] == pytest.approx(2, rel=0.25)


def test_a_face_that_does_not_move_adds_nothing_to_itself(tmp_path: Path) -> None:
    write_folder(tmp_path / "clip", [moving()[0]] * 9)
    model = fitted(Looks(), tmp_path / "sets")
    _, still = explained(model, tmp_path)
    assert not still.added["apex"].any()
    assert still.before == still.after
    _, flat = explained(model, tmp_path, reference="flat")
    assert flat.added["apex"].any()


def test_of_flow_the_reference_is_no_movement(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed: pip install 'mebench[flow]'")
    said, found = explained(fitted(LooksAtMovement(), tmp_path / "sets"), tmp_path)
    assert found.added["flow"].shape == said.inputs["flow"].shape
    assert share_in_corner(np.moveaxis(found.added["flow"], -1, 0)) == pytest.approx(1)


def test_the_reference_of_a_map_is_the_rest_of_each_of_its_channels_and_pictures(tmp_path: Path) -> None:
    wanted = {"picture": FlowPicture(size=28), "stack": FlowStack(size=16, n=2), "points": Landmarks()}
    picture = np.full((28, 28, 3), (90, 130, 0), np.uint8)
    picture[:9, :9] = 255
    stack = np.tile(np.float32([[1, 2], [3, 4]])[:, None, None], (1, 16, 16, 1))
    stack[:, 5] += 9
    shown = {"picture": picture, "stack": stack}
    with user_clip(write_folder(tmp_path / "clip"), Asked(apex=5), Preparation("as it is")) as clip:
        found = references({n: wanted[n] for n in shown}, shown, clip.reader, "still")
    assert (found["picture"] == (90, 130, 0)).all()
    assert found["picture"].dtype == np.uint8
    assert (found["stack"][0] == (1, 2)).all()
    assert (found["stack"][1] == (3, 4)).all()
    assert not is_map(wanted["points"])


def test_any_class_and_any_action_unit_can_be_explained(tmp_path: Path) -> None:
    model = fitted(LooksTwice(), tmp_path / "sets", aus=UNITS)
    said, other = explained(model, tmp_path, target="surprise")
    assert other.probabilities[1] == pytest.approx(said.probabilities["surprise"], abs=1e-5)
    _, unit = explained(model, tmp_path, target="AU12")
    assert unit.probabilities[1] == pytest.approx(said.aus["AU12"], abs=1e-4)
    with pytest.raises(UnknownNameError, match=r"no class or action unit of lookstwice named 'AU1'"):
        check_explainable(model, "AU1")


def test_a_model_of_action_units_alone_is_explained_by_the_likeliest(tmp_path: Path) -> None:
    model = fitted(LooksTwice(), tmp_path / "sets", aus=UNITS)
    only = Fitted(model.model, {**model.about, "classes": []})
    with pytest.raises(MebenchError, match="numbers for one clip"):
        explained(only, tmp_path)
    said = Said({}, {"AU4": 0.2, "AU12": 0.9}, {}, ())
    assert said.predicted == ""
    assert target_of(said) == "AU12"


class Blind(Looks):
    """Passes no gradient to what it sees."""

    def outputs(self, network, inputs):
        return network(inputs["apex"].detach().sign()), None


class Recurrent(Looks):
    """Reads rows one after the other."""

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return nn.LSTM(16, 3, batch_first=True)

    def outputs(self, network, inputs):
        return network(inputs["apex"].mean(1))[1][0][0], None


def test_a_network_without_gradients_is_told(tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match="passes no gradient to its inputs"):
        explained(fitted(Blind(), tmp_path / "sets"), tmp_path)


def test_recurrent_networks_are_followed(tmp_path: Path) -> None:
    _, found = explained(fitted(Recurrent(), tmp_path / "sets"), tmp_path)
    assert found.added["apex"].any()


def test_what_cannot_be_explained_is_told_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MebenchError, match="majority is no torch network"):
        check_explainable(fitted(Majority(), tmp_path / "sets"), None)
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MebenchError, match=r"pip install 'mebench\[explain\]'"):
        check_explainable(fitted(Looks(), tmp_path / "sets"), None)


def test_the_network_is_left_as_it_was(tmp_path: Path) -> None:
    model = fitted(Recurrent(), tmp_path / "sets")
    before = {name: value.clone() for name, value in model.model.network_.state_dict().items()}
    first, _ = explained(model, tmp_path)
    again, _ = explained(model, tmp_path)
    assert first.probabilities == again.probabilities
    for name, value in model.model.network_.state_dict().items():
        assert torch.equal(value, before[name])
        assert all(parameter.grad is None for parameter in model.model.network_.parameters())
