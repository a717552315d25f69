"""Runs compared in a notebook."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run
from rich.console import Console

import mebench

COHORT = invented_cohort(5, 4, datasets=("casme3", "samm"))
TRUTH = COHORT.clips["label"].to_numpy()
POOR = np.where(np.arange(len(TRUTH)) < 10, (TRUTH + 1) % len(EMOTIONS), TRUTH)


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A poor and a good run below ``runs``, by name."""
    monkeypatch.chdir(tmp_path)
    told = {"majority": POOR, "difference-svm": TRUTH}
    return [
        record_run(Path("runs"), COHORT, lambda _, own=own: own, model=model).path.name
        for model, own in told.items()
    ]


def test_runs_go_by_name_or_as_they_are(names: list[str]) -> None:
    found = mebench.compare(*names)
    assert found.result == mebench.compare(mebench.open_run(names[0]), names[1]).result
    assert found.result == mebench.compare(*map(mebench.open_run, names)).result
    assert list(found.runs["model"]) == ["majority", "difference-svm"]
    assert list(found.runs["accuracy"]) == [0.75, 1.0]


def test_differences_are_a_table_of_shares(names: list[str]) -> None:
    found = mebench.compare(*names).differences
    assert list(found["score"]) == ["uf1", "uar", "accuracy"]
    of_accuracy = found.iloc[2]
    assert (of_accuracy["first"], of_accuracy["second"], of_accuracy["difference"]) == ("A", "B", 0.25)
    assert of_accuracy["p"] == of_accuracy["holm"] < 1


def test_changed_answers_are_tables(names: list[str]) -> None:
    found = mebench.compare(*names, reference=names[1])
    counts = found.changed.set_index(["by", "name"])
    assert tuple(counts.loc[("all", "")][["answers", "gained", "lost"]]) == (40, 0, 10)
    assert tuple(counts.loc[("dataset", "samm")][["answers", "gained", "lost"]]) == (20, 0, 0)
    assert tuple(counts.loc[("class", "happy")][["answers", "gained", "lost"]]) == (10, 0, 3)
    assert len(found.clips) == 10
    assert found.clips["a"][0] == ["happy"]


def test_no_changed_clip_leaves_the_columns(names: list[str], tmp_path: Path) -> None:
    same = record_run(tmp_path / "other", COHORT, lambda _: TRUTH)
    found = mebench.compare(names[1], same.path)
    assert "truth" in found.clips
    assert not len(found.clips)


def test_it_shows_itself_as_the_command_prints_it(names: list[str]) -> None:
    found = mebench.compare(*names)
    page, screen = found._repr_html_(), io.StringIO()
    Console(file=screen, width=120).print(found)
    assert repr(found) == "<RunComparison: four: 2 runs compared>"
    for text in ("Differences", "B - A", "Changed answers", "does not show that runs are equal"):
        assert text in page
        assert text in " ".join(screen.getvalue().split())


def test_a_list_of_runs_is_refused_with_how_to_give_them(names: list[str]) -> None:
    with pytest.raises(mebench.MebenchError, match=r"mebench\.compare\(\*several\)"):
        mebench.compare(names)  # type: ignore[arg-type]


def test_a_wrong_name_is_one_sentence(names: list[str]) -> None:
    with pytest.raises(mebench.MebenchError, match="there is no run named 'nothing'"):
        mebench.compare(names[0], "nothing")
