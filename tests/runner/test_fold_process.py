"""What a fold's process may not do, how it is said, and that nothing of it is left."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from odd_models import odd_job
from prying_models import prying_job

from mebench.errors import MebenchError
from mebench.models.base import Progress
from mebench.models.outside import Outside
from mebench.plugin.libraries import libraries_for
from mebench.runner import fold_process
from mebench.runner.executor import run_job, run_jobs
from mebench.runner.jobs import Failure, FoldResult, Job
from mebench.runner.sealing import fold_seal, refuse_isolation
from mebench.sealed import starting
from mebench.sealed.in_force import is_full
from mebench.sealed.seal import available

SEALED = pytest.mark.skipif(not is_full(available()), reason=f"this machine has {available()} alone")


def _reason(job: Job) -> str:
    failed = run_job(job)
    assert isinstance(failed, Failure), failed
    return failed.reason


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "labels.csv"
    file.parent.mkdir()
    file.write_text("secret labels")
    return file


def test_what_was_in_force_is_said_with_the_result(tmp_path: Path) -> None:
    result = run_job(odd_job(tmp_path, "a"))
    assert isinstance(result, FoldResult)
    assert result.isolation == available()


@pytest.mark.parametrize("act", ["read", "wrapped"])
def test_a_file_that_no_setting_names_is_named_with_the_rule(tmp_path: Path, secret: Path, act: str) -> None:
    job = prying_job(tmp_path, act, f"at {secret}")
    reason = _reason(job)
    assert f"tried to open {secret}, which" in reason
    assert "docs/isolation.md" in reason
    assert "secret" not in job.log.read_text()


def test_a_file_that_a_setting_names_can_be_read_unless_it_lies_where_nothing_may(
    tmp_path: Path, secret: Path
) -> None:
    job = prying_job(tmp_path, "read", secret)
    assert isinstance(run_job(job), FoldResult)
    assert job.log.read_text() == "secret labels\n"
    assert f"tried to open {secret}" in _reason(
        prying_job(tmp_path, "read", secret, protected=(secret.parent,))
    )


def test_it_writes_to_its_own_folder_and_nowhere_else(tmp_path: Path) -> None:
    reason = _reason(prying_job(tmp_path, "write", tmp_path / "elsewhere"))
    assert f"{tmp_path / 'elsewhere'}, which" in reason
    assert not (tmp_path / "elsewhere").exists()
    assert not list(Path(tempfile.gettempdir()).glob("mebench-*/own"))


@SEALED
def test_it_has_no_network(tmp_path: Path) -> None:
    assert "the network" in _reason(prying_job(tmp_path, "connect"))


def test_it_sees_no_variable_argument_or_descriptor_of_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEBENCH_DATA_CASME3", "/data/casme3")
    monkeypatch.setenv("SECRET_TOKEN", "x")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        job = prying_job(tmp_path, "surroundings")
        assert isinstance(run_job(job), FoldResult)
    told = job.log.read_text().splitlines()
    assert "PATH" in told
    assert not {"MEBENCH_DATA_CASME3", "SECRET_TOKEN", "MEBENCH_STATE", "MEBENCH_CACHE", "PWD"} & set(told)
    assert told[told.index("argv") + 1] == "['mebench']"
    assert set(eval(told[told.index("open") + 1])) <= {"0", "1", "2", "3", "4"}
    assert Path(told[-1]).name.startswith("mebench-")
    assert not Path(told[-1]).exists()


def test_a_log_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_process, "LOG_LIMIT", 10_000)
    job = prying_job(tmp_path, "flood", "2000")
    assert isinstance(run_job(job), FoldResult)
    said = job.log.read_text()
    assert len(said) < 10_200
    assert "it printed more than 10,000 bytes" in said.splitlines()[-1]


def test_a_fold_that_takes_too_long_is_ended_and_others_are_not(tmp_path: Path) -> None:
    jobs = [prying_job(tmp_path, "sleep", timeout=1.5), odd_job(tmp_path, "good")]
    began = time.monotonic()
    ended = {
        e.task.fold: e.outcome
        for e in run_jobs(jobs, workers=2)
        if e.outcome and not isinstance(e.outcome, Progress)
    }
    assert time.monotonic() - began < 30
    assert isinstance(ended["good"], FoldResult)
    failed = ended["sleep"]
    assert isinstance(failed, Failure)
    assert "ended after 1.5 seconds while training" in failed.reason
    assert "--fold-timeout" in failed.reason
    assert jobs[0].log.read_text() == "it waits\n"


def test_bytes_that_are_no_message_fail_the_fold_alone(tmp_path: Path) -> None:
    assert "no frame" in _reason(prying_job(tmp_path, "garbage"))
    assert isinstance(run_job(odd_job(tmp_path, "next")), FoldResult)


def test_how_far_a_fold_came_is_said_where_its_process_ends_by_itself(tmp_path: Path) -> None:
    assert _reason(prying_job(tmp_path, "late")) == (
        "its worker process ended without an answer while predicting (exit code 7)"
    )


def test_what_a_model_started_ends_with_its_fold(tmp_path: Path) -> None:
    job = prying_job(tmp_path, "orphan")
    assert isinstance(run_job(job), FoldResult)
    pid = int(next(filter(str.isdigit, job.log.read_text().splitlines())))  # Python may warn, too
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_start_server_that_was_killed_costs_no_fold(tmp_path: Path) -> None:
    assert isinstance(run_job(odd_job(tmp_path, "before")), FoldResult)
    server = starting.start_server()
    os.kill(server._process.pid, signal.SIGKILL)
    assert isinstance(run_job(odd_job(tmp_path, "after")), FoldResult)
    assert starting.start_server() is not server


def test_a_process_that_cannot_be_started_costs_its_own_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Callable[..., object]] = [fold_process.SealedProcess]

    def first_fails(*arguments: object, **named: object) -> object:
        if len(made) == 1:
            made.append(made[0])
            raise MebenchError("8 MiB of arrays cannot be given to a sealed process: memory is full")
        return made[0](*arguments, **named)

    monkeypatch.setattr(fold_process, "SealedProcess", first_fails)
    ended = [e.outcome for e in run_jobs([odd_job(tmp_path, each) for each in ("a", "b")], workers=1)]
    assert isinstance(ended[1], Failure)
    assert "memory is full" in ended[1].reason
    assert isinstance(ended[-1], FoldResult)


def test_isolation_that_is_required_and_cannot_be_had_ends_the_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEBENCH_SEAL_WITHOUT", "all")
    with pytest.raises(
        MebenchError, match="isolates a fold's process by 'none', and --require-isolation asks for"
    ):
        refuse_isolation()
    with pytest.raises(
        MebenchError, match=r"folder that outlives it .'none, writes'., in which it could leave"
    ):
        refuse_isolation(Outside(writable=(tmp_path,)))
    plain = run_job(odd_job(tmp_path, "plain"))
    assert isinstance(plain, FoldResult)
    assert plain.isolation == "none"
    assert "by 'none'" in _reason(prying_job(tmp_path, "sleep", require_isolation=True))


def test_a_signal_without_a_name_ends_its_fold_and_nothing_else(tmp_path: Path) -> None:
    nameless = signal.SIGRTMIN + 1
    reason = _reason(prying_job(tmp_path, "die", str(nameless)))
    assert reason == f"its worker process died of signal {nameless} while training"


def test_what_a_model_uses_of_libraries_and_the_core_is_there_before_its_fold_and_no_more() -> None:
    pytest.importorskip("openpyxl")
    tops = {name.partition(".")[0] for name in libraries_for("odd_models")}
    assert "numpy" in tops
    assert not tops & {"openpyxl", "odd_models", "pytest"}
    of_core = {name for name in libraries_for("odd_models") if name.startswith("mebench.")}
    assert {"mebench.api", "mebench.models.base"} <= of_core
    assert not {"mebench.runner.recording", "mebench.cohort.building", "mebench.models.torch"} & of_core
    assert libraries_for("no_module_of_this_name") == ()


def test_a_module_that_cannot_be_found_is_told_with_the_rule(tmp_path: Path) -> None:
    reason = _reason(prying_job(tmp_path, "import", "nowhere_at_all"))
    assert reason.startswith("ModuleNotFoundError: No module named 'nowhere_at_all' (a fold's process reads")


def test_settings_that_cannot_be_pickled_cost_their_fold_a_sentence(tmp_path: Path) -> None:
    job = prying_job(tmp_path, "late")
    reason = _reason(replace(job, settings={**job.settings, "path": lambda: None}))
    assert reason.startswith("the settings and inputs of a model cannot be sent to its fold's process: ")


def test_a_seal_names_no_folder_of_the_users(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEBENCH_DATA_CASME3", str(secret.parent))
    weights = tmp_path / "weights.bin"
    weights.touch()
    seal = fold_seal(prying_job(tmp_path, "read", weights))
    assert str(weights) in seal.readable
    allowed = [Path(each) for each in (*seal.readable, *seal.writable)]
    for forbidden in (
        secret,
        Path(os.environ["MEBENCH_STATE"]),
        Path(os.environ["MEBENCH_CACHE"]),
        Path.cwd(),
    ):
        assert not any(forbidden.is_relative_to(each) for each in allowed)
    assert any(Path(__file__).parents[1].joinpath("kit", "prying_models.py") == each for each in allowed)
