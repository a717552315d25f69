"""Training on a GPU: a FAMNet step beside the floor of its arithmetic, and whole evaluations.

    python benchmarks/gpu.py                            # one step of 32 clips at full size
    python benchmarks/gpu.py --peak 990                 # of another GPU, in TFLOP/s at the precision
    python benchmarks/gpu.py --pictures HTNet --list combined_3class_gt.csv     # and STSTNet's 68 folds
    python benchmarks/gpu.py --device cpu --quick       # the same code, small, where there is no GPU

A step is the whole of one in mebench's loop: drawing 32 clips from those on the device, normalising and augmenting
them, FAMNet (16 x 112 x 112 clips and 224 x 224 apex frames), losses, gradients, the optimiser. It is timed from epoch
to epoch, without its first two. The floor is the network's floating point operations, forward and backward, as torch
counts them, over the GPU's peak: 790 TFLOP/s of bfloat16 without sparsity is what an H200 reaches in dense products.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from loso import data_options, mebench_command, timed
from torch.utils.flop_counter import FlopCounterMode

from mebench.cohort.protocol import AU_UNKNOWN
from mebench.models.base import Context, Progress, TrainSet
from mebench.models.features import FeatureView
from mebench_famnet.model import FAMNet

CLASSES, UNITS = ("negative", "positive", "surprise"), (1, 2, 4, 6, 7, 12, 14, 15, 17)
_WARM = 2


def clips_of(model: FAMNet, count: int) -> TrainSet:
    """Return drawn clips with what a model reads of them, and labels."""
    rng = np.random.default_rng(0)
    features = {
        name: FeatureView.of_array(rng.integers(0, 256, (count, *each.shape)).astype(each.dtype))
        for name, each in model.inputs().items()
    }
    labels = rng.integers(0, len(CLASSES), count)
    units = rng.integers(0, 2, (count, len(UNITS))).astype(np.uint8)
    units[rng.random(units.shape) < 0.1] = AU_UNKNOWN
    return TrainSet(features, labels, units, np.arange(count), model.inputs())


def step(model: FAMNet, train: TrainSet, device: str, precision: str, *, fast: bool) -> tuple[float, float]:
    """Return the median seconds of a step, and its floating point operations."""
    times: list[float] = []

    def told(progress: Progress) -> None:
        times.append(time.perf_counter())  # the epoch's losses have been read: the device is done

    context = Context(0, CLASSES, UNITS, device, precision, report=told, fast=fast)
    model.fit(train, context)
    steps = -(-len(train) // model.settings.batch_size)
    seconds = np.diff(times)[_WARM:] / steps
    return statistics.median(seconds.tolist()), _operations(model, train, context)


def _operations(model: FAMNet, train: TrainSet, context: Context) -> float:
    one = model.settings.model_copy(update={"epochs": 1})
    with FlopCounterMode(display=False) as counter:
        type(model)(one).fit(train, context)
    return counter.get_total_flops() / -(-len(train) // model.settings.batch_size)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default=None, help="bfloat16 on a GPU, else float32")
    parser.add_argument("--peak", type=float, default=790.0, help="TFLOP/s that the device reaches")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--batches", type=int, default=4, help="in an epoch")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="the small preset, few clips")
    parser.add_argument("--pictures", type=Path, help="folder of MEGC2019's flow pictures")
    parser.add_argument("--list", type=Path, help="combined_3class_gt.csv")
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no GPU here: --device cpu --quick runs the same code")
    precision = arguments.precision or ("bfloat16" if arguments.device == "cuda" else "float32")
    name = torch.cuda.get_device_name() if arguments.device == "cuda" else "CPU"
    print(f"{name}, torch {torch.__version__}, {precision}; load {os.getloadavg()[0]:.1f}")
    chosen: dict[str, Any] = {"batch_size": arguments.batch, "epochs": arguments.epochs + _WARM}
    if arguments.quick:
        chosen = dict(FAMNet.presets["small"]) | {"batch_size": 4, "epochs": 2 + _WARM}
    for fast in (False, True) if arguments.device == "cuda" else (False,):
        model = FAMNet(FAMNet.Settings(**chosen))
        train = clips_of(model, chosen["batch_size"] * arguments.batches)
        seconds, operations = step(model, train, arguments.device, precision, fast=fast)
        floor = operations / (arguments.peak * 1e12)
        print(
            f"FAMNet, {chosen['batch_size']} clips{', --fast' if fast else ''}: {seconds * 1e3:.1f} ms a step, "
            f"{operations / 1e12:.3g} TFLOP, {operations / seconds / 1e12:.3g} TFLOP/s; floor {floor * 1e3:.3g} ms"
        )
    if arguments.pictures and arguments.list:
        with tempfile.TemporaryDirectory() as folder:
            command = [
                *mebench_command(
                    "run", "ststnet", "megc2019", *data_options(arguments), "--device", arguments.device
                ),
                *("--runs", folder),
            ]
            print(f"STSTNet, 68 folds x 500 epochs, one process a fold: {timed(command):.1f} s")


if __name__ == "__main__":
    main()
