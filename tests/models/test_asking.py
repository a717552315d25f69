"""A model is asked once, before any clip is read; it prepares itself in a sealed process that has the network."""

from __future__ import annotations

import shutil
import socket
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from preparing_models import Plain, Preparing, PreparingSettings

from mebench.errors import MebenchError, MebenchNotice, MebenchWarning
from mebench.features.inputs import ApexFrame
from mebench.models import asking
from mebench.models.asking import ask
from mebench.models.base import reads_of
from mebench.models.outside import Outside
from mebench.models.weights import with_absolute_places
from mebench.plugin.entry import Entry
from mebench.sealed.seal import available

ENTRY = Entry("model", "preparing", "preparing_models:Preparing", "kit", "a model that prepares itself")
needs_landlock = pytest.mark.skipif(
    not available().startswith("landlock"),
    reason="this machine has no Landlock: the audit hook has tests of its own",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one place for all tests: a start server is made for the folders that the hubs' libraries are told."""
    return tmp_path_factory.mktemp("user") / "hubs"


@pytest.fixture(autouse=True)
def hubs(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the hubs' libraries keep what they fetch; there is nothing yet."""
    shutil.rmtree(place, ignore_errors=True)
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(place / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(place / "torch"))
    return place


def _model(**settings: Any) -> Preparing:
    return Preparing(PreparingSettings(**settings))


def _asked(**settings: Any) -> asking.Asked:
    return ask(ENTRY, _model(**settings))


def test_a_model_that_prepares_nothing_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SealedProcess", None)
    asked = ask(Entry("model", "plain", "preparing_models:Plain", "kit", ""), Plain())
    assert (dict(asked.inputs), dict(asked.contents)) == ({"apex": ApexFrame(8)}, {})


def test_a_file_that_a_setting_names_can_be_read_wherever_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weights.txt").write_text("f00d")
    assert _asked(how="read", path=Path("weights.txt")).contents == {"found": "f00d"}
    assert (
        capsys.readouterr().out == "asked for inputs\n"
    )  # once, and nothing of what the other process printed
    assert not _asked(how="read text", text="weights.txt").contents


def test_settings_that_only_a_preparation_reads_are_read(tmp_path: Path) -> None:
    weights = tmp_path / "weights.txt"
    weights.write_text("f00d")
    model = _model(how="read", path=weights)
    reads_of(model.settings).clear()
    ask(ENTRY, model)
    assert reads_of(model.settings) == {"how", "path"}


@needs_landlock
def test_a_file_that_no_setting_names_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("happiness")
    with pytest.raises(
        MebenchError, match=r"its prepare\(\) failed: it tried to write \S+/left|it tried to open"
    ):
        _asked(how="write", text=str(tmp_path / "left"))
    assert not (tmp_path / "left").exists()


def test_what_is_fetched_stays_in_the_hubs_folder_and_empty_ones_are_taken_away(hubs: Path) -> None:
    _asked(how="nothing")
    assert not hubs.exists()
    _asked(how="fetch")
    assert (hubs / "torch" / "hub" / "weights.bin").read_text() == "weights"
    assert not (hubs / "hf").exists()


def test_the_network_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        _asked(how="call", text=f"127.0.0.1:{server.getsockname()[1]}")


def test_a_warning_comes_back_as_one() -> None:
    with pytest.warns(MebenchWarning, match=r"mind\\x1b\[2J this"):
        _asked(how="warn")


FAILURES = {
    "refuse": r"^there are no weights: fetch them$",
    "fail": r"^model 'preparing' of plugin 'kit': its prepare\(\) failed: ValueError: no luck$",
    "exit": r"its prepare\(\) failed: its process ended without an answer \(exit status 5\): so it ends",
    "odd contents": r"its contents\(\) failed: TypeError: it gave .* where name -> hash is due",
}


@pytest.mark.parametrize(("how", "told"), FAILURES.items(), ids=FAILURES)
def test_what_fails_is_one_sentence(how: str, told: str) -> None:
    with pytest.raises(MebenchError, match=told):
        _asked(how=how)


def test_a_long_preparation_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    with pytest.warns(MebenchNotice, match="preparing is preparing itself, which may fetch weights"):
        _asked(how="wait")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.setattr(asking, "PATIENCE", 60.0)
        _asked(how="nothing")


def test_places_are_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("w.bin").write_text("")
    given = {
        "a": Path("x/y"),
        "b": "w.bin",
        "c": "mean",
        "d": [Path("z"), 3],
        "e": {"f": Path("g")},
        "h": None,
    }
    assert with_absolute_places(given) == {
        "a": tmp_path / "x/y",
        "b": str(tmp_path / "w.bin"),
        "c": "mean",
        "d": [tmp_path / "z", 3],
        "e": {"f": tmp_path / "g"},
        "h": None,
    }


def test_what_a_model_uses_outside_is_asked_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tool.txt").write_text("f00d")
    monkeypatch.setattr(Preparing, "outside", lambda self: Outside(readable=(tmp_path,)))
    asked = _asked(how="read text", text=str(tmp_path / "tool.txt"))
    assert asked.outside == Outside(readable=(tmp_path,))
    monkeypatch.setattr(Preparing, "outside", lambda self: [tmp_path])
    with pytest.raises(MebenchError, match=r"its outside\(\) failed: it gave list where an Outside is due"):
        _asked()


def test_an_answer_of_any_form_ends_in_a_sentence_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ran a stranger's code, which can write to the line itself."""
    said: dict[str, Any] = {"warnings": [1, ["a"], None], "reads": 3, "contents": {"found": "f00d"}}
    monkeypatch.setattr(asking, "SealedProcess", lambda *given, **named: nullcontext())
    monkeypatch.setattr(asking, "_answer", lambda entry, process: said)
    assert _asked().contents == {"found": "f00d"}
    for wrong in ({"contents": [1]}, {"contents": {"a": 1}}, {"failed": [{}], "step": 7}, {}):
        said = wrong
        with pytest.raises(MebenchError, match=r"model .preparing. of plugin .kit.: its .* failed: "):
            _asked()
