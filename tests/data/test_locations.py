"""The file of remembered places is told where it is of another form than mebench writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mebench.data.locations import Location, remember, remembered
from mebench.errors import MebenchError
from mebench.paths import config_folder

SHAPES = (
    ([], "it holds no names of datasets"),
    ("casme3", "it holds no names of datasets"),
    ({"casme3": "/data"}, "'casme3' is no entry"),
    ({"casme3": {}}, "'casme3' names no folder or file"),
    ({"casme3": {"root": 3}}, "'casme3' names no folder or file"),
    ({"casme3": {"root": ""}}, "'casme3' names no folder or file"),
    ({"casme3": {"root": "/a\0b"}}, "'casme3' names no folder or file"),
    ({"casme3": {"root": "/data", "annotation": ["a"]}}, "'casme3' names no folder or file"),
    ({"casme3": {"root": "/data", "columns": ["a"]}}, "the columns of 'casme3' are no headers"),
    ({"casme3": {"root": "/data", "columns": {"emotion": 3}}}, "the columns of 'casme3' are no headers"),
    (
        {"casme3": {"root": "/data", "follow_links": "yes"}},
        "'casme3' says neither true nor false of follow_links",
    ),
    ({"a\x1b[2J": 3}, r"is no entry"),
)


@pytest.mark.parametrize(("content", "why"), SHAPES)
def test_a_wrong_shape_is_a_sentence(content: object, why: str) -> None:
    file = config_folder() / "datasets.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(content))
    with pytest.raises(
        MebenchError, match=r"datasets\.json does not say where datasets lie as `mebench data add`"
    ) as raised:
        remembered()
    assert why in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_what_is_remembered_is_read_back(tmp_path: Path) -> None:
    place = Location(tmp_path, tmp_path / "a.xlsx", (("emotion", "Label"),), follow_links=True)
    remember("samm", place)
    remember("casme3", Location(tmp_path))
    assert remembered() == {"casme3": Location(tmp_path), "samm": place}
