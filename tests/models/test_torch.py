from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from mebench.errors import MebenchError  # noqa: E402
from mebench.features.inputs import ApexFrame, Input  # noqa: E402
from mebench.models.augment import augment  # noqa: E402
from mebench.models.base import Context, Predictions, Progress, TestSet, TrainSet  # noqa: E402
from mebench.models.batches import Batch, normalise, to_tensor  # noqa: E402
from mebench.models.features import FeatureView  # noqa: E402
from mebench.models.recipe import TorchSettings, decay_groups, warmup_cosine  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402

SIDE = 8


class Tiny(TorchModel):
    """A convolution, a norm and a layer; it remembers the sizes of its training batches."""

    def inputs(self) -> Mapping[str, Input]:
        return {"apex": ApexFrame(size=SIDE)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        self.sizes: list[int] = []
        self.types: set[Any] = set()
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.1),
            nn.Linear(8, len(context.classes)),
        )

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        scores: Tensor = network(inputs["apex"])
        if network.training:
            self.sizes.append(len(scores))
        self.types.add(scores.dtype)
        return scores, None


class WithAus(Tiny):
    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        scores, _ = super().outputs(network, inputs)
        return scores, scores.sigmoid()


class Exploding(Tiny):
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return super().loss(network, batch) * float("nan")


