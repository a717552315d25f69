"""Claims on folds: how several processes, here and on other machines, share one run, or the runs of a study.

    claims = Claims(directory)
    for each in share([(claims, task) for task in tasks], elsewhere):
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

Elsewhere = Callable[["Claims", Task, "str | None"], None]
Refused = Callable[["Claims", MebenchError], None]


class Claims:
    """The folds of a run that this process has claimed; of one that is ``given_up`` it wants no more."""

    def __init__(self, directory: RunDirectory) -> None:
        self.directory = directory
        self.given_up = False
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
        lock = LockFile(self.directory.claim_file(task))
        with disk_errors(lock.path, "free some space or choose another --runs folder"):
            lock.path.parent.mkdir(exist_ok=True)
        if not lock.take():
            return False
        self._held[task] = lock
        forget_leftovers(self.directory.record_file(task))
        return True

    def release(self, task: Task) -> None:
        """Let go of a fold that ended, one way or the other."""
        self._held.pop(task).release()

    def release_all(self) -> None:
        """Let go of every fold."""
        for task in list(self._held):
            self.release(task)


def share(
    folds: Iterable[tuple[Claims, Task]], elsewhere: Elsewhere, refused: Refused
) -> Iterator[tuple[Claims, Task] | None]:
    """Yield each fold that this process may run, claimed for it, until none remains.

    A fold comes with the claims of its run; there may be several runs. None is yielded where other processes have all
    that remain: ask again a little later. While this process has none either, it says whom it waits for.
    ``elsewhere`` is told of each fold that another process recorded, with None, or that failed there, with the reason:
    it is not tried again here. ``refused`` is told where a run's records cannot be read, or the disk refuses a claim;
    no more of that run is yielded.
    """
    waiting = deque(folds)  # not yet looked at this time round
    others = deque[tuple[Claims, Task]]()  # what others have
    runs = list(dict.fromkeys(claims for claims, _ in waiting))
    failed_before = {(claims, task): _failure(claims.directory, task) for claims, task in waiting}

    def ended_elsewhere(claims: Claims, task: Task) -> bool:
        recorded = claims.directory.has_record(task)
        failure = None if recorded else _failure(claims.directory, task)
        if not recorded and failure in (None, failed_before[claims, task]):
            return False
        elsewhere(claims, task, failure[1] if failure else None)
        return True

    def is_ours(claims: Claims, task: Task) -> bool | None:
        """Claim a fold; None where it has ended, by whomever."""
        if ended_elsewhere(claims, task):
            return None
        if not claims.take(task):
            return False
        if ended_elsewhere(claims, task):  # before it was claimed here
            claims.release(task)
            return None
        return True

    patience, taken = Patience(), False  # this time round
    while waiting or others:
        if not waiting:
            if not taken:
                if not any(len(claims) for claims in runs):
                    patience.say(_others(others))
                yield None
            waiting, others, taken = others, waiting, False
            continue
        claims, task = each = waiting.popleft()
        if claims.given_up:
            continue
        try:
            ours = is_ours(claims, task)
        except MebenchError as error:
            claims.given_up = True
            refused(claims, error)
            continue
        if ours:
            yield each
            patience, taken = Patience(), True
        elif ours is False:
            others.append(each)


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


def _others(folds: Collection[tuple[Claims, Task]]) -> str:
    holders = Counter(
        str(LockFile(claims.directory.claim_file(task)).holder() or "another process")
        for claims, task in folds
    )
    what = f"{len(folds)} fold{'s' if len(folds) > 1 else ''} that others run"
    return f"{what} ({', '.join(f'{count} by {holder}' for holder, count in sorted(holders.items()))})"
