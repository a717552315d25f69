"""Settings behind a model's name, and names that plugins register for settings of another model."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mebench.cli import main
from mebench.errors import MebenchError, UnknownNameError
from mebench.models.variants import variant_name
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.plugin.variants import split_variant


@pytest.mark.parametrize(
    ("text", "name", "settings"),
    [
        ("famnet", "famnet", ()),
        ("famnet[attention=none]", "famnet", ("attention=none",)),
        ("famnet[attention=none, faud = false]", "famnet", ("attention=none", "faud=false")),
        ("famnet[axes=channel,spatial,fusion=mean]", "famnet", ("axes=channel,spatial", "fusion=mean")),
        ("command[run='f a=1,b=2',name=x]", "command", ("run=f a=1,b=2", "name=x")),
        ('command[run="it\'s"]', "command", ("run=it's",)),
        ("famnet[pretrained=]", "famnet", ("pretrained=",)),
        ("timm:resnet18[lr=1e-3]", "timm:resnet18", ("lr=1e-3",)),
        ("models[v1]/tiny.py:Tiny", "models[v1]/tiny.py:Tiny", ()),
        ("command[list=[0-9]*.png,name=x]", "command", ("list=[0-9]*.png", "name=x")),
        ("command[run=a\nb]", "command", ("run=a\nb",)),
        ("models[v1]/tiny.py:Tiny[lr=1]", "models[v1]/tiny.py:Tiny", ("lr=1",)),
    ],
)
def test_a_name_and_its_settings_are_told_apart(text: str, name: str, settings: tuple[str, ...]) -> None:
    assert split_variant(text) == (name, settings)


@pytest.mark.parametrize("text", ["net[]", "net[a]", "net[a=1,]", "net[=1]", "net[a b=1]", "net[,a=1]"])
def test_brackets_that_hold_no_settings_are_refused(text: str) -> None:
    with pytest.raises(MebenchError, match=r"write settings as net\[NAME=VALUE,NAME=VALUE\]"):
        split_variant(text)


def test_an_open_bracket_and_a_setting_given_twice_are_refused() -> None:
    with pytest.raises(MebenchError, match=r"'net\[a=1': close the bracket"):
        split_variant("net[a=1")
    with pytest.raises(MebenchError, match=r"sets a twice"):
        split_variant("net[a=1,b=2,a=1]")


words = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
plain = st.text(st.characters(exclude_characters="'\"\n\r", exclude_categories=("C", "Z")), max_size=12)
values = st.one_of(plain, st.booleans(), st.none(), st.integers(), st.lists(words, max_size=3))


@given(st.dictionaries(words, values, max_size=4))
@example({"_": ","})
@example({"a": ",b", "b": "a,", "c": ","})
def test_what_is_written_is_read_back(settings: dict[str, Any]) -> None:
    from mebench.models.settings import setting_text

    name, read = split_variant(variant_name("net", settings))
    assert name == "net"
    assert read == tuple(f"{each}={setting_text(value)}" for each, value in sorted(settings.items()))


def registry_of(*variants: tuple[str, str, dict[str, Any]], late: bool = False) -> Registry:
    registry = Registry()

    def base() -> None:
        with registry.owned_by("theirs"):
            registry.model(
                "net", "theirs.model:Net", title="A net", reference="2025", requires=("json",), needs="clips"
            )

    if not late:
        base()
    with registry.owned_by("ours"):
        for name, extends, settings in variants:
            registry.variant(name, extends=extends, title=f"{name}!", settings=settings)
    if late:
        base()
    return registry


@pytest.mark.parametrize("late", [False, True])
def test_a_variant_is_the_model_with_other_settings_whoever_registers_first(late: bool) -> None:
    registry = registry_of(("net-s", "net", {"width": 4}), ("net-xs", "net-s", {"depth": 1}), late=late)
    entry = registry.get("model", "net-xs")
    assert (entry.target, entry.plugin, entry.title) == ("theirs.model:Net", "ours", "net-xs!")
    assert (entry.reference, entry.needs, entry.requires) == ("2025", "clips", ("json",))
    assert (entry.settings, entry.extends) == ({"width": 4, "depth": 1}, "net-s")
    assert [each.name for each in registry.entries("model")] == ["net", "net-s", "net-xs"]
    assert registry.dangling() == []


def test_a_variant_of_nothing_costs_only_itself_and_is_named() -> None:
    registry = registry_of(("nett-s", "nett", {"width": 4}))
    assert [each.name for each in registry.entries("model")] == ["net"]
    sentence = r"plugin 'ours' registers 'nett-s' as a variant of 'nett', which cannot be used: .*mean 'net'"
    assert len(registry.dangling()) == 1
    for ask in (lambda: registry.get("model", "nett-s"), lambda: _raise(registry.dangling()[0])):
        with pytest.raises(MebenchError, match=sentence):
            ask()


def _raise(sentence: str) -> None:
    raise MebenchError(sentence)


def test_variants_of_each_other_and_those_that_contradict_their_model_are_refused() -> None:
    registry = registry_of(
        ("a", "b", {"x": 1}), ("b", "a", {"x": 1}), ("c", "d", {"x": 2}), ("d", "net", {"x": 1})
    )
    with pytest.raises(MebenchError, match="is a variant of it again"):
        registry.get("model", "a")
    with pytest.raises(MebenchError, match="sets x=2, and the name 'd' stands for x=1"):
        registry.get("model", "c")
    assert len(registry.dangling()) == 3


def test_a_variant_without_settings_and_a_name_taken_are_refused() -> None:
    with pytest.raises(MebenchError, match="one setting or more"):
        registry_of(("net-s", "net", {}))
    registry = registry_of(("net", "net", {"x": 1}))
    assert "'theirs'" in registry.collisions()[0]
    assert "'ours'" in registry.collisions()[0]


def test_a_variant_of_a_library_s_model_asks_the_library_only_when_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    library = type(sys)("asked_library")
    library.names = lambda: asked.append("names") or {"net1": "one"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "asked_library", library)
    registry = registry_of(("one", "lib:net1", {"width": 4}), ("two", "lib:net2", {"width": 4}))
    with registry.owned_by("theirs"):
        registry.family("lib", "asked_library:Net", names="asked_library:names", title="any", example="net1")
    assert [each.name for each in registry.entries("model")] == ["net", "one", "two"]
    assert not asked
    assert registry.get("model", "one").settings == {"name": "net1", "width": 4}
    with pytest.raises(MebenchError, match=r"'two' as a variant of 'lib:net2'.*did you mean 'lib:net1'"):
        registry.get("model", "two")


def test_settings_behind_a_name_are_the_users() -> None:
    registry = registry_of(("net-s", "net", {"width": 4}))
    entry = registry.get("model", "net-s[depth=2]")
    assert (entry.name, entry.settings, entry.assigned) == ("net-s", {"width": 4}, ("depth=2",))
    assert registry.find("net-s[depth=2]") == [entry]
    with pytest.raises(UnknownNameError, match="did you mean 'net-s' or 'net'"):
        registry.get("model", "nets[depth=2]")
    with pytest.raises(UnknownNameError, match=r"no protocol named 'net\[depth=2\]'"):
        registry.get("protocol", "net[depth=2]")


Run = Callable[..., str]


@pytest.fixture
def mebench(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.out if code == 0 else said.err

    return call


def test_info_shows_a_model_as_its_settings_change_it(mebench: Run) -> None:
    pytest.importorskip("timm")
    (about,) = json.loads(mebench("info", "famnet[attention=none]", "--json"))
    (row,) = [each for each in about["settings"] if each["setting"] == "attention"]
    assert (row["default"], row["source"]) == ("none", "changed here")
    assert "setting 'attention' of FAMNet cannot be 'non'" in mebench("info", "famnet[attention=non]", code=2)
    assert "a variant of: famnet[branches=2d]" in mebench("info", "amnet2d")


def test_brackets_are_the_same_run_as_set_under_the_name_that_stands_for_them(mebench: Run) -> None:
    pytest.importorskip("timm")
    from mebench.runner.named import named_model

    plugins = load_plugins()

    def made(name: str, *settings: str) -> tuple[str, Any]:
        named = named_model(plugins, name, settings=settings)
        return named.entry.name, named.model.settings

    assert made("famnet[faud=false]") == made("famnet", "faud=false")
    assert made("famnet[branches=2d,faud=false]") == made("amnet2d", "faud=false")
    assert made("famnet", "branches=2d")[0] == "amnet2d"
    assert made("famnet[branches=both]")[0] == "famnet"
    for text, more in (("famnet[faud=false]", ["--set", "faud=true"]), ("amnet2d[branches=3d]", [])):
        said = mebench("run", text, "casme3", "--synthetic", *more, code=2)
        assert "set it once" in said or "this model's name stands for branches=2d" in said


def test_settings_have_one_name_however_deep_the_variant_that_they_are_and_whatever_was_asked_for() -> None:
    pytest.importorskip("timm")
    from mebench.runner.named import named_model

    known = load_plugins()
    plugins = replace(known, registry=deepcopy(known.registry))  # other tests look at all that is registered
    for name, extends, settings in (
        ("famnet-mean", "famnet", {"fusion": "mean"}),
        ("famnet-plain", "famnet-mean", {"faud": False}),
        ("amnet2d-plain", "amnet2d", {"faud": False}),
        ("famnet-plainer", "famnet", {"attention": "none"}),
    ):
        plugins.registry.variant(name, extends=extends, title=name, settings=settings)

    def called(name: str) -> str:
        return named_model(plugins, name).entry.name

    for asked in ("famnet-plain", "famnet-mean[faud=false]", "famnet[fusion=mean,faud=false]"):
        assert called(asked) == "famnet-plain"
    assert called("famnet[branches=2d,faud=false]") == "amnet2d-plain"
    # Two variants beside each other, each with the other's setting.
    beside = (
        "famnet-mean[attention=none]",
        "famnet-plainer[fusion=mean]",
        "famnet[attention=none,fusion=mean]",
    )
    assert len({called(asked) for asked in beside}) == 1


def test_an_ablation_that_cannot_be_is_named_with_its_plugin(tmp_path: Path) -> None:
    from mebench.models.loading import find_model

    file = tmp_path / "tiny.py"
    text = """
from mebench.api import Model, ModelSettings, Predictions

class Settings(ModelSettings):
    width: int = 3

class Tiny(Model):
    Settings = Settings
    ablations = {ABLATIONS}

    def inputs(self): return {"width": self.settings.width}
    def fit(self, train, context): ...
    def predict(self, test): ...
"""
    for ablations, sentence in (
        ('{"size": [{"widht": 3}]}', "its ablation 'size' has 'widht', .*did you mean 'width'"),
        ('{"size": [{"width": "wide"}]}', "its ablation 'size': setting 'width' of Tiny cannot be 'wide'"),
        ('{"size": [{}]}', "its ablation 'size' has a variant that changes nothing"),
        ('{"size": {"width": 3}}', r"ablations\['size'\].* is "),
    ):
        file.write_text(text.replace("{ABLATIONS}", ablations), encoding="utf-8")
        with pytest.raises(MebenchError, match=sentence):
            find_model(Registry(), f"{file}:Tiny")
