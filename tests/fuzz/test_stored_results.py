"""Stored results changed at random, with a checksum that fits again: verified, or refused in sentences."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import ODD, changed_bytes, examples, little_memory, said

from mebench.evidence.digests import sealed
from mebench.leaderboard.results.labels import Labels
from mebench.leaderboard.results.verify import verify
from mebench.plugin.registry import Registry

GOLDEN = (Path(__file__).resolve().parents[1] / "leaderboard" / "golden" / "result-1.json").read_bytes()
WHOLE = json.loads(GOLDEN)

NUMBERS = st.sampled_from((0, -1, 1, 2, 0.5, 1.7, -0.0, 2**53, 2**63, 10**30, 1e300))
LEAVES = st.none() | st.booleans() | NUMBERS | st.sampled_from(ODD)
ANYTHING = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.sampled_from(ODD), LEAVES, max_size=2)


def _places(content: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to everything in a result."""
    inner = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for name, value in inner:
        yield (*before, name)
        yield from _places(value, (*before, name))


PLACES = st.sampled_from(list(_places(WHOLE)))


@st.composite
def changed_results(draw: st.DrawFn) -> bytes:
    """Return a result of which one to three things are others, or gone."""
    content = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(PLACES)
        inner = content
        try:
            for name in path:
                inner = inner[name]
            if draw(st.booleans()):
                inner[last] = draw(ANYTHING)
            else:
                del inner[last]
        except (LookupError, TypeError):
            continue  # what it lies in is gone
    return json.dumps(sealed(content)).encode("utf-8", "replace")


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


@examples(40)
@given(content=changed_results() | changed_bytes(GOLDEN))
def test_a_stored_result(
    content: bytes, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "casme3-4c" / "result.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)

    def use() -> None:
        (found,) = verify([path], registry, Labels(registry))
        assert found.problems, "its name, at least, is another"
        for problem in found.problems:
            assert "\n" not in problem

    said(use)
