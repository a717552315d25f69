"""Every registered protocol is consistent in itself and with the datasets it names."""

from __future__ import annotations

import pytest

from mebench.cohort.protocol import Expected, Protocol
from mebench.data.sources import load_dataset
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry

PROTOCOLS = [entry.name for entry in load_plugins().registry.entries("protocol")]


def protocol_named(registry: Registry, name: str) -> Protocol:
    protocol: Protocol = registry.get("protocol", name).load()
    return protocol


@pytest.mark.parametrize("name", PROTOCOLS)
def test_labels_point_to_classes_and_every_class_is_reached(registry: Registry, name: str) -> None:
    protocol = protocol_named(registry, name)
    reached = {label for words in protocol.labels.values() for label in words.values()}
    assert reached == set(protocol.classes)
    assert len(set(protocol.classes)) == len(protocol.classes)
    assert protocol.name == name


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_dataset_of_a_protocol_is_registered_and_labelled(registry: Registry, name: str) -> None:
    protocol = protocol_named(registry, name)
    assert set(protocol.labels) == (set(protocol.datasets) if protocol.classes else set())
    assert protocol.classes or protocol.aus
    assert set(protocol.left_out) <= set(protocol.datasets)
    for dataset in protocol.datasets:
        registry.get("dataset", dataset)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_word_is_either_labelled_or_left_out_and_a_twins_words_are_known(
    registry: Registry, name: str
) -> None:
    protocol = protocol_named(registry, name)
    for dataset in protocol.labels:
        labelled, left_out = set(protocol.labels[dataset]), set(protocol.left_out.get(dataset, {}))
        assert not labelled & left_out
        if protocol.label_by != "emotion":
            continue
        assert all(word == word.lower().strip() for word in labelled | left_out)
        recipe = load_dataset(registry, dataset).twin
        assert recipe is not None
        assert {word.lower() for word in recipe.emotions} <= labelled | left_out


@pytest.mark.parametrize("name", PROTOCOLS)
def test_published_counts_add_up_and_have_a_source(registry: Registry, name: str) -> None:
    protocol = protocol_named(registry, name)
    expected = protocol.expected
    assert expected is not None
    assert protocol.source
    for part in (expected, *expected.datasets.values()):
        assert_adds_up(part, protocol)
    if expected.datasets:
        assert set(expected.datasets) == set(protocol.datasets)
        assert sum(part.clips for part in expected.datasets.values()) == expected.clips
        for label, count in expected.classes.items():
            assert sum(part.classes[label] for part in expected.datasets.values()) == count


def assert_adds_up(expected: Expected, protocol: Protocol) -> None:
    if expected.classes:
        assert set(expected.classes) == set(protocol.classes)
        assert sum(expected.classes.values()) == expected.clips
    assert expected.subjects is None or 2 <= expected.subjects <= expected.clips


@pytest.mark.parametrize("name", PROTOCOLS)
def test_action_units_are_plain_numbers_in_order(registry: Registry, name: str) -> None:
    aus = protocol_named(registry, name).aus
    assert list(aus) == sorted(set(aus))
    assert all(1 <= number <= 99 for number in aus)
