"""What ``mebench sweep`` and ``mebench ablate`` refuse, and what they say of a study without scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_studies import net_file

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("sweep", "casme3", "--grid", "knd=one"), "did you mean 'kind'"),
        (("sweep", "casme33", "--grid", "kind=one,two"), "did you mean 'casme3'"),
        (("ablate", "casme3", "--axes", "knd"), "did you mean 'kind'"),
        (("ablate", "casme3", "--axes", ","), "leave it out for all"),
        (("sweep", "casme3", "--grid", "kind=one,two", "--executor", "no"), "executor named 'no'"),
        (("sweep", "casme3", "--grid", "kind=one,two", "--selection", "oracle"), "keeps no epochs, of which"),
        (("ablate", "casme3", "--seeds", "x"), "--seeds 'x': give whole numbers"),
        (("ablate", "casme3", "--out", "net.py/out"), "choose another --out folder"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(
    call: Call, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    net_file(tmp_path)
    command, protocol, *rest = arguments
    said = call(command, "net.py:Net", protocol, "--synthetic", *rest)
    assert said.code == 2
    assert why in said.err
    assert "drawing" not in said.err
    assert not said.out


def test_a_model_without_ablations_is_told_the_way_to_sweep(call: Call) -> None:
    said = call("ablate", "majority", "casme3", "--synthetic")
    assert said.code == 2
    assert (
        "majority declares no ablations: vary settings of your choice with `mebench sweep majority"
        in said.err
    )


def test_a_study_that_lacks_folds_says_so_and_has_no_scores(call: Call, twin: Path, tmp_path: Path) -> None:
    net_file(tmp_path)
    said = call("sweep", "net.py:Net", "casme3", "--data", twin, "--grid", "kind=both,two", "--folds", "1")
    assert said.code == 0
    assert "no scores for kind=both (reference); kind=two: 2 of 3 folds are not recorded" in said.out
    assert "UF1 difference" not in said.out


def test_a_variant_that_fails_is_named_and_the_table_has_the_others(
    call: Call, twin: Path, tmp_path: Path
) -> None:
    net_file(tmp_path)
    grid = ("--grid", "act=no,fail", "--grid", "share=0.1", "--set", "kind=two")
    said = call("sweep", "net.py:Net", "casme3", "--data", twin, *grid)
    assert said.code == 2
    assert "1 of 2 variants failed (act=fail)" in said.err
    assert "on purpose" in said.err
    lines = said.out.splitlines()
    assert lines[1].split()[:5] == ["variant", "act", "share", "UF1", "UAR"]
    assert [line.split()[0] for line in lines[2:4]] == ["reference", "act=fail"]
    assert lines[2].split()[3].count(".") == 1, "a score"
    assert lines[3].split() == ["act=fail", "fail", "0.1"]
