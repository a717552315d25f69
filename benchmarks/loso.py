"""A whole leave-one-subject-out evaluation: mebench beside a bare PyTorch loop and beside tvaranka/meb.

    python benchmarks/loso.py --pictures HTNet --list combined_3class_gt.csv
    python benchmarks/loso.py --pictures HTNet --list combined_3class_gt.csv --meb meb --before ../former --rounds 5

STSTNet on the published flow pictures of MEGC2019 (docs/megc2019-flow.md says where they and the list are): 442 clips,
68 folds, batches of 256. Each contender is a command of its own that trains and predicts every fold from the same
arrays; they take turns, so that a busy machine treats them alike. mebench's time is that of ``mebench run`` with warm
features: it also checks the data, seals each fold, and records and scores them.

    mebench         two folds at a time, one thread each; "before" is the same command in another working tree
    bare            two processes, one thread each: tensors in memory, Adam, batches by index
    bare, tuned     the same with channels-last pictures, fused Adam and nothing read back within an epoch
    meb             its loop as it comes, all folds in one process with two threads, two loaders
    meb, tuned      the same without loaders and with channels-last

``--meb`` is a checkout: ``git clone https://github.com/tvaranka/meb``. Its training loop alone is imported: what its
data readers and mixup need is not installed and stands empty. All train the same network.

Then two parts of it, in one process: a fold's start to its first step, and a step at batch 16 over both bare loops.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
BATCH, RATE = 256, 5e-5


def arrays_of(file: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pictures (n, 28, 28, 3) float32, labels (n,) and subjects (n,) of an export."""
    with np.load(file) as found:
        return found["FlowPicture"].astype(np.float32), found["labels"].astype(np.int64), found["subjects"]


def bare_fold(
    x: Any, y: Any, test: Any, *, epochs: int, batch: int = BATCH, tuned: bool = False, seed: int = 0
) -> Any:
    """Train and predict one fold as a script does; return its probabilities."""
    import torch

    from mebench_baselines.ststnet import STSTNet

    torch.manual_seed(seed)
    network = STSTNet(3)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, fused=tuned or None)
    measure = torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        network.train()
        losses = []
        for chosen in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss = measure(network(x[chosen]), y[chosen])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach() if tuned else loss.item())
        sum(float(each) for each in losses)
    network.eval()
    with torch.no_grad():
        return network(test).softmax(1)


def tensors_of(pictures: np.ndarray, tuned: bool) -> Any:
    """Return pictures as a network takes them, in the memory format of a contender."""
    import torch

    x = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    return x.contiguous(memory_format=torch.channels_last if tuned else torch.contiguous_format)


def bare(file: Path, epochs: int, tuned: bool) -> None:
    """Train and predict all folds, two at a time."""
    from torch import multiprocessing

    subjects = sorted(set(arrays_of(file)[2]))
    with multiprocessing.get_context("fork").Pool(2, _begin, (file, tuned)) as pool:
        for _ in pool.imap_unordered(partial(_one_fold, epochs=epochs, tuned=tuned), subjects):
            pass


_DATA: tuple[Any, Any, np.ndarray] | None = None


def _begin(file: Path, tuned: bool) -> None:
    global _DATA  # noqa: PLW0603
    import torch

    torch.set_num_threads(1)
    x, y, subjects = arrays_of(file)
    _DATA = tensors_of(x, tuned), torch.from_numpy(y), subjects


def _one_fold(subject: str, *, epochs: int, tuned: bool) -> np.ndarray:
    assert _DATA is not None
    x, y, subjects = _DATA
    train, test = np.flatnonzero(subjects != subject), np.flatnonzero(subjects == subject)
    found: np.ndarray = bare_fold(x[train], y[train], x[test], epochs=epochs, tuned=tuned).numpy()
    return found


