"""Checks of a protocol: what it says, and what it makes of clips that are invented for its datasets."""

from __future__ import annotations

import pickle
from functools import cached_property

import numpy as np
import pandas as pd

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.opening import load_protocol
from mebench.cohort.protocol import Expected, Protocol
from mebench.plugin.loading import Plugins
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.invented import invented_data

PROTOCOLS = Checks["ProtocolSubject"]()


class ProtocolSubject:
    """A protocol by its name.

    Raises:
        MebenchError: nothing has that name.
    """

    def __init__(self, plugins: Plugins, name: str) -> None:
        self.plugins = plugins
        self.entry = plugins.registry.get("protocol", name)

    @cached_property
    def protocol(self) -> Protocol:
        """Return the object, once what it says can be."""
        return load_protocol(self.plugins.registry, self.entry.name)

    @cached_property
    def cohort(self) -> Cohort:
        """Return the cohort of invented clips."""
        return self.build()

    def build(self) -> Cohort:
        """Return a cohort of invented clips, built anew.

        Raises:
            NotAsked: a dataset has no recipe by which clips are invented.
        """
        return build_cohort(self.protocol, invented_data(self.plugins.registry, self.protocol))


@PROTOCOLS.add("what it says can be")
def definition(subject: ProtocolSubject) -> str:
    """Fields of the declared types, datasets that are registered, words that clips carry."""
    assert subject.protocol
    return ""


@PROTOCOLS.add("it has a title and a source")
def source(subject: ProtocolSubject) -> str:
    """Whoever compares with a published figure has to know whose clips and classes these are."""
    protocol = subject.protocol
    if not protocol.title.strip():
        return "it has no title: title=..."
    return "" if protocol.source.strip() else "it does not say where the definition comes from: source=..."


@PROTOCOLS.add("every class is reached by a word")
def reached(subject: ProtocolSubject) -> str:
    """A class that no word leads to is predicted and never true, and UF1 counts it."""
    protocol = subject.protocol
    found = {label for words in protocol.labels.values() for label in words.values()}
    missing = [name for name in protocol.classes if name not in found]
    return (
        f"no word of an owner is of the class {missing[0]!r}: add one to labels, or take the class out"
        if missing
        else ""
    )


@PROTOCOLS.add("every word of an owner is labelled or left out with a reason")
def complete(subject: ProtocolSubject) -> str:
    """A word that is neither stops each run: what is left out is said."""
    protocol = subject.protocol
    if not protocol.classes or protocol.label_by != "emotion":
        raise NotAsked("it does not sort clips by emotion")
    for data in invented_data(subject.plugins.registry, protocol):
        known = {*protocol.labels.get(data.dataset, {}), *protocol.left_out.get(data.dataset, {})}
        if strange := sorted(set(data.table["emotion"]) - known):
            return (
                f"the emotion {strange[0]!r} of {data.dataset} is neither in labels nor in left_out: add it to one of "
                "them"
            )
    return ""


@PROTOCOLS.add("action units are numbers of FACS in order")
def units(subject: ProtocolSubject) -> str:
    """Their order is that of the columns of predictions."""
    aus = list(subject.protocol.aus)
    if not aus:
        raise NotAsked("it has no action units")
    if aus != sorted(set(aus)) or not all(1 <= number <= 99 for number in aus):
        return f"its action units are {aus}: give numbers from 1 to 99, each once, in order"
    return ""


@PROTOCOLS.add("published counts add up")
def counts(subject: ProtocolSubject) -> str:
    """They are compared with what is found, so an error in them is told of every honest cohort."""
    protocol, expected = subject.protocol, subject.protocol.expected
    if expected is None:
        raise NotAsked(
            "it has no published counts: expected=Expected(clips, subjects, classes) lets users compare"
        )
    every = [expected, *expected.datasets.values(), *expected.editions.values()]
    if fault := next(filter(None, (_sum_fault(part, protocol) for part in every)), ""):
        return fault
    parts = expected.datasets
    if not parts:
        return ""
    if set(parts) != set(protocol.datasets):
        return f"expected.datasets speaks of {', '.join(parts)}, and its datasets are {', '.join(protocol.datasets)}"
    if (total := sum(part.clips for part in parts.values())) != expected.clips:
        return f"the clips of expected.datasets are {total} in all, and expected has {expected.clips}"
    for name, count in expected.classes.items():
        if all(part.classes for part in parts.values()):
            total = sum(part.classes.get(name, 0) for part in parts.values())
            if total != count:
                return (
                    f"the clips of class {name!r} are {total} in expected.datasets, and {count} in expected"
                )
    return ""


