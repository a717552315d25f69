"""What travels with a job, and what of another machine is refused."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from odd_models import odd_job

from mebench.errors import MebenchError
from mebench.features.rows import row_hash
from mebench.models.base import TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.runner.elsewhere import (
    compute_as,
    features_in_memory,
    files_out_of_sight,
    hashes_of,
    run_sent,
    send,
)
from mebench.runner.executor import run_job
from mebench.runner.jobs import Failure, FoldResult, Job


def job_of_file(folder: Path) -> Job:
    """Return a job whose clips are rows 0 and 2, and 1, of a file."""
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    path = folder / "array.npy"
    np.save(path, array)
    view = FeatureView((path,), np.zeros(3, int), np.array([0, 2, 1]), (tuple(map(row_hash, array)),))
    job = odd_job(folder, "a")
    train = TrainSet({"x": view.take(np.array([0, 1]))}, job.train.labels, job.train.aus, job.train.subjects)
    return replace(job, train=train, test=TestSet({"x": view.take(np.array([2]))}, 1))


def test_a_job_that_was_sent_ends_as_one_that_stayed(tmp_path: Path) -> None:
    job = odd_job(tmp_path, "a", "print")
    *progress, ended = run_sent(pickle.loads(pickle.dumps(send(job))), log=tmp_path / "there.log")
    stayed = run_job(job)
    assert isinstance(ended, FoldResult)
    assert isinstance(stayed, FoldResult)
    assert len(progress) == 1
    assert np.array_equal(ended.predictions.probabilities, stayed.predictions.probabilities)
    assert ended.isolation == stayed.isolation
    assert "odd words" in (tmp_path / "there.log").read_text()


def test_other_code_no_code_and_another_python_are_refused_by_name(tmp_path: Path) -> None:
    sent = send(odd_job(tmp_path, "a"))
    assert "odd_models" in sent.code
    assert "mebench" in sent.code
    other = replace(sent, code={**sent.code, "odd_models": "0" * 64})
    with pytest.raises(MebenchError, match="has other code of odd_models, where that of the machine"):
        other.opened()
    with pytest.raises(MebenchError, match="has no code of nowhere_at_all"):
        replace(sent, code={"nowhere_at_all": "0" * 64}).opened()
    with pytest.raises(MebenchError, match=r"runs Python 3\.\d+ where 3\.1 is due"):
        replace(sent, python=(3, 1)).opened()
    (failed,) = run_sent(other)
    assert isinstance(failed, Failure)
    assert "odd_models" in failed.reason


def test_a_job_of_a_module_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    unreadable = replace(send(odd_job(tmp_path, "a")), job=b"cnowhere_at_all\nThing\n.")
    with pytest.raises(MebenchError, match="cannot read a job: ModuleNotFoundError"):
        unreadable.opened()


def test_a_job_opens_where_its_modules_lie_on_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(odd_job(tmp_path, "a"))
    own = [each for each in sys.path if not (Path(each) / "odd_models.py").exists()]
    assert len(own) < len(sys.path)
    monkeypatch.setattr(sys, "path", own)
    sent.opened()
    assert any((Path(each) / "odd_models.py").exists() for each in sys.path)


def test_arithmetic_is_chosen_where_mebench_runs_and_nowhere_else() -> None:
    there = {"OMP_NUM_THREADS": "7", "MKL_CBWR": "AVX2", "HOME": "/there", "CUDA_VISIBLE_DEVICES": "3"}
    compute_as({"OMP_NUM_THREADS": "1"}, there)
    assert there == {"OMP_NUM_THREADS": "1", "HOME": "/there", "CUDA_VISIBLE_DEVICES": "3"}


def test_what_is_sent_carries_the_arithmetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    sent = send(odd_job(tmp_path, "a"))
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    sent.opened()
    assert os.environ["MKL_CBWR"] == "COMPATIBLE"


def test_features_stand_in_for_files_that_cannot_be_seen(tmp_path: Path) -> None:
    job = job_of_file(tmp_path)
    (path,) = hashes_of(job)
    assert files_out_of_sight(job) == set()
    array = np.load(path)
    path.unlink()
    assert files_out_of_sight(job) == {path}
    moved = features_in_memory(job, {path: array})
    assert files_out_of_sight(moved) == set()
    assert np.array_equal(moved.train.features["x"][:], array[[0, 2]])
    assert np.array_equal(moved.test.features["x"][:], array[[1]])
    assert moved.train.labels is job.train.labels
