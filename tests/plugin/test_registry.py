from __future__ import annotations

import json
import sys
from types import MappingProxyType
from typing import Any

import pytest

from mebench.errors import MebenchError, UnknownNameError, near_matches
from mebench.plugin.registry import Registry


def registry_of(plugins: dict[str, list[tuple[str, dict[str, Any]]]]) -> Registry:
    """Make a registry of plugin -> [(model name, metadata)]."""
    registry = Registry()
    for plugin, models in plugins.items():
        with registry.owned_by(plugin):
            for name, metadata in models:
                registry.model(name, f"{plugin}.model:Net", title=f"{name} of {plugin}", **metadata)
    return registry


def test_registering_imports_nothing_and_loading_imports_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    registry = Registry()
    registry.model("colour", "colorsys:rgb_to_hsv", title="Colour")
    entry = registry.get("model", "colour")
    assert "colorsys" not in sys.modules
    assert entry.load()(1.0, 0.0, 0.0) == (0.0, 1.0, 1.0)
    assert "colorsys" in sys.modules


def test_a_wrong_name_gets_near_matches_and_says_where_all_are() -> None:
    registry = registry_of({"one": [("famnet", {}), ("majority", {})]})
    with pytest.raises(
        UnknownNameError, match=r"no model named 'fammet': did you mean 'famnet'\?.*list models"
    ):
        registry.get("model", "fammet")
    with pytest.raises(UnknownNameError, match=r"known: famnet, majority"):
        registry.get("model", "qqqq")
    with pytest.raises(UnknownNameError, match=r"no dataset named 'famnet' \(none is known\)"):
        registry.get("dataset", "famnet")


def test_near_matches_do_not_mind_case() -> None:
    assert near_matches("FAMNET", ["famnet", "majority"]) == ": did you mean 'famnet'?"


def test_a_name_finds_the_entries_of_every_kind() -> None:
    registry = registry_of({"one": [("casme3", {})]})
    registry.dataset("casme3", "one.data:Casme3", title="Data")
    assert [entry.kind for entry in registry.find("casme3")] == ["model", "dataset"]
    with pytest.raises(UnknownNameError, match="did you mean 'casme3'"):
        registry.find("casme")


def test_an_alias_finds_its_entry_and_is_not_listed_twice() -> None:
    registry = registry_of({"one": [("famnet", {"aliases": ("fam", "famnet-2025")})]})
    assert registry.get("model", "fam") is registry.get("model", "famnet")
    assert [entry.name for entry in registry.entries("model")] == ["famnet"]


def test_entries_are_sorted_by_name_and_of_one_kind() -> None:
    registry = registry_of({"one": [("zeta", {}), ("alpha", {})]})
    registry.protocol("mid", "one.p:P", title="Protocol")
    assert [entry.name for entry in registry.entries("model")] == ["alpha", "zeta"]


def test_a_name_claimed_twice_names_both_plugins_and_leaves_other_names_alone() -> None:
    registry = registry_of({"first": [("net", {}), ("mine", {})], "second": [("net", {}), ("yours", {})]})
    sentence = (
        r"model name 'net' is claimed by the plugins 'first' \(first.*\) and 'second' \(second.*MEBENCH_BLOCK"
    )
    with pytest.raises(MebenchError, match=sentence):
        registry.get("model", "net")
    assert len(registry.collisions()) == 1
    assert [entry.name for entry in registry.entries("model")] == ["mine", "yours"]
    assert registry.get("model", "yours").plugin == "second"


def test_an_alias_that_another_plugin_owns_is_named_itself_and_its_entry_keeps_working() -> None:
    registry = registry_of({"first": [("mine", {"aliases": ("net",)})], "second": [("net", {})]})
    with pytest.raises(MebenchError, match=r"the model name 'net' is claimed .*'first'.*'second'"):
        registry.get("model", "net")
    assert registry.collisions()[0].startswith("the model name 'net'")
    assert [entry.name for entry in registry.entries("model")] == ["mine"]


def test_a_claimed_name_is_not_listed_though_its_alias_is_free() -> None:
    registry = registry_of({"first": [("net", {"aliases": ("n",)})], "second": [("net", {})]})
    assert registry.entries("model") == []


def test_one_name_may_stand_for_a_model_and_a_protocol() -> None:
    registry = registry_of({"one": [("casme3", {})]})
    registry.protocol("casme3", "one.p:P", title="Protocol")
    assert registry.collisions() == []


@pytest.mark.parametrize("name", ["", "FAMNet", "fam net", "../famnet", "-net", "fam/net", "fam\n"])
def test_a_bad_name_or_alias_is_refused_with_its_plugin(name: str) -> None:
    for model, metadata in ((name, {}), ("good", {"aliases": (name,)})):
        with pytest.raises(MebenchError, match=r"plugin 'one' registers the model .*lower-case"):
            registry_of({"one": [(model, metadata)]})


@pytest.mark.parametrize(
    "target", ["", "module", "module.Object", "module:", ":Object", "a:b:c", "a b:C", "a:b.c"]
)
def test_a_bad_target_is_refused_with_its_plugin(target: str) -> None:
    registry = Registry()
    with (
        registry.owned_by("one"),
        pytest.raises(MebenchError, match=r"'one' gives the model 'net'.*module:Object"),
    ):
        registry.model("net", target, title="Net")


