"""What mebench itself costs a fold of a large run, and what records of many folds cost to read.

    python benchmarks/fold_queue.py                            # 10,000 folds: 100 subjects, 100 training seeds
    python benchmarks/fold_queue.py --folds 1000 10000         # does a fold cost the same in a run ten times as long?
    python benchmarks/fold_queue.py --recorded 100000          # records that are there already, of so many folds

The executor does nothing and answers at once, so that claims, jobs, records and events are all there is. Then the same
call comes again, as after an interruption, finds every record and scores them. Each number of folds has a process of
its own, whose peak memory is told.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mebench.api import Event, Executor, FoldResult, Job, Predictions
from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.clips.layout import FrameList
from mebench.data.clips.repairs import RepairReport
from mebench.data.clips.table import make_clip_table
from mebench.data.reading import ClipData
from mebench.display.view import SilentView
from mebench.evidence.digests import derive_seed, sealed
from mebench.features.store import user_store
from mebench.files import to_json
from mebench.plugin.loading import load_plugins
from mebench.records import Task
from mebench.runner.options import RunOptions
from mebench.runner.run import execute
from mebench.runner.watching import WatchedRuns

CLASSES = ("happy", "surprise", "disgust", "others")


class Nothing(Executor):
    """Answers at once what no model has learnt."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        for job in jobs:
            assert job is not None
            yield Event(job.task)
            answer = np.full((len(job.test), len(job.classes)), 1 / len(job.classes))
            yield Event(job.task, FoldResult(Predictions(answer), 0.1, 0.1, 100.0))


class Stopwatch(SilentView):
    """When the first fold began and the last one ended."""

    def __init__(self) -> None:
        self.began = self.last = time.perf_counter()

    def planned(self, outcome: object, waiting: int) -> None:
        self.began = self.last = time.perf_counter()

    def ended(self, task: object, problem: str | None) -> None:
        assert problem is None, problem
        self.last = time.perf_counter()


def cohort_of(subjects: int, clips: int) -> Cohort:
    rows = [
        {
            "row": 2 + i,
            "subject": f"{i // clips}",
            "clip": f"{i % clips}",
            "onset": 0,
            "apex": 5,
            "offset": 9,
            "emotion": CLASSES[i % len(CLASSES)],
            "aus": "",
        }
        for i in range(subjects * clips)
    ]
    table = make_clip_table("invented", pd.DataFrame(rows), fps=30.0)
    none = Path("none")
    frames = FrameList(tuple(range(10)), tuple(none / f"{number}.png" for number in range(10)))
    by_key = dict.fromkeys(table["key"], frames)
    data = ClipData("invented", none, none, "0" * 64, table, (), RepairReport("none"), by_key, False)
    labels = {"invented": {each: each for each in CLASSES}}
    return build_cohort(Protocol("queue", "invented", ("invented",), CLASSES, labels), [data])


def measure(folds: int, subjects: int, clips: int) -> str:
    entry = load_plugins().registry.get("model", "majority")
    cohort = cohort_of(subjects, clips)
    with tempfile.TemporaryDirectory() as scratch:
        options = RunOptions(runs=Path(scratch), seeds=tuple(range(folds // subjects)), device="cpu")
        parts = []
        for _ in range(2):
            watch, start = Stopwatch(), time.perf_counter()
            outcome = execute(entry, entry.load()(), cohort, options, user_store(), watch, executor=Nothing())
            assert outcome.scores is not None
            end = time.perf_counter()
            parts.append((watch.began - start, watch.last - watch.began, end - watch.last, end - start))
        watched = WatchedRuns(Path(scratch))
        looks = []
        for _ in range(2):
            start = time.perf_counter()
            watched.look()
            looks.append(time.perf_counter() - start)
    (plan, work, score, _), (*_, again) = parts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return (
        f"{folds:7d} folds: planned in {plan:6.2f} s, {1000 * work / folds:5.2f} ms a fold, scored in {score:6.2f} s; "
        f"the same call again {again:6.2f} s; watched in {looks[0]:.2f} s, then {looks[1]:.2f} s; peak {peak:.0f} MiB"
    )


def measure_recorded(folds: int, subjects: int, clips: int) -> str:
    """Measure a call that finds all recorded: the records of one seed, written under as many seeds as it takes."""
    entry = load_plugins().registry.get("model", "majority")
    cohort = cohort_of(subjects, clips)
    with tempfile.TemporaryDirectory() as scratch:
        seeds = tuple(range(folds // subjects))
        one = RunOptions(runs=Path(scratch), seeds=(0,), device="cpu")
        started = entry, entry.load()(), cohort
        directory = execute(*started, one, user_store(), SilentView(), executor=Nothing()).directory
        for fold in cohort.folds:
            record = {**directory.read_record(Task(0, fold.name))}  # type: ignore[dict-item]
            for seed in seeds[1:]:
                record |= {"seed": seed, "derived_seed": derive_seed(seed, "queue", fold.name)}
                # Not as a run writes them: nobody waits for the disk.
                directory.record_file(Task(seed, fold.name)).write_text(to_json(sealed(record)))
        watch, start = Stopwatch(), time.perf_counter()
        outcome = execute(*started, replace(one, seeds=seeds), user_store(), watch, executor=Nothing())
        seconds = time.perf_counter() - start
        assert (outcome.done_before, outcome.done_now) == (folds, 0)
        assert outcome.scores is not None
        watched, looks = WatchedRuns(Path(scratch)), []
        for _ in range(2):
            start = time.perf_counter()
            watched.look()
            looks.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return (
        f"{folds:7d} records: read, planned and scored in {seconds:.1f} s ({1000 * seconds / folds:.2f} ms a record); "
        f"watched in {looks[0]:.2f} s, then {looks[1]:.2f} s; peak {peak:.0f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--recorded", type=int, nargs="*", default=[])
    parser.add_argument("--subjects", type=int, default=100)
    parser.add_argument("--clips", type=int, default=9)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        for folds in arguments.folds:
            print(measure(folds, arguments.subjects, arguments.clips))
        for folds in arguments.recorded:
            print(measure_recorded(folds, arguments.subjects, arguments.clips))
        return
    print(f"{arguments.subjects} subjects with {arguments.clips} clips each; load {os.getloadavg()[0]:.1f}")
    same = ("--here", "--subjects", str(arguments.subjects), "--clips", str(arguments.clips))
    for folds in arguments.folds:
        subprocess.run([sys.executable, __file__, *same, "--folds", str(folds)], check=True)
    for folds in arguments.recorded:
        subprocess.run([sys.executable, __file__, *same, "--folds", "--recorded", str(folds)], check=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
