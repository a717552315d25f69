"""A plugin in the documented style, one of each kind: mypy checks it with all that `mypy --strict` asks.

Nothing is ignored, and a decorated hook stays a typed function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, assert_type

import click
import numpy as np
import torch
from pydantic import Field
from torch import nn

from mebench.api import (
    ApexFrame,
    ClipReader,
    Context,
    Event,
    Executor,
    Input,
    Job,
    Metric,
    Model,
    ModelSettings,
    Predictions,
    Progress,
    Protocol,
    Record,
    RecordedPrediction,
    Registry,
    RunInfo,
    Scores,
    TestSet,
    TorchModel,
    TorchSettings,
    Tracker,
    TrainSet,
    hookimpl,
    predicted,
    run_job,
)


@hookimpl
def mebench_register(registry: Registry) -> None:
    registry.model(
        "mynet", "own_plugin:MyNet", title="My network", aliases=("my-net",), settings={"epochs": 3}
    )
    registry.protocol("mydb-2c", "own_plugin:TWO_CLASSES", title="Two classes", reference="Us 2026")
    registry.metric("hits", "own_plugin:Hits", title="Share of hits")
    registry.executor("one-by-one", "own_plugin:OneByOne", title="One fold after another")
    registry.tracker("lines", "own_plugin:Lines", title="Lines of text")
    registry.command("greet", "own_plugin:greet", title="Greet someone")


@hookimpl
def mebench_fold_done(run: RunInfo, directory: Path, record: Record) -> None:
    assert_type(record["predictions"], list[RecordedPrediction])
    assert_type(record.get("curves"), dict[str, list[float | None]] | None)
    click.echo(f"{directory.name} {run['model']} {record['fold']}")


def register_twice(registry: Registry) -> None:
    mebench_register(registry)  # typed as it was before it was marked


class MeanSettings(ModelSettings):
    size: int = Field(32, ge=8, description="side of the picture, in pixels")


class MeanPicture(Model):
    Settings = MeanSettings
    settings: MeanSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=self.settings.size)}

    def fit(self, train: TrainSet, context: Context) -> None:
        pictures = train.features["apex"][:].astype(float)
        self.means_ = np.stack(
            [pictures[train.labels == c].mean(axis=0) for c in range(len(context.classes))]
        )
        context.report(Progress(1, 1))

    def predict(self, test: TestSet) -> Predictions:
        pictures = test.features["apex"][:].astype(float)
        nearest = ((pictures[:, None] - self.means_) ** 2).mean(axis=(2, 3, 4)).argmin(axis=1)
        return Predictions(np.eye(len(self.means_))[nearest])


class MyNetSettings(TorchSettings):
    width: int = 16


class MyNet(TorchModel):
    Settings = MyNetSettings
    settings: MyNetSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=32)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, len(context.classes)))

    def outputs(
        self, network: nn.Module, inputs: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        return network(inputs["apex"]), None


@dataclass(frozen=True)
class Brightness(Input):
    version: ClassVar[int] = 2
    kind: ClassVar[Literal["picture", "measurement"]] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (1,)

    def mirror(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def compute(self, clip: ClipReader) -> np.ndarray:
        return np.array([clip.frame(clip.apex, 8).mean()], np.float32)


TWO_CLASSES = Protocol(
    name="mydb-2c",
    title="Two classes",
    datasets=("casme3",),
    classes=("positive", "other"),
    labels={"casme3": {"happy": "positive", "disgust": "other"}},
)


class Hits(Metric):
    def __call__(self, labels: np.ndarray, probabilities: np.ndarray) -> float:
        return float((predicted(probabilities) == labels).mean())


class OneByOne(Executor):
    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        for job in jobs:
            if job is not None:
                yield Event(job.task)
                yield Event(job.task, run_job(job))


class Lines(Tracker):
    def fold_progress(self, run: RunInfo, directory: Path, fold: str, seed: int, progress: Progress) -> None:
        click.echo(f"{fold} {seed} {progress.step}/{progress.steps} {progress.loss}")

    def run_finished(self, run: RunInfo, directory: Path, scores: Scores | None) -> None:
        if scores is not None:
            assert_type(scores["uf1"]["mean"], float | None)


@click.command()
@click.argument("name")
def greet(name: str) -> None:
    """Greet NAME."""
    click.echo(f"hello {name}")
