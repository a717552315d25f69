"""An executor as an outsider writes one: every fold in a Python process of its own, as a cluster's job would be."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mebench.api import Event, Executor, Failure, Job, run_job


class FreshProcesses(Executor):
    """One fold after another, each sent as a file and answered in a file."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        with tempfile.TemporaryDirectory() as folder:
            for job in jobs:
                if job is None:
                    time.sleep(0.1)
                    continue
                yield Event(job.task)
                sent, answer = Path(folder, "job"), Path(folder, "answer")
                answer.unlink(missing_ok=True)
                sent.write_bytes(pickle.dumps(job))
                done = subprocess.run(
                    [sys.executable, "-m", "fresh_processes", str(sent), str(answer)],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                yield Event(
                    job.task,
                    pickle.loads(answer.read_bytes()) if answer.exists() else Failure(done.stderr[-500:]),
                )


class Forgetful(FreshProcesses):
    """Takes one job, and ends."""

    def run(
        self, jobs: Iterable[Job | None], *, workers: int, preload: Sequence[str] = ()
    ) -> Iterator[Event]:
        yield from super().run([next(iter(jobs))], workers=workers, preload=preload)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(pickle.dumps(run_job(pickle.loads(Path(sys.argv[1]).read_bytes()))))
