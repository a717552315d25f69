"""JSON is read strictly: what two programs could read differently is refused, and so is what no file of ours is."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from mebench.errors import MebenchError
from mebench.files import JSON_LIMIT, read_json, to_json
from mebench.strict_json import DEPTH, parse_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "it names 'a' twice in one object"),
        ('{"a": {"b": [{"c": 0, "c": 0}]}}', "it names 'c' twice"),
        ('{"a": NaN}', "it holds NaN, which is no number"),
        ("[-Infinity]", "it holds -Infinity"),
        ("1e999", "too large a number"),
        ("-1E+4000", "too large a number"),
        ("1" * 310 + ".0", "too large a number"),
        ("1" * 5000, "4300 digits"),
        ('"\\ud800"', "half a surrogate pair"),
        ('{"\\uDfff": 0}', "half a surrogate pair"),
        ("[" * (DEPTH + 1) + "]" * (DEPTH + 1), f"nested more than {DEPTH} deep"),
        ("[" * 200_000, f"nested more than {DEPTH} deep"),
        ('{"a":' * 200_000, f"nested more than {DEPTH} deep"),
        ("", "Expecting value"),
        ('{"a": 1} {"b": 2}', "Extra data"),
        ("\ufeff{}", "BOM"),
        ("'a'", "Expecting value"),
        ('{"a": 1,}', "Expecting property name|Illegal trailing comma"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEPTH + "]" * DEPTH,
        '"\\ud83d\\ude00"',
        "1e99",
        '"1e999 NaN"',
        '{"a": {"a": [{"a": 1}]}, "b": {"a": 1}}',
        "null",
        "1" * 400,
    ],
)
def test_what_is_strict_is_read_as_python_reads_it(text: str) -> None:
    assert parse_json(text) == json.loads(text)


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _long(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


def _no_text(path: Path) -> None:
    path.write_bytes(b'{"a": "\xff"}')


def _open_files() -> int:
    place = Path("/proc/self/fd")
    return len(list(place.iterdir())) if place.exists() else 0


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_folder, "is a folder, not a file: put a file in its place"),
        (_pipe, "is a pipe, not a file: put a file in its place"),
        (_link_to_nothing, "there is no "),
        (_loop, "cannot read "),
        (_long, f"is larger than {JSON_LIMIT >> 20} MiB, which no such file is"),
        (_no_text, "is not readable JSON"),
    ],
)
def test_what_lies_in_the_place_of_a_file_is_named(tmp_path: Path, make: object, reason: str) -> None:
    path = tmp_path / "run.json"
    make(path)  # type: ignore[operator]
    open_before = _open_files()
    with pytest.raises(MebenchError, match=reason) as refused:
        read_json(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert _open_files() == open_before, "nothing stays open"


def test_a_file_that_is_too_long_costs_no_more_than_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    _long(path)
    tracemalloc.start()
    with pytest.raises(MebenchError):
        read_json(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * JSON_LIMIT


def test_what_is_written_is_read(tmp_path: Path) -> None:
    content = {"é": [1, 0.1, None, True, "\u2028\x00"], "": {}}
    (tmp_path / "a.json").write_text(to_json(content))
    assert read_json(tmp_path / "a.json") == content
