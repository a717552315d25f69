"""Seconds from the start of a fold's process to its first training step, sealed and not.

    python benchmarks/isolation.py
    python benchmarks/isolation.py --rounds 40

Three ways in turn, so that a busy machine treats them alike: a sealed process; the same process with every part of the
seal switched off; and a process of multiprocessing's start server with torch imported ahead, as folds had before there
was a seal. A step is one of Adam on a small network, whose first use imports most of what torch has. The first process
of each kind starts its server, and is not counted. Times are the median, with the range of the middle half.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from mebench.parallel import process_context, starting_processes
from mebench.sealed.preload import trusted_modules
from mebench.sealed.process import SealedProcess, wait_any
from mebench.sealed.seal import WITHOUT, available, make_seal

_FOLD_SECONDS = 2.0


def step() -> None:
    import torch

    network = torch.nn.Linear(64, 3)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.zeros(8, 64)).sum().backward()
    optimiser.step()


def in_sealed(channel: Any, assignment: bytes) -> None:
    step()
    channel.send({"done": True})


def in_worker(answers: Connection) -> None:
    step()
    answers.send(True)


def sealed(without: str) -> float:
    os.environ[WITHOUT] = without
    seal = make_seal(code=[Path(__file__)])
    start = time.perf_counter()
    with SealedProcess("isolation:in_sealed", seal, assignment=b"", preload=trusted_modules()) as process:
        while not process.pump():
            if process.ended is not None:
                raise SystemExit(process.take_log().decode())
            wait_any([process], None)
        return time.perf_counter() - start


def unsealed_before(context: Any) -> float:
    # As a module: the new process knows nothing of this script.
    target = importlib.import_module("isolation").in_worker
    receiver, sender = context.Pipe(duplex=False)
    start = time.perf_counter()
    process = context.Process(target=target, args=(sender,))
    with starting_processes():
        process.start()
    sender.close()
    receiver.recv()
    seconds = time.perf_counter() - start
    process.join()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    step()  # what this process has imported, the start server is to have
    context: Any = process_context()
    context.set_forkserver_preload(["isolation", "torch"])
    ways: dict[str, Callable[[], float]] = {
        "sealed": lambda: sealed(""),
        "the same, unsealed": lambda: sealed("all"),
        "multiprocessing, as before": lambda: unsealed_before(context),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for count in range(rounds + 1):
        for name, way in ways.items():
            taken = way()
            if count:
                seconds[name].append(taken)
    os.environ[WITHOUT] = ""
    print(f"isolation here: {available()}; {rounds} processes of each kind")
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    for name, each in seconds.items():
        low, high = np.percentile(each, (25, 75))
        print(f"{name:27s} {medians[name] * 1e3:7.1f} ms ({low * 1e3:.1f} to {high * 1e3:.1f})")
    for name in list(ways)[1:]:
        more = medians["sealed"] - medians[name]
        print(
            f"against {name:27s} {more * 1e3:+7.1f} ms, {more / _FOLD_SECONDS:+.1%} of a fold of {_FOLD_SECONDS:g} s"
        )


if __name__ == "__main__":
    main()
