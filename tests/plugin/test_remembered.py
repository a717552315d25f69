"""Answers that are remembered: as long as all that decided them is the same, and not a moment longer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mebench.plugin import surroundings
from mebench.plugin.remembered import Remembered
from mebench.plugin.source import forget_source
from mebench.plugin.witnesses import unchanged, watched

Ask = Callable[..., Remembered]


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was written a moment ago count as written long ago: no test waits for a clock to tick."""
    monkeypatch.setattr("mebench.plugin.witnesses.settled", lambda found: True)
    monkeypatch.setattr("mebench.files.settled", lambda found: False)
    # pytest tells of each phase of a test in a variable.
    without = (*surroundings._OF_NO_EFFECT, "PYTEST_CURRENT_TEST")
    monkeypatch.setattr("mebench.plugin.surroundings._OF_NO_EFFECT", without)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    forget_source(lambda name: name == "answering")
    folder = tmp_path / "code" / "answering"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("ANSWER = 7\n", encoding="utf-8")
    monkeypatch.syspath_prepend(folder.parent)
    return folder


@pytest.fixture
def read(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "sub" / "read.txt"
    file.parent.mkdir(parents=True)
    file.write_text("read", encoding="utf-8")
    return file


@pytest.fixture
def kept(package: Path, read: Path, tmp_path: Path) -> Ask:
    """Keep an answer that came of the package and of a file, and return what asks again as a new process does."""
    first = Remembered("test", {"of": "this"})
    assert first.known() is None
    with first.watching():
        read.read_text(encoding="utf-8")
        list(read.parent.iterdir())
    assert first.keep({"answer": 7}, code=["answering"], roots=[tmp_path / "data"])

    def ask(kind: str = "test", of: str = "this") -> Remembered:
        forget_source()
        return Remembered(kind, {"of": of})

    return ask


def test_an_answer_is_known_to_the_same_question_alone(kept: Ask) -> None:
    assert kept().known() == {"answer": 7}
    assert kept(of="that").known() is None
    assert kept("another").known() is None


def test_an_answer_does_not_outlive_its_code(kept: Ask, package: Path) -> None:
    (package / "__init__.py").write_text("ANSWER = 8\n", encoding="utf-8")
    assert kept().known() is None


def test_a_new_file_of_the_package_is_a_change_of_its_code(kept: Ask, package: Path) -> None:
    (package / "weights.bin").write_bytes(b"0")
    assert kept().known() is None


@pytest.mark.parametrize("change", ["written", "same size and times", "gone", "beside", "above"])
def test_an_answer_does_not_outlive_what_was_read(kept: Ask, read: Path, change: str) -> None:
    state = read.stat()
    if change == "written":
        read.write_text("other", encoding="utf-8")
    elif change == "same size and times":
        read.write_text("daer", encoding="utf-8")
        os.utime(read, ns=(state.st_atime_ns, state.st_mtime_ns))
    elif change == "gone":
        read.unlink()
    elif change == "beside":
        (read.parent / "more.txt").touch()
    else:
        (read.parents[1] / "more.txt").touch()
    assert kept().known() is None


def test_what_was_not_there_must_not_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "settings.json"
    with watched() as witnesses, pytest.raises(FileNotFoundError):
        missing.read_text(encoding="utf-8")
    found = witnesses.kept()
    assert found is not None
    assert unchanged(found)
    missing.touch()
    assert not unchanged(found)


def test_an_answer_does_not_outlive_its_environment(kept: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert kept().known() == {"answer": 7}
    monkeypatch.setenv("TORCH_CPU_CAPABILITY", "default")
    assert kept().known() is None


def test_an_answer_does_not_outlive_an_installation(kept: Ask, package: Path) -> None:
    (package.parent / "torch-3.0.0.dist-info").mkdir()
    assert kept().known() is None


@pytest.mark.parametrize("damage", ["cut short", "another answer", "no JSON of ours", "empty"])
def test_a_damaged_answer_is_none(kept: Ask, damage: str) -> None:
    file = kept().file
    text = file.read_text(encoding="utf-8")
    damaged = {
        "cut short": text[:-20],
        "another answer": text.replace('"answer": 7', '"answer": 8'),
        "no JSON of ours": "[]",
        "empty": "",
    }[damage]
    assert damaged != text
    file.write_text(damaged, encoding="utf-8")
    assert kept().known() is None


def test_what_changed_while_it_was_found_out_is_not_kept(package: Path, read: Path) -> None:
    asked = Remembered("test", {"of": "this"})
    with asked.watching():
        read.read_text(encoding="utf-8")
    read.write_text("changed", encoding="utf-8")
    assert not asked.keep(7, code=["answering"])
    assert not asked.file.exists()


def test_what_was_written_just_now_is_not_relied_on(
    package: Path, read: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mebench.plugin.witnesses.settled", lambda found: False)
    asked = Remembered("test", {"of": "this"})
    with asked.watching():
        read.read_text(encoding="utf-8")
    assert not asked.keep(7, code=["answering"])