def meb(checkout: Path, file: Path, epochs: int, tuned: bool) -> None:
    """Let meb's validator go through all subjects."""
    from mebench.torchvision_shim import watch_torchvision

    watch_torchvision()
    for name in ("pytorchvideo.transforms", "meb.datasets", "meb.datasets.dataset_utils"):
        sys.modules[name] = ModuleType(name)
    transforms: Any = sys.modules["pytorchvideo.transforms"]
    transforms.mix, transforms.CutMix, transforms.MixUp = ModuleType("mix"), object, object
    transforms.MixVideo = object
    sys.modules["meb.datasets.dataset_utils"].InputData = object  # type: ignore[attr-defined]
    sys.path.insert(0, str(checkout))
    import pandas as pd
    import torch

    from mebench_baselines.ststnet import STSTNet

    core: Any = __import__("meb.core", fromlist=["Config"])
    utils: Any = __import__("meb.utils", fromlist=["MultiClassF1Score"])
    torch.set_num_threads(2)
    x, y, subjects = arrays_of(file)

    class Config(core.Config):  # type: ignore[misc]
        action_units = None
        criterion = torch.nn.CrossEntropyLoss
        evaluation_fn = partial(utils.MultiClassF1Score, average="macro")
        optimizer = partial(torch.optim.Adam, lr=RATE)
        model = partial(STSTNet, 3)
        batch_size = BATCH

    Config.epochs = epochs
    if tuned:
        Config.num_workers, Config.channels_last = 0, torch.channels_last
    table = pd.DataFrame({"subject": subjects, "emotion": y})
    validator = core.IndividualDatasetEmotionValidator(Config, verbose=False)
    validator.disable_tqdm = True
    validator.validate(table, tensors_of(x, tuned=False).numpy())


def contenders(arguments: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """Return the command of each contender."""
    file = folder / "flow.npz"
    itself = [sys.executable, str(HERE), "--epochs", str(arguments.epochs), "--arrays", str(file)]
    found = {
        "mebench": [
            *mebench_command("run", "ststnet", "megc2019", *data_options(arguments)),
            *("--set", f"epochs={arguments.epochs}", "--workers", "2", "--fresh", "--runs", str(folder)),
        ],
        "bare": [*itself, "--only", "bare"],
        "bare, tuned": [*itself, "--only", "bare, tuned"],
    }
    if arguments.meb:
        found |= {
            name: [*itself, "--meb", str(arguments.meb), "--only", name] for name in ("meb", "meb, tuned")
        }
    return found


def mebench_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "mebench", *words]


def data_options(arguments: argparse.Namespace) -> list[str]:
    return [
        *("--data", f"megc2019-flow={arguments.pictures.absolute()}"),
        *("--annotations", f"megc2019-flow={arguments.list.absolute()}"),
    ]


