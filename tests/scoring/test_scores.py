from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, recall_score

from mebench.errors import MebenchError
from mebench.scoring.scores import score

CLASSES = ["negative", "positive", "surprise"]
UNITS = ["AU4", "AU12", "AU17"]


def a_run(clips: int = 90, seeds: tuple[int, ...] = (11, 2, 5)) -> dict[str, Any]:
    """Arguments of ``score`` for a run on two datasets that both have a subject 1."""
    random = np.random.default_rng(clips)
    truth = random.choice(3, clips, p=[0.6, 0.25, 0.15])
    datasets = np.where(np.arange(clips) < clips // 3, "smic", "casme2")
    subjects = np.array([f"{number % 6 + 1}" for number in range(clips)])
    au_truth = random.integers(0, 2, (clips, 3)).astype(np.uint8)
    au_truth[:, 2] = 0
    return {
        "keys": [f"clip{number}" for number in range(clips)],
        "truth": truth,
        "subjects": subjects,
        "datasets": datasets,
        "folds": [f"{dataset}/{subject}" for dataset, subject in zip(datasets, subjects, strict=True)],
        "classes": CLASSES,
        "predictions": {seed: random.dirichlet([1, 1, 1], clips) + np.eye(3)[truth] / 3 for seed in seeds},
        "au_truth": au_truth,
        "au_names": UNITS,
        "au_predictions": {seed: random.random((clips, 3)) for seed in seeds},
        "replicates": 200,
    }


def numbers_of(scores: object) -> list[object]:
    if isinstance(scores, dict):
        return [number for value in scores.values() for number in numbers_of(value)]
    if isinstance(scores, list):
        return [number for value in scores for number in numbers_of(value)]
    return [scores]


def test_pooled_scores_equal_scikit_learn_seed_by_seed() -> None:
    run = a_run()
    scores = score(**run)
    assert scores["seeds"] == [2, 5, 11]
    for place, seed in enumerate(scores["seeds"]):
        predicted = run["predictions"][seed].argmax(axis=1)
        assert scores["uf1"]["per_seed"][place] == pytest.approx(
            f1_score(run["truth"], predicted, average="macro")
        )
        assert scores["uar"]["per_seed"][place] == pytest.approx(
            recall_score(run["truth"], predicted, average="macro")
        )
        assert scores["accuracy"]["per_seed"][place] == pytest.approx((predicted == run["truth"]).mean())
        own = run["au_truth"][:, 0], run["au_predictions"][seed][:, 0] > 0.5
        assert scores["au"]["per_au"]["AU4"]["f1"]["per_seed"][place] == pytest.approx(f1_score(*own))
    values = scores["uf1"]["per_seed"]
    assert scores["uf1"]["mean"] == pytest.approx(np.mean(values))
    assert scores["uf1"]["sd"] == pytest.approx(np.std(values, ddof=1))
    assert scores["uf1"]["low"] < scores["uf1"]["mean"] < scores["uf1"]["high"]


def test_counts_add_up() -> None:
    run = a_run()
    scores = score(**run)
    assert (scores["clips"], scores["subjects"], scores["folds"]) == (90, 12, 12)
    support = [scores["per_class"][name]["support"] for name in CLASSES]
    assert support == np.bincount(run["truth"]).tolist()
    per_seed = np.array(scores["confusion"]["per_seed"])
    assert per_seed.sum(axis=2).tolist() == [support] * 3
    assert per_seed.sum(axis=0).tolist() == scores["confusion"]["sum"]


def test_each_dataset_is_scored_as_if_it_were_alone() -> None:
    run = a_run()
    scores = score(**run)
    assert list(scores["per_dataset"]) == ["casme2", "smic"]
    own = run["datasets"] == "smic"
    for name in ("keys", "truth", "subjects", "datasets", "folds", "au_truth"):
        run[name] = np.asarray(run[name])[own]
    for name in ("predictions", "au_predictions"):
        run[name] = {seed: values[own] for seed, values in run[name].items()}
    alone = score(**run)
    assert alone["per_dataset"] == {}
    smic = scores["per_dataset"]["smic"]
    assert smic == {name: alone[name] for name in smic}
    au_smic = scores["au"]["per_dataset"]["smic"]
    assert au_smic == {name: alone["au"][name] for name in au_smic}


def test_the_order_of_clips_and_seeds_changes_no_byte() -> None:
    run = a_run()
    first = json.dumps(score(**run))
    order = np.random.default_rng(0).permutation(90)
    for name in ("keys", "truth", "subjects", "datasets", "folds", "au_truth"):
        run[name] = [run[name][place] for place in order]
    for name in ("predictions", "au_predictions"):
        run[name] = {seed: run[name][seed][order].tolist() for seed in reversed(run[name])}
    assert json.dumps(score(**run)) == first


def test_everything_is_plain_json_without_nan() -> None:
    for run in (a_run(), a_run(clips=1, seeds=(3,)), a_run(clips=4)):
        scores = score(**run)
        assert json.loads(json.dumps(scores, allow_nan=False)) == scores
        assert {type(number) for number in numbers_of(scores)} <= {int, float, str, type(None)}


def test_what_cannot_be_known_is_null() -> None:
    run = a_run(clips=1, seeds=(3,))
    run["truth"], run["predictions"] = [1], {3: [[0.1, 0.8, 0.1]]}
    scores = score(**run)
    assert scores["uf1"] == {"mean": 1.0, "sd": None, "per_seed": [1.0], "low": None, "high": None}
    assert scores["per_class"]["negative"]["recall"]["mean"] is None
    assert scores["per_class"]["surprise"]["precision"]["per_seed"] == [None]
    assert score(**a_run())["au"]["per_au"]["AU17"]["f1"]["mean"] is None


def test_equal_probabilities_go_to_the_first_class() -> None:
    run = a_run(clips=3, seeds=(1,)) | {"truth": [0, 1, 2]}
    run["predictions"] = {1: [[1 / 3] * 3, [0.2, 0.4, 0.4], [0.4, 0.2, 0.4]]}
    assert score(**run)["confusion"]["sum"] == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_chance_is_what_guessing_and_the_most_frequent_class_reach() -> None:
    # The counts of MEGC2019: 250, 109 and 83 clips; F1 of always saying negative is 500 / 692.
    truth = np.repeat([0, 1, 2], [250, 109, 83])
    run = a_run(clips=442) | {"truth": truth}
    chance = score(**run)["chance"]
    assert chance["uar"] == pytest.approx(1 / 3)
    assert chance["uf1_majority"] == pytest.approx(500 / 692 / 3)


def test_means_over_folds_stand_apart_from_the_pooled_values() -> None:
    run = a_run(clips=5, seeds=(1,)) | {"truth": [0, 0, 0, 0, 1], "folds": [1, 1, 1, 1, 2]}
    run["predictions"] = {1: np.eye(3)[[0, 0, 0, 1, 1]]}
    scores = score(**run)
    assert scores["folds"] == 2
    assert scores["uf1"]["mean"] == pytest.approx((6 / 7 + 2 / 3) / 2)
    assert scores["per_fold_means"]["uf1"]["mean"] == pytest.approx((3 / 7 + 1) / 2)
    assert scores["per_fold_means"]["accuracy"]["mean"] == pytest.approx(7 / 8)


def test_action_units_that_never_occur_are_named_and_left_out_of_the_mean() -> None:
    au = score(**a_run())["au"]
    assert au["without_positive"] == ["AU17"]
    means = [au["per_au"][name]["f1"]["mean"] for name in ("AU4", "AU12")]
    assert au["f1"]["mean"] == pytest.approx(np.mean(means))
    assert au["chance"]["f1"] == pytest.approx(
        np.mean(
            [2 * au["per_au"][name]["support"] / (90 + au["per_au"][name]["support"]) for name in UNITS[:2]]
        )
    )
    assert au["f1"]["low"] < au["f1"]["mean"] < au["f1"]["high"]


def test_a_probability_of_one_half_predicts_no_action_unit() -> None:
    run = a_run(clips=2, seeds=(1,)) | {"au_truth": [[1, 0, 0], [1, 1, 0]]}
    run["au_predictions"] = {1: [[0.5, 0.5, 0.5], [0.6, 0.5, 0.5]]}
    per_au = score(**run)["au"]["per_au"]
    assert (per_au["AU4"]["f1"]["mean"], per_au["AU12"]["f1"]["mean"]) == (pytest.approx(2 / 3), 0.0)


def test_without_action_units_there_is_no_such_block() -> None:
    run = a_run()
    for name in ("au_truth", "au_names", "au_predictions"):
        del run[name]
    assert "au" not in score(**run)


def spoiled(name: str, place: object, value: float) -> dict[str, Any]:
    run = a_run()
    values = run[name] if isinstance(run[name], np.ndarray) else run[name][5]
    values[place] = value
    return run


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (spoiled("predictions", (7, 1), np.nan), r"seed 5 .* clip clip7: probabilities must be finite"),
        (spoiled("predictions", (7, 1), np.inf), r"seed 5 .* clip clip7: probabilities must be finite"),
        (spoiled("au_predictions", (8, 0), np.nan), r"seed 5 .* clip clip8"),
        (spoiled("au_predictions", (8, 0), 4.2), "clip clip8 has AU predictions outside 0 to 1"),
        (spoiled("truth", 4, 3), "clip clip4 has class number 3"),
        (a_run() | {"predictions": {1: np.ones((88, 3))}}, "88 of 90 clips: clip clip88 is the first"),
        (a_run() | {"predictions": {1: np.ones((91, 3))}}, "90 clips have 91 predictions of seed 1"),
        (a_run() | {"predictions": {1: np.ones((90, 4))}}, r"shape \(4,\) for clip clip0"),
        (a_run() | {"predictions": {1: [[0.2, 0.3, 0.5]] * 89 + [[1.0]]}}, r"shape \(1,\) for clip clip89"),
        (a_run() | {"predictions": {}}, "no predictions to score"),
        (a_run() | {"au_predictions": None}, "no predictions to score"),
        (a_run() | {"au_names": UNITS[:2]}, "90 clips and 2 action units are due"),
        (a_run() | {"au_names": []}, "name one or more"),
        (
            a_run() | {"keys": ["one", "two", "one"] + [f"clip{number}" for number in range(87)]},
            "clip one is",
        ),
        (a_run() | {"folds": ["1"]}, "90 clips have 1 folds"),
        (a_run() | {"truth": [0]}, "90 clips have 1 labels"),
        (a_run() | {"keys": []}, "the cohort is empty"),
    ],
)
def test_input_that_does_not_fit_is_refused_in_one_sentence(run: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MebenchError, match=sentence):
        score(**run)
