"""Predictions of a loop of one's own: every form of them gives the same scores, and what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mebench

Form = Callable[[mebench.OpenCohort, np.ndarray], Any]


def shares(cohort: mebench.OpenCohort, chosen: np.ndarray) -> np.ndarray:
    """Return probabilities whose highest is the chosen class."""
    return np.full((len(chosen), 4), 0.2) + 0.2 * np.eye(4)[chosen]


def names(cohort: mebench.OpenCohort, chosen: np.ndarray) -> list[str]:
    return [cohort.classes[each] for each in chosen]


FORMS: dict[str, Form] = {
    "key to name": lambda c, y: dict(zip(c.clips["key"], names(c, y), strict=True)),
    "key to number": lambda c, y: dict(zip(c.clips["key"], y, strict=True)),
    "key to probabilities": lambda c, y: dict(zip(c.clips["key"], shares(c, y), strict=True)),
    "fold to numbers": lambda c, y: {fold.name: y[fold.test] for fold in c.folds},
    "fold to probabilities": lambda c, y: {fold.name: shares(c, y[fold.test]) for fold in c.folds},
    "table by key": lambda c, y: (
        c.clips[["key"]].assign(prediction=names(c, y)).sample(frac=1, random_state=1)
    ),
    "table by key, probabilities": lambda c, y: pd.DataFrame(
        shares(c, y), columns=[f"p_{name}" for name in c.classes]
    ).assign(key=c.clips["key"]),
    "table by names": lambda c, y: c.clips[["dataset", "subject", "clip", "onset"]].assign(prediction=y),
    "table of floats": lambda c, y: c.clips[["key"]].assign(prediction=y.astype(float)),
    "series": lambda c, y: pd.Series(names(c, y), index=c.clips["key"]).to_dict(),
}


@pytest.fixture
def chosen(cohort: mebench.OpenCohort) -> np.ndarray:
    """Predictions of which some are right, the same in every test."""
    guessed = np.random.default_rng(3).integers(4, size=len(cohort))
    return np.where(np.arange(len(cohort)) % 2, cohort.labels, guessed)


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_every_form_of_predictions_scores_alike(
    cohort: mebench.OpenCohort, chosen: np.ndarray, form: Form
) -> None:
    result = mebench.score(form(cohort, chosen), cohort)
    counted = np.zeros((4, 4), int)
    np.add.at(counted, (cohort.labels, chosen), 1)
    assert result.confusion.to_numpy().tolist() == counted.tolist()
    assert result.scores["clips"] == 12
    assert result.missing == ()


def reversed_folds(cohort: mebench.OpenCohort) -> mebench.OpenCohort:
    """Return the cohort with its folds in another order, so that clips and folds do not run alike."""
    return mebench.OpenCohort(replace(cohort.definition, folds=cohort.folds[::-1]))


def test_an_array_must_say_which_order_its_rows_follow(
    cohort: mebench.OpenCohort, chosen: np.ndarray
) -> None:
    other = reversed_folds(cohort)
    by_fold = np.concatenate([chosen[fold.test] for fold in other.folds])
    expected = mebench.score(dict(zip(cohort.clips["key"], chosen, strict=True)), cohort).scores
    assert mebench.score(chosen, other, order="clips").scores == expected
    assert mebench.score(by_fold, other, order="folds").scores == expected
    assert mebench.score(list(chosen), cohort).scores == expected, "here both orders are the same"
    with pytest.raises(mebench.MebenchError, match=r"order='clips'.*or order='folds'"):
        mebench.score(chosen, other)
    with pytest.raises(mebench.MebenchError, match=r"no order of predictions named 'clip'.*'clips'"):
        mebench.score(chosen, other, order="clip")


def test_under_repeats_an_array_is_one_set_of_predictions(
    cohort: mebench.OpenCohort, chosen: np.ndarray
) -> None:
    repeated = mebench.OpenCohort(replace(cohort.definition, folds=cohort.folds * 2))
    expected = mebench.score(chosen, cohort, order="clips").scores["confusion"]
    assert mebench.score(chosen, repeated, order="clips").scores["confusion"] == expected
    with pytest.raises(mebench.MebenchError, match="every clip counts once"):
        mebench.score(np.tile(chosen, 2), repeated, order="folds")


def test_what_a_run_recorded_scores_as_the_run_does(cohort: mebench.OpenCohort) -> None:
    run = mebench.run("difference-svm", cohort, progress=False)
    result = mebench.score(run.predictions, cohort)
    assert result.confusion.equals(run.confusion)
    assert not result.recorded
    assert "not a recorded run" in repr(result)
    assert "they enter no leaderboard" in result._repr_html_()


def test_a_file_scores_as_on_the_command_line(cohort: mebench.OpenCohort, tmp_path: Path) -> None:
    table = cohort.clips[["dataset", "subject", "clip", "onset"]].assign(prediction="others")
    table.to_csv(tmp_path / "mine.csv", index=False)
    result = mebench.score(tmp_path / "mine.csv", cohort)
    assert result.scores["uar"]["mean"] == 1 / 4
    assert "mine.csv under casme3-4c (SYNTHETIC data)" in repr(result)


def test_missing_clips_are_refused_or_said(cohort: mebench.OpenCohort, chosen: np.ndarray) -> None:
    given = dict(zip(cohort.clips["key"], chosen, strict=True))
    key, _ = given.popitem()
    with pytest.raises(mebench.MebenchError, match=f"1 of 12 clips have no prediction \\({key}\\)"):
        mebench.score(given, cohort)
    result = mebench.score(given, cohort, allow_missing=True)
    assert result.missing == (key,)
    assert "1 of 12 clips MISSING" in repr(result)
    one_fold = {cohort.folds[0].name: chosen[cohort.folds[0].test]}
    with pytest.raises(mebench.MebenchError, match="8 of 12 clips have no prediction"):
        mebench.score(one_fold, cohort)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda given, key: {**given, "casme3/spNO.9/a/1": 0}, "casme3/spNO.9/a/1: not in the cohort"),
        (lambda given, key: {**given, "spNO.9": 0}, "'spNO.9' is neither a clip's key"),
        (lambda given, key: {**given, 5: 0}, "'5' is neither a clip's key"),
        (lambda given, key: {**given, key: "angry"}, "there is no class 'angry'; write one of 0 negative"),
        (lambda given, key: {**given, key: 4}, "there is no class '4'"),
        (lambda given, key: {**given, key: 0.5}, "there is no class '0.5'"),
        (lambda given, key: {**given, key: None}, "there is no class ''"),
        (lambda given, key: {**given, key: [0.5, 0.5]}, "neither a class nor 4 probabilities"),
        (lambda given, key: {**given, key: ["a", "b", "c", "d"]}, "neither a class nor 4 probabilities"),
        (lambda given, key: {**given, key: [np.nan, 0, 0, 0]}, "probabilities must be finite"),
        (lambda given, key: {}, "there is no prediction to score"),
        (lambda given, key: [0, 1], "tests 12 clips and there are 2 predictions"),
        (lambda given, key: {"casme3/spNO.1": [0]}, "fold casme3/spNO.1 tests 4 clips and has 1 predictions"),
        (lambda given, key: pd.DataFrame({"key": [key]}), "lacks the column 'prediction'.*'p_negative'"),
        (
            lambda given, key: pd.DataFrame({"key": [key, key], "prediction": [0, 0]}),
            "row 1, .* is the clip of",
        ),
        (
            lambda given, key: pd.DataFrame({"key": [key, key], "prediction": [0, 0], "seed": [0, 1]}),
            "predictions of 2 seeds: give those of one at a time",
        ),
        (lambda given, key: pd.DataFrame({"clip": ["a"], "prediction": [0]}), "DataFrame.*lacks"),
    ],
)
def test_what_does_not_fit_is_named(
    cohort: mebench.OpenCohort, chosen: np.ndarray, change: Callable[[Any, str], Any], said: str
) -> None:
    given = dict(zip(cohort.clips["key"], chosen, strict=True))
    with pytest.raises(mebench.MebenchError, match=said):
        mebench.score(change(given, cohort.clips["key"].iloc[0]), cohort)


def test_a_protocol_of_action_units_takes_no_classes(cohort: mebench.OpenCohort) -> None:
    protocol = replace(cohort.protocol, classes=(), aus=(4,))
    aus_alone = mebench.OpenCohort(replace(cohort.definition, protocol=protocol))
    with pytest.raises(mebench.MebenchError, match="has action units and no classes"):
        mebench.score({}, aus_alone)
