"""Time of STSTNet's folds trained as one network, against its own loop, fold after fold; interleaved.

    python benchmarks/folds_together.py                                 # on a GPU: 68 folds, 500 epochs, both ways
    python benchmarks/folds_together.py --device cpu --folds 8 --epochs 3 --rounds 3
    python benchmarks/folds_together.py --skip-loop                     # the mode alone: the goal is 15 s on one H200

442 clips of noise in the shape of MEGC2019's flow pictures, 28 x 28 x 3, of 68 subjects of unequal size, in batches
of 256.
Both ways train the same folds, with the same seeds, in this process: what the start of a process, its seal and records
cost comes on top (``mebench run ststnet megc2019 --folds-together``). A fold's loop is timed for ``--loop-folds`` folds
and multiplied, where there are fewer of them than folds. A round of each comes first and is not counted, of two epochs.
Printed are the median seconds, the range, the median of the rounds' ratios, the load of the machine, and how far the
folds' weights, losses and predictions of the last round are apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Sequence

import numpy as np
import torch

from mebench.models.base import Context, Predictions, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.models.together.fitting import fit_together
from mebench_baselines.ststnet import STSTNetModel, STSTNetSettings

CLIPS, SUBJECTS, SIDE = 442, 68, 28


class Folds:
    """Noise clips of subjects of unequal size, one fold a subject."""

    def __init__(self, folds: int, settings: STSTNetSettings, device: str, precision: str) -> None:
        rng = np.random.default_rng(0)
        # A few subjects have many clips, as in SMIC and CASME II.
        share = rng.dirichlet(np.full(SUBJECTS, 1.2))
        sizes = 1 + rng.multinomial(CLIPS - SUBJECTS, share)
        subjects = np.repeat(np.arange(SUBJECTS), sizes)
        flow = rng.normal(128, 20, (CLIPS, SIDE, SIDE, 3)).astype(np.float32)
        labels = rng.integers(0, 3, CLIPS)
        self.features = {"flow": FeatureView.of_array(flow)}
        self.places = [np.flatnonzero(subjects != subject) for subject in range(folds)]
        self.inputs = STSTNetModel(settings).inputs()
        self.trains = [
            TrainSet(
                {"flow": self.features["flow"].take(own)},
                labels[own].astype(np.int64),
                np.full((len(own), 0), 255, np.uint8),
                subjects[own],
                self.inputs,
            )
            for own in self.places
        ]
        self._settings, self._device, self._precision = settings, device, precision

    def model(self) -> STSTNetModel:
        return STSTNetModel(self._settings)

    def context(self, fold: int) -> Context:
        return Context(fold, ("negative", "positive", "surprise"), (), self._device, self._precision)

    def predicted(self, model: STSTNetModel) -> Predictions:
        return model.predict(TestSet(self.features, CLIPS, self.inputs))

    def together(self) -> tuple[float, list[STSTNetModel]]:
        models = [self.model() for _ in self.trains]
        contexts = [self.context(fold) for fold in range(len(models))]
        start = time.perf_counter()
        faults = fit_together(models, self.trains, contexts, self.features, self.places)
        _wait(self._device)
        seconds = time.perf_counter() - start
        for fault in filter(None, faults):
            raise fault
        return seconds, models

    def in_turn(self, count: int) -> tuple[float, list[STSTNetModel]]:
        models = [self.model() for _ in range(count)]
        start = time.perf_counter()
        for fold, model in enumerate(models):
            model.fit(self.trains[fold], self.context(fold))
        _wait(self._device)
        return (time.perf_counter() - start) * len(self.trains) / count, models


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _apart(one: STSTNetModel, other: STSTNetModel) -> float:
    pairs = zip(one.network_.parameters(), other.network_.parameters(), strict=True)
    return max(float((a - b).detach().norm() / b.detach().norm()) for a, b in pairs)


def told(name: str, seconds: Sequence[float]) -> None:
    print(f"{name:22s} {statistics.median(seconds):8.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--folds", type=int, default=SUBJECTS)
    parser.add_argument("--epochs", type=int, default=500)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop-folds", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--skip-loop", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    settings = STSTNetSettings(epochs=given.epochs, batch_size=given.batch_size)
    name = torch.cuda.get_device_name() if given.device == "cuda" else f"CPU, {given.threads} thread(s)"
    print(f"torch {torch.__version__}, {name}, {given.precision}; load {os.getloadavg()[0]:.1f}")
    print(f"{given.folds} folds, {given.epochs} epochs, batches of {given.batch_size}")
    count = min(given.loop_folds, given.folds)
    warm = Folds(given.folds, settings.model_copy(update={"epochs": 2}), given.device, given.precision)
    warm.together(), warm.in_turn(1)
    folds = Folds(given.folds, settings, given.device, given.precision)
    joined: list[float] = []
    alone: list[float] = []
    for _ in range(given.rounds):
        seconds, models = folds.together()
        joined.append(seconds)
        if not given.skip_loop:
            seconds, due = folds.in_turn(count)
            alone.append(seconds)
    told("as one network", joined)
    if alone:
        told("fold after fold", alone)
        ratios = [one / other for one, other in zip(alone, joined, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"the loop takes {statistics.median(ratios):.2f} times as long ({spread})")
        pairs = list(zip(models, due, strict=False))
        weights = max(_apart(one, other) for one, other in pairs)
        said = [(folds.predicted(a).probabilities, folds.predicted(b).probabilities) for a, b in pairs]
        apart = max(float(np.abs(a - b).max()) for a, b in said)
        other = sum(int((a.argmax(1) != b.argmax(1)).sum()) for a, b in said)
        print(
            f"apart by {weights:.1e} of the weights' length and by {apart:.1e} in probabilities; another class for "
            f"{other} of {len(said) * CLIPS} answers"
        )
    if given.device == "cuda":
        print(f"most memory of the GPU: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
