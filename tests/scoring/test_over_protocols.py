"""Models ranked over protocols."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.errors import MebenchError, MebenchWarning
from mebench.records import RunDirectory
from mebench.scoring.over_protocols import over_protocols, ranked, ranks_note, ranks_table
from mebench.study.ranks import write_ranks

NAMES = [f"p{number}" for number in range(7)]


def scores(**by_model: float) -> dict[str, dict[str, float]]:
    """Return scores that grow a little from protocol to protocol, the same order of models in each."""
    return {
        model: {name: base + 0.01 * place + 0.001 * (base > 0.5) * place for place, name in enumerate(NAMES)}
        for model, base in by_model.items()
    }


def test_the_better_model_of_each_protocol_ranks_first_and_groups_follow_wilcoxon_after_holm() -> None:
    found = ranked(scores(good=0.7, fair=0.6), NAMES)
    assert [(each["model"], each["rank"], each["group"]) for each in found["models"]] == [
        *(("good", 1.0, "a"), ("fair", 2.0, "b"))
    ]
    assert found["pairs"][0]["p"] == pytest.approx(2 / 2**7)
    assert found["friedman"] is None
    three = ranked(scores(good=0.7, fair=0.6, poor=0.4), NAMES)
    assert three["pairs"][0]["holm"] == pytest.approx(3 * 2 / 2**7)
    assert three["friedman"] == pytest.approx(0.000912, abs=1e-6)  # chi squared 14 of 2 degrees of freedom


def test_equal_scores_share_ranks_and_a_group() -> None:
    found = ranked(scores(one=0.5, other=0.5), NAMES)
    assert {(each["rank"], each["group"]) for each in found["models"]} == {(1.5, "a")}
    assert found["pairs"][0]["holm"] == 1


def test_three_protocols_can_tell_nothing_apart_and_this_is_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    few = {
        model: {name: each[name] for name in NAMES[:3]} for model, each in scores(good=0.7, fair=0.6).items()
    }
    found = ranked(few, NAMES[:3], synthetic=True)
    assert [each["group"] for each in found["models"]] == ["a", "a"]
    assert "of 3 protocols this p is 0.25 at least, so that none can be told apart" in ranks_note(found)
    table = ranks_table(found)
    assert table.rows[0] == ("good", "1.00", "a", "70.00 (1)", "71.10 (1)", "72.20 (1)")
    assert "SYNTHETIC" in table.title
    files = write_ranks(found, tmp_path)
    assert [file.name for file in files] == ["ranks.md", "ranks.csv", "ranks.svg", "ranks.png"]
    before = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in write_ranks(found, tmp_path)] == before


def test_runs_are_sorted_by_model_and_protocol_and_a_model_that_lacks_one_is_left_out(tmp_path: Path) -> None:
    cohort = invented_cohort(3, 4)
    truth = cohort.clips["label"].to_numpy()

    def run(protocol: str, model: str, wrong: int) -> RunDirectory:
        named = replace(cohort, protocol=replace(cohort.protocol, name=protocol))
        told = np.where(np.arange(len(truth)) < wrong, (truth + 1) % len(EMOTIONS), truth)
        return record_run(tmp_path / "runs", named, lambda _: told, model=model)

    runs = [run(protocol, "majority", 5) for protocol in ("one", "two", "three")]
    runs += [
        run(protocol, "difference-svm", wrong) for protocol, wrong in (("one", 0), ("two", 3), ("three", 6))
    ]
    found = over_protocols(runs)
    assert found["protocols"] == ["one", "three", "two"]
    best, second = found["models"]
    assert (best["rank"], second["rank"]) == (pytest.approx(4 / 3), pytest.approx(5 / 3))
    assert best["ranks"] == {"one": 1, "two": 1, "three": 2}
    assert best["uf1"]["one"] == 1
    with pytest.raises(MebenchError, match="is a second run of majority under one"):
        over_protocols([*runs, runs[0]])
    with (
        pytest.warns(MebenchWarning, match="left out: it has no run under"),
        pytest.raises(MebenchError, match="only 1 model"),
    ):
        over_protocols(runs[:5])
