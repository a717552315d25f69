"""How runs stand while other processes work at them: read from records and claims alone, and nothing is written.

    watched = WatchedRuns(Path("runs"))
    for standing in watched.look(): print(standing.run, standing.done, standing.total)

Looking again costs what is new. Records are counted as they lie; whether each counts is looked at by what uses it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import nlargest
from pathlib import Path

from mebench.errors import MebenchError
from mebench.files import Signature, read_content, signature
from mebench.locks import LockFile
from mebench.records import RunDirectory, find_runs
from mebench.scoring.recorded import tasks_of

# The last records say how fast it goes.
_RECENT = 50


@dataclass(frozen=True)
class Standing:
    """One run: its name, how many folds of all seeds there are, are recorded, are claimed by who lives, have failed.

    ``rate`` is folds a minute over the last records, None where nothing runs or one record says too little; ``left``
    is seconds by that rate. ``failure`` is the last failure, fold and reason. ``problem`` says why a run cannot be
    read; then the numbers are 0.
    """

    run: str
    seeds: tuple[int, ...] = ()
    total: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    rate: float | None = None
    left: float | None = None
    failure: str = ""
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Return whether no fold is missing."""
        return not self.problem and self.done >= self.total


class WatchedRuns:
    """The runs below a folder, or one run, looked at again and again; ``clock`` gives the time of files."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._known: dict[Path, _Watched] = {}

    def look(self) -> list[Standing]:
        """Return how each run stands now, by name."""
        one = (self._folder / "run.json").exists()
        found = [RunDirectory(self._folder)] if one else [*find_runs(self._folder)]
        for directory in found:
            self._known.setdefault(directory.path, _Watched(directory))
        return [self._known[directory.path].look(self._clock()) for directory in found]


@dataclass
class _Watched:
    """What is known of a run from when it was looked at last."""

    directory: RunDirectory
    read: tuple[Signature, ...] | None = None
    seeds: tuple[int, ...] = ()
    stems: dict[str, str] = field(default_factory=dict)  # of files -> fold and seed
    recorded: dict[str, float] = field(default_factory=dict)  # stem -> time

    def look(self, now: float) -> Standing:
        name = f"{self.directory.path.parent.name}/{self.directory.path.name}"
        try:
            self._read()
        except MebenchError as error:
            return Standing(name, problem=str(error))
        files = self._files()
        records = {stem for stem, kind in files if kind == "json" and stem in self.stems}
        self._remember(records)
        running = [stem for stem, kind in files if kind == "claim" and stem in self.stems]
        held = sum(LockFile(self._folder / f"{stem}.claim").is_held() for stem in running)
        failed = [s for s, kind in files if kind == "error.txt" and s in self.stems and s not in records]
        rate = self._rate(now) if held else None
        missing = len(self.stems) - len(records)
        return Standing(
            run=name,
            seeds=self.seeds,
            total=len(self.stems),
            done=len(records),
            running=held,
            failed=len(failed),
            rate=None if rate is None else rate * 60,
            left=missing / rate if rate and missing else None,
            failure=self._last_failure(failed),
        )

    @property
    def _folder(self) -> Path:
        return self.directory.path / "folds"

    def _read(self) -> None:
        """Read which folds there are, where the files that say so changed."""
        try:
            found = tuple(signature(f.stat()) for f in (self.directory.run_file, self.directory.cohort_file))
        except OSError:
            found = None
        if found is None or found != self.read:
            self.stems = {task.stem: f"{task.fold} seed {task.seed}" for task in tasks_of(self.directory)}
            self.seeds = tuple(self.directory.read_run()["seeds"])
            self.read = found

    def _files(self) -> list[tuple[str, str]]:
        """Return the files of folds, each as a fold's stem and what the file is."""
        try:
            with os.scandir(self._folder) as entries:
                names = [entry.name for entry in entries]
        except OSError:
            return []
        found = []
        for name in names:
            for kind in ("json", "claim", "error.txt"):
                if name.endswith(f".{kind}"):
                    found.append((name.removesuffix(f".{kind}"), kind))
        return found

    def _remember(self, records: set[str]) -> None:
        for stem in self.recorded.keys() - records:
            del self.recorded[stem]
        for stem in records - self.recorded.keys():
            with suppress(OSError):
                self.recorded[stem] = (self._folder / f"{stem}.json").stat().st_mtime

    def _rate(self, now: float) -> float | None:
        """Return folds a second since the first of the last records."""
        last = nlargest(_RECENT, self.recorded.values())
        if len(last) < 2 or now <= last[-1]:
            return None
        # The first of them began the time; what has run since the last counts, for it may hang.
        return (len(last) - 1) / (now - last[-1])

    def _last_failure(self, failed: list[str]) -> str:
        times = {}
        for stem in failed:
            with suppress(OSError):
                times[stem] = (self._folder / f"{stem}.error.txt").stat().st_mtime
        if not times:
            return ""
        last = max(times, key=times.__getitem__)
        with suppress(MebenchError, OSError):
            said = read_content(self._folder / f"{last}.error.txt", limit=1 << 24)
            return f"{self.stems[last]}: {said.decode(errors='replace').partition(chr(10))[0]}"
        return self.stems[last]
