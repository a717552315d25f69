from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from invented import invented_sets
from kept_models import CONTEXT, about_of, keep
from safetensors.numpy import load_file
from safetensors.torch import save_model
from sklearn.ensemble import RandomForestClassifier

from mebench.errors import MebenchError, MebenchWarning
from mebench.models.base import Predictions, TestSet
from mebench.models.fitted import load_fitted, read_about, save_fitted
from mebench.models.kept import KeptWeights
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.runner.named import NamedModel, named_model

PLUGINS = load_plugins()
TINY = {"width": 4, "apex_size": 32, "clip_size": 32, "frames": 4, "epochs": 1, "batch_size": 4}


def named(name: str = "majority", **settings: Any) -> NamedModel:
    return named_model(PLUGINS, name, preset="small" if settings else None, settings=settings)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A kept SVM."""
    made = named("difference-svm")
    keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    return tmp_path / "kept"


def same(one: Predictions, other: Predictions) -> None:
    assert one.probabilities.tobytes() == other.probabilities.tobytes()
    assert (one.aus is None) == (other.aus is None)
    if one.aus is not None and other.aus is not None:
        assert one.aus.tobytes() == other.aus.tobytes()


def tree(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def edited(folder: Path, **changes: Any) -> None:
    file = folder / "model.json"
    about = json.loads(file.read_text())
    file.write_text(json.dumps({**about, **changes}))


@pytest.mark.parametrize(
    ("name", "settings"),
    [("majority", {}), ("difference-svm", {}), ("ststnet", {"epochs": 1}), ("famnet", TINY)],
)
def test_a_kept_model_predicts_the_same_bytes_wherever_it_lies(
    name: str, settings: dict[str, Any], registry: Registry, tmp_path: Path
) -> None:
    made = named(name, **settings)
    test, said = keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    moved = tmp_path / "elsewhere" / "another name"
    moved.parent.mkdir()
    (tmp_path / "kept").rename(moved)
    assert sorted(each.name for each in moved.iterdir()) == ["model.json", "weights.safetensors"]
    assert str(tmp_path) not in (moved / "model.json").read_text()
    fitted = load_fitted(moved, registry)
    same(fitted.model.predict(test), said)
    assert fitted.entry.name == name
    assert fitted.context.classes == CONTEXT.classes
    assert fitted.inputs == made.model.inputs()
    assert fitted.about["settings"] == made.model.settings.model_dump(mode="json")


def test_a_fold_of_one_class_is_kept_as_that_class(registry: Registry, tmp_path: Path) -> None:
    made = named("difference-svm")
    train, test = invented_sets(made.model.inputs(), tmp_path, classes=1, clips=4, aus=3)
    made.model.fit(train, CONTEXT)
    save_fitted(tmp_path / "kept", about_of(made.entry, made.model), made.model.state())
    assert (
        load_fitted(tmp_path / "kept", registry).model.predict(test).probabilities.tolist() == [[1, 0, 0]] * 4
    )


def test_weights_that_training_started_from_are_neither_kept_nor_asked_for(
    registry: Registry, tmp_path: Path
) -> None:
    import timm

    start = tmp_path / "start.safetensors"
    save_model(timm.create_model("resnet10t"), start)
    made = named("timm:resnet10t", size=32, epochs=1, pretrained=str(start))
    test, said = keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    start.unlink()
    about = read_about(tmp_path / "kept")
    assert about["settings"]["pretrained"] is False
    assert len(about["started_from"]["pretrained"]) == 64
    same(load_fitted(tmp_path / "kept", registry).model.predict(test), said)


def test_a_restored_network_is_the_one_of_its_settings_or_a_sentence(
    registry: Registry, tmp_path: Path
) -> None:
    made = named("ststnet", epochs=1)
    keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    state = load_file(tmp_path / "kept" / "weights.safetensors")
    about = about_of(made.entry, made.model)
    name = next(iter(state))
    for broken, sentence in (
        ({k: v for k, v in state.items() if k != name}, f"they lack {name}"),
        ({**state, "more": np.zeros(2)}, "they have also more"),
        ({**state, name: np.zeros(2)}, rf"they have {name} of shape \(2,\), not"),
    ):
        save_fitted(tmp_path / "broken", about, broken, replaced=True)
        with pytest.raises(
            MebenchError, match=f"broken cannot be restored: the weights are not .*{sentence}"
        ):
            load_fitted(tmp_path / "broken", registry)


def test_state_shares_the_memory_of_a_network_on_a_cpu_and_is_read_array_by_array(tmp_path: Path) -> None:
    made = named("ststnet", epochs=1)
    keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    network: torch.nn.Module = made.model.network_  # type: ignore[attr-defined]
    state = made.model.state()
    assert all(
        state[name].ctypes.data == value.data_ptr()
        for name, value in network.state_dict().items()
        if value.numel()
    )
    with KeptWeights(tmp_path / "kept" / "weights.safetensors") as found:
        assert set(found) == set(state)
        assert len(found) == len(state)
        assert found.get("none") is None
        assert all(found[name].tobytes() == each.tobytes() for name, each in state.items())


def test_a_network_that_keeps_other_things_than_tensors_is_refused() -> None:
    from mebench.models.tensors import arrays_of

    class Odd(torch.nn.Linear):
        def get_extra_state(self) -> str:
            return "words"

    with pytest.raises(MebenchError, match=r"cannot be kept: its state_dict has str under '_extra_state'"):
        arrays_of(Odd(1, 1))
    with pytest.raises(MebenchError, match=r"'weight' is of torch.bfloat16"):
        arrays_of(torch.nn.Linear(1, 1).bfloat16())


def test_wrong_folders_are_named(kept: Path, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(MebenchError, match=r"nowhere is no folder with a model.json: name the folder"):
        load_fitted(tmp_path / "nowhere", registry)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MebenchError, match=r"empty has no model.json"):
        load_fitted(tmp_path / "empty", registry)
    edited(kept, format=99)
    with pytest.raises(MebenchError, match=r"format 1, the one that .* but of 99: fit it again"):
        load_fitted(kept, registry)
    edited(kept, format=1, classes="many")
    with pytest.raises(
        MebenchError, match=r"model.json was changed: 'classes' is missing or of another kind"
    ):
        load_fitted(kept, registry)
    (kept / "model.json").write_text("{")
    with pytest.raises(MebenchError, match="is not readable JSON"):
        load_fitted(kept, registry)


def test_changed_or_missing_weights_are_not_used(kept: Path, registry: Registry) -> None:
    file = kept / "weights.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(MebenchError, match=r"is not the file that model\.json beside it describes"):
        load_fitted(kept, registry)
    file.unlink()
    with pytest.raises(MebenchError, match=r"has no weights.safetensors beside its model.json"):
        load_fitted(kept, registry)


def test_a_pickle_is_never_read(kept: Path, registry: Registry) -> None:
    import hashlib
    import pickle

    told = pickle.dumps({"a": np.zeros(3)})
    (kept / "weights.safetensors").write_bytes(told)
    edited(kept, weights=hashlib.sha256(told).hexdigest())
    with pytest.raises(MebenchError, match="is not readable as safetensors"):
        load_fitted(kept, registry)


def test_code_that_is_not_here_or_takes_other_settings_is_named(kept: Path, registry: Registry) -> None:
    edited(kept, model="difference-svn")
    with pytest.raises(MebenchError, match=r"a model difference-svn, whose code is not here: .*did you mean"):
        load_fitted(kept, registry)
    edited(kept, target="else:Where")
    with pytest.warns(MebenchWarning, match="difference-svn"):
        load_fitted(kept, registry, model="difference-svm")
    edited(kept, model="difference-svm", settings={"size": 32, "gamma": 3})
    with pytest.raises(
        MebenchError, match=r"model.json: setting 'gamma' .* the code of difference-svm has chan"
    ):
        load_fitted(kept, registry)


def test_nothing_is_loaded_that_training_could_have_started_from(registry: Registry, tmp_path: Path) -> None:
    made = named("timm:resnet10t", size=32, epochs=1, pretrained=False)
    keep(made.entry, made.model, tmp_path / "kept", tmp_path)
    settings = read_about(tmp_path / "kept")["settings"]
    theirs = tmp_path / "theirs.pt"
    torch.save({}, theirs)
    for value in (True, str(theirs)):
        edited(tmp_path / "kept", settings={**settings, "pretrained": value})
        with pytest.raises(MebenchError, match=r"model.json was changed: its setting 'pretrained' names"):
            load_fitted(tmp_path / "kept", registry)


def test_no_file_is_run_because_a_folder_names_it(
    kept: Path, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("theirs.py").write_text("from pathlib import Path\nPath('was_run').touch()\nclass Theirs: ...\n")
    for name in ("theirs.py:Theirs", "theirs.py", f"{tmp_path}/theirs.py:Theirs", "theirs.py:Theirs[size=3]"):
        edited(kept, model=name)
        with pytest.raises(MebenchError, match=r"is a model of a file, .*: give --model PATH.py:CLASS"):
            load_fitted(kept, registry)
        assert not Path("was_run").exists()


def test_other_code_and_other_inputs_are_warned_of(kept: Path, registry: Registry) -> None:
    about = read_about(kept)
    assert "mebench_baselines" in about["code"]
    edited(kept, code={**about["code"], "mebench_baselines": "0" * 64})
    with pytest.warns(MebenchWarning, match=r"under other code \(the code of mebench_baselines is another\)"):
        load_fitted(kept, registry)
    wanted = {name: {**each, "version": 0} for name, each in about["wanted"].items()}
    edited(kept, code=about["code"], wanted=wanted)
    with pytest.warns(MebenchWarning, match=r"its input 'apex' is computed otherwise"):
        load_fitted(kept, registry)


def test_another_version_of_scikit_learn_is_warned_of(kept: Path, registry: Registry) -> None:
    state = dict(load_file(kept / "weights.safetensors"))
    save_fitted(kept, read_about(kept), {**state, "scikit_learn": np.array([0, 24])}, replaced=True)
    with pytest.warns(MebenchWarning, match=r"kept under scikit-learn 0\.24 and this is"):
        load_fitted(kept, registry)


def test_nothing_of_the_users_is_overwritten(kept: Path, tmp_path: Path) -> None:
    about, state = read_about(kept), load_file(kept / "weights.safetensors")
    with pytest.raises(MebenchError, match="holds a kept model already: name another folder"):
        save_fitted(kept, about, state)
    save_fitted(kept, about, {"a": np.zeros(1)}, replaced=True)
    assert list(load_file(kept / "weights.safetensors")) == ["a"]
    (kept / "notes.txt").write_text("mine")
    with pytest.raises(MebenchError, match=r"holds other things than a kept model \(notes.txt\)"):
        save_fitted(kept, about, state, replaced=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(MebenchError, match="file is a file"):
        save_fitted(tmp_path / "file", about, state)
    (tmp_path / "empty").mkdir()
    save_fitted(tmp_path / "empty", about, state)
    assert not list(tmp_path.glob(".*part"))


def test_a_model_that_was_to_be_replaced_is_there_again_where_that_fails(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, state, whole = read_about(kept), load_file(kept / "weights.safetensors"), tree(kept)
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if target == kept and (self / "weights.safetensors").read_bytes() != whole["weights.safetensors"]:
            raise OSError(errno.ENOSPC, "full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(MebenchError, match="the disk is full"):
        save_fitted(kept, about, {**state, "more": np.zeros(3)}, replaced=True)
    assert tree(kept) == whole
    assert not list(tmp_path.glob(".*"))


def test_what_a_killed_writer_left_is_removed_and_a_neighbours_half_is_not(
    kept: Path, tmp_path: Path
) -> None:
    about, state = read_about(kept), load_file(kept / "weights.safetensors")
    left = [tmp_path / name for name in (".a.0123456789abcdef.part", ".a.x_1b2c3d.part", ".a.part")]
    neighbour = tmp_path / ".a.v2.0123456789abcdef.part"
    for each in (*left, neighbour):
        each.mkdir()
    save_fitted(tmp_path / "a", about, state)
    assert not any(each.exists() for each in left)
    assert neighbour.exists()


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([None]), [1.0], np.array([1j])])
def test_what_is_no_array_of_numbers_is_not_kept(value: Any, kept: Path, tmp_path: Path) -> None:
    with pytest.raises(
        MebenchError, match=r"state\(\) gave \S+ under 'odd', where an array of numbers is due"
    ):
        save_fitted(tmp_path / "odd", read_about(kept), {"odd": value})
    assert not list(tmp_path.glob("*odd*"))


def test_any_order_of_bytes_and_axes_is_kept_as_the_same_numbers(kept: Path, tmp_path: Path) -> None:
    state = {"big": np.arange(6, dtype=">f8"), "turned": np.arange(6).reshape(2, 3).T, "one": np.array(3)}
    save_fitted(tmp_path / "odd", read_about(kept), state)
    with KeptWeights(tmp_path / "odd" / "weights.safetensors") as found:
        for name, array in state.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].shape == array.shape


def test_it_is_said_before_fitting_which_models_cannot_be_kept(tmp_path: Path) -> None:
    assert named("majority").model.keeping_fault(CONTEXT) == ""
    assert named("difference-svm").model.keeping_fault(CONTEXT) == ""
    assert named("ststnet").model.keeping_fault(CONTEXT) == ""
    svm = named("difference-svm").model
    svm.estimator = lambda seed: RandomForestClassifier(2, random_state=seed)  # type: ignore[attr-defined]
    assert svm.keeping_fault(CONTEXT).startswith("RandomForestClassifier cannot be kept: it learns")


def test_a_setting_that_must_name_a_file_cannot_be_kept(tmp_path: Path) -> None:
    from mebench.api import ModelSettings, PretrainedTag, WeightFile
    from mebench.models.portable import portable

    class Needs(ModelSettings):
        table: WeightFile
        note: str = "x"

    class May(ModelSettings):
        table: WeightFile | None = None
        note: str | None = "x"
        start: PretrainedTag = "resnet18.a1_in1k"

    file = tmp_path / "a.bin"
    file.write_bytes(b"1")
    with pytest.raises(
        MebenchError, match="setting 'table' names a file or folder, which a kept model does not"
    ):
        portable(Needs(table=file))
    found = portable(May(table=file, note=str(file)))
    assert found.values == {"table": None, "note": None, "start": None}
    assert set(found.started_from) == {"table", "note", "start"}
    assert portable(May()).started_from == {"start": "resnet18.a1_in1k"}
    assert portable(May(start=None)).started_from == {}


def test_a_fresh_process_predicts_the_same(kept: Path, registry: Registry, tmp_path: Path) -> None:
    made = named("difference-svm")
    _, test = invented_sets(made.model.inputs(), tmp_path, classes=3, clips=9, aus=3)
    said = load_fitted(kept, registry).model.predict(test)
    shutil.move(kept, tmp_path / "moved")
    code = (
        "import sys, pickle; from pathlib import Path; from mebench.models.fitted import load_fitted\n"
        "from mebench.plugin.loading import load_plugins\n"
        "test = pickle.loads(Path(sys.argv[2]).read_bytes())\n"
        "fitted = load_fitted(Path(sys.argv[1]), load_plugins().registry)\n"
        "sys.stdout.buffer.write(fitted.model.predict(test).probabilities.tobytes())\n"
        "assert 'torch' not in sys.modules"
    )
    import pickle

    (tmp_path / "test").write_bytes(pickle.dumps(TestSet(test.features, len(test), test.inputs)))
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "moved"), str(tmp_path / "test")],
        capture_output=True,
        check=True,
    )
    assert done.stdout == said.probabilities.tobytes()
