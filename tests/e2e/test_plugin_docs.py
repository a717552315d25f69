"""docs/plugins.md names everything that a plugin author can use, and its examples run, as one module."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner
from invented import invented_cohort, invented_sets
from odd_models import odd_job

import mebench.api
from mebench.api import Context, Input, Metric, Model, ModelSettings, Progress, Registry, Tracker
from mebench.plugin import hookspecs
from mebench.plugin.metadata import DatasetMetadata, ModelMetadata

TEXT = (Path(__file__).resolve().parents[2] / "docs/plugins.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
# What stands in code, in a line or in a block.
NAMED = set(re.findall(r"\w+", " ".join([*BLOCKS, *re.findall(r"`([^`\n]+)`", TEXT)])))


def own(kind: type) -> list[str]:
    """Return the public names that a class itself defines."""
    return [
        name for name in (*vars(kind), *vars(kind).get("__annotations__", {})) if not name.startswith("_")
    ]


def due() -> Iterator[tuple[str, str]]:
    """Yield what the document must name, each with where it comes from."""
    yield from (("mebench.api", name) for name in mebench.api.__all__)
    yield from (("hook", name) for name, each in vars(hookspecs).items() if hasattr(each, "mebench_spec"))
    for kind in (mebench.api.Model, mebench.api.TorchModel, mebench.api.SklearnModel, Tracker, Metric):
        yield from ((kind.__name__, name) for name in own(kind))
    for settings in (mebench.api.LoopSettings, mebench.api.TorchSettings):
        yield from ((settings.__name__, name) for name in settings.model_fields)
    for given in (mebench.api.TrainSet, mebench.api.TestSet, mebench.api.Batch, mebench.api.Stage, Progress):
        yield from (
            (given.__name__, field.name) for field in dataclasses.fields(given) if field.name != "size"
        )
    yield from (("Context", field.name) for field in dataclasses.fields(Context))
    yield from (("Input", name) for name in ("kind", "dtype", "version", "shape", "compute", "mirror"))
    yield from (("registry.model", name) for name in ModelMetadata.__annotations__)
    yield from (("registry.dataset", name) for name in DatasetMetadata.__annotations__)
    yield from (
        ("Registry", name) for name in ("model", "dataset", "protocol", "command", "family", "variant")
    )
    yield from (("Registry", name) for name in ("metric", "executor", "tracker"))


@pytest.mark.parametrize(("where", "name"), sorted(set(due())))
def test_everything_that_a_plugin_can_use_is_named(where: str, name: str) -> None:
    assert name in NAMED, f"docs/plugins.md does not name {name} of {where}"


@pytest.fixture(scope="module")
def documented() -> Iterator[ModuleType]:
    """Return the module that all examples are, one after the other."""
    module = ModuleType("documented")
    sys.modules["documented"] = module
    for block in BLOCKS:
        exec(compile(block, "docs/plugins.md", "exec"), module.__dict__)
    yield module
    del sys.modules["documented"]


def classes(module: ModuleType, base: type) -> list[type[Any]]:
    found = [each for each in vars(module).values() if inspect.isclass(each) and issubclass(each, base)]
    return [each for each in found if each.__module__ == "documented"]


def test_the_registration_is_taken(documented: ModuleType) -> None:
    registry = Registry()
    with registry.owned_by("documented"):
        documented.mebench_register(registry)
    assert {
        entry.name
        for kind in ("metric", "tracker", "executor", "command")
        for entry in registry.entries(kind)
    } == {
        "brier",
        "lines",
        "one-by-one",
        "greet",
    }


def test_the_variant_is_taken(documented: ModuleType) -> None:
    registry = Registry()
    with registry.owned_by("documented"):
        documented.register_variants(registry)
        registry.model("famnet", "documented:TwoStream", title="A net", settings={"width": 4})
    assert registry.get("model", "famnet-mean").settings == {"width": 4, "fusion": "mean"}


def test_every_model_learns_and_predicts(documented: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    kinds = classes(documented, Model)
    assert len(kinds) == 6
    for kind in kinds:
        short = {"epochs": 2} if "epochs" in kind.Settings.model_fields else {}
        model = kind(kind.Settings(**short))
        train, test = invented_sets(model.inputs(), tmp_path, classes=3, clips=9, aus=2)
        reports: list[Progress] = []
        model.fit(train, Context(1, ("a", "b", "c"), (1, 4), report=reports.append))
        found = model.predict(test).probabilities
        assert found.shape == (9, 3)
        np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_the_curve_of_the_example_is_reported(documented: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = documented.TwoStream(documented.TwoStreamSettings(epochs=1))
    train, _ = invented_sets(model.inputs(), tmp_path, classes=3, clips=9)
    reports: list[Progress] = []
    model.fit(train, Context(1, ("a", "b", "c"), (), report=reports.append))
    assert [list(report.values) for report in reports] == [["training accuracy"]] * 3


def test_the_input_is_one(documented: ModuleType) -> None:
    class Clip:
        apex = 3

        def frame(self, number: int, size: int) -> np.ndarray:
            half = np.full((size, size // 2, 3), 10, np.uint8)
            return np.concatenate([half, 3 * half], axis=1)

    (kind,) = classes(documented, Input)
    assert kind().fault() == ""
    assert kind().compute(Clip()).tolist() == [10.0, 30.0]
    torch = pytest.importorskip("torch")
    assert kind().mirror(torch.tensor([[10.0, 30.0]])).tolist() == [[30.0, 10.0]]


def test_settings_split_metric_tracker_executor_and_command_do_what_they_say(
    documented: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {kind.__name__ for kind in classes(documented, ModelSettings)} >= {
        "MyNetSettings",
        "MeanPictureSettings",
    }
    assert [fold.name for fold in invented_cohort(4, 3, split=documented.Halves()).folds] == [
        "first",
        "second",
    ]
    assert documented.Brier()(np.array([0, 1]), np.eye(2)) == 0.0
    tracker = documented.Lines()
    tracker.run_started({}, tmp_path)
    tracker.fold_progress({}, tmp_path, "a", 0, Progress(1, 2, 0.5))
    tracker.fold_done({}, tmp_path, {"fold": "a", "fit_seconds": 1.5})
    tracker.run_finished({}, tmp_path, None)
    assert (tmp_path / "lines.txt").read_text() == "a took 1.5 s\n"
    assert capsys.readouterr().out == "a 0 1 0.5\nfolds are missing\n"
    started, ended = documented.OneByOne().run([odd_job(tmp_path, "one")], workers=1)
    assert started.outcome is None
    assert ended.outcome.predictions.probabilities.shape == (1, 2)
    assert isinstance(documented.greet, click.Command)
    assert CliRunner().invoke(documented.greet, ["Ada"]).output == "Hello, Ada.\n"
