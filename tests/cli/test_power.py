"""``mebench power``: what a protocol's subjects can show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_published_counts_do_where_no_data_are_here_and_assumptions_are_told(call: Call) -> None:
    said = call("power", "smic-hs-3c", "--cohorts", "100", "--difference", ".3")
    assert said.code == 0
    assert "smic-hs-3c: 16 subjects, 164 clips (the counts that the protocol's source publishes)" in " ".join(
        said.out.split()
    )
    assert "points is found in 80 of 100 cases; one of 30 points takes about" in said.out
    assert "assumes: subjects are hard or easy for both models" in said.out


def test_a_list_says_which_clips_count(call: Call, tmp_path: Path) -> None:
    rows = ["dataset,subject,filename,label"]
    rows += [
        f"smic-hs,{subject},c{subject}_{clip},{clip % 3}" for subject in range(1, 13) for clip in range(12)
    ]
    (tmp_path / "clips.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = json.loads(
        call("power", "smic-hs-3c", "--list", tmp_path / "clips.csv", "--cohorts", "100", "--json").out
    )
    assert (found["subjects"], found["clips"]) == (12, 144)
    assert found["from"].endswith("clips.csv")
    assert found["smallest"]["uf1"] > 0.1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cd6me"], "detects action units alone"),
        (["megc2091"], "did you mean 'megc2019'"),
        (["megc2019", "--difference", "5"], "such as .05 for 5 points, not 5"),
        (["megc2019", "--uf1", "70"], "such as .7 for 70 %, not 70"),
        (["megc2019", "--list", "a.csv", "--data", "b"], "give one of them"),
    ],
)
def test_what_cannot_be_told_is_one_sentence(call: Call, arguments: list[str], sentence: str) -> None:
    said = call("power", *arguments)
    assert said.code == 2
    assert sentence in " ".join(said.err.split())
