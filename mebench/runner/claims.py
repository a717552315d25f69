"""Claims on folds: how several processes, here and on other machines, share one run.

    claims = Claims(directory)
    for task in share(tasks, directory, claims, elsewhere):
        ...                          # this process alone has it; None: others have all that remain
        claims.release(task)

A claim is a lock file beside the records (:mod:`mebench.locks`), which never counts as one. The claim of a
process that died is taken over by whoever asks next.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator

from mebench.errors import MebenchError
from mebench.files import disk_errors, forget_leftovers, read_content
from mebench.locks import LockFile, Patience
from mebench.records import RunDirectory, Task

Elsewhere = Callable[[Task, "str | None"], None]


class Claims:
    """The folds of a run that this process has claimed."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._held: dict[Task, LockFile] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._held)

    def take(self, task: Task) -> bool:
        """Claim a fold; False where another process that lives has it.

        Raises:
            MebenchError: the disk refuses.
        """
        lock = LockFile(self._directory.claim_file(task))
        with disk_errors(lock.path, "free some space or choose another --runs folder"):
            lock.path.parent.mkdir(exist_ok=True)
        if not lock.take():
            return False
        self._held[task] = lock
        forget_leftovers(self._directory.record_file(task))
        return True

    def release(self, task: Task) -> None:
        """Let go of a fold that ended, one way or the other."""
        self._held.pop(task).release()

    def release_all(self) -> None:
        """Let go of every fold."""
        for task in list(self._held):
            self.release(task)


def share(
    tasks: Iterable[Task], directory: RunDirectory, claims: Claims, elsewhere: Elsewhere
) -> Iterator[Task | None]:
    """Yield each fold that this process may run, claimed for it, until none remains.

    None is yielded where other processes have all that remain: ask again a little later. While this process
    has none either, it says whom it waits for. ``elsewhere`` is told of each fold that another process
    recorded, with None, or that failed there, with the reason: it is not tried again here.
    """
    waiting, others = deque(tasks), deque[Task]()  # not yet looked at this time round; what others have
    failed_before = {task: _failure(directory, task) for task in waiting}

    def ended_elsewhere(task: Task) -> bool:
        recorded = directory.has_record(task)
        failure = None if recorded else _failure(directory, task)
        if not recorded and failure in (None, failed_before[task]):
            return False
        elsewhere(task, failure[1] if failure else None)
        return True

    patience, taken = Patience(), False  # this time round
    while waiting or others:
        if not waiting:
            if not taken:
                if not claims:
                    patience.say(_others(others, directory))
                yield None
            waiting, others, taken = others, waiting, False
            continue
        task = waiting.popleft()
        if ended_elsewhere(task):
            continue
        if not claims.take(task):
            others.append(task)
        elif ended_elsewhere(task):  # before it was claimed here
            claims.release(task)
        else:
            yield task
            patience, taken = Patience(), True


def refuse_claimed(directory: RunDirectory, why: str) -> None:
    """Refuse what must not happen while other processes run folds.

    Raises:
        MebenchError: one does.
    """
    for file in sorted(directory.path.glob("folds/*.claim")):
        lock = LockFile(file)
        if lock.is_held():
            raise MebenchError(
                f"{lock.holder() or 'another process'} runs folds of {directory.path}, and {why}: wait until it has "
                "ended, or stop it"
            )


def _failure(directory: RunDirectory, task: Task) -> tuple[int, str] | None:
    """Return when a fold failed last (by its file's time, nanoseconds) and why; None where it did not."""
    path = directory.failure_file(task)
    try:
        reason = read_content(path, limit=1 << 24).decode(errors="replace").partition("\n")[0]
        return path.stat().st_mtime_ns, reason
    except (MebenchError, OSError):
        return None


def _others(tasks: Collection[Task], directory: RunDirectory) -> str:
    holders = Counter(str(LockFile(directory.claim_file(t)).holder() or "another process") for t in tasks)
    folds = f"{len(tasks)} fold{'s' if len(tasks) > 1 else ''} that others run"
    return f"{folds} ({', '.join(f'{count} by {holder}' for holder, count in sorted(holders.items()))})"
