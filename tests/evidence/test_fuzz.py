"""Thousands of damaged runs: no command ends in a traceback, whatever the files hold.

``MEBENCH_FUZZ=5000`` tries so many; a run of the tests tries few. Half of the damage is sealed again as a cheat would:
checksums, identity, the hash of ``cohort.csv`` and the folder's name fit what was changed.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import hashlib
import io
import json
import os
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import invented_cohort
from recorded_runs import record_run

from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.description import run_name
from mebench.evidence.digests import checksum, digest_of
from mebench.leaderboard.build import build_leaderboards
from mebench.records import RunDirectory
from mebench.runner.completion import settle
from mebench.runner.merge import merge_runs
from mebench.scoring.curves import read_curves
from mebench.scoring.listing import run_rows, runs_table
from mebench.scoring.rebuild import read_predictions, score_pooled
from mebench.scoring.recorded import recorded_predictions

CELLS = ("", "-1", "7", "x", "1e9", "é", "9" * 30, "a,b", 'a"', "\x00", "0.5")
TIMES = int(os.environ.get("MEBENCH_FUZZ", "25"))

COHORT = invented_cohort(2, 2)
TRUTH = COHORT.clips["label"].to_numpy()

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.0, -0.5, 1.5, 1e308, 2**53, 2**63, 10**30, 10**400),
    *("", "0", "1.0", "x" * 5000, "\x00", "\x1b[31m", "../../x", "a\nb", "é\u2028", "none", "nan"),
    *([], {}, [[]], [None], {"": None}, [0] * 1000, {"a": {"b": {}}}, [[[[[[[[]]]]]]]]),
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two folds, scored, whose records have everything that a record can have."""
    runs = tmp_path_factory.mktemp("fuzz") / "runs"
    units = lambda _: np.full((len(TRUTH), 3), 0.5)  # noqa: E731
    directory = record_run(runs, COHORT, lambda _: TRUTH, aus=units)
    for file in directory.path.glob("folds/*.json"):
        record = json.loads(file.read_text())
        extra = {"curves": {"loss": [1.0, None]}, "isolation": "none", "checks": {"again": 0.0}}
        _write(file, {**record, **extra})
    settle(directory)
    return runs


def _write(file: Path, content: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        content = {**content, "checksum": checksum(content)}
    file.write_text(json.dumps(content), encoding="utf-8", errors="surrogatepass")


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _places(value, (*path, name))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _places(value, (*path, number))


def _changed(content: Any, rng: random.Random) -> Any:
    """Return content with a value somewhere replaced, taken away, doubled, or moved elsewhere."""
    content = copy.deepcopy(content)
    places = [place for place in _places(content) if place]
    place = rng.choice(places)
    holder = content
    for step in place[:-1]:
        holder = holder[step]
    kind = rng.randrange(4)
    if kind == 0:
        del holder[place[-1]]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(place[-1], copy.deepcopy(holder[place[-1]]))
    elif kind == 2:
        value = content
        for step in rng.choice(places):
            value = value[step]
        holder[place[-1]] = copy.deepcopy(value)
    else:
        holder[place[-1]] = rng.choice(ODD)
    return content


def _damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(content) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            del content[place:]
        elif kind == 1:
            content[place:place] = rng.choice(
                [b"{", b"]", b'"', b",", b"\x00", b"\xff", b"NaN", b"\r\n", b"[" * 3000]
            )
        elif kind == 2:
            content[place : place + 8] = bytes(rng.randrange(256) for _ in range(8))
        else:
            content[place:place] = content[: rng.randrange(200)]
    return bytes(content)


def _changed_cells(text: str, rng: random.Random) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(rng.randrange(1, 3)):
        row = rng.choice(rows)
        kind = rng.randrange(4)
        if kind == 0 and row:
            row[rng.randrange(len(row))] = rng.choice(
                ["", "-1", "7", "x", "1e9", "é", "9" * 30, "a,b", 'a"', "\x00", "0.5"]
            )
        elif kind == 1 and row:
            del row[rng.randrange(len(row))]
        elif kind == 2:
            rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))
        elif len(rows) > 1:
            rows.remove(row)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _damage(directory: RunDirectory, rng: random.Random) -> None:
    """Damage one file of a run."""
    files = [
        directory.run_file,
        directory.cohort_file,
        directory.scores_file,
        *sorted(directory.path.glob("folds/*")),
    ]
    file = rng.choice(files)
    if rng.random() < 0.3:
        file.write_bytes(_damaged_bytes(file.read_bytes(), rng))
    elif file.suffix == ".csv":
        file.write_text(_changed_cells(file.read_text(), rng))
        if rng.random() < 0.8:
            _fit(directory)
    else:
        content = _changed(json.loads(file.read_text()), rng)
        if isinstance(content, dict) and rng.random() < 0.9:
            _write(file, content)
            if file == directory.run_file and rng.random() < 0.8:
                _fit(directory)
        else:
            file.write_text(json.dumps(content))


def _fit(directory: RunDirectory) -> None:
    """Make everything that is computed from a run's description and truth fit what they say now."""
    run = json.loads(directory.run_file.read_text())
    decided = run.get("decided_by")
    if isinstance(decided, dict):
        decided["truth"] = hashlib.sha256(directory.cohort_file.read_bytes()).hexdigest()
        for name in ("model", "protocol", "classes", "aus", "threads", "seeds", "device"):
            if name in run and name in decided:
                decided[name] = run[name]
    try:
        run["identity"] = digest_of(decided)
    except (ValueError, TypeError, RecursionError):
        return
    _write(directory.run_file, run)
    for file in (directory.scores_file, *directory.path.glob("folds/*.json")):
        _write(file, {**json.loads(file.read_text()), "identity": run["identity"]})
    model = run.get("model")
    if isinstance(model, str) and len(model) < 100:
        place = directory.path.with_name(run_name(model, run["identity"]))
        directory.path.rename(place)
        directory.path = place


@settings(max_examples=TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 2**40))
def test_damaged_runs_end_no_command_in_a_traceback(number: int, recorded: Path) -> None:
    rng = random.Random(number)
    folder = recorded.parent / str(number)
    runs = Path(shutil.copytree(recorded, folder / "runs"))
    (place,) = runs.glob("*/*")
    directory = RunDirectory(place)
    _damage(directory, rng)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", MebenchWarning)
            runs_table("runs", run_rows(runs)).cells()
            build_leaderboards(runs, folder / "out")
            for look in (recorded_predictions, read_curves, lambda d: score_pooled(read_predictions(d))):
                _unless_refused(look, directory)
            _unless_refused(lambda _: merge_runs([runs], folder / "merged"), directory)
        assert {path.name for path in folder.iterdir()} <= {"runs", "out", "merged"}, (
            "nothing is written elsewhere"
        )
    finally:
        shutil.rmtree(folder)


def _unless_refused(look: Callable[[RunDirectory], Any], directory: RunDirectory) -> None:
    try:
        look(directory)
    except MebenchError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