def _sum_fault(expected: Expected, protocol: Protocol) -> str:
    if expected.classes:
        if set(expected.classes) != set(protocol.classes):
            return f"expected counts {', '.join(expected.classes)}, and its classes are {', '.join(protocol.classes)}"
        if (total := sum(expected.classes.values())) != expected.clips:
            return f"the classes in expected are {total} clips in all, and expected has {expected.clips}"
    if expected.subjects is not None and not 2 <= expected.subjects <= expected.clips:
        return f"expected has {expected.subjects} subjects for {expected.clips} clips"
    return ""


@PROTOCOLS.add("it can be pickled and compared")
def pickled(subject: ProtocolSubject) -> str:
    """A protocol is data; so is a split: a frozen dataclass of plain values."""
    protocol = subject.protocol
    if pickle.loads(pickle.dumps(protocol)) != protocol:
        return "it is another once it was pickled: write @dataclass(frozen=True) above its split, of plain values"
    return ""


@PROTOCOLS.add("its split says in words what it is")
def words(subject: ProtocolSubject) -> str:
    """`mebench info` and every leaderboard show it."""
    text = str(subject.protocol.split)
    return (
        ""
        if text.strip() and " object at 0x" not in text and "\n" not in text
        else f"its split prints as {text!r}"
    )


@PROTOCOLS.add("its folds are sound on invented clips")
def sound(subject: ProtocolSubject) -> str:
    """No clip and no subject on both sides, every clip tested once a repeat: as each run sees to."""
    assert subject.cohort
    return ""


@PROTOCOLS.add("no subject is on both sides of a fold")
def subjects(subject: ProtocolSubject) -> str:
    """Subject-dependent folds are marked in every table; whoever means them has to say so."""
    if subject.protocol.subject_dependent:
        raise NotAsked("it says subject_dependent=True, which every table shows")
    groups = subject.cohort.clips["group"].to_numpy()
    for fold in subject.cohort.folds:
        if both := sorted(set(groups[fold.train]) & set(groups[fold.test])):
            return f"the fold {fold.name!r} trains and tests on {both[0]}: keep subjects apart"
    return ""


@PROTOCOLS.add("every clip is tested as often as every other")
def tested(subject: ProtocolSubject) -> str:
    """Once a repeat, but for clips that are for training alone."""
    cohort = subject.cohort
    times = np.bincount(np.concatenate([fold.test for fold in cohort.folds]), minlength=len(cohort.clips))
    if len(set(times[times > 0])) > 1:
        key = cohort.clips["key"].to_numpy()[times.argmax()]
        return f"{key} is tested {times.max()} times, others {times[times > 0].min()}"
    return ""


@PROTOCOLS.add("every class is among invented clips")
def classes(subject: ProtocolSubject) -> str:
    """What the labels make of every word of its datasets."""
    if not subject.protocol.classes:
        raise NotAsked("it has no classes")
    missing = [name for name, number in subject.cohort.class_counts().items() if not number]
    return (
        f"of {len(subject.cohort.clips)} invented clips none is of the class {missing[0]!r}"
        if missing
        else ""
    )


@PROTOCOLS.add("clips take no part by rule alone")
def faults(subject: ProtocolSubject) -> str:
    """An invented clip has no fault, so whatever leaves it out has to be a rule of the protocol."""
    found = subject.cohort.faults()
    return f"{found[0].key} takes no part: {found[0].reason}" if found else ""


@PROTOCOLS.add("folds are the same whenever they are made")
def again(subject: ProtocolSubject) -> str:
    """A split that draws lots has to draw them from a fixed seed: two labs compare by the manifest."""
    one, other = subject.cohort, subject.build()
    if one.manifest != other.manifest:
        return "made twice its cohort has other folds: draw lots from np.random.default_rng(NUMBER)"
    return ""


@PROTOCOLS.add("its split leaves the clips as they are")
def untouched(subject: ProtocolSubject) -> str:
    """It is given the cohort's table, whose rows the folds count."""
    clips: pd.DataFrame = subject.cohort.clips
    given = clips.copy()
    subject.protocol.split.folds(given)
    return "" if given.equals(clips) else "folds() changed the table that it was given: work on a copy"