def timed(command: list[str], code: Path = HERE.parents[1]) -> float:
    """Return how long a command takes, with mebench as it is in a working tree."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (code, code / "plugins")))}
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def in_turn(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each way, measured by turns."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds[name].append(way())
    return seconds


def show(title: str, seconds: dict[str, list[float]], scale: float, unit: str) -> None:
    """Print medians, and the ratio of each to the first one, round by round, with its range."""
    print(f"\n{title}; load {os.getloadavg()[0]:.1f}")
    first, *others = seconds
    print(f"  {first:14s} {statistics.median(seconds[first]) * scale:8.2f} {unit}")
    for name in others:
        ratios = [b / a for a, b in zip(seconds[first], seconds[name], strict=True)]
        print(
            f"  {name:14s} {statistics.median(seconds[name]) * scale:8.2f} {unit}   {first} is "
            f"{statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def steps(file: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of a step at batch 16."""
    import torch

    from mebench.models.base import Context, TrainSet
    from mebench.models.features import FeatureView
    from mebench_baselines.ststnet import STSTNetModel, STSTNetSettings

    torch.set_num_threads(1)
    pictures, labels, _ = arrays_of(file)
    epochs, count = 4, 4 * -(-len(labels) // 16)
    model = STSTNetModel(STSTNetSettings(epochs=epochs, batch_size=16))
    none = np.zeros((len(labels), 0), np.uint8)
    train = TrainSet(
        {"flow": FeatureView.of_array(pictures)}, labels, none, np.arange(len(labels)), model.inputs()
    )
    y = torch.from_numpy(labels)

    def ours() -> float:
        start = time.perf_counter()
        model.fit(train, Context(0, ("a", "b", "c"), ()))
        return (time.perf_counter() - start) / count

    def script(tuned: bool) -> float:
        x = tensors_of(pictures, tuned)
        start = time.perf_counter()
        bare_fold(x, y, x[:1], epochs=epochs, batch=16, tuned=tuned)
        return (time.perf_counter() - start) / count

    ours(), script(False), script(True)
    ways = {"mebench": ours, "bare": lambda: script(False), "bare, tuned": lambda: script(True)}
    return in_turn(ways, rounds)


def first_step(file: Path, logs: Path) -> float:
    """Return the seconds from a fold's start, with 16 training clips, until its first step is reported."""
    import mebench_baselines.ststnet  # noqa: F401 - as a run has, which looks at the model first
    from mebench.models.base import Progress, TestSet, TrainSet
    from mebench.models.features import FeatureView
    from mebench.records import Task
    from mebench.runner.executor import run_jobs
    from mebench.runner.jobs import Job

    pictures, labels, _ = arrays_of(file)
    some = slice(0, None, len(labels) // 16)
    views = {"flow": FeatureView.of_array(pictures[some])}
    count = len(labels[some])
    train = TrainSet(views, labels[some], np.zeros((count, 0), np.uint8), np.arange(count))
    job = Job(
        task=Task(0, "one"),
        target="mebench_baselines.ststnet:STSTNetModel",
        settings={"epochs": 1},
        train=train,
        test=TestSet({}, 0),
        seed=0,
        classes=("a", "b", "c"),
        au_numbers=(),
        device="cpu",
        precision="float32",
        threads=1,
        log=logs / "one.log",
    )
    start, seconds = time.perf_counter(), 0.0
    for event in run_jobs([job], workers=1):
        if isinstance(event.outcome, Progress):
            seconds = time.perf_counter() - start
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, help="folder of the 442 flow pictures")
    parser.add_argument("--list", type=Path, help="combined_3class_gt.csv")
    parser.add_argument("--meb", type=Path, help="a checkout of tvaranka/meb")
    parser.add_argument("--before", type=Path, help="a working tree of a former version of mebench")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--arrays", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        tuned = arguments.only.endswith("tuned")
        if arguments.only.startswith("meb"):
            meb(arguments.meb, arguments.arrays, arguments.epochs, tuned)
        else:
            bare(arguments.arrays, arguments.epochs, tuned)
        return
    if not arguments.pictures or not arguments.list:
        parser.error("--pictures and --list are needed; docs/megc2019-flow.md says where they are published")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"OMP_NUM_THREADS": "1", "MEBENCH_CACHE": str(folder / "cache")}
        timed(
            mebench_command(
                *("features", "export", "megc2019", "--input", "FlowPicture", *data_options(arguments)),
                *("--out", str(folder / "flow.npz")),
            )
        )
        commands = contenders(arguments, folder)
        ways = {each: partial(timed, command) for each, command in commands.items()}
        if arguments.before:
            ways["before"] = partial(timed, commands["mebench"], arguments.before.absolute())
        for each in {"mebench", "before"} & set(ways):  # features are there from now on
            code = ways[each].args[1:]
            timed([*commands["mebench"], "--set", "epochs=1", "--folds", "1"], *code)
        seconds = in_turn(ways, arguments.rounds)
        show(f"68 folds x {arguments.epochs} epochs, {arguments.rounds} rounds", seconds, 1, "s")
        first_step(folder / "flow.npz", folder)  # the start server begins with the first
        begun = {"mebench": [first_step(folder / "flow.npz", folder) for _ in range(10 * arguments.rounds)]}
        show("a fold's start until its first step has ended", begun, 1e3, "ms")
        show("a step at batch 16, one thread", steps(folder / "flow.npz", 5 * arguments.rounds), 1e3, "ms")


if __name__ == "__main__":
    main()
