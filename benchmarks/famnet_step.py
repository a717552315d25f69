"""Time of FAMNet's training step at full size, on one thread: mebench beside a bare loop, and beside another version.

    python benchmarks/famnet_step.py                        # this version
    python benchmarks/famnet_step.py --before ../former     # and that of another working tree, step by step in turn
    python benchmarks/famnet_step.py --quick                # the preset `small`

``mebench`` is ``FAMNet.fit`` as a fold's process does it, with the default recipe (augmentation, AdamW, clipped
gradients), ``bare`` a plain loop over the same arrays and the same network: batch to tensors, normalise, forward,
backward, clip, step. Each lives in a process of its own and does one step when it is its turn, so that a machine's load
meets all alike. Times are medians of CPU and wall time a clip; ratios are medians of those of neighbouring steps.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

CLASSES, AUS = ("a", "b", "c", "d"), tuple(range(1, 13))


class Turns:
    """A child's side: a step begins when a line comes, and its times go back as one."""

    def __init__(self) -> None:
        self.wait()

    def wait(self) -> None:
        print("ready", flush=True)
        if not sys.stdin.readline():
            os._exit(0)
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def done(self) -> None:
        print(time.perf_counter() - self.wall, time.process_time() - self.cpu, flush=True)
        self.wait()


def child(way: str, batch: int, steps: int, quick: bool) -> None:
    import numpy as np
    import torch

    from mebench.models.base import Context, TrainSet
    from mebench.models.batches import seed_everything
    from mebench.models.features import FeatureView
    from mebench_famnet.model import FAMNet, FAMNetSettings

    torch.set_num_threads(1)
    settings = FAMNetSettings(
        **{
            **(FAMNet.presets["small"] if quick else {}),
            "pretrained": None,
            "epochs": steps,
            "batch_size": batch,
        }
    )
    chance = np.random.default_rng(0)
    sizes = (settings.apex_size, settings.clip_size)
    shapes = {"apex": (batch, sizes[0], sizes[0], 3), "clip": (batch, settings.frames, sizes[1], sizes[1], 3)}
    arrays = {name: chance.integers(0, 256, shape, dtype=np.uint8) for name, shape in shapes.items()}
    labels, aus = np.arange(batch) % len(CLASSES), chance.integers(0, 2, (batch, len(AUS)), dtype=np.uint8)
    model = FAMNet(settings)
    with tempfile.TemporaryDirectory() as folder:
        views = {}
        for name, array in arrays.items():
            np.save(Path(folder, f"{name}.npy"), array)
            views[name] = FeatureView((Path(folder, f"{name}.npy"),), np.zeros(batch, int), np.arange(batch))
        train = TrainSet(views, labels, aus, np.arange(batch), model.inputs())
        turns = Turns()
        context = Context(0, CLASSES, AUS, report=lambda progress: turns.done())
        if way == "mebench":
            with suppress(ImportError):  # a former version has none
                from mebench.runner.memory import keep_freed_memory

                keep_freed_memory()
            model.fit(train, context)
            return
        seed_everything(0)
        network = model.network(train, context)
        bare(network, arrays, torch.from_numpy(labels), torch.from_numpy(aus).float(), turns, settings.lr)


def bare(network: Any, arrays: Any, labels: Any, aus: Any, turns: Turns, lr: float) -> None:
    import torch

    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr, fused=True)
    network.train()
    while True:
        order = torch.randperm(len(labels))
        batch = {}
        for name, array in arrays.items():
            pictures = torch.from_numpy(array)[order].float().div_(255).sub_(mean).div_(std)
            batch[name] = pictures.movedim(-1, 1).contiguous()
        optimizer.zero_grad(set_to_none=True)
        losses = network.task_losses(network(batch), labels[order], aus[order])
        network.weighting(losses).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        turns.done()


class Runner:
    """A child, as the one that calls it sees it."""

    def __init__(self, name: str, tree: Path, way: str, options: list[str]) -> None:
        self.name = name
        self.times: list[tuple[float, float]] = []
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--child", way, *options],
            env={**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'plugins'}", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer("ready")

    def _answer(self, due: str = "") -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line or (due and line != due):
            sys.exit(f"{self.name} ended with {self._process.wait()}")
        return line

    def step(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("step\n")
        self._process.stdin.flush()
        wall, cpu = map(float, self._answer().split())
        self.times.append((cpu, wall))
        self._answer("ready")

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--before", type=Path, help="a working tree of another version")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5, help="of each, after one to warm up")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--child", choices=("bare", "mebench"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.batch, arguments.steps + 2, arguments.quick)
        return
    options = ["--batch", str(arguments.batch), "--steps", str(arguments.steps)]
    options += ["--quick"] if arguments.quick else []
    trees = {"": Path(__file__).resolve().parents[1]}
    if arguments.before:
        trees = {"before ": arguments.before.resolve(), **trees}
    runners = [
        Runner(f"{label}{way}", tree, way, options)
        for label, tree in trees.items()
        for way in ("bare", "mebench")
    ]
    load = os.getloadavg()[0]
    try:
        for _ in range(arguments.steps + 1):
            for runner in runners:
                runner.step()
    finally:
        for runner in runners:
            runner.end()
    print(
        f"1 thread, batch {arguments.batch}, load {load:.1f} to {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    )
    first = runners[0].times[1:]
    for runner in runners:
        times = runner.times[1:]
        cpu, wall = (1000 * statistics.median(each) / arguments.batch for each in zip(*times, strict=True))
        ratios = sorted(a[0] / b[0] for a, b in zip(times, first, strict=True))
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(
            f"{runner.name:<15} {cpu:7.1f} ms CPU, {wall:7.1f} ms wall a clip; CPU of {runners[0].name}: {spread}"
        )


if __name__ == "__main__":
    main()
