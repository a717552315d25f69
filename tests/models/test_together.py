"""Folds that train as one network learn what each learns alone."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.optim import Optimizer  # noqa: E402
from torch.utils.data import RandomSampler, Sampler  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.inputs import ApexFrame, Input  # noqa: E402
from mebench.models.base import Context, Model, Predictions, Progress, TestSet, TrainSet  # noqa: E402
from mebench.models.batches import Batch  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.recipe import LoopSettings, Stage, StepSettings, TorchSettings  # noqa: E402
from mebench.models.together.fitting import fit_together  # noqa: E402
from mebench.models.together.layers import OwnNorm, Shown, with_own_layers  # noqa: E402
from mebench.models.together.refusal import refuse_together  # noqa: E402
from mebench.models.together.stack import clip_each  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402

SIDE, CLIPS = 6, 26
PLAIN = {"epochs": 2, "batch_size": 8, "lr": 0.01}
# float32 adds in another order. The weights below move by about 0.1.
CLOSE = 2e-5


class Net(TorchModel):
    """Norms and dropouts of both kinds, on pictures that lie channels last, as those of the cache do.

    No bias stands before a norm: its gradient is 0 but for rounding, which Adam makes whole steps of.
    """

    Settings = LoopSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=SIDE)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Conv2d(4, 4, 3),
            nn.ReLU(),
            nn.Dropout2d(0.2),
            nn.Flatten(),
            nn.Linear(64, 8, bias=False),
            nn.BatchNorm1d(8),
            nn.Dropout(0.5),
            nn.Linear(8, len(context.classes)),
        )

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        return network(inputs["apex"].movedim(1, -1).contiguous().movedim(-1, 1)), None


class Recipe(Net):
    """Weight decay by groups, warm-up and clipped gradients: all of mebench's own recipe but augmentation."""

    Settings = TorchSettings


class Frames(Net):
    """A network that takes every column of a picture for a clip of its own, before its norm and its dropout."""

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        rows = nn.Sequential(
            nn.Linear(3 * SIDE, 8, bias=False), nn.BatchNorm1d(8, momentum=None), nn.Dropout(0.5)
        )
        return nn.ModuleDict({"rows": rows, "read": nn.Linear(8, len(context.classes))})

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        x = inputs["apex"].permute(0, 3, 1, 2)
        assert isinstance(network, nn.ModuleDict)
        rows = network["rows"](x.flatten(2).flatten(0, 1))
        return network["read"](rows.view(len(x), SIDE, -1).mean(1)), None


class Weighted(Net):
    """Class weights of each fold's own labels, kept beside the network."""

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        counts = torch.from_numpy(np.bincount(train.labels, minlength=3))
        self._weights = (1 / counts.clamp(min=1)).float()
        return super().network(train, context)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return F.cross_entropy(self.outputs(network, batch.inputs)[0], batch.labels, weight=self._weights)


class Staged(Net):
    """The last layer first, then all of it, with another optimiser each time."""

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        assert isinstance(network, nn.Sequential)
        return (
            Stage(epochs=1, name="head", trained=list(network[-1].parameters())),
            Stage(epochs=1, name="all"),
        )

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        if self.stage.name == "head":
            return torch.optim.SGD(parameters, lr=self.settings.lr, momentum=0.9)
        return super().optimizer(parameters)


class Steps(Net):
    Settings = StepSettings


class Exploding(Net):
    """One fold's loss is none any more, after its first epoch: that of the fold with the fewest clips."""

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self._factor = torch.tensor(1e30 if len(train) == min(SIZES) else 1.0)
        return super().network(train, context)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return super().loss(network, batch) * self._factor * self._factor


class Mixing(Net):
    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        scores, _ = super().outputs(network, inputs)
        return scores - scores.mean(0), None


class Counting(Net):
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        scores = self.outputs(network, batch.inputs)[0]
        return F.cross_entropy(scores, batch.labels, reduction="sum") / len(scores)


class Chance(Net):
    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        return F.dropout(super().outputs(network, inputs)[0], 0.5, network.training), None


class Looking(Net):
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        loss = super().loss(network, batch)
        return loss if loss.item() > 0 else loss * 2


class Remembering(Net):
    _calls = 0

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        self._calls += 1
        return super().loss(network, batch)


class OtherNorm(Net):
    def network(self, train: TrainSet, context: Context) -> nn.Module:
        class Own(nn.BatchNorm2d):
            pass

        return nn.Sequential(Own(3), nn.Flatten(), nn.Linear(3 * SIDE**2, 3))


class Whole(Net):
    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        return torch.optim.LBFGS(parameters)


class OfTheFold(Net):
    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        return torch.optim.SGD(parameters, lr=float(self._lr))

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self._lr = 1 / len(train)
        return super().network(train, context)


class Drawing(Net):
    def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
        return RandomSampler(range(len(train)))


class Hooked(Net):
    def end_epoch(self, network: nn.Module, epoch: int) -> None:
        print(epoch)


