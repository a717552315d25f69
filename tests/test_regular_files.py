"""Only regular files are read, and none that is larger than it may be."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.data.clips.file_kind import content_of
from mebench.data.clips.sheet import sha256_of
from mebench.data.fetching import read_bytes
from mebench.files import content_of as hash_of
from mebench.regular_files import IrregularFileError, LargeFileError, open_regular

Read = Callable[[Path], object]
READERS = {
    "open": lambda path: open_regular(path).close(),
    "picture": read_bytes,
    "table": content_of,
    "sum": sha256_of,
    "hash": hash_of,
}


@pytest.fixture(params=["pipe", "socket", "device", "link"])
def irregular(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str]:
    """Something under a file's name that is no file, and what it is."""
    path = tmp_path / "12.csv"
    if request.param == "pipe":
        os.mkfifo(path)
        return path, "a pipe"
    if request.param == "socket":
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("12.csv")
        return path, "a socket"
    if request.param == "link":
        path.symlink_to("/dev/zero")
        return path, "a device"
    return Path("/dev/zero"), "a device"


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_pipe_a_socket_and_a_device_are_told_at_once(read: Read, irregular: tuple[Path, str]) -> None:
    path, kind = irregular
    with pytest.raises(
        IrregularFileError, match=f"{path.name} is {kind}, not a file: put a file in its place"
    ):
        read(path)


def test_a_file_that_is_too_large_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # without a byte on the disk
    with pytest.raises(LargeFileError, match=r"x\.bin is larger than 512 MiB, which no such file is"):
        read_bytes(path)
    with pytest.raises(LargeFileError, match="larger than 32 MiB"):
        content_of(path)
    assert read_bytes(path, most=4) == bytes(4)
    assert read_bytes(path, start=-4) == bytes(4)


def test_a_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "absent")