def colours(folder: Path, labels: list[int], seed: int = 0) -> dict[str, FeatureView]:
    """Noisy clips whose colour channel is their label."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 60, (len(labels), SIDE, SIDE, 3), dtype=np.uint8)
    for clip, label in zip(pixels, labels, strict=True):
        clip[..., label] += 150
    path = folder / f"{seed}-{len(labels)}.npy"
    np.save(path, pixels)
    return {"apex": FeatureView((path,), np.zeros(len(labels), int), np.arange(len(labels)))}


def train_set(folder: Path, count: int) -> TrainSet:
    labels = [i % 3 for i in range(count)]
    return TrainSet(
        colours(folder, labels),
        np.array(labels, np.int64),
        np.zeros((count, 2), np.uint8),
        np.zeros(count, np.int64),
    )


def fit(
    folder: Path,
    *,
    kind: type[Tiny] = Tiny,
    seed: int = 1,
    count: int = 12,
    precision: str = "float32",
    **settings: Any,
) -> tuple[Tiny, Predictions, list[Progress]]:
    reports: list[Progress] = []
    model = kind(TorchSettings(**{"epochs": 2, "batch_size": 4, **settings}))
    context = Context(seed, ("a", "b", "c"), (1, 2), precision=precision, report=reports.append)
    model.fit(train_set(folder, count), context)
    test = [2, 0, 1, 1, 0, 2, 2]
    return model, model.predict(TestSet(colours(folder, test, seed=9), len(test))), reports


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(tmp_path: Path) -> None:
    first, again, other = (fit(tmp_path, seed=seed)[1].probabilities for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_chance_elsewhere_does_not_reach_a_fit(tmp_path: Path) -> None:
    first = fit(tmp_path)[1].probabilities
    torch.rand(100)
    np.random.rand(100)
    assert fit(tmp_path)[1].probabilities.tobytes() == first.tobytes()


def test_a_seed_of_63_bits_is_taken(tmp_path: Path) -> None:
    assert fit(tmp_path, seed=2**63 - 1, epochs=1)[1].probabilities.shape == (7, 3)


@pytest.mark.parametrize("augmentation", [True, False])
def test_a_trivially_separable_problem_is_learnt(augmentation: bool, tmp_path: Path) -> None:
    _, found, reports = fit(tmp_path, count=30, epochs=30, batch_size=10, lr=3e-2, augmentation=augmentation)
    assert found.probabilities.argmax(1).tolist() == [2, 0, 1, 1, 0, 2, 2]
    assert found.probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    losses = [report.loss for report in reports]
    assert losses[0] is not None
    assert losses[-1] is not None
    assert losses[-1] < losses[0] / 2


def test_progress_is_reported_after_every_epoch(tmp_path: Path) -> None:
    _, _, reports = fit(tmp_path, epochs=3)
    assert [(report.step, report.steps) for report in reports] == [(1, 3), (2, 3), (3, 3)]
    assert all(report.loss is not None and report.loss > 0 for report in reports)


def test_a_loss_that_is_no_number_ends_the_fold_with_advice(tmp_path: Path) -> None:
    with pytest.raises(
        MebenchError, match=r"loss became nan in epoch 1 of 2: lower the learning rate \(--set lr="
    ):
        fit(tmp_path, kind=Exploding)


@pytest.mark.parametrize(
    ("count", "sizes"), [(12, [4, 4, 4]), (13, [4, 4, 5]), (14, [4, 4, 4, 2]), (5, [5]), (3, [3])]
)
def test_a_last_batch_of_one_clip_joins_the_one_before(count: int, sizes: list[int], tmp_path: Path) -> None:
    model, _, _ = fit(tmp_path, count=count, epochs=1)
    assert model.sizes == sizes


def test_action_unit_probabilities_come_in_the_order_of_the_clips(tmp_path: Path) -> None:
    assert fit(tmp_path)[1].aus is None
    _, found, _ = fit(tmp_path, kind=WithAus, epochs=20, lr=3e-2)
    assert found.aus is not None
    assert found.aus.shape == (7, 3)
    np.testing.assert_array_equal(found.aus.argmax(1), found.probabilities.argmax(1))


def test_predictions_do_not_depend_on_the_batch_size_at_test(tmp_path: Path) -> None:
    model, found, _ = fit(tmp_path)
    model.settings = TorchSettings(batch_size=3)
    again = model.predict(TestSet(colours(tmp_path, [2, 0, 1, 1, 0, 2, 2], seed=9), 7))
    np.testing.assert_allclose(again.probabilities, found.probabilities, atol=1e-6)


def test_bfloat16_is_used_where_the_context_says_so(tmp_path: Path) -> None:
    model, found, _ = fit(tmp_path, count=30, epochs=30, batch_size=10, lr=3e-2, precision="bfloat16")
    assert model.types == {torch.bfloat16}
    assert found.probabilities.dtype == np.float32
    assert found.probabilities.argmax(1).tolist() == [2, 0, 1, 1, 0, 2, 2]
    assert fit(tmp_path, epochs=1)[0].types == {torch.float32}
    assert all(p.dtype == torch.float32 for p in model.network_.parameters()), "weights stay whole"


class _Halved(nn.Linear):
    """A layer that is wrong in bfloat16."""

    def forward(self, maps: Tensor) -> Tensor:
        made = super().forward(maps)
        return made / 2 if made.dtype == torch.bfloat16 else made


class Wrong(Tiny):
    def network(self, train: TrainSet, context: Context) -> nn.Module:
        return nn.Sequential(
            super().network(train, context), _Halved(len(context.classes), len(context.classes))
        )


def test_bfloat16_is_refused_where_a_layer_is_wrong_in_it(tmp_path: Path) -> None:
    with pytest.raises(
        MebenchError, match=r"the result of layer '1' \(_Halved\) wrongly for maps of 4x3: use"
    ):
        fit(tmp_path, kind=Wrong, precision="bfloat16")
    model, _, _ = fit(tmp_path, kind=Wrong)
    again, context = Wrong(model.settings), Context(1, ("a", "b", "c"), (1, 2), precision="bfloat16")
    again.restore(model.state(), context)  # it trains no more
    with pytest.raises(MebenchError, match="_Halved"):
        again.start(train_set(tmp_path, 12), context)


def test_the_learning_rate_rises_in_a_line_and_falls_as_a_cosine_to_zero() -> None:
    factors = [warmup_cosine(step, 100, 0.1) for step in range(101)]
    assert factors[:10] == pytest.approx([0.1 * k for k in range(1, 11)])
    assert factors[10] == 1.0
    assert factors[55] == pytest.approx(0.5)
    assert factors[100] == pytest.approx(0.0)
    assert all(a >= b for a, b in pairwise(factors[10:]))
    assert warmup_cosine(0, 100, 0.0) == 1.0
    assert 0 < warmup_cosine(0, 1, 0.5) <= 1, "a fit of one step learns"


def test_weight_decay_spares_biases_norms_and_single_numbers() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    single = nn.Parameter(torch.zeros(()))
    decayed, spared = decay_groups([*network.parameters(), single], 0.3)
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.3, 0.0)
    assert {id(p) for p in decayed["params"]} == {id(network[0].weight), id(network[2].weight)}
    assert len(decayed["params"]) + len(spared["params"]) == 7


def test_frozen_weights_stay_as_they_are(tmp_path: Path) -> None:
    class Frozen(Tiny):
        def network(self, train: TrainSet, context: Context) -> nn.Module:
            network = super().network(train, context)
            network.get_submodule("0").requires_grad_(False)
            self.before = network.get_submodule("0").weight.detach().clone()  # type: ignore[operator]
            return network

    model, _, _ = fit(tmp_path, kind=Frozen)
    assert torch.equal(model.network_.get_submodule("0").weight, model.before)  # type: ignore[attr-defined]


def test_settings_of_the_loop_have_limits() -> None:
    for wrong in ({"epochs": 0}, {"batch_size": 0}, {"lr": 0}, {"warmup": 1}, {"weight_decay": -1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            TorchSettings(**wrong)  # type: ignore[arg-type]


class Read(TorchDispatchMode):
    """Counts how often a number is read back from the device."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        self.times += function is torch.ops.aten._local_scalar_dense.default
        return function(*arguments, **(named or {}))


class Telling(Tiny):
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        loss = super().loss(network, batch)
        self.log("itself", loss)
        return loss


