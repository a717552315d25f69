from __future__ import annotations

import math

import pytest

from mebench.errors import MebenchError
from mebench.scoring.tie_groups import tie_groups


def test_a_group_holds_its_best_run_and_all_that_cannot_be_told_from_it() -> None:
    p = {("x", "y"): 0.4, ("x", "z"): 0.01, ("y", "z"): 0.3}
    assert tie_groups("xyz", p) == {"x": "a", "y": "ab", "z": "b"}


def test_the_order_of_a_pair_does_not_matter_and_the_level_itself_tells_nothing_apart() -> None:
    p = {("y", "x"): 0.05, ("z", "x"): 0.0499, ("z", "y"): 0.001}
    assert tie_groups("xyz", p) == {"x": "a", "y": "a", "z": "b"}
    assert tie_groups("xyz", p, level=0.06) == {"x": "a", "y": "b", "z": "c"}


def test_a_p_that_is_not_known_tells_nothing_apart() -> None:
    assert tie_groups("xyz", {("x", "y"): None, ("x", "z"): math.nan, ("y", "z"): 0.001}) == dict.fromkeys(
        "xyz", "a"
    )


def test_runs_that_all_differ_have_a_letter_each_also_beyond_the_alphabet() -> None:
    names = [str(number) for number in range(60)]
    p = {(a, b): 0.001 for place, a in enumerate(names) for b in names[place + 1 :]}
    groups = list(tie_groups(names, p).values())
    assert groups[:3] == ["a", "b", "c"]
    assert (groups[25], groups[26], groups[52]) == ("z", "A", "(53)")
    assert len(set(groups)) == 60


def test_one_run_and_none_are_groups_too_and_a_missing_pair_is_named() -> None:
    assert tie_groups(["x"], {}) == {"x": "a"}
    assert tie_groups([], {}) == {}
    with pytest.raises(MebenchError, match="x and z have no p-value"):
        tie_groups("xyz", {("x", "y"): 0.001})
