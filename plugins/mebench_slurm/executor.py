"""The executor ``slurm``: folds as tasks of job arrays, through submitit.

    mebench run famnet casme3 --device cuda --executor 'slurm[partition=gpu,minutes=120]'

It runs on the login node, or in a small job, for as long as the folds take; docs/many-machines.md.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mebench.api import Event, Executor, Failure, FoldResult, Job, Progress
from mebench.errors import MebenchError, reason_of
from mebench.files import read_json
from mebench.parallel import cores
from mebench.paths import cache_folder
from mebench.runner.elsewhere import Sent, send
from mebench.runner.executor import WaitingJobs
from mebench_slurm.node import work
from mebench_slurm.settings import SlurmSettings
from mebench_slurm.spool import remember, spool

# How often is looked for answers, and SLURM is asked for jobs that died without one.
LOOK_SECONDS = 1.0
ASK_SLURM_SECONDS = 60.0
# What would happen again, and how to mend it.
_HOPELESS = {
    "TIMEOUT": "its time limit: give each fold more with minutes=",
    "OUT_OF_MEMORY": "it took too much memory: give each fold more with memory=",
}


class SlurmExecutor(Executor):
    """Folds as tasks of SLURM's job arrays, as many at a time as --workers says, or the cluster lets run.

    A fold whose node dies is tried again. The folder of runs, the cache and the Python environment lie on a disk that
    the nodes see.
    """

    Settings = SlurmSettings
    settings: SlurmSettings
    elsewhere = True

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        """Yield what happens on the cluster."""
        settings = self.settings
        if settings.cluster == "slurm" and not shutil.which("sbatch"):
            raise MebenchError(
                "there is no sbatch here, with which SLURM takes jobs: run this on a login node of the cluster, or "
                "try it with --executor 'slurm[cluster=local]'"
            )
        with spool(settings.folder or cache_folder() / "slurm") as folder:
            waiting = WaitingJobs(jobs)
            folds = _Folds(settings, waiting, workers, folder)
            try:
                while waiting.more or folds.running:
                    yield from folds.begin()
                    yield from folds.look()
                    if waiting.more or folds.running:
                        time.sleep(LOOK_SECONDS)
            finally:
                folds.cancel()


@dataclass
class _Running:
    job: Job
    sent: Sent
    submitted: Any  # a submitit.Job
    state: Path
    said: Any = None
    tries: int = 1


class _Folds:
    """The folds on the cluster, and where the next ones come from."""

    def __init__(self, settings: SlurmSettings, waiting: WaitingJobs, workers: int, folder: Path) -> None:
        self.running: list[_Running] = []
        self._settings, self._waiting, self._folder = settings, waiting, folder
        # SLURM keeps a queue itself; processes of this machine would all run at once.
        local = settings.cluster == "local"
        self._places = workers or cores() if local else max(settings.array, workers)
        self._at_a_time = workers or settings.array
        self._submitted = 0
        self._asked = time.monotonic()

    def begin(self) -> Iterator[Event]:
        """Submit folds as long as there are places and jobs, all at once as an array."""
        taken: list[tuple[Job, Sent]] = []
        while self._waiting.more and len(self.running) + len(taken) < self._places:
            if (job := self._waiting.take()) is None:
                break
            try:
                taken.append((job, send(job)))
            except MebenchError as error:
                yield Event(job.task)
                yield Event(job.task, Failure(str(error)))
        for start in range(0, len(taken), self._settings.array):
            self._submit(taken[start : start + self._settings.array])

    def _submit(self, taken: Sequence[tuple[Job, Sent]], tries: int = 1) -> None:
        states = []
        for _ in taken:
            self._submitted += 1
            states.append(self._folder / f"state-{self._submitted}.json")
        executor = self._executor(taken[0][0])
        try:
            with executor.batch():
                submitted = [
                    executor.submit(work, sent, state) for (_, sent), state in zip(taken, states, strict=True)
                ]
        except Exception as error:
            raise MebenchError(f"SLURM refused the jobs: {_refusal(error)}") from error
        for (job, sent), state, each in zip(taken, states, submitted, strict=True):
            self.running.append(_Running(job, sent, each, state, tries=tries))
        if self._settings.cluster == "slurm":
            for number in dict.fromkeys(each.job_id.partition("_")[0] for each in submitted):
                remember(self._folder, number)

    def _executor(self, job: Job) -> Any:
        import submitit

        settings = self._settings
        executor = submitit.AutoExecutor(self._folder, cluster=settings.cluster)
        gpus = settings.gpus if settings.gpus is not None else int(job.device == "cuda")
        asked = {
            "slurm_partition": settings.partition,
            "slurm_account": settings.account,
            "slurm_qos": settings.qos,
            "slurm_constraint": settings.constraint,
            "slurm_gres": settings.gres,
            "mem_gb": settings.memory,
            "gpus_per_node": gpus if gpus and settings.gres is None else None,
        }
        executor.update_parameters(
            name="mebench",
            timeout_min=settings.minutes,
            # One more for the side that gathers clips, which works while the fold's process waits.
            cpus_per_task=settings.cpus or job.threads + 1,
            slurm_array_parallelism=self._at_a_time,
            slurm_use_srun=False,  # one process a job: nothing to spread
            **{name: value for name, value in asked.items() if value is not None},
        )
        return executor

    def look(self) -> Iterator[Event]:
        """Tell of what the nodes wrote since it was last looked."""
        ask = time.monotonic() - self._asked > ASK_SLURM_SECONDS
        for each in list(self.running):
            yield from self._news(each)
            if each.submitted.done(force_check=ask):
                ask = False  # one answer tells of all
                self._asked = time.monotonic()
                self.running.remove(each)
                if (outcome := self._outcome(each)) is not None:
                    yield Event(each.job.task, outcome)

    def _news(self, each: _Running) -> Iterator[Event]:
        with suppress(MebenchError, OSError):
            if not each.state.exists():
                return
            said = read_json(each.state)["progress"]
            if each.said is None:
                yield Event(each.job.task)
                each.said = []
            if said and said != each.said:
                each.said = said
                yield Event(each.job.task, Progress(*said))

    def _outcome(self, each: _Running) -> FoldResult | Failure | None:
        """Return how a fold ended that is no longer there; None where it is tried again."""
        import submitit

        try:
            found = each.submitted.result()
        except submitit.core.utils.FailedJobError as error:
            return Failure("it could not be run on its node", str(error))
        except Exception as error:  # no answer, or one that was cut short
            state = str(each.submitted.state).upper().partition(" ")[0]
            if state in _HOPELESS:
                return Failure(f"SLURM ended it, for {_HOPELESS[state]}", str(error))
            if each.tries > self._settings.retries:
                tries = f"{each.tries} times" if each.tries > 1 else "once"
                return Failure(f"its job ended without an answer {tries} (state {state})", str(error))
            self._submit([(each.job, each.sent)], each.tries + 1)
            return None
        finally:
            _remove_files(each)
        return found if isinstance(found, (FoldResult, Failure)) else Failure("its node gave no result")

    def cancel(self) -> None:
        """End all jobs that are still there."""
        for each in self.running:
            with suppress(Exception):
                each.submitted.cancel(check=False)


def _remove_files(each: _Running) -> None:
    """Remove what is left of a job; of many folds it would be many files."""
    paths = each.submitted.paths
    for file in (paths.submitted_pickle, paths.result_pickle, paths.stdout, paths.stderr, each.state):
        with suppress(OSError):
            file.unlink()


def _refusal(error: Exception) -> str:
    said = str(getattr(error, "stderr", "") or getattr(error, "output", "") or "").strip()
    return " ".join(said.split()) or reason_of(error)