@pytest.mark.parametrize("kind", [Tiny, Telling])
def test_how_often_a_number_is_read_back_does_not_depend_on_the_steps_of_an_epoch(
    kind: type[Tiny], tmp_path: Path
) -> None:
    def times(batch_size: int) -> int:
        with Read() as read:
            fit(tmp_path, kind=kind, count=24, epochs=2, batch_size=batch_size)
        return read.times

    assert times(2) == times(12)


# Pictures as tensors, and augmentation


def test_pixels_become_channels_first_with_imagenets_statistics() -> None:
    pixels = np.zeros((2, 5, 6, 6, 3), np.uint8)
    pixels[1, 3, 2, 4] = (255, 128, 0)
    tensor = normalise(to_tensor(pixels, "picture"))
    assert tensor.shape == (2, 3, 5, 6, 6)
    assert tensor.dtype == torch.float32
    expected = [(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, -0.406 / 0.225]
    assert tensor[1, :, 3, 2, 4].tolist() == pytest.approx(expected, abs=1e-5)
    assert to_tensor(pixels[:, 0], "picture").shape == (2, 3, 6, 6)


@pytest.mark.parametrize("shape", [(6, 3, 16, 16), (6, 3, 5, 16, 16), (1, 3, 2, 8, 8)])
def test_augmentation_keeps_the_shape_and_repeats_with_its_generator(shape: tuple[int, ...]) -> None:
    pixels = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    before = pixels.clone()
    first, again, other = (augment(pixels, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert first.shape == pixels.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(pixels, before), "the clips given are not changed"


def test_all_frames_of_a_clip_are_changed_alike_and_clips_by_themselves() -> None:
    frame = torch.randn(1, 3, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    changed = augment(frame.expand(8, 3, 6, 16, 16), torch.Generator().manual_seed(1))
    for t in range(1, 6):
        torch.testing.assert_close(changed[:, :, t], changed[:, :, 0])
    distinct = {clip.numpy().tobytes() for clip in changed}
    assert len(distinct) == 8


def one_by_one(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return what augmentation is of each clip alone, written as it is said."""
    side, changed = pictures.shape[-1], []
    margin = max(1, round(side / 16))
    for clip, draws in zip(pictures, torch.rand(len(pictures), 5, generator=generator).tolist(), strict=True):
        mirror, right, down, gain, contrast = draws
        x, y = (int(each * (2 * margin + 1)) for each in (right, down))
        wide = F.pad(clip.flatten(0, -3), (margin,) * 4, mode="replicate")
        frame = wide[..., y : y + clip.shape[-2], x : x + side].reshape(clip.shape)
        frame = frame.flip(-1) if mirror < 0.5 else frame
        changed.append(frame * (1 + 0.2 * (2 * contrast - 1)) + 0.2 * (2 * gain - 1))
    return torch.stack(changed)


@pytest.mark.parametrize("shape", [(9, 3, 20, 20), (5, 3, 4, 12, 12)])
def test_augmentation_of_a_batch_is_that_of_each_clip_to_the_bit(shape: tuple[int, ...]) -> None:
    pictures = torch.rand(shape)
    of_all, of_each = (each(pictures, torch.Generator().manual_seed(5)) for each in (augment, one_by_one))
    assert torch.equal(of_all, of_each)


def test_augmentation_mirrors_some_clips_and_shifts_by_a_sixteenth_at_most() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(64, 3, 32, 32)
    changed = augment(ramp, torch.Generator().manual_seed(0))
    rising = changed[:, 0, 16, -1] > changed[:, 0, 16, 0]
    assert 10 < rising.sum() < 54
    dot = torch.zeros(64, 3, 32, 32)
    dot[:, :, 16, 16] = 100
    rows, columns = (
        augment(dot, torch.Generator().manual_seed(0))[:, 0].amax(dim).argmax(1) for dim in (2, 1)
    )
    assert (rows - 16).abs().max() == 2
    assert (columns - 15.5).abs().max() <= 2.5, "mirrored, column 16 is column 15"


def test_training_sees_changed_clips_with_their_own_labels_and_test_clips_as_they_are(tmp_path: Path) -> None:
    seen: list[tuple[Tensor, Tensor]] = []

    class Looking(Tiny):
        def loss(self, network: nn.Module, batch: Batch) -> Tensor:
            seen.append((batch.inputs["apex"], batch.labels))
            return super().loss(network, batch)

    for augmentation in (True, False):
        seen.clear()
        fit(tmp_path, kind=Looking, epochs=1, augmentation=augmentation)
        for pixels, labels in seen:
            raw = pixels * torch.tensor([0.229, 0.224, 0.225])[:, None, None]
            brightest = (raw + torch.tensor([0.485, 0.456, 0.406])[:, None, None]).mean((2, 3)).argmax(1)
            assert torch.equal(brightest, labels)
        assert sum(len(labels) for _, labels in seen) == 12
