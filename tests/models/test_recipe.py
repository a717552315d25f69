"""Every part of a training recipe can be replaced, and a setting that nothing reads is refused."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pydantic import Field, model_validator  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.optim import SGD, Optimizer  # noqa: E402
from torch.optim.lr_scheduler import LRScheduler, StepLR  # noqa: E402
from torch.utils.data import Sampler, SequentialSampler, WeightedRandomSampler  # noqa: E402
from typing_extensions import Self  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.inputs import ApexFrame, Input, OnsetFrame  # noqa: E402
from mebench.models.base import Context, Progress, TestSet, TrainSet, settings_values  # noqa: E402
from mebench.models.batches import Batch, batches  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.recipe import LoopSettings, Stage, StepSettings, TorchSettings  # noqa: E402
from mebench.models.settings import make_settings, refuse_unread  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402

SIDE = 4


class Plain(TorchModel):
    """One linear layer on the mean colour; it remembers what it was shown."""

    Settings = LoopSettings

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=SIDE)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self.shown: list[list[int]] = []
        self.modes: set[bool] = set()
        return nn.Linear(3, len(context.classes))

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        self.modes.add(network.training)
        return network(inputs["apex"].mean((2, 3))), None

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        self.shown.append(batch.labels.tolist())
        return super().loss(network, batch)


def clips(folder: Path, count: int, channels: int = 3) -> TrainSet:
    pixels = np.random.default_rng(0).integers(0, 255, (count, SIDE, SIDE, channels), dtype=np.uint8)
    np.save(folder / f"{count}-{channels}.npy", pixels)
    view = FeatureView((folder / f"{count}-{channels}.npy",), np.zeros(count, int), np.arange(count))
    # A label of its own for each clip tells which clips a batch holds.
    return TrainSet({"apex": view}, np.arange(count), np.zeros((count, 0), np.uint8), np.zeros(count, int))


def fitted(model: TorchModel, train: TrainSet, assigned: Sequence[str] = ()) -> list[Progress]:
    reports: list[Progress] = []
    classes = tuple(map(str, range(len(train))))
    model.fit(train, Context(3, classes, (), report=reports.append, assigned=tuple(assigned)))
    return reports


def test_settings_without_decay_warmup_clipping_and_augmentation_mean_plain_adam(tmp_path: Path) -> None:
    train = clips(tmp_path, 6)
    model = Plain(LoopSettings(epochs=3, batch_size=4, lr=0.05))
    fitted(model, train)
    torch.manual_seed(3)
    by_hand = nn.Linear(3, 6)
    adam = torch.optim.Adam(by_hand.parameters(), lr=0.05)
    for epoch in range(3):
        for labels in model.shown[2 * epoch : 2 * epoch + 2]:
            batch = next(batches(train, labels, 4, inputs=model.inputs()))
            pixels = model.normalise("apex", batch.inputs["apex"])
            adam.zero_grad()
            nn.functional.cross_entropy(by_hand(pixels.mean((2, 3))), batch.labels).backward()
            adam.step()
    torch.testing.assert_close(model.network_.state_dict(), by_hand.state_dict())


def test_optimizer_schedule_and_sampler_are_asked_for(tmp_path: Path) -> None:
    rates: list[float] = []

    class Published(Plain):
        def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
            return SGD(parameters, lr=self.settings.lr, momentum=0.9)

        def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler:
            assert steps == 12
            self.optimizer_ = optimizer
            return StepLR(optimizer, 2 * self.epoch_steps, gamma=0.5)

        def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
            return SequentialSampler(train)

        def begin_epoch(self, network: nn.Module, epoch: int) -> None:
            rates.append(self.optimizer_.param_groups[0]["lr"])

    model = Published(LoopSettings(epochs=4, batch_size=2, lr=0.8))
    fitted(model, clips(tmp_path, 6))
    assert rates == [0.8, 0.8, 0.4, 0.4]
    assert model.shown == [[0, 1], [2, 3], [4, 5]] * 4


def test_a_sampler_may_show_clips_several_times(tmp_path: Path) -> None:
    class Rare(Plain):
        def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
            return WeightedRandomSampler([0, 0, 1, 3], 40, generator=generator)

    model = Rare(LoopSettings(epochs=1, batch_size=8))
    fitted(model, clips(tmp_path, 4))
    shown = [label for batch in model.shown for label in batch]
    assert len(shown) == 40
    assert set(shown) == {2, 3}
    assert shown.count(3) > shown.count(2)


def test_a_sampler_that_shows_nothing_or_miscounts_is_named(tmp_path: Path) -> None:
    class Counted(Sampler[int]):
        def __init__(self, said: int, shown: int) -> None:
            self.said, self.shown = said, shown

        def __len__(self) -> int:
            return self.said

        def __iter__(self) -> Iterator[int]:
            yield from range(self.shown)

    for said, shown, sentence in (
        (0, 0, r"an epoch shows no clip: the fold has no training clips, or sampler\(\) leaves out all"),
        (4, 2, r"sampler gave 2 clips in an epoch, and its len\(\) is 4"),
    ):

        class Odd(Plain):
            def sampler(
                self, train: TrainSet, generator: torch.Generator, said: int = said, shown: int = shown
            ) -> Sampler[int]:
                return Counted(said, shown)

        with pytest.raises(MebenchError, match=sentence):
            fitted(Odd(LoopSettings(epochs=1)), clips(tmp_path, 4))


def test_accumulated_gradients_are_those_of_one_large_batch(tmp_path: Path) -> None:
    def trained(**settings: int) -> Mapping[str, Tensor]:
        class InOrder(Plain):
            def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
                return SequentialSampler(train)

        model = InOrder(LoopSettings(epochs=2, lr=0.1, **settings))
        fitted(model, clips(tmp_path, 7))
        return model.network_.state_dict()

    whole, parts = trained(batch_size=7), trained(batch_size=2, accumulate=4)
    torch.testing.assert_close(parts, whole)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(trained(batch_size=2), whole)


def test_stages_train_what_they_say_for_as_long_as_they_say(tmp_path: Path) -> None:
    seen: list[tuple[int, str, float, float]] = []

    class Staged(Plain):
        def network(self, train: TrainSet, context: Context) -> nn.Module:
            super().network(train, context)
            return nn.Sequential(nn.Linear(3, 3), nn.Linear(3, len(context.classes)))

        def stages(self, network: nn.Module) -> Sequence[Stage]:
            head = list(network.get_submodule("1").parameters())
            return (Stage(epochs=2, name="head", trained=head), Stage(steps=3, name="all"))

        def end_epoch(self, network: nn.Module, epoch: int) -> None:
            sums = [network.get_submodule(n).weight.sum().item() for n in ("0", "1")]  # type: ignore[union-attr, operator]
            seen.append((epoch, self.stage.name, *sums))  # type: ignore[arg-type]

    reports = fitted(Staged(LoopSettings(batch_size=3, lr=0.1)), clips(tmp_path, 6))
    assert [(epoch, name) for epoch, name, *_ in seen] == [(1, "head"), (2, "head"), (3, "all"), (4, "all")]
    assert [(report.step, report.steps) for report in reports] == [(k, 4) for k in range(1, 5)]
    trunk, head = ([round(values[place], 6) for values in seen] for place in (2, 3))
    assert trunk[0] == trunk[1] != trunk[2]
    assert len(set(head)) == 4


def test_a_training_without_a_stage_is_refused(tmp_path: Path) -> None:
    class Idle(Plain):
        def stages(self, network: nn.Module) -> Sequence[Stage]:
            return ()

    with pytest.raises(MebenchError, match="Idle trains in no stage"):
        fitted(Idle(LoopSettings()), clips(tmp_path, 4))


def test_settings_may_count_steps(tmp_path: Path) -> None:
    class Steps(Plain):
        Settings = StepSettings

    model = Steps(StepSettings(steps=5, batch_size=2))
    reports = fitted(model, clips(tmp_path, 6))
    assert len(model.shown) == 5
    assert [report.steps for report in reports] == [2, 2]


@pytest.mark.parametrize("wrong", [{}, {"epochs": 2, "steps": 2}, {"epochs": 0}, {"steps": -1}])
def test_a_stage_has_one_length(wrong: dict[str, int]) -> None:
    with pytest.raises(MebenchError, match="either epochs or steps"):
        Stage(**wrong)  # type: ignore[arg-type]


def test_what_a_model_logs_is_reported_as_the_mean_of_each_epoch(tmp_path: Path) -> None:
    class Telling(Plain):
        def loss(self, network: nn.Module, batch: Batch) -> Tensor:
            self.log("labels", batch.labels.sum())
            return super().loss(network, batch)

    reports = fitted(Telling(LoopSettings(epochs=2, batch_size=2)), clips(tmp_path, 4))
    assert [report.values for report in reports] == [{"labels": 3.0}] * 2


def test_networks_train_in_training_mode_and_predict_in_the_other(tmp_path: Path) -> None:
    model = Plain(LoopSettings(epochs=1))
    train = clips(tmp_path, 4)
    fitted(model, train)
    assert model.modes == {True}
    model.modes.clear()
    model.predict(TestSet(train.features, 4))
    assert model.modes == {False}


def test_a_fitted_model_pickles_and_predicts_the_same(tmp_path: Path) -> None:
    train = clips(tmp_path, 5)
    for settings in (LoopSettings(epochs=1), TorchSettings(epochs=1)):
        model = Plain(settings)
        fitted(model, train)
        again = pickle.loads(pickle.dumps(model))
        test = TestSet(train.features, 5)
        assert again.predict(test).probabilities.tobytes() == model.predict(test).probabilities.tobytes()


def test_a_picture_of_one_channel_trains(tmp_path: Path) -> None:
    class Grey(Plain):
        Settings = TorchSettings

        def network(self, train: TrainSet, context: Context) -> nn.Module:
            super().network(train, context)
            return nn.Linear(1, len(context.classes))

    train = clips(tmp_path, 4, channels=1)
    model = Grey(TorchSettings(epochs=1))
    fitted(model, train)
    assert model.predict(TestSet(train.features, 4)).probabilities.shape == (4, 4)


def test_all_inputs_of_a_clip_are_changed_alike(tmp_path: Path) -> None:
    seen: list[dict[str, Tensor]] = []

    class Two(Plain):
        Settings = TorchSettings

        def inputs(self) -> Mapping[str, Input]:
            return {"onset": OnsetFrame(size=SIDE), "apex": ApexFrame(size=SIDE)}

        def loss(self, network: nn.Module, batch: Batch) -> Tensor:
            seen.append(batch.inputs)
            return super().loss(network, batch)

    train = clips(tmp_path, 12)
    same = replace(train, features={"onset": train.features["apex"], "apex": train.features["apex"]})
    fitted(Two(TorchSettings(epochs=2)), same)
    assert all(torch.equal(each["onset"], each["apex"]) for each in seen)
    first, second = (
        sorted(float(x.sum()) for x in torch.cat([e["apex"] for e in part])) for part in (seen[:1], seen[1:])
    )
    assert first != second, "each batch is changed in its own way"


def test_layers_that_take_their_size_from_the_first_clip_train(tmp_path: Path) -> None:
    class Lazy(Plain):
        def network(self, train: TrainSet, context: Context) -> nn.Module:
            super().network(train, context)
            return nn.LazyLinear(len(context.classes))

    model = Lazy(LoopSettings(epochs=1))
    fitted(model, clips(tmp_path, 4))
    assert model.network_.weight.shape == (4, 3)


# Settings that nothing reads


class OwnOptimizer(Plain):
    Settings = TorchSettings

    def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
        return SGD(parameters, lr=0.1)


def test_a_part_of_the_recipe_that_the_model_does_not_use_is_refused_after_one_epoch(tmp_path: Path) -> None:
    model = OwnOptimizer(TorchSettings(epochs=50, lr=0.5))
    reports: list[Progress] = []
    context = Context(3, tuple("abcd"), (), report=reports.append, assigned=("epochs", "lr"))
    with pytest.raises(MebenchError, match="setting 'lr' was set, and nothing in the model reads it"):
        model.fit(clips(tmp_path, 4), context)
    assert not reports
    fitted(OwnOptimizer(TorchSettings(epochs=1)), clips(tmp_path, 4), assigned=["epochs", "warmup"])


def test_a_part_of_the_recipe_may_be_used_by_a_later_stage_alone(tmp_path: Path) -> None:
    class DecayedAtLast(Plain):
        Settings = TorchSettings

        def stages(self, network: nn.Module) -> Sequence[Stage]:
            return (Stage(epochs=2, name="first"), Stage(epochs=self.settings.epochs))

        def optimizer(self, parameters: list[nn.Parameter]) -> Optimizer:
            if self.stage.name == "first":
                return SGD(parameters, lr=0.1)
            return super().optimizer(parameters)

    reports = fitted(
        DecayedAtLast(TorchSettings(epochs=1)), clips(tmp_path, 4), assigned=["lr", "weight_decay"]
    )
    assert len(reports) == 3


def test_reading_a_setting_by_any_way_counts() -> None:
    class Two(LoopSettings):
        width: int = Field(3)
        depth: int = Field(4)

        @property
        def area(self) -> int:
            return self.width * self.depth

        @model_validator(mode="after")
        def _are_sane(self) -> Self:
            assert self.width + self.depth > 0
            return self

    class Model(Plain):
        Settings = Two

    def unread(read: Any) -> bool:
        settings = make_settings(Model, {}, assignments=["width=5", "depth=2"])
        read(settings)
        try:
            refuse_unread(settings, ["width", "depth"])
        except MebenchError:
            return True
        return False

    def both(settings: Two) -> Iterator[int]:
        return iter((settings.width, settings.depth))

    assert unread(lambda s: None)
    assert unread(lambda s: s.width)
    assert unread(settings_values), "mebench's own looking is no use of them"
    assert not unread(both)
    assert not unread(lambda s: s.model_dump())
    assert not unread(dict)
    assert not unread(lambda s: [getattr(s, name) for name in ("width", "depth")])
    assert not unread(vars)
    assert not unread(lambda s: s.model_dump_json())
    assert not unread(lambda s: s.model_copy(update={"lr": 0.1}))
    assert not unread(lambda s: s.area), "a property reads what it is made of"
