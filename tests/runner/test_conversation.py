"""What the main process asks of a fold's process, and how little of the answers it believes. No process is started."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import factory_of, invented_cohort
from odd_models import odd_job

from mebench.models.base import Progress, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.records import Task
from mebench.runner.assignment import assignment_of, sealed_with, unsealed
from mebench.runner.conversation import Conversation, Question
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.messages import progress_message
from mebench.runner.probes import probed_fold, questions
from mebench.runner.worker import run_here
from mebench.sealed.seal import Seal

FITTED = {"fitted": True, "seconds": 2.5, "peak": 80.0, "chosen": None}
PREDICTED = {"predicted": True, "seconds": 0.5, "peak": 90.0, "epochs": 0}
TRAIN, TEST = np.arange(4.0).reshape(4, 1), np.arange(10.0, 13.0).reshape(3, 1)


def job(folder: Path = Path("nowhere"), **change: Any) -> Job:
    """Return a job of four training clips and three test clips, each a number of its own."""
    made = odd_job(folder, "a")
    train = TrainSet(
        {"x": FeatureView.of_array(TRAIN)}, np.array([0, 1, 0, 1]), np.zeros((4, 0)), np.arange(4)
    )
    test = TestSet({"x": FeatureView.of_array(TEST)}, 3)
    return replace(made, **{"train": train, "test": test, **change})


def answer(clips: int = 3, share: float = 0.25, **more: np.ndarray) -> dict[str, np.ndarray]:
    return {"0 probabilities": np.tile([share, 1 - share], (clips, 1)), **more}


def after(*said: tuple[Mapping[str, Any], Mapping[str, np.ndarray]], **change: Any) -> Any:
    """Return what comes of the last of some messages."""
    conversation = Conversation(job(**change))
    turn: Any = conversation.opening()
    for message, arrays in said:
        turn = conversation.hear(json.loads(json.dumps(message)), arrays)
    return turn


def test_test_clips_are_asked_for_once_training_has_ended_and_the_result_holds_what_was_said() -> None:
    conversation = Conversation(job())
    opening = conversation.opening()
    assert isinstance(opening, Question)
    assert opening.message == {"fit": True}
    np.testing.assert_array_equal(opening.arrays["x"], TRAIN)
    assert conversation.doing == "training"
    report = Progress(1, 2, 0.5, {"rate": math.inf})
    assert conversation.hear(json.loads(json.dumps(progress_message(report))), {}) == report
    asked = conversation.hear(FITTED, {})
    assert isinstance(asked, Question)
    assert asked.message == {"predict": 3, "epochs": False}
    np.testing.assert_array_equal(asked.arrays["x"], TEST)
    assert conversation.doing == "predicting"
    end = conversation.hear(PREDICTED, answer())
    assert end == Question({"finish": True}, {})
    result = conversation.hear({"finished": True}, {})
    assert isinstance(result, FoldResult)
    assert (result.fit_seconds, result.predict_seconds, result.peak_memory_mib) == (2.5, 0.5, 90.0)
    assert result.curves == {"loss": [0.5], "rate": [None]}
    assert result.state is None
    assert result.probes == {}
    np.testing.assert_array_equal(result.predictions.probabilities, answer()["0 probabilities"])


def test_an_assignment_holds_no_path_and_no_name(tmp_path: Path) -> None:
    asked = job(tmp_path / "runs", protected=(tmp_path / "data",))
    sent = sealed_with(assignment_of(asked), Seal(readable=("/usr",)))
    for secret in (str(tmp_path), asked.task.fold + ".log", "nowhere"):
        assert secret.encode() not in sent
    seal, unpickled = unsealed(sent)
    assert seal == Seal(readable=("/usr",))
    np.testing.assert_array_equal(unpickled().labels, asked.train.labels)


SAID_WRONG: dict[str, tuple[Any, ...]] = {
    "nothing": ([({}, {})], "none of its messages"),
    "two things": ([({"fitted": True, "finished": True}, {})], "none of its messages"),
    "a prediction before its turn": ([(PREDICTED, answer())], "said 'predicted' where 'fitted' is due"),
    "training twice": ([(FITTED, {}), (FITTED, {})], "said 'fitted' where 'predicted' is due"),
    "no time": ([({**FITTED, "seconds": None}, {})], "gave None as the seconds it took"),
    "less than no time": ([({**FITTED, "seconds": -1}, {})], "gave -1 as the seconds"),
    "memory in words": ([({**FITTED, "peak": "much"}, {})], "gave 'much' as its memory"),
    "an epoch unasked for": ([({**FITTED, "chosen": {"epoch": 1}}, {})], "under the epoch rule 'last'"),
    "no probabilities": ([(FITTED, {}), (PREDICTED, {})], "without giving probabilities"),
    "too many clips": ([(FITTED, {}), (PREDICTED, answer(4))], r"shape \(4, 2\) where \(3, 2\) is due"),
    "no shares": ([(FITTED, {}), (PREDICTED, answer(share=2.0))], "not between 0 and 1"),
    "epochs unasked for": (
        [(FITTED, {}), ({**PREDICTED, "epochs": 1}, {**answer(), "1 probabilities": TEST})],
        "1 epochs that nobody asked for",
    ),
    "epochs in words": ([(FITTED, {}), ({**PREDICTED, "epochs": "two"}, answer())], "as a number of epochs"),
    "a state unasked for": (
        [(FITTED, {}), (PREDICTED, answer()), ({"finished": True}, {"w": TEST})],
        "a state that nobody asked for",
    ),
    "progress of one number": ([({"progress": 3}, {})], "reported 3, which is no progress"),
    "progress of words": ([({"progress": ["a", 2, None, {}]}, {})], "gave 'a' as a step"),
    "progress of lists": ([({"progress": [1, 2, [0.5], {}]}, {})], "which is no number"),
    "values of words": ([({"progress": [1, 2, None, {"rate": "fast"}]}, {})], "reported 'fast'"),
    "a second loss": ([({"progress": [1, 2, None, {"loss": 1}]}, {})], "named 'loss'"),
    "a long name": ([({"progress": [1, 2, None, {"x" * 300: 1}]}, {})], "give it a text as its name"),
}


@pytest.mark.parametrize(("said", "reason"), SAID_WRONG.values(), ids=SAID_WRONG)
def test_what_a_folds_process_says_wrongly_fails_its_fold_in_one_sentence(said: Any, reason: str) -> None:
    failed = after(*said)
    assert isinstance(failed, Failure)
    assert re.search(reason, failed.reason), failed.reason
    assert "\n" not in failed.reason


CHOSEN = {"epoch": 2, "equal": [2, 4], "epochs": 4, "validated_on": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 5, "equal": [5]},
        {"epoch": 4},
        {"equal": [4, 2]},
        {"equal": []},
        {"equal": [True]},
        {"epochs": 10**9},
        {"validated_on": 4},
        {"validated_on": 0},
        {"more": 1},
    ],
    ids=str,
)
def test_an_epoch_is_chosen_of_those_that_were_and_by_fewer_clips_than_there_are(change: Any) -> None:
    asked = after(({**FITTED, "chosen": CHOSEN}, {}), selection="inner")
    assert isinstance(asked, Question)
    failed = after(({**FITTED, "chosen": {**CHOSEN, **change}}, {}), selection="inner")
    assert isinstance(failed, Failure)
    assert isinstance(after((FITTED, {}), selection="inner"), Failure), "it chose none"


def test_under_the_oracle_each_epoch_is_asked_for_and_none_may_be_missing() -> None:
    asked = after((FITTED, {}), selection="oracle")
    assert asked.message["epochs"]
    epochs = {f"{n} probabilities": answer()["0 probabilities"] for n in range(3)}
    said = ((FITTED, {}), ({**PREDICTED, "epochs": 2}, epochs), ({"finished": True}, {}))
    result = after(*said, selection="oracle")
    assert len(result.epochs) == 2
    failed = after((FITTED, {}), ({**PREDICTED, "epochs": 3}, epochs), selection="oracle")
    assert "without giving probabilities" in failed.reason


def test_without_test_clips_nothing_is_predicted_and_a_state_comes_back() -> None:
    none = TestSet({"x": FeatureView.of_array(TEST[:0])}, 0)
    assert after((FITTED, {}), test=none) == Question({"finish": True}, {})
    result = after((FITTED, {}), ({"finished": True}, {"w": TEST}), test=none, keep_state=True)
    assert result.predictions.probabilities.shape == (0, 2)
    np.testing.assert_array_equal(result.state["w"], TEST)


def test_a_failure_is_cut_and_holds_no_control_character() -> None:
    failed = after(({"failure": "a\x1b[2Jb\n" + "c" * 10_000, "trace": "x\x1b\n" * 100_000}, {}))
    assert isinstance(failed, Failure)
    assert len(failed.reason) < 1_100
    assert len(failed.trace) < 500_000
    assert failed.reason.startswith("a\\x1b[2Jb c")
    assert "\x1b" not in failed.reason + failed.trace
    assert after(({"failure": 7, "trace": None}, {})).reason == "7"
    assert after(({"failure": "", "trace": ""}, {})).reason == "it failed without a reason"


def test_features_that_cannot_be_read_fail_the_fold_and_name_the_cache(tmp_path: Path) -> None:
    gone = FeatureView((tmp_path / "gone.npy",), np.zeros(4, int), np.arange(4))
    failed = Conversation(job(train=replace(job().train, features={"x": gone}))).opening()
    assert isinstance(failed, Failure)
    assert "cannot be read from the cache" in failed.reason


def test_a_probed_model_is_asked_again_reversed_and_alone_and_differences_are_kept() -> None:
    conversation = Conversation(job(probes=True))
    conversation.opening()
    turn: Any = conversation.hear(FITTED, {})
    asked: list[list[float]] = []
    while isinstance(turn, Question) and "predict" in turn.message:
        clips = turn.arrays["x"][:, 0]
        asked.append(clips.tolist())
        # What it says of a clip is shifted by a hair where the order is another, and by much where a clip is alone.
        share = clips / 100 + (0.001 if list(clips) == [12.0, 11.0, 10.0] else 0.5 if len(clips) == 1 else 0)
        assert conversation.hear(progress_message(Progress(1, 1)), {}) is None or len(asked) == 1
        turn = conversation.hear(PREDICTED, {"0 probabilities": np.stack([share, 1 - share], axis=1)})
    assert asked == [[10, 11, 12], [10, 11, 12], [12, 11, 10], [10], [11], [12]]
    result = conversation.hear({"finished": True}, {})
    assert isinstance(result, FoldResult)
    assert result.probes == pytest.approx({"again": 0, "reversed": 0.001, "alone": 0.5})
    np.testing.assert_allclose(result.predictions.probabilities[:, 0], [0.1, 0.11, 0.12])
    assert result.curves == {}, "what it reports while it is asked again belongs to no training"


def test_a_model_that_cannot_be_asked_otherwise_has_predicted_all_the_same() -> None:
    said = [(FITTED, {}), (PREDICTED, answer()), (PREDICTED, answer(2)), ({"failure": "no", "trace": ""}, {})]
    end = after(*said, *[(PREDICTED, answer(1))] * 3, ({"finished": True}, {}), probes=True)
    assert isinstance(end, FoldResult)
    assert end.probes == {"again": 1.0, "reversed": 1.0, "alone": 0.0}


def test_few_clips_are_asked_one_by_one() -> None:
    assert [name for name, _ in questions(30)] == ["again", "reversed", *["alone"] * 8]
    assert [name for name, _ in questions(2)] == ["again", "reversed", "alone", "alone"]


def test_the_first_fold_of_several_clips_is_probed_with_every_seed() -> None:
    cohort = invented_cohort(subjects=2, clips=2)
    factory = factory_of(cohort, probed=probed_fold(cohort))
    asked = [(s, f.name) for s in (0, 3) for f in cohort.folds if factory.job(Task(s, f.name)).probes]
    assert asked == [(0, "casme3/spNO.1"), (3, "casme3/spNO.1")]
    assert probed_fold(invented_cohort(subjects=2, clips=1)) is None


def test_a_job_that_is_run_here_goes_through_the_same_conversation(tmp_path: Path) -> None:
    told: list[Progress] = []
    result = run_here(job(tmp_path, probes=True), told.append)
    assert isinstance(result, FoldResult)
    assert told == [Progress(1, 2, 0.5)]
    assert result.isolation == "none"
    assert result.probes["again"] > 0.01, "it draws at random anew"
