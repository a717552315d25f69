"""Times that mebench computes an input of a cohort faster than a plain loop over OpenCV and scikit-image does.

    python benchmarks/features.py                        # 12 clips of 31 frames, 1280 x 720 JPEG; 5 rounds
    python benchmarks/features.py --quick                # 4 clips, 2 rounds
    python benchmarks/features.py --against ../main      # another checkout, too; its arrays must be the same bytes
    python benchmarks/features.py --only apex DIS

Three or four ways in turn, so that a busy machine treats them alike: the loop (`plain_loops.py`); the same loop's body
on every core, with OpenCV's own threads off, which is the most that those calls allow; mebench, whose cache is empty
each time, with all that it checks; and mebench of another checkout. Each way is a process of its own, started and warm
before it is timed. Flow is timed with its strain, and alignment is `mebench data prepare`, which looks at a face seven
times and averages what shrinks; the loop looks once and samples. A ratio is that of two neighbours in time: the median
over the rounds, with the lowest and highest. The processor's milliseconds, divided by the cores, are what a machine
that does nothing else comes close to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

INPUTS = ("frames", "apex", "TV-L1", "Farneback", "DIS", "alignment")
WAYS = ("loop", "loop on every core", "mebench", "other")


@dataclass(frozen=True)
class Taken:
    """What one computation took, in seconds, and the SHA-256 of what came of it."""

    wall: float
    processor: float
    content: str


class Way:
    """A process that computes inputs in one way when it is told to."""

    def __init__(self, name: str, checkout: Path, recordings: Path) -> None:
        self.name = name
        command = [sys.executable, str(Path(__file__).resolve()), "--serve", name, str(recordings)]
        path = os.pathsep.join((str(checkout.resolve()), str(checkout.resolve() / "plugins")))
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def take(self, wanted: str) -> Taken:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(wanted + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} failed at {wanted}; see above")
        return Taken(**json.loads(line))

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve(name: str, recordings: Path) -> None:
    """Compute what standard input asks for in one way, and say what it took."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries talk
    compute = _mebench(recordings) if name in ("mebench", "other") else _loop(recordings, name != "loop")
    with tempfile.TemporaryDirectory() as scratch:
        for number, wanted in enumerate(map(str.strip, sys.stdin)):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            processor, wall = time.process_time(), time.perf_counter()
            digest = compute(wanted, folder)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            answers.write(json.dumps({"wall": wall, "processor": processor, "content": digest()}))
            answers.write("\n")
            answers.flush()
            shutil.rmtree(folder)


def _loop(recordings: Path, every_core: bool) -> Callable[[str, Path], Callable[[], str]]:
    import cv2
    import numpy as np
    from plain_loops import LOOPS, align
    from portraits import read_recordings

    from mebench.data.clips.table import clip_rows
    from mebench.parallel import cores

    if every_core:
        cv2.setNumThreads(1)
    data = read_recordings(recordings)
    clips = [(data.frames[row.key], row.onset, row.apex, row.offset) for row in clip_rows(data.table)]

    def compute(wanted: str, folder: Path) -> Callable[[], str]:
        def each(work: Callable[[Any], Any]) -> list[Any]:
            if not every_core:
                return [work(clip) for clip in clips]
            with ThreadPoolExecutor(cores()) as pool:
                return list(pool.map(work, clips))

        if wanted == "alignment":
            each(lambda clip: align(recordings, clip[0].paths, folder))
        else:
            np.save(folder / "array.npy", np.stack(each(LOOPS[wanted])))
        return lambda: ""

    return compute


