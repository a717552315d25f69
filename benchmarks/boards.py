"""How a folder of runs grows: `leaderboard build` anew and unchanged, `list runs` and `show`, at several sizes.

    python benchmarks/boards.py [--sizes 100 1000 5000] [--repeats 3]

One small run on a synthetic twin is recorded; the others are copies of it in the real format, each with an identity, a
setting and answers of its own; up to a thousand are scored, as finished runs are. Each command is a process of its own.
"Anew" is without anything kept of an earlier build. What is printed are medians of wall and processor seconds (without
those of worker processes, which score many runs), the most memory of the process, and what a thousand runs more cost.
`list` and `show` are not measured above a thousand runs.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parents[1]
SCORED = 1000


class Cost(NamedTuple):
    """What a process took: wall and processor seconds, and MiB."""

    wall: float
    cpu: float
    memory: float


def run(folder: Path, *command: str) -> Cost:
    """Run mebench with folders of its own and return what it took."""
    own = {f"MEBENCH_{what}": str(folder / what.lower()) for what in ("CACHE", "CONFIG", "STATE")}
    code = os.pathsep.join(str(HERE / each) for each in ("", "plugins"))
    begun = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "mebench", *command],
        cwd=folder,
        env={**os.environ, **own, "PYTHONPATH": code, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    took = time.perf_counter() - begun
    if status:
        sys.exit(f"mebench {' '.join(command)} failed in {folder}")
    return Cost(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def write_runs(source: Path, runs: Path, numbers: range) -> None:
    """Write so many runs like one, each with another setting ``c`` and other answers."""
    from mebench.evidence.description import run_name
    from mebench.evidence.digests import digest_of, sealed
    from mebench.files import to_json
    from mebench.records import RunDirectory
    from mebench.runner.completion import settle

    described = json.loads((source / "run.json").read_text(encoding="utf-8"))
    records = {
        file.name: json.loads(file.read_text(encoding="utf-8")) for file in source.glob("folds/*.json")
    }
    for number in numbers:
        draw = random.Random(number)
        one: dict[str, Any] = copy.deepcopy(described)
        setting = {"c": 1 + number / 1000}
        one["settings"] |= setting
        one["changed_settings"] |= setting
        one["decided_by"]["settings"] |= setting
        one["decided_by"]["shown"]["changed_settings"] = sorted(one["changed_settings"])
        one["identity"] = digest_of(one["decided_by"])
        place = runs / one["protocol"] / run_name(one["model"], one["identity"])
        (place / "folds").mkdir(parents=True)
        (place / "run.json").write_text(to_json(sealed(one)), encoding="utf-8")
        shutil.copy(source / "cohort.csv", place)
        for name, record in records.items():
            told = copy.deepcopy(record)
            for prediction in told["predictions"]:
                if draw.random() < 0.3:
                    draw.shuffle(prediction["probabilities"])
            whole = to_json(sealed({**told, "identity": one["identity"]}))
            (place / "folds" / name).write_text(whole, encoding="utf-8")
        if number < SCORED:
            settle(RunDirectory(place))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(folder, "run", "difference-svm", "casme3", "--synthetic", "--runs", "one")
        source = next((folder / "one" / "casme3-4c").iterdir())
        runs = folder / "runs"
        before: dict[str, tuple[int, float]] = {}
        written = 0
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {asked.repeats} times each")
        for size in sorted(asked.sizes):
            write_runs(source, runs, range(written, size))
            written = size
            time.sleep(2.5)  # what was written just now is not remembered
            for what, cost in measured(folder, size, asked.repeats).items():
                least, spent = before.get(what, (0, 0.0))
                more = f", {1000 * (cost.cpu - spent) / (size - least):6.2f} s for 1000 more" if least else ""
                print(
                    f"{size:6} runs  {what:28} {cost.wall:7.2f} s, {cost.cpu:7.2f} s of processors, "
                    f"{cost.memory:5.0f} MiB{more}",
                    flush=True,
                )
                before[what] = (size, cost.cpu)
        print(f"load {os.getloadavg()[0]:.1f} at the end")


def measured(folder: Path, size: int, repeats: int) -> dict[str, Cost]:
    """Return what each command takes with so many runs, the medians."""
    costs: dict[str, list[Cost]] = {}

    def note(what: str, *command: str) -> None:
        costs.setdefault(what, []).append(run(folder, *command))

    first = next((folder / "runs" / "casme3-4c").iterdir())
    for _ in range(repeats):
        shutil.rmtree(folder / "cache" / "leaderboard", ignore_errors=True)
        note("leaderboard build, anew", "leaderboard", "build", "--out", "tables")
        note("leaderboard build, unchanged", "leaderboard", "build", "--out", "tables")
        if size <= SCORED:
            note("list runs", "list", "runs")
            note("show", "show", str(first))
    return {
        what: Cost(*(statistics.median(each) for each in zip(*found, strict=True)))
        for what, found in costs.items()
    }


if __name__ == "__main__":
    main()