WRONG_METADATA = {
    "a misspelt key": (
        {"refernce": "2019"},
        r"with refernce=, which it does not take: did you mean 'reference'",
    ),
    "a key of another kind": ({"spellings": ("Net",)}, r"with spellings=, which it does not take"),
    "one alias as text": (
        {"aliases": "nett"},
        r"aliases='nett' \(str\), and a tuple of texts, as in \('one',\)",
    ),
    "requirements as text": ({"requires": "torch"}, r"requires='torch' \(str\)"),
    "numbers as aliases": ({"aliases": (1, 2)}, r"aliases=\(1, 2\) \(tuple\)"),
    "a year as reference": ({"reference": 2019}, r"reference=2019 \(int\), and a text is due"),
    "settings as a list": ({"settings": [("a", 1)]}, r"settings=.* \(list\), and a mapping"),
}


@pytest.mark.parametrize(("metadata", "said"), WRONG_METADATA.values(), ids=WRONG_METADATA)
def test_wrong_metadata_is_one_sentence_with_the_plugin(metadata: dict[str, Any], said: str) -> None:
    with pytest.raises(MebenchError, match=f"plugin 'one' registers the model 'net' .*{said}"):
        registry_of({"one": [("net", metadata)]})


def test_a_title_is_a_text_and_lists_are_as_good_as_tuples() -> None:
    registry = registry_of({"one": [("net", {"aliases": ["nett"], "requires": ["json"]})]})
    assert registry.get("model", "nett").requires == ("json",)
    with pytest.raises(MebenchError, match=r"title=3 \(int\), and a text is due"):
        registry.dataset("data", "one.data:D", title=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["command", "metric", "executor", "tracker"])
def test_plugins_add_what_is_no_model(kind: str) -> None:
    registry = Registry()
    with registry.owned_by("one"):
        getattr(registry, kind)("mine", "json:dumps", title="Mine", aliases=("my-own",))
    (entry,) = registry.entries(kind)  # type: ignore[arg-type]
    assert registry.find("my-own") == [entry]
    assert (entry.kind, entry.plugin, entry.load()("x")) == (kind, "one", '"x"')


@pytest.mark.parametrize(("kind", "name"), [("command", "run"), ("metric", "uf1"), ("executor", "local")])
def test_a_name_of_mebench_s_own_is_refused_also_as_an_alias(kind: str, name: str) -> None:
    for own, aliases in ((name, ()), ("fine", (name,))):
        registry = Registry()
        with registry.owned_by("one"), pytest.raises(MebenchError, match=f"the {kind} '{name}'.*of its own"):
            getattr(registry, kind)(own, "json:dumps", title="Mine", aliases=aliases)
    registry.model(name, "json:dumps", title="Another kind")


def test_what_a_plugin_registered_is_taken_back_when_it_fails_half_way() -> None:
    registry = registry_of({"good": [("net", {})]})

    def register() -> None:
        with registry.owned_by("bad"):
            registry.model("half", "bad:Half", title="Half")
            registry.model("net", "bad:Net", title="Net")
            raise ValueError("oops")

    with pytest.raises(ValueError, match="oops"):
        register()
    assert [entry.name for entry in registry.entries("model")] == ["net"]
    assert registry.get("model", "net").plugin == "good"
    assert registry.collisions() == []


@pytest.mark.parametrize("module", ["no_such_module", "no_such_package.module"])
def test_a_missing_requirement_is_named_with_its_pip_command(module: str) -> None:
    registry = registry_of(
        {
            "one": [
                ("plain", {"requires": ("json", module)}),
                ("extra", {"requires": (module,), "extra": "mebench[torch]"}),
            ]
        }
    )
    assert registry.get("model", "plain").missing_requirements() == [module]
    with pytest.raises(
        MebenchError, match=rf"model 'plain' needs {module}, not installed here: pip install {module}$"
    ):
        registry.get("model", "plain").load()
    with pytest.raises(MebenchError, match=r"pip install 'mebench\[torch\]'$"):
        registry.get("model", "extra").load()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("no_such_module:Net", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("json:Net", "AttributeError: .*Net"),
    ],
)
def test_a_target_that_cannot_be_loaded_is_named_with_plugin_and_reason(target: str, reason: str) -> None:
    registry = Registry()
    with registry.owned_by("one"):
        registry.model("net", target, title="Net")
    with pytest.raises(
        MebenchError, match=rf"model 'net' of plugin 'one' could not be loaded from '{target}': {reason}"
    ):
        registry.get("model", "net").load()


def test_metadata_of_any_kind_of_list_and_mapping_is_kept_as_plain_values() -> None:
    registry = Registry()
    settings = {"width": 3}
    registry.model("net", "net:Net", title="A net", requires=["torch"], settings=MappingProxyType(settings))
    entry = registry.get("model", "net")
    assert entry.requires == ("torch",)
    assert json.loads(json.dumps(entry.settings)) == settings
    settings["width"] = 4
    assert entry.settings == {"width": 3}
