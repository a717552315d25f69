"""A setting that no line of a model's code mentions is refused when the model is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from outsiders import outsider

from mebench.errors import MebenchError
from mebench.models.loading import load_model

TEXT = """
import click as outside
from mebench.api import Model, ModelSettings, Predictions


class Base(ModelSettings):
    lr: float = 0.1


class Settings(Base):
    learning_rate: float = 0.2


class THEIRS(Model):
    Settings = Settings
    presets = {{"small": {{"learning_rate": 0.3}}}}

    def inputs(self):
        return {{}}

    def fit(self, train, context):
        self.rate = {read}

    def predict(self, test):
        return Predictions(None)
"""


@pytest.mark.parametrize("read", ["self.settings.lr", "print(self.settings), self.settings.lr"])
def test_the_setting_and_the_one_that_is_read_are_named(
    read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = outsider(tmp_path, monkeypatch)(TEXT.format(read=read), "model")
    with pytest.raises(MebenchError, match=r"'theirs' of plugin 'outsider'.*'learning_rate' is read nowhere"):
        load_model(registry, "theirs")


@pytest.mark.parametrize(
    "read",
    [
        "self.settings.lr, self.settings.learning_rate",
        "self.settings.lr, getattr(self.settings, 'learning_rate')",
        "dict(**self.settings.model_dump())",
        "vars(self.settings)",
        "[value for _, value in self.settings]",
        "outside.build(self.settings)",
    ],
)
def test_a_setting_that_is_read_somehow_is_fine(
    read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = outsider(tmp_path, monkeypatch)(TEXT.format(read=read), "model")
    load_model(registry, "theirs")


WITH_AUGMENTATION = """
from mebench.api import LoopSettings, TorchModel


class Settings(LoopSettings):
    augmentation: bool = True
    clip_norm: float = 1.0


class THEIRS(TorchModel):
    Settings = Settings

    def inputs(self):
        return {}

    def network(self, train, context):
        return None

    def outputs(self, network, inputs):
        return None, None
"""


def test_a_part_of_the_recipe_that_the_torch_base_looks_for_is_read_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    registry = outsider(tmp_path, monkeypatch)(WITH_AUGMENTATION, "model")
    load_model(registry, "theirs")
