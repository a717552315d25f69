"""Names by the thousand: what a library has, by the prefix that a plugin registered for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mebench.cli import main
from mebench.errors import MebenchError, UnknownNameError, close_names, near_matches
from mebench.plugin.entry import Entry
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.plugin.search import matching, near

# A library of a thousand nets, and the model class that stands for each of them.
LIBRARY = """
from mebench.api import Model, ModelSettings, Predictions


class Settings(ModelSettings):
    name: str


class Net(Model):
    Settings = Settings

    def inputs(self):
        return {}

    def fit(self, train, context):
        self.classes_, self.seen_ = len(context.classes), self.settings.name

    def predict(self, test):
        import numpy as np
        return Predictions(np.full((len(test), self.classes_), 1 / self.classes_))


def names():
    return {"Tiny.a1": "the tiny one", **{f"net{i}": f"net of {i} layers" for i in range(1000)}}


def broken():
    raise OSError("no list here")
"""
Families = Callable[..., Registry]


@pytest.fixture
def families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Families:
    (tmp_path / "netlibrary.py").write_text(LIBRARY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "netlibrary", raising=False)

    def with_family(registry: Registry | None = None, **change: object) -> Registry:
        registry = registry or Registry()
        with registry.owned_by("theirs"):
            registry.model("famnet", "netlibrary:Net", title="A net of faces")
            metadata = {"names": "netlibrary:names", "title": "any net", "example": "net1", **change}
            registry.family("lib", "netlibrary:Net", **metadata)  # type: ignore[arg-type]
        return registry

    return with_family


def test_a_member_is_an_entry_whose_settings_fix_its_name(families: Families) -> None:
    registry = families(needs="clips", settings={"depth": 3}, requires=("json",), extra="net[all]")
    entry = registry.get("model", "lib:net18")
    assert type(entry) is Entry
    assert (entry.name, entry.title, entry.plugin) == ("lib:net18", "net of 18 layers", "theirs")
    assert entry.settings == {"depth": 3, "name": "net18"}
    assert (entry.needs, entry.requires, entry.extra) == ("clips", ("json",), "net[all]")
    assert registry.find("lib:net18") == [entry]
    assert registry.get("model", "lib:Tiny.a1").load().__name__ == "Net"


def test_a_family_is_listed_without_importing_its_library(families: Families) -> None:
    registry = families()
    assert [family.name for family in registry.families("model")] == ["lib:"]
    assert [entry.name for entry in registry.entries("model")] == ["famnet"]
    assert registry.families("dataset") == []
    assert "netlibrary" not in sys.modules


def test_an_unknown_member_gets_near_matches_and_no_list_of_a_thousand(families: Families) -> None:
    registry = families()
    with pytest.raises(UnknownNameError, match=r"'lib:nte18': did you mean .*'lib:net18'.*--search lib:TEXT"):
        registry.get("model", "lib:nte18")
    with pytest.raises(UnknownNameError, match=r"'qqq'|known") as error:
        registry.get("model", "lib:" + "q" * 40)
    assert len(str(error.value)) < 1000
    with pytest.raises(UnknownNameError, match="did you mean 'lib:'"):
        registry.get("model", "lib")
    with pytest.raises(UnknownNameError, match=r"no model named 'bil:net18': did you mean 'lib:net18'\?"):
        registry.get("model", "bil:net18")
    with pytest.raises(UnknownNameError):
        registry.get("dataset", "lib:net18")


def test_a_library_that_is_not_there_or_fails_is_one_sentence(families: Families) -> None:
    with pytest.raises(MebenchError, match=r"needs nolib, not installed here: pip install 'net\[all\]'"):
        families(requires=("nolib",), extra="net[all]").get("model", "lib:net18")
    with pytest.raises(
        MebenchError, match=r"'theirs' cannot tell the names of lib:NAME: OSError: no list here"
    ):
        families(names="netlibrary:broken").get("model", "lib:net18")


def test_a_prefix_that_two_plugins_claim_names_both(families: Families) -> None:
    registry = families()
    with registry.owned_by("others"):
        registry.family("lib", "x.y:Z", names="x.y:names", title="theirs", example="a")
    assert registry.families("model") == []
    assert "'lib:' is claimed by the plugins 'theirs'" in registry.collisions()[0]
    with pytest.raises(MebenchError, match="is claimed by"):
        registry.get("model", "lib:net18")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"names": "netlibrary"}, "write it as 'package.module:Object'"),
        ({"prefix": "Lib"}, "lower-case letters"),
        ({"aliases": ("l",)}, "the models 'lib:' with aliases=, which a family does not take"),
    ],
)
def test_a_wrong_family_is_refused_when_it_is_registered(wrong: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {
        "prefix": "lib",
        "target": "x.y:Z",
        "names": "x.y:n",
        "title": "t",
        "example": "e",
    }
    with pytest.raises(MebenchError, match=sentence):
        Registry().family(**given | wrong)


def test_a_search_looks_at_names_titles_and_behind_a_prefix_at_the_librarys(families: Families) -> None:
    registry = families()

    def found(text: str) -> list[str]:
        return [entry.name for entry in matching(registry, "model", text)]

    assert found("FAM") == ["famnet"]
    assert found("of faces") == ["famnet"]
    assert found("lib") == ["lib:"]
    assert found("lib:net99") == ["lib:net99", *(f"lib:net99{i}" for i in range(10))]
    assert found("lib:TINY") == ["lib:Tiny.a1"]
    assert len(found("lib:")) == 1001
    assert found("lib:nte7") == []
    assert near(registry, "model", "lib:nte7")[0].name == "lib:net7"
    assert [entry.name for entry in near(registry, "model", "fammet")] == ["famnet"]


def test_a_sentence_lists_no_more_names_than_one_can_read() -> None:
    many = [f"name{i}" for i in range(500)]
    assert near_matches("qqq", many).endswith("and 440 more)")
    assert close_names("nmae7", many)[0] == "name7"


def test_the_command_line_lists_searches_and_shows_members(
    families: Families, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = load_plugins()
    before = dict(plugins.registry._claims)

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        assert not end.value.code, capsys.readouterr().err
        return capsys.readouterr().out

    try:
        plugins.registry._claims.pop(("model", "famnet"))
        families(plugins.registry)
        assert "lib:NAME" in said("list", "models")
        assert "netlibrary" not in sys.modules
        assert said("list", "models", "--search", "lib:net77").count("\nlib:net77") == 11
        text = said("list", "models", "--search", "lib:nte77")
        assert "none" in text
        assert "Spelt most like 'lib:nte77'" in text
        assert "lib:net77 " in text
        rows = json.loads(said("list", "--search", "lib:tiny", "--json"))["models"]
        assert [(row["name"], row["settings"]) for row in rows] == [("lib:Tiny.a1", {"name": "Tiny.a1"})]
        assert "net7 (fixed)" in said("info", "lib:net7")
    finally:
        plugins.registry._claims.clear()
        plugins.registry._claims.update(before)
