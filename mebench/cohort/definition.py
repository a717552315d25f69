"""Whether what a protocol says can be: looked at once, when it is loaded.

check_protocol(registry, entry, protocol)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mebench.cohort.protocol import LABEL_COLUMNS, Expected, Protocol
from mebench.cohort.soundness import split_name, twice_in
from mebench.errors import MebenchError, near_matches, reason_of
from mebench.plugin.entry import Entry
from mebench.plugin.given import field_fault, refuse
from mebench.plugin.registry import Registry


def check_protocol(registry: Registry, entry: Entry, protocol: Any) -> None:
    """Raise for the first fault of a definition.

    Raises:
        MebenchError: it is no protocol, or says something that cannot be; the plugin is named.
    """
    if not isinstance(protocol, Protocol):
        refuse(entry, f"it is a {type(protocol).__name__}, and a Protocol object is due")
    refuse(entry, field_fault(protocol))
    for fault in _faults(registry, entry, protocol):
        refuse(entry, fault)


def _faults(registry: Registry, entry: Entry, protocol: Protocol) -> Iterator[str]:
    if protocol.name != entry.name:
        yield f"it is registered as {entry.name!r} and calls itself {protocol.name!r}: give it one name"
    yield from _faults_of_datasets(registry, protocol)
    if not (protocol.classes or protocol.aus):
        yield "it has neither classes nor action units: there is nothing to predict"
    for what, values in (("class", protocol.classes), ("action unit", protocol.aus)):
        if twice := twice_in(values):
            yield f"it has the {what} {twice[0]!r} twice"
    if "" in protocol.classes:
        yield "it has a class without a name"
    if protocol.label_by not in LABEL_COLUMNS:
        yield (
            f"label_by is {protocol.label_by!r}, no column of an owner's words"
            f"{near_matches(protocol.label_by, LABEL_COLUMNS)}"
        )
    yield from _faults_of_labels(protocol)
    for clip, reason in protocol.excluded.items():
        if clip.count("/") != 2 or clip.partition("/")[0] not in protocol.datasets:
            yield (
                f"excluded names {clip!r}: write dataset/subject/clip, with one of its datasets "
                f"({', '.join(protocol.datasets)})"
            )
        if not reason.strip():
            yield f"excluded does not say why {clip!r} takes no part"
    if protocol.expected is not None:
        yield from _faults_of_counts(protocol, protocol.expected, "expected")
    try:
        str(protocol.split)
    except Exception as error:
        yield f"its split {split_name(protocol)} cannot be printed: {reason_of(error)}"


def _faults_of_datasets(registry: Registry, protocol: Protocol) -> Iterator[str]:
    if not protocol.datasets:
        yield "it names no dataset"
    if twice := twice_in(protocol.datasets):
        yield f"it names the dataset {twice[0]!r} twice"
    for name in protocol.datasets:
        try:
            dataset = registry.get("dataset", name)
        except MebenchError as error:
            yield f"{error}"
            continue
        registered = dataset.name
        if dataset.stands_in:
            yield f"it names the dataset {name!r}, which consists of ready inputs of others: name those"
        if registered != name:
            yield f"it names the dataset {name!r}, another name of {registered!r}: write that"


def _faults_of_labels(protocol: Protocol) -> Iterator[str]:
    if protocol.classes and (silent := [name for name in protocol.datasets if not protocol.labels.get(name)]):
        yield f"labels says of no word of {silent[0]} which class it is"
    for what, by_dataset in (("labels", protocol.labels), ("left_out", protocol.left_out)):
        for dataset, words in by_dataset.items():
            if dataset not in protocol.datasets:
                yield f"{what} names the dataset {dataset!r}{near_matches(dataset, protocol.datasets)}"
            for word, meaning in words.items():
                if word != _as_in_tables(word, protocol):
                    yield (
                        f"{what}[{dataset!r}] has the word {word!r}, which no clip carries: write it "
                        f"{_as_in_tables(word, protocol)!r}, as clip tables do"
                    )
                if what == "labels" and meaning not in protocol.classes:
                    near = near_matches(meaning, protocol.classes)
                    yield f"labels[{dataset!r}][{word!r}] is the class {meaning!r}, which it does not have{near}"
                if what == "left_out" and not meaning.strip():
                    yield f"left_out[{dataset!r}] does not say why {word!r} takes no part"
    for dataset, words in protocol.labels.items():
        if both := sorted(set(words) & set(protocol.left_out.get(dataset, {}))):
            yield f"the word {both[0]!r} of {dataset} is both labelled and left out"


def _as_in_tables(word: str, protocol: Protocol) -> str:
    return word.strip().lower() if protocol.label_by == "emotion" else word.strip()


def _faults_of_counts(protocol: Protocol, expected: Expected, where: str) -> Iterator[str]:
    for what, names, known in (
        ("classes", expected.classes, protocol.classes),
        ("datasets", expected.datasets, protocol.datasets),
    ):
        for name in names:
            if name not in known:
                yield f"{where}.{what} has {name!r}, which it does not have{near_matches(name, known)}"
    for name, part in expected.datasets.items():
        yield from _faults_of_counts(protocol, part, f"{where}.datasets[{name!r}]")
