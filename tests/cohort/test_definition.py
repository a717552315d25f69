"""A protocol that a plugin gives is looked at when it is loaded: what cannot be is one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from outsiders import Outsider, outsider

from mebench.cohort.opening import load_protocol
from mebench.errors import MebenchError

PROTOCOL = """
from mebench.api import Expected, LeaveOneSubjectOut, Protocol

FIELDS = dict(
    name="theirs",
    title="Theirs",
    datasets=("casme3",),
    classes=("negative", "positive"),
    labels={"casme3": {"happy": "positive", "sad": "negative"}},
    left_out={"casme3": {"others": "not one of the two"}},
)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outsider:
    return outsider(tmp_path, monkeypatch)


def test_a_sound_protocol_of_an_outsider_is_loaded(plugin: Outsider) -> None:
    registry = plugin(PROTOCOL + "THEIRS = Protocol(**FIELDS)")
    assert load_protocol(registry, "theirs").classes == ("negative", "positive")


FAULTS = {
    "another name": ("name='ours'", "registered as 'theirs' and calls itself 'ours'"),
    "no dataset": ("datasets=()", "it names no dataset"),
    "a list": ("datasets=['casme3']", r"datasets is \['casme3'\] \(list\): input should be a valid tuple"),
    "a text": ("datasets='casme3'", "datasets is 'casme3' .*valid tuple"),
    "an unknown dataset": ("datasets=('casme33',)", "no dataset named 'casme33': did you mean 'casme3'"),
    "a dataset twice": ("datasets=('casme3', 'casme3')", "names the dataset 'casme3' twice"),
    "nothing to predict": ("classes=(), labels={}", "neither classes nor action units"),
    "a class twice": ("classes=('negative', 'positive', 'negative')", "has the class 'negative' twice"),
    "a class of another type": ("classes=('negative', 3)", r"classes\[1\] is 3 \(int\)"),
    "a nameless class": ("classes=('negative', 'positive', '')", "a class without a name"),
    "an unknown class": (
        "labels={'casme3': {'happy': 'postive'}}",
        r"labels\['casme3'\]\['happy'\] is the class 'postive'.*did you mean 'positive'",
    ),
    "a label that is no text": ("labels={'casme3': {'happy': 1}}", r"labels\['casme3'\]\['happy'\] is 1"),
    "a word that is NaN": ("labels={'casme3': {float('nan'): 'positive'}}", "is nan .*valid string"),
    "a label nobody can hash": ("labels={'casme3': {'happy': ['positive']}}", r"is \['positive'\] \(list\)"),
    "labels of another dataset": (
        "labels={'casme3': {'sad': 'negative'}, 'casme': {'sad': 'negative'}}",
        "labels names the dataset 'casme': did you mean 'casme3'",
    ),
    "no labels": ("labels={}", "says of no word of casme3 which class it is"),
    "a word in capitals": (
        "labels={'casme3': {'Happy': 'positive'}}",
        "'Happy', which no clip carries.*'happy'",
    ),
    "a word with a blank": ("labels={'casme3': {'happy ': 'positive'}}", "'happy ', which no clip carries"),
    "labelled and left out": ("left_out={'casme3': {'sad': 'unclear'}}", "'sad' of casme3 is both"),
    "left out for no reason": ("left_out={'casme3': {'others': ' '}}", "does not say why 'others'"),
    "left out elsewhere": ("left_out={'samm': {'others': 'x'}}", "left_out names the dataset 'samm'"),
    "excluded for no reason": ("excluded={'casme3/a/b': ''}", "does not say why 'casme3/a/b'"),
    "excluded by a key": ("excluded={'casme3/a/b/12': 'x'}", "write dataset/subject/clip"),
    "excluded elsewhere": ("excluded={'samm/a/b': 'x'}", "excluded names 'samm/a/b'"),
    "an unknown column": ("label_by='emotions'", "label_by is 'emotions'.*did you mean 'emotion'"),
    "a unit twice": ("aus=(1, 4, 1)", "has the action unit 1 twice"),
    "units as text": ("aus=('1', '4')", r"aus\[0\] is '1' \(str\)"),
    "counts that are none": ("expected='246'", "expected is '246' .*instance of Expected"),
    "a count as text": ("expected=Expected('246')", "expected.clips is '246'"),
    "a count deep inside": (
        "expected=Expected(3, datasets={'casme3': Expected(3, classes={'positive': 1.5})})",
        r"expected\.datasets\['casme3'\]\.classes\['positive'\] is 1.5",
    ),
    "a count of no class": ("expected=Expected(3, classes={'happy': 3})", "expected.classes has 'happy'"),
    "a count of no dataset": (
        "expected=Expected(3, datasets={'samm': Expected(3)})",
        "expected.datasets has 'samm'",
    ),
    "a split by its name": ("split='loso'", "split is 'loso' .*instance of Split"),
    "a split's class": ("split=LeaveOneSubjectOut", "split is .*instance of Split"),
    "one note": ("notes='a note'", "notes is 'a note' .*valid tuple"),
    "a word for yes": ("subject_dependent='no'", "subject_dependent is 'no'"),
}


@pytest.mark.parametrize(("change", "said"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_is_one_sentence_that_names_the_plugin(
    plugin: Outsider, change: str, said: str
) -> None:
    registry = plugin(PROTOCOL + f"THEIRS = Protocol(**(FIELDS | dict({change})))")
    with pytest.raises(MebenchError, match=said) as raised:
        load_protocol(registry, "theirs")
    assert str(raised.value).startswith("protocol 'theirs' of plugin 'outsider' (outsider")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["THEIRS = {}", "THEIRS = Protocol", "THEIRS = FIELDS['labels']"])
def test_what_is_no_protocol_is_named(plugin: Outsider, text: str) -> None:
    with pytest.raises(MebenchError, match=r"of plugin 'outsider' .*a Protocol object is due"):
        load_protocol(plugin(PROTOCOL + text), "theirs")


def test_a_split_that_cannot_be_printed_is_named(plugin: Outsider) -> None:
    text = """
class Mine(LeaveOneSubjectOut):
    def __str__(self):
        raise KeyError("k")

THEIRS = Protocol(**FIELDS, split=Mine())
"""
    with pytest.raises(MebenchError, match=r"its split outsider\d+\.Mine cannot be printed: KeyError"):
        load_protocol(plugin(PROTOCOL + text), "theirs")
