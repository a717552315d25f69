"""Locks: one holder at a time, whoever died lets go, and a wait says what it waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from left_locks import LONG_AGO, last_renewed, leave_lock
from small_disk import fill, small_disk

from mebench import locks
from mebench.errors import MebenchError, MebenchNotice
from mebench.locks import STALE_SECONDS, LockFile, LockHeldError, locked

HOLD = """
import sys, time
from pathlib import Path
from mebench.locks import LockFile
lock = LockFile(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(60)
"""
RACE = """
import sys, time
from pathlib import Path
from mebench.locks import LockFile
print("ready", flush=True)
for line in sys.stdin:
    print(LockFile(Path(line.strip())).take(), flush=True)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "x.lock"


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start processes that take a lock and hold it; they are ended at last."""
    begun = []

    def hold(path: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        return process

    yield hold
    for process in begun:
        process.kill()
        process.communicate()


def test_a_lock_has_one_holder_until_it_is_released(lock: Path) -> None:
    first, second = LockFile(lock), LockFile(lock)
    assert first.take()
    assert not second.take()
    second.release()
    assert lock.exists(), "who does not hold it releases nothing"
    first.release()
    assert list(lock.parent.iterdir()) == []
    assert second.take()


def test_a_lock_tells_who_has_it(lock: Path) -> None:
    assert LockFile(lock).holder() is None
    assert LockFile(lock).take()
    holder = LockFile(lock).holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    assert str(holder) == f"process {os.getpid()} on {holder.host}"


@pytest.mark.parametrize("reaped", [True, False], ids=["gone", "zombie"])
def test_a_killed_process_s_lock_is_free_at_once(lock: Path, elsewhere: Any, reaped: bool) -> None:
    process = elsewhere(lock)
    assert not LockFile(lock).take()
    process.send_signal(signal.SIGKILL)
    if reaped:
        process.wait(10)
    else:
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
    assert LockFile(lock).take()


def test_a_process_that_is_stopped_keeps_its_lock(lock: Path, elsewhere: Any) -> None:
    process = elsewhere(lock)
    process.send_signal(signal.SIGSTOP)
    os.utime(lock, (0, 0))
    assert not LockFile(lock).take()


def test_a_number_that_went_to_another_process_is_no_proof_of_life(lock: Path) -> None:
    leave_lock(lock, started=1.0)
    assert LockFile(lock).take()


HOSTS = {"host": {"host": "elsewhere"}, "start of the machine": {"machine": "another start"}}


@pytest.mark.parametrize("change", HOSTS.values(), ids=HOSTS)
def test_another_machine_s_lock_holds_while_it_is_renewed(lock: Path, change: dict[str, str]) -> None:
    leave_lock(lock, age=locks.STALE_SECONDS - 60, pid=999_999_999, **change)
    assert not LockFile(lock).take()
    last_renewed(lock, LONG_AGO)
    assert LockFile(lock).take()


def test_the_clock_of_the_file_server_counts_not_this_machine_s(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_lock(lock, host="elsewhere")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    monkeypatch.setattr(time, "time_ns", lambda: 4 * 10**18)
    assert not LockFile(lock).take()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff\xfe", b'"x"'])
def test_a_lock_that_does_not_tell_its_holder_is_held_until_it_is_old(lock: Path, content: bytes) -> None:
    lock.write_bytes(content)
    assert not LockFile(lock).take()
    assert LockFile(lock).holder() is None
    last_renewed(lock, LONG_AGO)
    assert LockFile(lock).take()


def test_a_holder_renews_its_lock(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(locks, "_HEART", locks._Heart())
    held = LockFile(lock)
    assert held.take()
    os.utime(lock, (0, 0))
    deadline = time.monotonic() + 10
    while lock.stat().st_mtime == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert abs(lock.stat().st_mtime - time.time()) < 5
    held.release()


def test_who_was_taken_for_dead_leaves_the_lock_to_its_new_holder(lock: Path) -> None:
    slept = LockFile(lock)
    assert slept.take()
    lock.unlink()
    assert LockFile(lock).take()
    taken = lock.read_bytes()
    slept.release()
    assert lock.read_bytes() == taken


def test_of_many_threads_that_take_over_one_gets_it(tmp_path: Path) -> None:
    for turn in range(30):
        path = tmp_path / f"{turn}.lock"
        leave_lock(path, started=1.0)
        gate, won = threading.Barrier(8), []

        def take(path: Path = path, gate: threading.Barrier = gate, won: list[bool] = won) -> None:
            gate.wait()
            won.append(LockFile(path).take())

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(won) == 1
        assert not list(tmp_path.glob("*.takeover"))


def test_of_several_processes_that_take_over_one_gets_it(tmp_path: Path) -> None:
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        for taker in takers:
            assert taker.stdout is not None
            taker.stdout.readline()
        for turn in range(40):
            path = tmp_path / f"{turn}.lock"
            leave_lock(path, started=1.0)
            for taker in takers:
                assert taker.stdin is not None
                taker.stdin.write(f"{path}\n")
                taker.stdin.flush()
            won = [taker.stdout.readline() for taker in takers if taker.stdout is not None]
            holder = LockFile(path).holder()
            assert holder is not None
            assert won.count("True\n") == 1
            assert holder.pid == takers[won.index("True\n")].pid
    finally:
        for taker in takers:
            taker.kill()
            taker.communicate()


def test_a_lock_that_changes_hands_quickly_never_has_two_holders(lock: Path) -> None:
    inside: list[int] = []
    most, turns = 0, 0
    end = time.monotonic() + 0.7

    def take_and_release(name: int) -> None:
        nonlocal most, turns
        mine = LockFile(lock)
        while time.monotonic() < end:
            if mine.take():
                inside.append(name)
                most, turns = max(most, len(inside)), turns + 1
                assert lock.exists()
                inside.remove(name)
                mine.release()

    threads = [threading.Thread(target=take_and_release, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert turns > 20
    assert most == 1
    assert list(lock.parent.iterdir()) == []


def test_a_lock_that_is_released_while_it_is_looked_at_is_not_taken_from_the_next_holder(lock: Path) -> None:
    holder, other = LockFile(lock), LockFile(lock)
    assert holder.take()

    class Slow(LockFile):
        looks = 0

        def _lives(self) -> bool | None:
            holder.release()
            found = super()._lives()
            self.looks += 1
            if self.looks == 2:
                assert other.take()
            return found

    slow = Slow(lock)
    assert slow.take() != other.holds()
    assert lock.exists()


def test_a_takeover_that_was_killed_half_way_is_gone_on_with(lock: Path) -> None:
    guard = lock.with_name("x.lock.takeover")
    for path in (guard, lock):
        leave_lock(path, started=1.0)
    assert LockFile(lock).take()
    assert [p.name for p in lock.parent.iterdir()] == ["x.lock"]


def test_a_takeover_that_goes_on_is_not_disturbed(lock: Path) -> None:
    leave_lock(lock, started=1.0)
    before = lock.read_bytes()
    guard = LockFile(lock.with_name("x.lock.takeover"))
    assert guard.take()
    assert not LockFile(lock).take()
    assert lock.read_bytes() == before
    guard.release()


def test_a_long_wait_says_for_what_since_when_and_who_has_it(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.05)
    holder = LockFile(lock)
    assert holder.take()
    threading.Timer(0.3, holder.release).start()
    with pytest.warns(MebenchNotice) as caught, locked(lock, "the features of casme3"):
        pass
    (message,) = (str(warning.message) for warning in caught)
    assert "for the features of casme3 (process" in message
    assert f"process {os.getpid()} on " in message
    assert " has it since 20" in message
    assert message.startswith("waiting since ")
    assert str(lock) in message
    assert not lock.exists()


def test_a_short_wait_says_nothing(lock: Path) -> None:
    holder = LockFile(lock)
    assert holder.take()
    threading.Timer(0.1, holder.release).start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with locked(lock, "something"):
            pass


def test_who_does_not_want_to_wait_is_told_who_has_it(lock: Path) -> None:
    refused = pytest.raises(LockHeldError, match=rf"^y: process {os.getpid()} on .* has it since")
    with locked(lock, "x"), refused, locked(lock, "y", wait=False):
        pass
    assert not lock.exists()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", kib=64) as folder:
        yield folder


def test_a_full_disk_gives_one_sentence_and_no_lock(disk: Path) -> None:
    fill(disk, leave_kib=0)
    with pytest.raises(MebenchError, match="the disk is full"):
        LockFile(disk / "x.lock").take()
    assert not (disk / "x.lock").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "[" * 5000,
        '{"host": 1}',
        '{"host": "a", "machine": "b", "pid": "c", "started": 0.0, "since": ""}',
        '{"host": "a", "machine": "b", "pid": 1e3, "started": 0.0, "since": ""}',
        '{"host": "a", "machine": "b", "pid": 99999999999999999999, "started": 0.0, "since": ""}',
        "\x00" * 200_000,
    ],
    ids=range(8),
)
def test_a_lock_that_tells_of_nobody_is_held_until_it_is_stale(tmp_path: Path, content: str) -> None:
    lock = LockFile(tmp_path / "x.lock")
    lock.path.write_text(content)
    assert lock.holder() is None
    assert lock.is_held()
    assert not lock.take()
    old = time.time() - 2 * STALE_SECONDS
    os.utime(lock.path, (old, old))
    assert not lock.is_held()
    assert lock.take()
    lock.release()


def test_a_pipe_in_the_place_of_a_lock_is_named_and_not_waited_for(tmp_path: Path) -> None:
    lock = LockFile(tmp_path / "x.lock")
    os.mkfifo(lock.path)
    with pytest.raises(MebenchError, match=r"x\.lock is a pipe, not a file"):
        lock.take()
