"""Runs every cheat of the zoo, each as a user would, and writes how it ended. It is the main process that they attack.

python keeper.py --data TWIN --out ends.json [NAME ...]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from catalogue import ANIMALS, HONEST, MARKED, REFUSED, Animal
from scenes import SCENES

from mebench.audit.case import Case
from mebench.audit.checks import audit
from mebench.cohort.building import Cohort
from mebench.cohort.ready import cohort_to_run
from mebench.data.locations import Location, remember
from mebench.errors import MebenchError
from mebench.features.store import user_store
from mebench.plugin.loading import load_plugins
from mebench.records import RunDirectory
from mebench.runner.executor import LocalExecutor
from mebench.runner.named import named_model, run_named
from mebench.runner.options import RunOptions
from mebench.runner.outcome import Outcome
from mebench.runner.preparing import prepare
from mebench.scoring.tables import run_marks
from mebench.scoring.trust import trust_of

PROTOCOL = "casme3-4c"


@dataclass(frozen=True)
class End:
    """How a cheat ended: honest, refused, marked or ``SUCCEEDED``; and what shows it."""

    end: str
    evidence: str


class Quiet:
    """An observer that says nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


class Keeper:
    """Holds labels, data and the honest model's predictions, and runs cheats one after the other."""

    def __init__(self, twin: Path, folder: Path) -> None:
        self.folder = folder
        self.plugins = load_plugins()
        with self.plugins.registry.owned_by("cheats"):
            self.plugins.registry.model("honest", "cheats.honest:Honest", title="The honest model")
            for animal in ANIMALS:
                if animal.target:
                    target = f"cheats.{animal.target}"
                    self.plugins.registry.model(f"zoo-{animal.name}", target, title=animal.tries)
        remember("casme3", Location(twin))
        self.cohort = cohort_to_run(self.plugins.registry, PROTOCOL, data={"casme3": Location(twin)})
        self.places = self._places(twin)
        self.honest: dict[str, Any] = {}
        end = self.run("honest", folds=None, runs="honest")
        assert self.honest, end

    def run(
        self,
        name: str,
        *,
        settings: dict[str, Any] | None = None,
        folds: int | None = 1,
        runs: str = "runs",
        selection: str = "last",
        cohort: Cohort | None = None,
    ) -> End:
        """Run a model as ``mebench run`` does, and return how it ended."""
        options = RunOptions(
            runs=self.folder / runs, folds=folds, workers=1, device="cpu", selection=selection
        )
        named = named_model(self.plugins, name, settings=settings or {})
        try:
            outcome = run_named(self.plugins, named, cohort or self.cohort, options, Quiet())  # type: ignore[arg-type]
        except MebenchError as error:
            return End(REFUSED, str(error))
        if outcome.failed:
            return End(REFUSED, next(iter(outcome.failed.values())))
        for place, what in (
            ("flag", "code of a fold ran in the main process"),
            ("drop", "prepare() found labels"),
        ):
            if (left := Path(self.places[place])).exists():
                left.unlink()
                return End("SUCCEEDED", what)
        told = _predictions(outcome.directory)
        if not self.honest:
            self.honest, self.honest_run = told, outcome.directory
        same = bool(told) and all(told[clip] == self.honest[clip] for clip in told)
        marks = marks_of(outcome)
        # On a machine without isolation every row says so, and what found nothing there is honest all the same.
        if marks and not (same and all(mark.startswith("isolation") for mark in marks)):
            return End(MARKED, "; ".join(marks))
        if same:
            return End(HONEST, f"the honest model's predictions of {len(told)} clips")
        return self._audited(named, options)

    def refused(self, work: Callable[[], Any]) -> End:
        """Return the sentence that refuses some work."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                work()
            except MebenchError as error:
                return End(REFUSED, "; ".join([*(str(each.message) for each in caught), str(error)]))
        return End("SUCCEEDED", "nothing refused it")

    def end_of(self, animal: Animal) -> End:
        """Return how a cheat ended; a traceback where the main process did."""
        try:
            if not animal.target:
                return SCENES[animal.name](self)
            settings = {"places": json.dumps(self.places).encode().hex(), **animal.settings}
            if animal.name == "named-file":
                settings["weights"] = self.places["annotation"]
            name = f"zoo-{animal.name}"
            folds = 2 if animal.in_turn else 1
            return self.run(name, settings=settings, selection=animal.selection, folds=folds)
        except Exception:
            return End("BROKEN", traceback.format_exc())

    def _audited(self, named: Any, options: RunOptions) -> End:
        folder = self.folder / "audit"
        ready = prepare(
            named.entry, named.model, self.cohort, options, user_store(), lambda *told: None, named.asked
        )
        failed = [
            f"{finding.check}: {finding.evidence}"
            for finding in audit(
                Case(ready, folder, LocalExecutor(), workers=2), user_store(), lambda *told: None
            )
            if finding.passed is False
        ]
        if failed:
            return End(MARKED, "; ".join(failed))
        return End("SUCCEEDED", "it predicts something else than the honest model, and nothing says so")

    def _places(self, twin: Path) -> dict[str, Any]:
        served = list(serve(self.folder))
        return {
            "twin": str(twin),
            "annotation": str(next(twin.glob("*.xlsx"))),
            "config": os.environ["MEBENCH_CONFIG"],
            "cache": os.environ["MEBENCH_CACHE"],
            "runs": str(self.folder / "runs"),
            "home": str(Path.home()),
            "drop": str(self.folder / "drop"),
            "flag": str(self.folder / "flag"),
            "main": os.getpid(),
            **dict(served),
        }


def serve(folder: Path) -> Iterator[tuple[str, Any]]:
    """Answer everybody on this machine who asks for labels, and yield where."""
    tcp = socket.create_server(("127.0.0.1", 0))
    local, named = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    local.bind(f"\0zoo-{os.getpid()}")
    named.bind(str(folder / "labels.socket"))
    for each in (tcp, local, named):
        each.listen()
        threading.Thread(target=_answer, args=(each,), daemon=True).start()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    threading.Thread(target=_answer_datagrams, args=(udp,), daemon=True).start()
    yield "port", tcp.getsockname()[1]
    yield "udp", udp.getsockname()[1]
    yield "socket", f"zoo-{os.getpid()}"
    yield "path", str(folder / "labels.socket")


def _answer(heard: socket.socket) -> None:
    while True:
        asked, _ = heard.accept()
        asked.sendall(b"labels")
        asked.close()


def _answer_datagrams(heard: socket.socket) -> None:
    while True:
        _, sender = heard.recvfrom(64)
        heard.sendto(b"labels", sender)


def marks_of(outcome: Outcome) -> list[str]:
    """Return what tables say of a run beside its scores; that it is synthetic is said of all here."""
    return run_marks({**outcome.run, **trust_of(_records(outcome.directory))})


def _records(directory: RunDirectory) -> list[Any]:
    """Return a run's records as they lie there."""
    return [json.loads(file.read_text()) for file in sorted(directory.path.glob("folds/*.json"))]


def _predictions(directory: RunDirectory) -> dict[str, Any]:
    """Return what a run's records say of each clip."""
    rows = [row for record in _records(directory) for row in record["predictions"]]
    return {row["clip"]: row["probabilities"] for row in rows}


def main() -> None:
    """Run the cheats that are named, or all."""
    if hasattr(os, "sched_setaffinity"):
        # An input that sees other clips sees them in its own process: with one a clip there are none to see.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    given = argparse.ArgumentParser()
    given.add_argument("--data", type=Path, required=True)
    given.add_argument("--out", type=Path, required=True)
    given.add_argument("names", nargs="*")
    arguments = given.parse_args()
    keeper = Keeper(arguments.data, arguments.out.absolute().parent)
    ends = {}
    for animal in ANIMALS:
        if animal.name in arguments.names or not arguments.names:
            start = time.perf_counter()
            ends[animal.name] = asdict(keeper.end_of(animal))
            print(f"{time.perf_counter() - start:.1f} s", animal.name, ends[animal.name], flush=True)
    arguments.out.write_text(json.dumps(ends))


if __name__ == "__main__":
    main()