def _mebench(recordings: Path) -> Callable[[str, Path], Callable[[], str]]:
    from plain_loops import FLOW_SIZE, RESOLUTION, SIZE, N
    from portraits import casme3, read_recordings

    from mebench.data.locations import Location
    from mebench.data.preparation.prepare import PrepareOptions, prepare
    from mebench.features.inputs import ApexFrame, ClipFrames
    from mebench.features.store import FeatureStore
    from mebench.features.strain import FlowStrain

    flow = partial(FlowStrain, size=FLOW_SIZE, resolution=RESOLUTION)
    inputs = {
        "frames": ClipFrames(n=N, size=SIZE),
        "apex": ApexFrame(size=SIZE),
        "TV-L1": flow(method="tvl1"),
        "Farneback": flow(method="farneback"),
        "DIS": flow(method="dis"),
    }
    dataset, data = casme3(), read_recordings(recordings)

    def compute(wanted: str, folder: Path) -> Callable[[], str]:
        if wanted == "alignment":
            prepare(dataset, Location(recordings), folder / "prepared", PrepareOptions())
            made = folder / "prepared" / "part_A"
            return lambda: _sha256(b"".join(path.read_bytes() for path in sorted(made.rglob("*.jpg"))))
        features = FeatureStore(folder).get(data, inputs[wanted])
        return lambda: _sha256(features.open().tobytes())

    return compute


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument(
        "--frames", type=int, default=31, help="of each clip; those of CAS(ME)^3 have 31 on average"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="4 clips, 2 rounds")
    parser.add_argument("--only", nargs="+", choices=INPUTS, default=INPUTS)
    parser.add_argument("--against", type=Path, help="another checkout of mebench")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve[0], Path(arguments.serve[1]))
    from portraits import HEIGHT, WIDTH, write_recordings

    from mebench.parallel import cores

    clips, rounds = (4, 2) if arguments.quick else (arguments.clips, arguments.rounds)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        recordings = Path(scratch) / "recordings"
        write_recordings(recordings, clips, arguments.frames)
        here = Path(__file__).resolve().parent.parent
        ways = [Way(name, here, recordings) for name in WAYS[:3]]
        if arguments.against:
            ways.append(Way(WAYS[3], arguments.against, recordings))
        time.sleep(2.5)  # what was written just now is not trusted to stay
        taken = {wanted: _rounds(ways, wanted, rounds) for wanted in arguments.only}
        for way in ways:
            way.end()
    print(
        f"{clips} clips of {arguments.frames} frames, {WIDTH}x{HEIGHT}; {cores()} cores, {rounds} rounds, load "
        f"{load:.1f} before and {os.getloadavg()[0]:.1f} after"
    )
    print(f"{'times faster than the plain loop':34s}" + "".join(f"{way.name:>26s}" for way in ways[1:]))
    for wanted, found in taken.items():
        ratios = "".join(f"{_ratio(found['loop'], found[way.name]):>26s}" for way in ways[1:])
        print(f"{wanted:34s}{ratios}")
    print(f"{'milliseconds a clip: wall / processor':34s}" + "".join(f"{way.name:>26s}" for way in ways))
    for wanted, found in taken.items():
        print(
            f"{wanted:34s}"
            + "".join(f"{_milliseconds(way.name, wanted, found[way.name], clips):>26s}" for way in ways)
        )
    if arguments.against:
        for wanted, found in taken.items():
            same = len({each.content for name in WAYS[2:] for each in found[name]}) == 1
            speed = _ratio(found["other"], found["mebench"])
            print(f"{wanted:12s} {speed} times the other checkout; {'the same' if same else 'OTHER'} bytes")


def _rounds(ways: list[Way], wanted: str, rounds: int) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = {way.name: [] for way in ways}
    for number in range(rounds + 1):
        for way in ways:
            taken = way.take(wanted)
            if number:  # the first imports and starts what later ones have
                found[way.name].append(taken)
    return found


def _ratio(slow: list[Taken], fast: list[Taken]) -> str:
    each = [one.wall / other.wall for one, other in zip(slow, fast, strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


def _milliseconds(way: str, wanted: str, taken: list[Taken], clips: int) -> str:
    wall = statistics.median(each.wall for each in taken) * 1e3 / clips
    processor = statistics.median(each.processor for each in taken) * 1e3 / clips
    # mebench aligns in processes of its own, whose seconds are not this one's.
    known = wanted != "alignment" or way.startswith("loop")
    return f"{wall:.1f} / {processor:.1f}" if known else f"{wall:.1f} / -"


if __name__ == "__main__":
    main()
