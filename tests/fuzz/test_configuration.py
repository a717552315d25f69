"""What mebench remembers in files of its own, changed at random: used, or refused in one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import ODD, changed_bytes, examples, little_memory, said

from mebench.data.clips.marker import PREPARATION_FILE
from mebench.data.locations import Location, find_data, known_place, remember, remembered
from mebench.data.preparation.prepare import _check_options
from mebench.files import to_json

PLACES = to_json(
    {
        "casme3": {"root": "/data/casme3", "annotation": None},
        "samm": {"root": "/data/SAMM", "annotation": "/data/a.xlsx", "columns": {"emotion": "Label"}},
    }
).encode()
OPTIONS = {"dataset": "casme3", "annotation_sha256": "0" * 64, "size": 256, "detector": "centerface"}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("root", "annotation", "columns", "follow_links", "casme3", "size", "dataset")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


@examples(60)
@given(content=changed_bytes(PLACES) | ANYTHING.map(lambda anything: json.dumps(anything).encode()))
def test_the_places_of_datasets(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "configuration"
    folder.mkdir(exist_ok=True)
    (folder / "datasets.json").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEBENCH_CONFIG", str(folder))

        def use() -> None:
            for name in remembered():
                assert isinstance(find_data(name), Location)
            known_place("casme3")
            remember("casme3", Location(folder))

        said(use)


@examples(30)
@given(
    content=changed_bytes(to_json(OPTIONS).encode())
    | ANYTHING.map(lambda anything: json.dumps(anything).encode())
)
def test_how_a_folder_was_prepared(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.getbasetemp() / PREPARATION_FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    said(lambda: _check_options(path, dict(OPTIONS)))
