"""docs/baselines.md against the models: every row is built and counted, and no trained network lacks a row."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mebench.features.inputs import Input  # noqa: E402
from mebench.models.base import Context, Model, TrainSet  # noqa: E402
from mebench.models.loading import load_model  # noqa: E402
from mebench.models.settings import make_settings  # noqa: E402
from mebench.models.sklearn import SklearnModel  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402
from mebench.plugin.loading import load_plugins  # noqa: E402
from mebench.plugin.registry import Registry  # noqa: E402

TABLE = Path(__file__).resolve().parents[2] / "docs" / "baselines.md"
HEADER = ["model", "input", "classes", "published parameters", "ours", "why they differ"]


@dataclass(frozen=True)
class Row:
    """One row: a model's name, what would be typed behind it, and its figures as written."""

    name: str
    preset: str | None
    assignments: tuple[str, ...]
    classes: int
    published: str
    ours: str
    why: str

    def __str__(self) -> str:
        return " ".join([self.name, *([self.preset] if self.preset else []), *self.assignments])

    def model(self, registry: Registry) -> Model:
        kind = load_model(registry, self.name)
        variant = registry.get("model", self.name).settings
        return kind(make_settings(kind, variant, self.preset, self.assignments))


def table() -> list[list[str]]:
    every = TABLE.read_text(encoding="utf-8").splitlines()
    counted = every[every.index(f"| {' | '.join(HEADER)} |") :]  # another table of the page is of scores
    lines = itertools.takewhile(lambda line: line.startswith("|"), counted)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def rows() -> list[Row]:
    return [_row(cells) for cells in table()[2:]]


def _row(cells: list[str]) -> Row:
    words = shlex.split(re.fullmatch(r"`([^`]+)`", cells[0])[1])  # type: ignore[index]
    given: dict[str, list[str]] = {"--preset": [], "--set": []}
    for option, value in zip(words[1::2], words[2::2], strict=True):
        given[option].append(value)
    preset = given["--preset"][0] if given["--preset"] else None
    return Row(words[0], preset, tuple(given["--set"]), int(cells[2]), cells[3], cells[4], cells[5])


class Blank:
    """``count`` clips of zeros of an input's shape, indexed as a view of features is."""

    def __init__(self, kind: Input, count: int) -> None:
        self._kind, self._count = kind, count
        self.shape = (count, *kind.shape)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> np.ndarray:
        clips = np.zeros(self._count, bool)[index]
        return np.zeros((*clips.shape, *self._kind.shape), self._kind.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self._kind.dtype)


def blank(model: Model, count: int) -> Mapping[str, Any]:
    return {name: Blank(kind, count) for name, kind in model.inputs().items()}


def parameters(model: TorchModel, classes: int) -> int:
    """Build the network for that many classes, without memory for its weights where it can be, and count."""
    context = Context(0, tuple(f"class {i}" for i in range(classes)), ())
    labels = np.arange(2 * classes) % classes
    aus = np.zeros((len(labels), 0), np.uint8)
    train = TrainSet(blank(model, len(labels)), labels, aus, labels, inputs=model.inputs())  # type: ignore[arg-type]
    return sum(each.numel() for each in _built(model, train, context).parameters())


def _built(model: TorchModel, train: TrainSet, context: Context) -> nn.Module:
    try:
        with torch.device("meta"):
            return model.network(train, context)
    except (RuntimeError, NotImplementedError):  # a network that computes something as it is made
        return model.network(train, context)


def trained_networks() -> list[str]:
    registry = load_plugins().registry
    entries = [entry for entry in registry.entries("model") if entry.target.startswith("mebench_baselines.")]
    here = [entry.name for entry in entries if not entry.missing_requirements()]
    return [name for name in here if issubclass(load_model(registry, name), TorchModel)]


def test_the_table_has_the_columns_that_its_readers_expect() -> None:
    assert table()[0] == HEADER
    assert all(len(cells) == len(HEADER) for cells in table())


@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_row_has_as_many_parameters_as_it_says(row: Row, registry: Registry) -> None:
    if missing := registry.get("model", row.name).missing_requirements():
        pytest.skip(f"{row.name} needs {', '.join(missing)}, not installed here")
    model = row.model(registry)
    number = int(row.ours.removesuffix("-d").replace(",", ""))
    if row.ours.endswith("-d"):
        assert isinstance(model, SklearnModel)
        assert model.vectors(blank(model, 2)).shape == (2, number)  # type: ignore[arg-type]
    else:
        assert isinstance(model, TorchModel)
        assert parameters(model, row.classes) == number


@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_row_that_differs_from_what_was_published_says_why(row: Row) -> None:
    assert row.published == row.ours or row.why


@pytest.mark.parametrize("name", trained_networks())
def test_every_trained_network_has_a_row(name: str) -> None:
    assert name in {row.name for row in rows()}
