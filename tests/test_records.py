"""Records: a damaged one is noticed and run again, a half-written one never exists, names never collide."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from edited_runs import content_of, described, edit
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_disk import fill, small_disk

from mebench import files, records
from mebench.errors import MebenchError, MebenchWarning
from mebench.files import to_json, write_atomically
from mebench.records import RunDirectory, Task, find_runs

TASK = Task(3, "casme3/spNO.1")


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return described(tmp_path / "runs", seeds=(3, 4))


@pytest.fixture
def content(run: RunDirectory) -> dict[str, Any]:
    return content_of(run, TASK)


def test_a_record_comes_back_as_it_was_written(run: RunDirectory, content: dict[str, Any]) -> None:
    written = run.write_record(TASK, content)
    assert run.read_record(TASK) == written
    assert {name: written[name] for name in content} == content
    assert (written["seed"], written["fold"]) == (3, "casme3/spNO.1")


def test_a_record_that_is_not_there_is_none_without_a_warning(run: RunDirectory) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run.read_record(TASK) is None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunDirectory, dict[str, Any]]:
    """A run with one record, and what that holds."""
    run = described(tmp_path_factory.mktemp("runs"), seeds=(3,))
    return run, run.write_record(TASK, content_of(run, TASK))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_meaning_is_noticed(
    whole: tuple[RunDirectory, dict[str, Any]], data: st.DataObject
) -> None:
    run, written = whole
    path = run.record_file(TASK)
    text = bytearray(to_json(written).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255))
    path.write_bytes(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MebenchWarning)
        found = run.read_record(TASK)
    # A change of white space, or of 0.25 to 0.250, changes nothing that counts.
    assert found is None or found == written


@pytest.mark.parametrize("size", [0, 1, 40, -2])
def test_a_record_that_was_cut_short_is_named_and_does_not_count(run: RunDirectory, size: int) -> None:
    run.write_record(TASK, content_of(run, TASK))
    path = run.record_file(TASK)
    path.write_bytes(path.read_bytes()[:size])
    _assert_named(run, path)


@pytest.mark.parametrize(
    "garbage",
    [
        "garbage",
        "[]",
        "null",
        "7",
        "{}",
        '{"format": 1}',
        '{"format": 1, "checksum": 0, "device": NaN}',
        '{"format": 1, "checksum": 0, "device": 1e999}',
        '{"format": 1, "checksum": 0, "device": "\\ud800"}',
        "\0\0\0\0",
        b"\xff\xfe\x00",
    ],
)
def test_garbage_is_named_and_does_not_count(run: RunDirectory, garbage: str | bytes) -> None:
    path = run.record_file(TASK)
    write_atomically(path, garbage)
    _assert_named(run, path)


def test_a_record_of_another_fold_does_not_count(run: RunDirectory) -> None:
    run.write_record(TASK, content_of(run, TASK))
    other = Task(3, "casme3/spNO.2")
    run.record_file(TASK).rename(run.record_file(other))
    _assert_named(run, run.record_file(other), other, "spNO.1")


def test_a_record_of_another_seed_does_not_count(run: RunDirectory) -> None:
    run.write_record(TASK, content_of(run, TASK))
    other = Task(4, TASK.fold)
    run.record_file(TASK).rename(run.record_file(other))
    _assert_named(run, run.record_file(other), other, "seed 3")


def test_a_record_of_another_format_does_not_count(run: RunDirectory) -> None:
    run.write_record(TASK, content_of(run, TASK))
    edit(run.record_file(TASK), {"format": 1})
    _assert_named(run, run.record_file(TASK), TASK, "format")


def test_a_record_of_another_identity_does_not_count(tmp_path: Path, run: RunDirectory) -> None:
    other = described(tmp_path / "other", seeds=(3,), shuffle_labels=True)
    other.write_record(TASK, content_of(other, TASK))
    run.record_file(TASK).parent.mkdir()
    other.record_file(TASK).rename(run.record_file(TASK))
    _assert_named(run, run.record_file(TASK), TASK, f"under the identity {other.read_run()['identity'][:8]}")


def test_a_description_whose_identity_is_not_its_own_is_refused(run: RunDirectory) -> None:
    stored = run.read_run()
    edit(run.run_file, {"decided_by": {**stored["decided_by"], "threads": 2}})
    with pytest.raises(MebenchError, match="was changed: what it says decided the run is not its identity"):
        run.read_run()


def test_what_is_set_aside_is_kept_and_counts_no_more(run: RunDirectory) -> None:
    written = run.write_record(TASK, content_of(run, TASK))
    described_before = run.run_file.read_bytes()
    place = run.set_aside()
    assert place == run.path / "set-aside" / "1"
    assert run.read_record(TASK) is None
    assert RunDirectory(place, placed=False).read_record(TASK) == written
    assert (place / "run.json").read_bytes() == described_before
    assert run.set_aside() is None
    described(run.path.parents[1])
    assert run.set_aside() == run.path / "set-aside" / "2"


def _assert_named(run: RunDirectory, path: Path, task: Task = TASK, reason: str = "") -> None:
    with pytest.warns(MebenchWarning) as caught:
        assert run.read_record(task) is None
    assert len(caught) == 1
    message = str(caught[0].message)
    assert str(path) in message
    assert "run again" in message
    assert reason in message
    assert "\n" not in message


def test_a_failure_is_kept_until_the_fold_is_recorded(run: RunDirectory) -> None:
    run.write_failure(TASK, "ValueError: odd", "Traceback ...")
    assert run.failure_file(TASK).read_text() == "ValueError: odd\n\nTraceback ..."
    assert run.read_record(TASK) is None
    run.write_record(TASK, content_of(run, TASK))
    assert not run.failure_file(TASK).exists()


fold_names = st.text(min_size=1, max_size=20) | st.text("aA_/\\.-\0 é", min_size=1, max_size=6)


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, 20), fold_names), min_size=2, max_size=6, unique=True))
@example([(0, "a/b"), (0, "a_b"), (0, "a__b"), (0, "a\\b"), (0, "a b"), (0, "a//b")])
@example([(1, "1-x"), (11, "-x"), (1, "x")])
def test_file_names_of_odd_folds_are_plain_and_never_collide(tasks: list[tuple[int, str]]) -> None:
    stems = [Task(seed, fold).stem for seed, fold in tasks]
    assert len(set(stems)) == len(tasks)
    for stem in stems:
        assert re.fullmatch(r"seed\d+-[A-Za-z0-9._-]+", stem)


def test_a_plain_fold_has_a_plain_file_name() -> None:
    assert Task(0, "casme3/spNO.1").stem == "seed0-casme3_spNO.1"


def test_writing_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.json"
    write_atomically(path, "one")
    write_atomically(path, b"two")
    assert [p.name for p in path.parent.iterdir()] == ["record.json"]
    assert path.read_text() == "two"


def test_a_write_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.mkdir()
    with pytest.raises(OSError, match=r"record\.json"):
        write_atomically(path, "one")
    assert [p.name for p in tmp_path.iterdir()] == ["record.json"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", kib=64) as folder:
        yield folder


def test_a_full_disk_keeps_the_old_file_and_no_half_of_the_new(disk: Path) -> None:
    path = disk / "record.json"
    write_atomically(path, "old")
    fill(disk, leave_kib=4)
    with pytest.raises(MebenchError) as raised:
        write_atomically(path, "new" * 10_000)
    assert "the disk is full" in str(raised.value)
    assert str(path) in str(raised.value)
    assert path.read_text() == "old"
    assert sorted(p.name for p in disk.iterdir()) == ["ballast", "record.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 99}'])
def test_a_damaged_description_of_a_run_gives_one_sentence(run: RunDirectory, text: str) -> None:
    write_atomically(run.run_file, text)
    with pytest.raises(MebenchError) as raised:
        run.read_run()
    assert str(run.run_file) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_runs_are_found_by_name(tmp_path: Path) -> None:
    for name in ("b/x-1", "a/y-2", "a/x-1"):
        write_atomically(tmp_path / name / "run.json", json.dumps({}))
    (tmp_path / "a" / "no-run").mkdir()
    assert [str(d.path.relative_to(tmp_path)) for d in find_runs(tmp_path)] == ["a/x-1", "a/y-2", "b/x-1"]


def test_a_record_that_counted_is_read_again_only_where_it_changed(
    run: RunDirectory, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_TICK", 0)
    run.write_record(TASK, content)
    assert run.has_record(TASK)
    with monkeypatch.context() as unread:
        unread.setattr(records, "read_json", lambda path: pytest.fail("it was read"))
        assert run.has_record(TASK)
    whole = run.record_file(TASK).read_text()
    run.record_file(TASK).write_text(whole.replace('"seed": 3', '"seed": 4'))
    assert not run.has_record(TASK)
    run.record_file(TASK).write_text(whole)
    assert run.has_record(TASK)
    run.record_file(TASK).unlink()
    assert not run.has_record(TASK)


def test_a_record_that_counted_is_held_against_a_description_that_changed(
    run: RunDirectory, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_TICK", 0)
    run.write_record(TASK, content)
    assert run.has_record(TASK)
    run.run_file.write_text("{")
    with pytest.raises(MebenchError, match=r"run\.json"):
        run.has_record(TASK)
