"""Precision and kernels: what a record's word stands for, what torch is told, and where it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from odd_models import Odd, odd_job

torch = pytest.importorskip("torch")

from mebench.errors import MebenchError  # noqa: E402
from mebench.models.arithmetic import precision_and_speed, precision_word  # noqa: E402
from mebench.models.batches import seed_everything  # noqa: E402
from mebench.models.torch import TorchModel  # noqa: E402
from mebench.runner.assignment import assignment_of  # noqa: E402
from mebench.runner.device import choose_precision  # noqa: E402
from mebench.scoring.tables import run_marks, title_of  # noqa: E402


class Network(TorchModel):
    def inputs(self) -> Any:
        return {}

    def network(self, train: Any, context: Any) -> Any:
        return torch.nn.Linear(1, 1)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    seed_everything(0)


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
@pytest.mark.parametrize("fast", [False, True])
def test_a_record_names_precision_and_kernels_in_one_word(precision: str, fast: bool) -> None:
    assert precision_and_speed(precision_word(precision, fast=fast)) == (precision, fast)


@pytest.mark.parametrize(
    ("word", "precision", "fast"), [("float32", "float32", False), ("tf32-fast", "tf32", True)]
)
def test_a_model_is_told_of_both(word: str, precision: str, fast: bool, tmp_path: Path) -> None:
    job = replace(odd_job(tmp_path, "a"), precision=word)
    context = assignment_of(job).context(print)
    assert (context.precision, context.fast) == (precision, fast)


def test_float32_takes_no_tf32_and_kernels_are_deterministic_unless_the_user_asks_for_fast_ones() -> None:
    def told() -> tuple[bool, ...]:
        backends = torch.backends
        allowed = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32)
        return (*allowed, torch.are_deterministic_algorithms_enabled(), not backends.cudnn.benchmark)

    seed_everything(0)
    assert told() == (False, False, True, True)
    seed_everything(0, precision="tf32")
    assert told() == (True, True, True, True)
    seed_everything(0, precision="bfloat16", fast=True)
    assert told() == (False, False, False, False)


@pytest.mark.parametrize(("wanted", "fast"), [("tf32", False), ("auto", True), ("bfloat16", True)])
def test_what_is_of_gpus_is_refused_on_a_cpu(wanted: str, fast: bool) -> None:
    option = "--fast" if fast else "--precision tf32"
    for model in (Network(), Odd()):
        with pytest.raises(MebenchError, match=f"{option} is of GPUs.*leave it out"):
            choose_precision(model, wanted, "cpu", fast=fast)


def test_on_a_gpu_the_word_says_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **named: True)
    chosen = {
        (wanted, fast): choose_precision(Network(), wanted, "cuda", fast=fast)
        for wanted in ("auto", "tf32", "float32")
        for fast in (False, True)
    }
    assert set(chosen.items()) == {
        (("auto", False), "bfloat16"),
        (("auto", True), "bfloat16-fast"),
        (("tf32", False), "tf32"),
        (("tf32", True), "tf32-fast"),
        (("float32", False), "float32"),
        (("float32", True), "float32-fast"),
    }


def test_fast_kernels_mark_a_row_and_a_title() -> None:
    run: dict[str, Any] = {
        "model": "famnet",
        "protocol": "casme3",
        "precision": "bfloat16-fast",
        "selection": "last",
        "local_code": None,
    }
    run |= dict.fromkeys(("synthetic", "shuffled_labels", "subject_dependent"), False)
    assert run_marks(run) == ["FAST kernels: other bytes each time"]
    assert "FAST kernels" in title_of(run)
    assert run_marks(run | {"precision": "bfloat16"}) == []
