"""How long commands take that train nothing: here, and in another checkout, turn by turn.

    python benchmarks/light.py [--before CHECKOUT] [--repeats 7] [--runs 1000] [--only TEXT]

Each is a process of its own with folders of its own. `leaderboard build` reads so many runs, clones of one small run in
the real format, each with an identity of its own; "anew" is without anything kept of an earlier build. The 442 clips of
`score` are made up, too. What is printed is the median of wall times, and the fastest and the slowest.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[1]
RUN = ("run", "difference-svm", "casme3", "--synthetic")
# The three classes and the three datasets of MEGC2019, with as many clips as it has.
PARTS = (("smic", 16, 164), ("casme2", 24, 145), ("samm", 28, 133))
CLASSES = ("negative", "positive", "surprise")


class Side:
    """One checkout with its own folders."""

    def __init__(self, name: str, checkout: Path, folder: Path) -> None:
        self.name, self.checkout, self.folder = name, checkout, folder
        folder.mkdir()

    def run(self, *command: str) -> float:
        """Run a command and return the seconds it took."""
        own = {f"MEBENCH_{what}": str(self.folder / what.lower()) for what in ("CACHE", "CONFIG", "STATE")}
        code = os.pathsep.join(str(self.checkout / each) for each in ("", "plugins"))
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "mebench", *command],
            cwd=self.folder,
            env={**os.environ, **own, "PYTHONPATH": code, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - begun
        if done.returncode:
            sys.exit(f"{self.name}: mebench {' '.join(command)} failed: {done.stderr[-2000:]}")
        return took

    def forget_builds(self) -> None:
        """Remove what an earlier build kept."""
        shutil.rmtree(self.folder / "cache" / "leaderboard", ignore_errors=True)


def clone_runs(source: Path, folder: Path, count: int) -> None:
    """Write so many runs like one, each as if another setting had decided it."""
    from mebench.evidence.description import run_name
    from mebench.evidence.digests import digest_of, sealed
    from mebench.files import to_json

    run = json.loads((source / "run.json").read_text(encoding="utf-8"))
    records = {
        file.name: json.loads(file.read_text(encoding="utf-8")) for file in source.glob("folds/*.json")
    }
    for number in range(count):
        one = {**run, "decided_by": {**run["decided_by"], "contents": {"clone": f"{number}"}}}
        one["identity"] = digest_of(one["decided_by"])
        place = folder / run["protocol"] / run_name(run["model"], one["identity"])
        (place / "folds").mkdir(parents=True)
        (place / "run.json").write_text(to_json(sealed(one)), encoding="utf-8")
        shutil.copy(source / "cohort.csv", place)
        for name, record in records.items():
            whole = to_json(sealed({**record, "identity": one["identity"]}))
            (place / "folds" / name).write_text(whole, encoding="utf-8")


def write_predictions(listed: Path, predicted: Path) -> None:
    """Write a list of 442 clips as MEGC2019 hands it out, and predictions of them."""
    with (
        listed.open("w", newline="", encoding="utf-8") as one,
        predicted.open("w", newline="", encoding="utf-8") as two,
    ):
        clips, told = csv.writer(one), csv.writer(two)
        clips.writerow(("dataset", "subject", "filename", "label"))
        told.writerow(("dataset", "subject", "clip", "prediction"))
        for dataset, subjects, count in PARTS:
            for number in range(count):
                name = (dataset, f"sub{number % subjects:02d}", f"clip{number:03d}")
                clips.writerow((*name, number % 3))
                told.writerow((*name, CLASSES[(number * 7 // 5) % 3]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", type=Path, help="another checkout to measure beside this one")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--runs", type=int, default=1000, help="how many runs a leaderboard is built of")
    parser.add_argument("--only", default="", help="only the rows that hold this text")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        checkouts = {"before": asked.before and asked.before.absolute(), "here": HERE}
        sides = [Side(name, place, folder / name) for name, place in checkouts.items() if place]
        rows = _rows(sides, folder, asked.runs)
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {asked.repeats} times each, in turn")
        for what, (command, first) in rows.items():
            if asked.only in what:
                _measure(what, command, first, sides, 3 if "anew" in what else asked.repeats)
        print(f"load {os.getloadavg()[0]:.1f} at the end")


def _rows(sides: list[Side], folder: Path, runs: int) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Prepare what the commands need; return row -> command, and whether each time is the first."""
    listed, predicted = folder / "list.csv", folder / "predictions.csv"
    write_predictions(listed, predicted)
    for side in sides:
        for _ in range(3):  # drawn and run, found out, remembered
            side.run(*RUN)
            time.sleep(2.5)
        side.run("info", "famnet")
    source = next((sides[-1].folder / "runs" / "casme3-4c").iterdir())
    clone_runs(source, folder / "runs", runs)
    build = ("leaderboard", "build", "--runs", str(folder / "runs"), "--out", "tables")
    return {
        "--help": (("--help",), False),
        "list": (("list",), False),
        "list runs": (("list", "runs"), False),
        "score, 442 clips": (
            ("score", str(predicted), "--protocol", "megc2019", "--list", str(listed)),
            False,
        ),
        "show": (("show", str(source)), False),
        "info megc2019": (("info", "megc2019"), False),
        "info casme3": (("info", "casme3"), False),
        "info famnet": (("info", "famnet"), False),
        "a finished run again": (RUN, False),
        f"leaderboard build anew, {runs} runs": (build, True),
        f"leaderboard build, unchanged, {runs} runs": (build, False),
    }


def _measure(what: str, command: tuple[str, ...], first: bool, sides: list[Side], repeats: int) -> None:
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(repeats):
        for side in sides:
            if first:
                side.forget_builds()
            times[side.name].append(side.run(*command))
    told = [f"{n} {statistics.median(t):6.2f} s ({min(t):.2f} to {max(t):.2f})" for n, t in times.items()]
    if len(times) == 2:
        before, here = times.values()
        ratios = [b / h for b, h in zip(before, here, strict=True)]
        told.append(f"{statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})")
    print(f"{what:40} " + "; ".join(told), flush=True)


if __name__ == "__main__":
    main()
