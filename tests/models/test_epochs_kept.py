"""The networks of all epochs: kept only where they are asked for, and each of them as it was."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from invented import invented_sets

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.inputs import ApexFrame, Input  # noqa: E402
from mebench.models.base import Context, Predictions, TestSet, TrainSet  # noqa: E402
from mebench.models.recipe import LoopSettings, Stage, StepSettings  # noqa: E402
from mebench.models.snapshots import Snapshots  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402
from mebench.runner.selection import earlier_predictions, fit_by  # noqa: E402
from mebench.scoring.metrics import confusion, uf1  # noqa: E402

CLASSES = ("a", "b", "c")


class Tiny(TorchModel):
    """With a norm, whose running statistics are no parameters, and tied weights."""

    Settings = LoopSettings
    settings: LoopSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=4)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        first, second = nn.Linear(48, 48), nn.Linear(48, 48)
        second.weight = first.weight
        return nn.Sequential(nn.Flatten(), first, nn.BatchNorm1d(48), nn.ReLU(), second, nn.Linear(48, 3))


class TwoStages(Tiny):
    def stages(self, network: nn.Module) -> Sequence[Stage]:
        head = list(network[-1].parameters())
        return Stage(epochs=2, trained=head), Stage(epochs=self.settings.epochs)


class BySteps(Tiny):
    Settings = StepSettings
    settings: StepSettings


class Given(NamedTuple):
    train: TrainSet
    test: TestSet


@pytest.fixture
def given(tmp_path: Path) -> Given:
    train, test = invented_sets(Tiny().inputs(), tmp_path, classes=3, clips=30)
    return Given(replace(train, subjects=np.arange(30) // 3 % 6), test)


def context(selection: str = "last") -> Context:
    return Context(7, CLASSES, (), selection=selection)


def fitted(kind: type[Tiny], given: Given, selection: str = "oracle", **settings: Any) -> Tiny:
    model = kind(kind.Settings(**{"batch_size": 8, "lr": 1e-2, **settings}))
    model.fit(given.train, context(selection))
    return model


def said(predictions: Predictions) -> bytes:
    return predictions.probabilities.tobytes()


def test_an_earlier_epoch_is_what_a_shorter_training_ends_with(given: Given) -> None:
    model = fitted(Tiny, given, epochs=5)
    assert model.epochs_kept() == 5
    last = said(model.predict(given.test))
    earlier = [said(each) for each in earlier_predictions(model, given.test)]
    assert earlier == [
        said(fitted(Tiny, given, "last", epochs=epochs).predict(given.test)) for epochs in range(1, 5)
    ]
    assert said(model.predict(given.test)) == last, "it is again what it was"
    assert last == said(fitted(Tiny, given, "last", epochs=5).predict(given.test))
    assert len({*earlier, last}) == 5


def test_tied_weights_stay_tied(given: Given) -> None:
    model = fitted(Tiny, given, epochs=2)
    model.use_epoch(1)
    assert model.network_[1].weight is model.network_[4].weight


def test_an_epoch_is_a_pass_as_the_loop_counts_it(given: Given) -> None:
    assert fitted(TwoStages, given, epochs=3).epochs_kept() == 5
    # 30 clips make 4 steps of 8, so that 10 steps are two passes and a half.
    assert fitted(BySteps, given, steps=10).epochs_kept() == 3


def test_the_last_epoch_alone_keeps_and_writes_nothing(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a snapshot was made")

    monkeypatch.setattr("mebench.models.torch.Snapshots", refuse)
    model = fitted(Tiny, given, "last", epochs=2)
    assert model.epochs_kept() == 0
    with pytest.raises(MebenchError, match="Tiny has kept no epoch"):
        model.use_epoch(1)


def test_the_inner_rule_takes_the_best_epoch_on_subjects_it_did_not_train_on(given: Given) -> None:
    seen: list[TrainSet] = []
    asked: list[TestSet] = []

    class Watched(Tiny):
        selections = frozenset({"last", "inner"})

        def fit(self, train: TrainSet, context: Context) -> None:
            seen.append(train)
            super().fit(train, context)

        def predict(self, test: TestSet) -> Predictions:
            asked.append(test)
            return super().predict(test)

    model = Watched(LoopSettings(epochs=6, batch_size=8, lr=1e-2))
    chosen = fit_by("inner", model, given.train, context("inner"))
    assert chosen is not None
    assert len(asked) == 6
    rows = asked[0].features["apex"].rows
    assert sorted({*rows, *seen[0].features["apex"].rows}) == list(range(30))
    assert chosen.validated_on == len(rows) == 30 - len(seen[0])
    assert set(given.train.subjects[rows]).isdisjoint(seen[0].subjects)
    now = said(model.predict(given.test))
    scores, predicted = [], []
    for epoch in range(1, 7):
        model.use_epoch(epoch)
        told = model.predict(asked[0]).probabilities.argmax(axis=1)
        scores.append(float(uf1(confusion(given.train.labels[rows], told, 3))))
        predicted.append(said(model.predict(given.test)))
    assert chosen.epoch == 1 + scores.index(max(scores))
    assert chosen.equal == tuple(i for i, each in enumerate(scores, 1) if each == max(scores))
    assert now == predicted[chosen.epoch - 1]


def test_a_loop_of_ones_own_follows_no_rule_but_the_last_unless_it_says_so(given: Given) -> None:
    class Own(Tiny):
        def fit(self, train: TrainSet, context: Context) -> None:
            self.start(train, context)

    class Derived(Own):
        pass

    class Keeping(Own):
        selections = frozenset({"last", "oracle"})

        def fit(self, train: TrainSet, context: Context) -> None:
            super().fit(train, context)
            for _ in range(3):
                with torch.no_grad():
                    self.network_[-1].bias.add_(1)
                self.keep_epoch()

    assert Tiny.selections == {"last", "inner", "oracle"}
    assert Own.selections == Derived.selections == {"last"}
    assert fitted(Keeping, given).epochs_kept() == 3
    with pytest.raises(MebenchError, match=r"Own kept no epoch.*call keep_epoch\(\)"):
        list(earlier_predictions(fitted(Own, given), given.test))


def test_an_epoch_that_was_not_kept_is_named(given: Given) -> None:
    model = fitted(Tiny, given, epochs=2)
    for epoch in (0, 3, -1):
        with pytest.raises(MebenchError, match=f"epoch {epoch} was not kept: there are those from 1 to 2"):
            model.use_epoch(epoch)


def test_a_disk_too_small_for_all_epochs_is_named_before_the_first(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=60_000))
    fitted(Tiny, given, epochs=2)
    passes: list[int] = []
    monkeypatch.setattr(Tiny, "begin_epoch", lambda self, network, epoch: passes.append(epoch))
    with pytest.raises(MebenchError, match=r"networks of 90 epochs take 0\.0 GiB.*TMPDIR"):
        fitted(Tiny, given, epochs=90)
    assert not passes


def test_snapshots_lie_in_the_temporary_folder_without_a_name_and_go_with_their_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    network, snapshots = nn.Linear(300, 300), Snapshots()
    snapshots.keep(network)
    free = os.fstat(snapshots._file.fileno())
    assert free.st_size > 4 * 300 * 300, "it is on disk"
    assert free.st_nlink == 0, "and no name leads to it"
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(MebenchError, match=r"cannot be kept in /nowhere.*TMPDIR"):
        Snapshots()


def test_a_model_that_keeps_its_epochs_pickles_without_them(given: Given) -> None:
    model = fitted(Tiny, given, epochs=2)
    again = pickle.loads(pickle.dumps(model))
    assert said(again.predict(given.test)) == said(model.predict(given.test))
    assert (model.epochs_kept(), again.epochs_kept()) == (2, 0)


def test_values_of_any_type_come_back_bit_for_bit() -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.short = nn.Parameter(torch.randn(3, 2).to(torch.bfloat16))
            self.transposed = nn.Parameter(torch.randn(4, 5).T)
            self.register_buffer("count", torch.tensor(3))
            self.register_buffer("flag", torch.tensor([True, False]))

    network, snapshots = Mixed(), Snapshots()
    before = {name: each.clone() for name, each in network.state_dict().items()}
    snapshots.keep(network)
    with torch.no_grad():
        for each in network.state_dict().values():
            each.zero_()
    snapshots.keep(network)
    snapshots.restore(network, 1)
    for name, each in network.state_dict().items():
        assert torch.equal(each, before[name])
        assert each.dtype == before[name].dtype