# Of the fold's training clips: one, two and four batches of 8 do not divide them alike.
SIZES = (25, 19, 22, 24)


def clips() -> tuple[dict[str, FeatureView], np.ndarray]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (CLIPS, SIDE, SIDE, 3), dtype=np.uint8)
    return {"apex": FeatureView.of_array(pixels)}, rng.integers(0, 3, CLIPS)


def places() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [np.sort(rng.permutation(CLIPS)[:size]) for size in SIZES]


def folds(chosen: Sequence[int] = (0, 1, 2, 3)) -> tuple[list[TrainSet], list[np.ndarray]]:
    features, labels = clips()
    where = [places()[i] for i in chosen]
    return [
        TrainSet(
            {name: view.take(own) for name, view in features.items()},
            labels[own].astype(np.int64),
            np.zeros((len(own), 2), np.uint8),
            np.zeros(len(own), np.int64),
        )
        for own in where
    ], where


def context(fold: int, reports: list[Progress], precision: str) -> Context:
    return Context(50 + fold, ("a", "b", "c"), (1, 2), precision=precision, report=reports.append)


def together(
    kind: type[TorchModel],
    settings: Mapping[str, Any],
    chosen: Sequence[int] = (0, 1, 2, 3),
    precision: str = "float32",
) -> tuple[list[TorchModel], list[list[Progress]], list[Exception | None]]:
    trains, where = folds(chosen)
    models = [kind(kind.Settings(**settings)) for _ in chosen]
    reports: list[list[Progress]] = [[] for _ in chosen]
    contexts = [context(fold, told, precision) for fold, told in zip(chosen, reports, strict=True)]
    return models, reports, fit_together(models, trains, contexts, clips()[0], where)


def alone(
    kind: type[TorchModel], settings: Mapping[str, Any], fold: int, precision: str = "float32"
) -> tuple[TorchModel, list[Progress]]:
    model, reports = kind(kind.Settings(**settings)), []
    model.fit(folds([fold])[0][0], context(fold, reports, precision))
    return model, reports


def predicted(model: Model) -> Predictions:
    return model.predict(TestSet(clips()[0], CLIPS))


def gap(one: TorchModel, other: TorchModel) -> float:
    pairs = zip(one.network_.state_dict().values(), other.network_.state_dict().values(), strict=True)
    return max(float((a.double() - b.double()).abs().max()) for a, b in pairs)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Net, {}),
        (Net, {"batch_size": 32}),
        (Net, {"accumulate": 2, "batch_size": 4}),
        (Recipe, {"weight_decay": 0.5, "clip_norm": 0.1, "augmentation": False}),
        (Frames, {}),
        (Frames, {"batch_size": 6}),
        (Weighted, {}),
        (Staged, {}),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else ",".join(each),
)
def test_every_fold_ends_with_the_weights_losses_and_predictions_of_the_fold_alone(
    kind: type[TorchModel], settings: dict[str, Any]
) -> None:
    models, reports, faults = together(kind, PLAIN | settings)
    assert faults == [None] * 4
    for fold, (model, told) in enumerate(zip(models, reports, strict=True)):
        due, losses = alone(kind, PLAIN | settings, fold)
        assert gap(due, model) < CLOSE
        assert [(p.step, p.steps) for p in told] == [(p.step, p.steps) for p in losses]
        np.testing.assert_allclose([p.loss for p in told], [p.loss for p in losses], rtol=1e-5)
        np.testing.assert_allclose(predicted(model).probabilities, predicted(due).probabilities, atol=1e-5)


def test_folds_that_train_for_a_number_of_steps_end_in_their_own_epoch() -> None:
    settings = {"steps": 5, "batch_size": 8, "lr": 0.01}
    models, reports, _ = together(Steps, settings)
    assert {len(told) for told in reports} == {2}
    assert max(gap(alone(Steps, settings, fold)[0], model) for fold, model in enumerate(models)) < CLOSE


def test_what_a_fold_learns_does_not_depend_on_which_others_are_there() -> None:
    every, _, _ = together(Net, PLAIN)
    some, _, _ = together(Net, PLAIN, [2])
    assert gap(every[2], some[0]) < CLOSE
    assert gap(every[2], every[1]) > 100 * CLOSE


def test_bfloat16_learns_what_it_learns_alone_as_far_as_its_digits_go() -> None:
    models, _, faults = together(Net, PLAIN, precision="bfloat16")
    assert faults == [None] * 4
    for fold, model in enumerate(models):
        due = alone(Net, PLAIN, fold, "bfloat16")[0]
        np.testing.assert_allclose(predicted(model).probabilities, predicted(due).probabilities, atol=0.05)


def test_the_same_folds_give_the_same_bytes() -> None:
    first, second = ([predicted(m) for m in together(Net, PLAIN)[0]] for _ in range(2))
    assert all(one.same_bytes(other) for one, other in zip(first, second, strict=True))


