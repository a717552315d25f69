"""How often the 95 % interval of a score holds the true value, on simulated cohorts: ours, and older ways beside it.

    nice -n 10 python benchmarks/coverage.py                  # 2000 cohorts of each row: about 17 minutes of one core
    nice -n 10 python benchmarks/coverage.py --cohorts 200 --sizes 16,68 --settings base,weak
    python benchmarks/coverage.py --time                      # 10,000 resamples of MEGC2019's 442 clips

A cohort has a protocol's subjects and clips of each class. Subjects have unequal numbers of clips (gamma of shape 1.5)
and are hard or easy (a normal deviate of .8 on the logit of being right); a wrong answer goes to another class as often
as that class occurs. The settings change one thing each. The true value is that of 6000 cohorts' clips together.
Printed are the cohorts whose interval holds it, in percent, as UF1 / UAR / accuracy (of action units as F1 / macro F1),
with the standard error of a share of 95 %.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from comparison_power import CASME2, MEGC2019, Sizes

from mebench.scoring import metrics
from mebench.scoring.draws import subject_weights
from mebench.scoring.intervals import bootstrap
from mebench.scoring.percentiles import expanded_percentiles
from mebench.scoring.simulation import simulated

OF_CLASSES = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}
OF_UNITS = {"f1": metrics.mean_au_f1, "f1_macro": metrics.mean_au_f1_macro}
SIZES = {
    "8": Sizes({"casme3": (8, (12, 12, 12, 12))}, "8 (the twin)"),
    "16": Sizes({"smic": (16, (70, 51, 43))}, "16 (SMIC)"),
    "26": replace(CASME2, name="26 (CASME II)"),
    "68": replace(MEGC2019, name="68 (MEGC2019)"),
    "94": Sizes({"casme3": (94, (250, 187, 161, 86, 64, 57, 55))}, "94 (CAS(ME)^3)"),
}


@dataclass(frozen=True)
class Setting:
    """What is simulated: the logit of being right, how subjects differ, and how unequal their numbers of clips are."""

    skill: float = 1.2
    subject: float = 0.8
    shape: float = 1.5
    seeds: int = 1
    units: bool = False


SETTINGS = {
    "base": Setting(),
    "strong": Setting(skill=2.8),
    "weak": Setting(skill=0.0),
    "alike": Setting(subject=0.3),
    "unlike": Setting(subject=1.4),
    "skewed": Setting(shape=0.6),
    "3 seeds": Setting(seeds=3),
    "units": Setting(units=True),
}


def cohorts_of(random: np.random.Generator, sizes: Sizes, setting: Setting, count: int) -> np.ndarray:
    """Return confusions by subject, (count, subjects, seeds, C, C); of 4 action units (count, subjects, 1, 4, 2, 2)."""
    if setting.units:
        return _of_units(random, sizes, setting, count)
    even = np.full(len(sizes.counts), setting.skill)
    how = {"subject_sd": setting.subject, "clip_sd": 0.0, "own_sd": 0.0, "shape": setting.shape}
    return simulated(random, sizes, count, (even,), setting.seeds, **how)[0]


def _of_units(random: np.random.Generator, sizes: Sizes, setting: Setting, count: int) -> np.ndarray:
    """Units that occur in 5 to 40 % of clips; a subject shows some more than others do."""
    subjects, clips = len(sizes.strata), int(sizes.counts.sum())
    shares = random.gamma(setting.shape, size=(count, subjects))
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    who = (random.random((count, clips))[:, :, None] > edges[:, None, :-1]).sum(axis=2)
    who[:, :subjects] = np.arange(subjects)
    cohort = np.arange(count)[:, None]
    hard = random.normal(0, setting.subject, (count, subjects))[cohort, who]
    result = np.empty((count, subjects, 1, 4, 2, 2), np.int64)
    for unit, share in enumerate((0.05, 0.1, 0.2, 0.4)):
        often = (
            np.log(share / (1 - share)) + random.normal(0, setting.subject, (count, subjects))[cohort, who]
        )
        shown = random.random(who.shape) < 1 / (1 + np.exp(-often))
        right = random.random(who.shape) < 1 / (1 + np.exp(-(setting.skill + 1 + hard)))
        cells = ((cohort * subjects + who) * 2 + shown) * 2 + np.where(right, shown, ~shown)
        counted = np.bincount(cells.ravel(), minlength=count * subjects * 4)
        result[:, :, 0, unit] = counted.reshape(count, subjects, 2, 2)
    return result


def true_values(sizes: Sizes, setting: Setting) -> dict[str, float]:
    """Return the metrics of very many cohorts' clips together."""
    random = np.random.default_rng(99)
    total = sum(
        cohorts_of(random, sizes, replace(setting, seeds=1), 1000).sum(axis=(0, 1, 2)) for _ in range(6)
    )
    return {name: float(metric(total)) for name, metric in measured(setting).items()}


