"""How long `mebench doubt` searches: the table of published figures, and questions of seven classes and 860 clips.

    python benchmarks/doubt.py                # the table in one process and in two, then hard questions
    python benchmarks/doubt.py --repeats 5

Hard questions lie at the ends of what UF1 can be beside a UAR, where few ways answer and none is near. Each is asked
with the default effort; "undecided" stands where that does not suffice.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter
from pathlib import Path

from mebench.leaderboard.doubts import doubts
from mebench.leaderboard.reported import read_reported
from mebench.plugin.loading import load_plugins
from mebench.scoring.doubt.printed import Printed
from mebench.scoring.doubt.verdict import judge

TABLE = Path(__file__).parents[1] / "leaderboards" / "reported.csv"
SEVEN = (250, 187, 161, 86, 64, 57, 55)
HARD = (
    *(
        {"uf1": uf1, "uar": ".2373"}
        for uf1 in (".0500", ".0600", ".0800", ".2365", ".3200", ".3300", ".3400", ".3700")
    ),
    {"uf1": ".2365", "uar": ".2373", "accuracy": ".3012"},
    {"uf1": ".9000", "uar": ".9000"},
    {"uf1": ".9990", "uar": ".9985"},
    {"uf1": ".3264"},
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    rows, registry = read_reported(TABLE), load_plugins().registry
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for workers, times in taken.items():
            begun = time.perf_counter()
            found = doubts(rows, [], registry, workers=workers)
            times.append(time.perf_counter() - begun)
    print(f"load {os.getloadavg()[0]:.1f}; {len(rows)} rows, {repeats} times each, interleaved")
    for workers, times in taken.items():
        spread = f"{min(times):.1f} to {max(times):.1f}"
        print(f"  {workers} process{'es' * (workers > 1)}: {statistics.median(times):.1f} s ({spread})")
    print(" ", dict(Counter(doubt.kind for each in found.values() for doubt in each)))
    for texts in HARD:
        begun = time.perf_counter()
        verdict = judge(SEVEN, {name: Printed.read(name, text) for name, text in texts.items()})
        print(f"  {time.perf_counter() - begun:6.2f} s  {verdict.kind:11} {texts}", flush=True)


if __name__ == "__main__":
    main()