def test_a_fold_whose_loss_is_no_number_fails_alone() -> None:
    models, reports, faults = together(Exploding, PLAIN)
    bad = SIZES.index(min(SIZES))
    assert "the training loss became nan in epoch 1 of 2: lower the learning rate" in str(faults[bad])
    assert not reports[bad]
    assert [fault for place, fault in enumerate(faults) if place != bad] == [None] * 3
    for fold in set(range(4)) - {bad}:
        assert gap(alone(Exploding, PLAIN, fold)[0], models[fold]) < CLOSE


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Mixing, "lets the clips of a batch see each other"),
        (Counting, "or how many there are"),
        (Chance, "draws numbers in training that no dropout layer of torch's draws"),
        (Looking, r"torch.func.vmap cannot do for many folds \(RuntimeError: vmap: .*item"),
        (Remembering, "sets its attribute '_calls'"),
        (OtherNorm, "its layer '0' is a Own"),
        (Whole, "its optimiser is LBFGS"),
        (Drawing, "its sampler draws from torch's own source of chance"),
        (OfTheFold, "its optimiser is set otherwise in different folds"),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else "",
)
def test_what_would_learn_something_else_among_others_is_refused(kind: type[TorchModel], why: str) -> None:
    _, reports, faults = together(kind, PLAIN)
    assert not any(reports)
    for fault in faults:
        assert isinstance(fault, MebenchError)
        assert re.fullmatch(
            f"--folds-together cannot train it: .*{why}.*; run it without --folds-together", str(fault)
        )


def test_what_is_known_of_a_model_beforehand_is_told_by_name() -> None:
    class Other(Model):
        def inputs(self) -> Mapping[str, Input]:
            return {}

        def fit(self, train: TrainSet, context: Context) -> None:
            pass

        def predict(self, test: TestSet) -> Predictions:
            raise NotImplementedError

    for model, selection, why in (
        (Other(), "last", "'x': it is no network that trains by mebench's own loop"),
        (Hooked(), "last", r"its own end_epoch\(\) is called for one fold"),
        (Recipe(), "last", r"--set augmentation=false"),
        (Net(), "oracle", "the rule 'oracle'"),
    ):
        with pytest.raises(MebenchError, match=why):
            refuse_together("x", model, selection)
    refuse_together("x", Net(), "last")


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("norm", "shape"),
    [
        (nn.BatchNorm1d(3), (7, 3)),
        (nn.BatchNorm2d(3, momentum=None), (7, 3, 4, 5)),
        (nn.BatchNorm2d(3, track_running_stats=False), (7, 3, 4, 5)),
        (nn.BatchNorm3d(3, affine=False, momentum=0.3), (7, 3, 2, 4, 5)),
    ],
)
def test_a_norm_takes_its_statistics_from_the_real_rows(
    norm: Any, shape: tuple[int, ...], full: bool
) -> None:
    real = 7 if full else 5
    shown = Shown()
    own = with_own_layers(copy.deepcopy(norm), shown)
    assert isinstance(own, OwnNorm)
    assert own.state_dict().keys() == norm.state_dict().keys()
    due = type(norm)(
        3, momentum=norm.momentum, affine=norm.affine, track_running_stats=norm.track_running_stats
    )
    shown.rows, shown.full = torch.arange(7) < real, full
    for seed in range(3):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 3 + 1
        one, other = x.clone().requires_grad_(), x[:real].clone().requires_grad_()
        y, z = own(one), due(other)
        torch.testing.assert_close(y[:real], z)
        (y[:real] ** 3).sum().backward()
        (z**3).sum().backward()
        torch.testing.assert_close(one.grad[:real], other.grad, rtol=1e-3, atol=1e-3)  # type: ignore[index]
        if not full:
            assert not one.grad[real:].any()  # type: ignore[index]
    for name, value in due.state_dict().items():
        torch.testing.assert_close(own.state_dict()[name], value)
    own.eval()
    torch.testing.assert_close(own(x), due.eval()(x))


def test_gradients_are_clipped_fold_by_fold() -> None:
    stacked = [torch.randn(3, 2, 2, requires_grad=True), torch.randn(3, 4, requires_grad=True)]
    for place, factor in enumerate((0.01, 1.0, 100.0)):
        for each in stacked:
            (each[place] * factor).square().sum().backward()
    due = []
    for place in range(3):
        own = [nn.Parameter(each[place].detach().clone()) for each in stacked]
        for parameter, each in zip(own, stacked, strict=True):
            parameter.grad = each.grad[place].clone()  # type: ignore[index]
        nn.utils.clip_grad_norm_(own, 1.0)
        due.append([p.grad for p in own])
    clip_each(stacked, 1.0)
    for place, gradients in enumerate(due):
        for each, gradient in zip(stacked, gradients, strict=True):
            torch.testing.assert_close(each.grad[place], gradient)  # type: ignore[index]
