"""Datasets and models that a plugin gives: what is wrong with them is one sentence that names the plugin."""

from __future__ import annotations

from pathlib import Path

import pytest
from outsiders import Outsider, outsider

from mebench.data.reading import read_annotated
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError
from mebench.models.loading import check_inputs, load_model

DATASET = """
import pandas as pd
from mebench.api import Dataset, FrameLayout, make_clip_table

ROW = dict(row=2, subject="1", clip="a", onset=1, apex=2, offset=3, emotion="happy")

class Sound(Dataset):
    name = "theirs"
    annotation_files = ("*.csv",)
    layouts = (FrameLayout("{subject}/{frame}.jpg"),)

    def read_annotation(self, path):
        return make_clip_table(self.name, pd.DataFrame([ROW]), fps=30.0)
"""

MODEL = """
from mebench.api import ApexFrame, Model, ModelSettings, Predictions

class Sound(Model):
    def inputs(self):
        return {"apex": ApexFrame(8)}
    def fit(self, train, context): ...
    def predict(self, test): ...
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outsider:
    return outsider(tmp_path, monkeypatch)


def test_sound_classes_of_an_outsider_are_loaded(plugin: Outsider) -> None:
    assert load_dataset(plugin(DATASET + "THEIRS = Sound", "dataset"), "theirs").name == "theirs"
    assert load_model(plugin(MODEL + "THEIRS = Sound", "model"), "theirs").__name__ == "Sound"


CLASSES = {
    "an object": ("dataset", "THEIRS = Sound()", "a subclass of mebench.data.dataset.Dataset is due"),
    "another class": ("dataset", "THEIRS = dict", "a subclass of .*Dataset is due"),
    "no reader": (
        "dataset",
        "class THEIRS(Dataset):\n    name = 'theirs'",
        r"does not define read_annotation\(\)",
    ),
    "another name": (
        "dataset",
        "class THEIRS(Sound):\n    name = 'mine'",
        "'theirs' and calls itself 'mine'",
    ),
    "one pattern": (
        "dataset",
        "class THEIRS(Sound):\n    annotation_files = '*.csv'",
        "annotation_files is '\\*.csv'",
    ),
    "no pattern": (
        "dataset",
        "class THEIRS(Sound):\n    annotation_files = ()",
        "its annotation_files is empty",
    ),
    "layouts as text": (
        "dataset",
        "class THEIRS(Sound):\n    layouts = ('{frame}.jpg',)",
        r"layouts\[0\] is '{frame}",
    ),
    "no layout": ("dataset", "class THEIRS(Sound):\n    layouts = ()", "its layouts is empty"),
    "repairs as a list": ("dataset", "class THEIRS(Sound):\n    repairs = []", r"repairs is \[\] \(list\)"),
    "a recipe that nobody can follow": (
        "dataset",
        "from mebench.api import TwinRecipe\nclass THEIRS(Sound):\n"
        "    twin = TwinRecipe('s{n}', ('c{n}',), 30.0, (5, 9), 1, {'happy': 1}, 'labels.csv')",
        r"does not define write_annotation\(\)",
    ),
    "a constructor that raises": (
        "dataset",
        "class THEIRS(Sound):\n    def __init__(self): raise OSError('x')",
        "cannot be made: x",
    ),
    "a model object": ("model", "THEIRS = Sound()", "a subclass of mebench.models.base.Model is due"),
    "a function": ("model", "def THEIRS(): ...", "a subclass of .*Model is due"),
    "no predict": (
        "model",
        "class THEIRS(Model):\n    def inputs(self): ...\n    def fit(self, train, context): ...",
        r"does not define predict\(\)",
    ),
    "settings of another kind": (
        "model",
        "class THEIRS(Sound):\n    Settings = dict",
        "Settings is .*ModelSettings",
    ),
    "presets as a list": (
        "model",
        "class THEIRS(Sound):\n    presets = ['small']",
        r"presets is \['small'\]",
    ),
    "a preset of no setting": (
        "model",
        "class THEIRS(Sound):\n    presets = {'small': {'epochs': 1}}",
        "its preset 'small' has 'epochs', which its Settings lack",
    ),
}


@pytest.mark.parametrize(("kind", "text", "said"), CLASSES.values(), ids=CLASSES)
def test_what_is_wrong_with_a_class_names_the_plugin(
    plugin: Outsider, kind: str, text: str, said: str
) -> None:
    load = {"dataset": load_dataset, "model": load_model}[kind]
    registry = plugin({"dataset": DATASET, "model": MODEL}[kind] + text, kind)
    with pytest.raises(MebenchError, match=said) as raised:
        load(registry, "theirs")
    assert "of plugin 'outsider'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_variant_of_no_setting_is_named(plugin: Outsider) -> None:
    registry = plugin(MODEL + "THEIRS = Sound", "model", settings={"depth": 3})
    with pytest.raises(MebenchError, match="its settings has 'depth', which its Settings lack"):
        load_model(registry, "theirs")


TABLES = {
    "an error": ("raise ValueError('two\\nlines')", "failed: ValueError: two lines; --debug shows where"),
    "nothing": ("return None", "gave NoneType where a clip table is due"),
    "raw cells": ("return pd.DataFrame([ROW])", "gave a table without the column 'key'"),
    "a label that is NaN": (
        "return super().read_annotation(path).assign(emotion=float('nan'))",
        "whose emotion in row 2 is no text",
    ),
    "frames as text": ("return super().read_annotation(path).assign(onset='1')", "whose onset is of type "),
    "clips of another": (
        "return super().read_annotation(path).assign(dataset='samm')",
        "of the dataset 'samm'",
    ),
}


@pytest.mark.parametrize(("body", "said"), TABLES.values(), ids=TABLES)
def test_a_reader_that_gives_no_clip_table_is_named_with_the_file(
    plugin: Outsider, tmp_path: Path, body: str, said: str
) -> None:
    (tmp_path / "clips.csv").touch()
    text = f"class THEIRS(Sound):\n    def read_annotation(self, path):\n        {body}"
    dataset = load_dataset(plugin(DATASET + text, "dataset"), "theirs")
    with pytest.raises(MebenchError, match=said) as raised:
        read_annotated(dataset, tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'clips.csv'}: the reader of theirs (outsider")


INPUTS = {
    "an error": ("raise KeyError('x')", r"its inputs\(\) failed: KeyError: 'x'"),
    "nothing": ("return None", r"its inputs\(\) gave NoneType"),
    "a list": ("return [ApexFrame(8)]", r"its inputs\(\) gave list"),
    "a class": ("return {'apex': ApexFrame}", "where an Input under a name is due"),
    "a number for a name": ("return {1: ApexFrame(8)}", "under 1, where an Input under a name is due"),
}


@pytest.mark.parametrize(("body", "said"), INPUTS.values(), ids=INPUTS)
def test_a_model_that_does_not_say_what_it_wants_is_named(plugin: Outsider, body: str, said: str) -> None:
    registry = plugin(MODEL + f"class THEIRS(Sound):\n    def inputs(self):\n        {body}", "model")
    with pytest.raises(MebenchError, match=said) as raised:
        check_inputs(registry.get("model", "theirs"), load_model(registry, "theirs")())
    assert "of plugin 'outsider'" in str(raised.value)