def measured(setting: Setting) -> Mapping:
    return OF_UNITS if setting.units else OF_CLASSES


def coverage(
    sizes: Sizes, setting: Setting, cohorts: int, replicates: int, place: Sequence[int]
) -> dict[str, dict]:
    """Return for each way and metric the share of cohorts whose interval holds the true value, and its mean width."""
    true, strata = true_values(sizes, setting), sizes.strata
    of_way: dict[str, dict] = {
        way: {name: np.zeros(3) for name in true} for way in ("percentile", "expanded", "bootstrap-t")
    }
    done = 0
    while done < cohorts:
        random = np.random.default_rng([*place, done])
        drawn = cohorts_of(random, sizes, setting, min(200, cohorts - done))
        for number, counts in enumerate(drawn, start=done):
            ours = bootstrap(counts, strata, measured(setting), replicates=replicates, seed=number)
            flat = counts.reshape(len(counts), -1).astype(np.float64)
            sums = subject_weights(strata, replicates, number).astype(np.float64) @ flat
            for name, metric in measured(setting).items():
                values = metric(sums.reshape(-1, *counts.shape[1:])).mean(axis=1)
                found = {
                    "percentile": np.nanpercentile(values, [2.5, 97.5]),
                    "expanded": expanded_percentiles(values, len(strata), len(set(strata)), 0.95),
                    "bootstrap-t": ours[name],
                }
                for way, (low, high) in found.items():
                    # With few subjects some cohorts have no interval: it holds nothing, and has no width.
                    known = bool(np.isfinite(high - low))
                    of_way[way][name] += (low <= true[name] <= high, high - low if known else 0, known)
        done += len(drawn)
    return {
        way: {name: (held / cohorts, wide / known) for name, (held, wide, known) in each.items()}
        for way, each in of_way.items()
    }


def timed() -> None:
    """Print the median time of one cohort's three scores, of draws alone, and of percentile intervals, in turn."""
    even = np.full(3, 1.2)
    (counts,) = simulated(np.random.default_rng(0), MEGC2019, 1, (even,))[0]
    for replicates in (2000, 10_000):
        took: dict[str, list[float]] = {"draws": [], "wall": [], "processor": [], "percentile, processor": []}
        for number in range(9):
            started = time.perf_counter()
            weights = subject_weights(MEGC2019.strata, replicates, number)
            took["draws"].append(time.perf_counter() - started)
            ran = time.process_time()
            flat = counts.reshape(len(counts), -1).astype(np.float64)
            sums = (weights.astype(np.float64) @ flat).reshape(-1, *counts.shape[1:])
            for metric in OF_CLASSES.values():
                np.nanpercentile(metric(sums).mean(axis=1), [2.5, 97.5])
            took["percentile, processor"].append(time.process_time() - ran)
            bootstrap(counts, MEGC2019.strata, OF_CLASSES, replicates=replicates)
            started, ran = time.perf_counter(), time.process_time()
            bootstrap(counts, MEGC2019.strata, OF_CLASSES, replicates=replicates)
            took["wall"].append(time.perf_counter() - started)
            took["processor"].append(time.process_time() - ran)
        figures = ", ".join(f"{name} {1000 * np.median(each):.1f} ms" for name, each in took.items())
        print(f"{replicates} resamples of 442 clips, UF1, UAR and accuracy: {figures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=999)
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--time", action="store_true", help="time the built-in interval, and nothing else")
    arguments = parser.parse_args()
    if arguments.time:
        timed()
        return
    started = time.perf_counter()
    error = 100 * (0.95 * 0.05 / arguments.cohorts) ** 0.5
    print(f"{arguments.cohorts} cohorts a row; standard error of 95 %: {error:.1f}; nominal 95.0")
    for size in arguments.sizes.split(","):
        sizes = SIZES[size]
        for name in arguments.settings.split(","):
            place = [11, int(size), list(SETTINGS).index(name)]
            found = coverage(sizes, SETTINGS[name], arguments.cohorts, arguments.replicates, place)
            for way, each in found.items():
                held = " / ".join(f"{100 * share:.1f}" for share, _ in each.values())
                wide = " / ".join(f"{width:.3f}" for _, width in each.values())
                print(f"{sizes.name:15} {name:8} {way:12} {held:20} width {wide}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
