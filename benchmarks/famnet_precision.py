"""Time of a FAMNet training step in float32 and bfloat16, interleaved, on one thread.

    python benchmarks/famnet_precision.py            # width 64 and 16
    python benchmarks/famnet_precision.py --quick    # width 16 alone

Prints the median seconds of each and the median of the pairwise ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from mebench_famnet.network import FAMNetConfig, FAMNetwork

# width, side of the apex frame, frames and side of the clip
SIZES = [(64, 224, 16, 112), (16, 64, 8, 48)]


def step(network: FAMNetwork, batch: dict[str, torch.Tensor], *, bfloat16: bool) -> float:
    clips = len(batch["apex"])
    labels, aus = torch.zeros(clips, dtype=torch.long), torch.zeros(clips, network.config.aus)
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        losses = network.task_losses(network(batch), labels, aus)
        total = network.weighting(losses)
    total.backward()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, 1 thread, batch 8")
    for width, apex, frames, side in SIZES[-1:] if arguments.quick else SIZES:
        network = FAMNetwork(FAMNetConfig(classes=4, aus=15, width=width))
        batch = {"apex": torch.rand(8, 3, apex, apex), "clip": torch.rand(8, 3, frames, side, side)}
        step(network, batch, bfloat16=False), step(network, batch, bfloat16=True)  # warm-up
        pairs = [
            (step(network, batch, bfloat16=False), step(network, batch, bfloat16=True))
            for _ in range(arguments.pairs)
        ]
        full, half = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(
            f"width {width}, apex {apex}, clip {frames}x{side}: "
            f"float32 {full:.3f} s, bfloat16 {half:.3f} s, ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
