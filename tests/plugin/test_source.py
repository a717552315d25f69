"""Whether a package's code changed, told from its files' signatures where these say so."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench import files
from mebench.plugin import source

_NUMBERS = itertools.count()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a module, a folder of data and one that is empty, seen to be unchanged once."""
    monkeypatch.setattr(files, "_TICK", 0)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / f"watched_{next(_NUMBERS)}"
    for each in (folder / "data", folder / "empty"):
        each.mkdir(parents=True)
    for name in ("__init__.py", "net.py", "data/table.csv"):
        (folder / name).write_text("1\n")
    source.source_of(folder.name)
    assert not source.has_changed(folder.name)
    return folder


def test_code_that_did_not_change_is_not_read_again(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_hash", lambda name: pytest.fail("it was read"))
    assert not source.has_changed(package.name)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file's content": lambda folder: (folder / "net.py").write_text("2\n"),
    "a data file's content": lambda folder: (folder / "data" / "table.csv").write_text("2\n"),
    "a file that is new": lambda folder: (folder / "new.py").write_text("1\n"),
    "a file in a folder that was empty": lambda folder: (folder / "empty" / "new.py").write_text("1\n"),
    "a file that is gone": lambda folder: (folder / "data" / "table.csv").unlink(),
    "a file that has another name": lambda folder: (folder / "net.py").rename(folder / "nets.py"),
    "a folder that is new": lambda folder: _filled(folder / "data" / "deep"),
}


def _filled(folder: Path) -> None:
    folder.mkdir()
    (folder / "new.py").write_text("1\n")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(package: Path, change: Callable[[Path], object]) -> None:
    change(package)
    assert source.has_changed(package.name)


def test_a_change_whose_time_was_set_back_is_seen(package: Path) -> None:
    file = package / "net.py"
    before = file.stat()
    file.write_text("2\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert source.has_changed(package.name)


def test_a_file_that_was_touched_alone_is_no_change(package: Path) -> None:
    os.utime(package / "net.py")
    assert not source.has_changed(package.name)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "net.pyc").write_text("")
    assert not source.has_changed(package.name)


def test_what_was_written_within_a_tick_of_the_clock_is_read_each_time(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_TICK", 3_600_000_000_000)
    os.utime(package / "net.py")
    assert not source.has_changed(package.name)
    read = []
    whole = source._hash
    monkeypatch.setattr(source, "_hash", lambda name: read.append(name) or whole(name))
    assert not source.has_changed(package.name)
    assert read == [package.name]
