"""What the system refuses is tried again and then told in one sentence; it is never damage, nor an empty folder."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bad_reads import forbidden, unreadable_file

from mebench.data import fetching
from mebench.data.clips.layout import FrameLayout, forget_folders
from mebench.data.clips.marker import MARKER_FILE, is_twin
from mebench.data.clips.table import ClipRow
from mebench.data.fetching import (
    PAUSES,
    UnreachableError,
    is_there,
    list_folder,
    read_bytes,
    state_of,
)
from mebench.errors import MebenchError
from mebench.files import read_json
from mebench.regular_files import IrregularFileError

CLIP = ClipRow("d/s1/a/1", "d", "s1", "a", 1, 2, 3, "", "", "", "", 2)
LAYOUT = FrameLayout("{subject}/{clip}/{frame}.jpg")


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(UnreachableError) as raised:
        action()
    message = str(raised.value)
    assert "\n" not in message
    assert message.endswith("then run the same command again")
    return message


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try as often as ever, and wait less in between."""
    monkeypatch.setattr(fetching, "PAUSES", tuple(pause / 20 for pause in PAUSES))


@pytest.fixture
def folders() -> None:
    forget_folders()


# ---- files


def test_a_file_is_given_whole_or_in_part(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    assert read_bytes(path) == b"0123456789"
    assert read_bytes(path, most=4) == b"0123"
    assert read_bytes(path, most=40) == b"0123456789"
    assert read_bytes(path, start=-3) == b"789"
    assert read_bytes(path, start=-30) == b"0123456789"
    assert read_bytes(path, start=8, most=1) == b"8"


def test_a_read_that_fails_is_tried_again_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "12.jpg"
    path.symlink_to(unreadable_file())
    began = time.monotonic()
    message = refusal(lambda: read_bytes(path))
    assert time.monotonic() - began >= sum(fetching.PAUSES)
    assert f"cannot read {path}: Input/output error (tried 4 times)" in message


def test_a_file_that_is_back_after_a_moment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSES", PAUSES)
    path = tmp_path / "12.jpg"
    back = threading.Timer(0.2, path.write_bytes, [b"whole"])
    back.start()
    assert read_bytes(path) == b"whole"
    back.join()


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "12.jpg"
    path.write_bytes(b"whole")
    with forbidden(path):
        assert "Permission denied" in refusal(lambda: read_bytes(path))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("12.jpg", "leads to itself"),
        ("/mnt/gone/12.jpg", "it is a link to /mnt/gone/12.jpg, which is not there"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, target: str, why: str) -> None:
    path = tmp_path / "12.jpg"
    path.symlink_to(target)
    assert why in refusal(lambda: read_bytes(path))
    assert refusal(lambda: state_of(path))


def test_a_pipe_under_the_name_of_a_picture_is_told_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "12.jpg"
    os.mkfifo(path)
    with pytest.raises(IrregularFileError, match=r"12\.jpg is a pipe, not a file: put a file in its place"):
        read_bytes(path)
    assert refusal(lambda: read_bytes(tmp_path))


def test_fewer_bytes_than_there_are_is_an_error_of_the_disk() -> None:
    # The kernel says that this file has 4096 bytes and gives fewer.
    path = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not path.exists():
        pytest.skip("a file that is shorter than it says needs Linux's /sys")
    assert 0 < len(path.read_text()) < path.stat().st_size
    assert "of 4096 bytes came" in refusal(lambda: read_bytes(path))


def test_the_error_reaches_another_process_as_it_is() -> None:
    error = UnreachableError("cannot read a: no")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (UnreachableError, "cannot read a: no")


# ---- folders


def test_a_folder_is_listed_with_what_is_a_folder_in_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.jpg").touch()
    (tmp_path / "loop").symlink_to("loop")
    assert list_folder(tmp_path) == {"inner": True, "a.jpg": False, "loop": False}
    assert list_folder(tmp_path / "absent") == list_folder(tmp_path / "a.jpg") == {}


@pytest.mark.usefixtures("folders")
def test_a_folder_that_may_not_be_listed_is_no_empty_dataset(tmp_path: Path) -> None:
    (tmp_path / "s1" / "a").mkdir(parents=True)
    (tmp_path / "s1" / "a" / "1.jpg").touch()
    with forbidden(tmp_path / "s1"):
        assert "Permission denied" in refusal(lambda: LAYOUT.frames(tmp_path, CLIP))
    # Nothing of it was remembered.
    assert LAYOUT.frames(tmp_path, CLIP).numbers == (1,)


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("target", ["s1", "/mnt/gone"])
def test_a_folder_behind_a_link_that_leads_nowhere_is_no_empty_one(tmp_path: Path, target: str) -> None:
    (tmp_path / "s1").symlink_to(target)
    assert str(tmp_path / "s1") in refusal(lambda: LAYOUT.frames(tmp_path, CLIP))
    assert str(tmp_path / "s1") in refusal(lambda: LAYOUT.recordings(tmp_path))


@pytest.mark.usefixtures("folders")
def test_a_folder_with_the_name_of_a_picture_is_no_frame(tmp_path: Path) -> None:
    folder = tmp_path / "s1" / "a"
    (folder / "2.jpg").mkdir(parents=True)
    (folder / "1.jpg").touch()
    assert LAYOUT.frames(tmp_path, CLIP).numbers == (1,)


# ---- marks of twins


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_a_picture_that_cannot_be_read_does_not_pass_for_an_unmarked_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"1{suffix}"
    path.symlink_to(unreadable_file())
    assert "Input/output error" in refusal(lambda: is_twin(tmp_path, tmp_path, [path]))
    short = tmp_path / f"2{suffix}"
    short.write_bytes(b"BM")
    assert not is_twin(tmp_path, tmp_path, [short])


def test_a_marker_file_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    (tmp_path / MARKER_FILE).symlink_to(MARKER_FILE)
    assert MARKER_FILE in refusal(lambda: is_twin(tmp_path, tmp_path, []))
    root = tmp_path / "shut"
    root.mkdir()
    (root / MARKER_FILE).touch()
    assert is_there(root / MARKER_FILE)
    with forbidden(root):
        assert "Permission denied" in refusal(lambda: is_there(root / MARKER_FILE))
    assert not is_there(root / "other")


def test_a_file_that_cannot_be_read_is_not_to_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.symlink_to(unreadable_file())
    with pytest.raises(MebenchError, match="Input/output error") as raised:
        read_json(path)
    assert "delete" not in str(raised.value)
