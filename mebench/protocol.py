"""Protocols: which clips, which classes, which folds; and the cohort that a protocol makes of real data.

    cohort = build_cohort(protocol, [clip_data])
    cohort.clips        # one row a clip: key, subject, label, fold, ...
    cohort.folds[0]     # Fold(name="casme3/spNO.1", train=[...], test=[...])
    cohort.manifest     # a hash: two labs with the same one used the same samples

A protocol is data, so that it can be read, compared and printed; what it does is here, once for all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mebench.clips.aus import parse_aus
from mebench.clips.table import Drop, clip_rows
from mebench.dataset import ClipData
from mebench.errors import MebenchError


@dataclass(frozen=True)
class Expected:
    """The counts a protocol's source publishes: clips in all, subjects with clips, clips of each class."""

    clips: int
    subjects: int
    classes: Mapping[str, int]


@dataclass(frozen=True)
class Protocol:
    """How datasets become one classification task.

    Attributes:
        name: the registered name.
        title: one line for tables.
        datasets: registered names of the datasets it needs.
        classes: class names; a class's place is its number.
        labels: dataset -> the owner's emotion word (lower case) -> class.
        left_out: dataset -> emotion word -> why clips with it take no part.
        aus: action units (FACS numbers) for detection beside recognition; empty for none.
        expected: published counts, compared with what is found.
        source: where the definition comes from.
        split: how folds are made; ``leave-one-subject-out`` is the field's standard.
        notes: what a reader should know.
    """

    name: str
    title: str
    datasets: tuple[str, ...]
    classes: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    left_out: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aus: tuple[int, ...] = ()
    expected: Expected | None = None
    source: str = ""
    split: str = "leave-one-subject-out"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fold:
    """One train/test division; ``train`` and ``test`` are row numbers of :attr:`Cohort.clips`."""

    name: str
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Cohort:
    """The clips of a protocol with labels and folds.

    ``clips`` holds the clip table's columns plus ``label`` (int), ``group`` (``dataset/subject``) and
    ``fold`` (the fold that tests the clip). ``aus`` is uint8 of shape (clips, len(protocol.aus)).
    """

    protocol: Protocol
    data: tuple[ClipData, ...]
    clips: pd.DataFrame
    aus: np.ndarray
    folds: tuple[Fold, ...]
    drops: tuple[Drop, ...]
    manifest: str

    @property
    def twin(self) -> bool:
        """Whether any of the data is synthetic."""
        return any(data.twin for data in self.data)

    def faults(self) -> list[Drop]:
        """Return the clips dropped for a fault in the data, not by the protocol's rule."""
        return [drop for drop in self.drops if not drop.by_rule]

    def class_counts(self) -> dict[str, int]:
        """Return the number of clips of each class."""
        counts = np.bincount(self.clips["label"], minlength=len(self.protocol.classes))
        return dict(zip(self.protocol.classes, map(int, counts), strict=True))

    def differences(self) -> list[str]:
        """Return one sentence for each count that differs from the published one."""
        expected = self.protocol.expected
        if expected is None:
            return []
        found = self.class_counts()
        pairs = [
            ("clips", expected.clips, len(self.clips)),
            ("subjects", expected.subjects, self.clips["group"].nunique()),
            *((f"clips of class {name!r}", n, found[name]) for name, n in expected.classes.items()),
        ]
        return [f"expected {wanted} {what}, found {got}" for what, wanted, got in pairs if wanted != got]


def build_cohort(protocol: Protocol, data: Sequence[ClipData]) -> Cohort:
    """Apply a protocol to the datasets it names.

    Raises:
        MebenchError: a dataset is missing, or fewer than two subjects are left to make folds of.
    """
    by_name = {each.dataset: each for each in data}
    if missing := [name for name in protocol.datasets if name not in by_name]:
        raise MebenchError(
            f"protocol {protocol.name!r} needs the dataset {missing[0]!r}, which was not given"
        )
    drops: list[Drop] = []
    tables = []
    for name in protocol.datasets:
        drops += by_name[name].drops
        table, left_out = _label(protocol, by_name[name].table)
        tables.append(table)
        drops += left_out
    clips = pd.concat(tables, ignore_index=True)
    if clips["group"].nunique() < 2:
        raise MebenchError(
            f"protocol {protocol.name!r} finds clips of {clips['group'].nunique()} subject(s): "
            "leaving one out needs at least two; `mebench data check` tells which clips were dropped and why"
        )
    folds = _leave_one_subject_out(clips)
    for fold in folds:
        clips.loc[fold.test, "fold"] = fold.name
    aus = _au_matrix(clips["aus"], protocol.aus)
    return Cohort(
        protocol=protocol,
        data=tuple(by_name[name] for name in protocol.datasets),
        clips=clips,
        aus=aus,
        folds=folds,
        drops=tuple(drops),
        manifest=_manifest(protocol, clips, aus, any(by_name[name].twin for name in protocol.datasets)),
    )


def _label(protocol: Protocol, table: pd.DataFrame) -> tuple[pd.DataFrame, list[Drop]]:
    drops: list[Drop] = []
    labels: list[int] = []
    for clip in clip_rows(table):
        name = protocol.labels[clip.dataset].get(clip.emotion)
        labels.append(-1 if name is None else protocol.classes.index(name))
        if name is None:
            rule = protocol.left_out.get(clip.dataset, {}).get(clip.emotion)
            reason = (
                f"{clip.emotion!r}: {rule}"
                if rule
                else f"emotion {clip.emotion!r} is unknown to {protocol.name}"
            )
            drops.append(Drop(clip.key, clip.row, reason, by_rule=rule is not None))
    labelled = table.assign(label=labels, group=table["dataset"] + "/" + table["subject"], fold="")
    return labelled[labelled["label"] >= 0], drops


def _leave_one_subject_out(clips: pd.DataFrame) -> tuple[Fold, ...]:
    from sklearn.model_selection import LeaveOneGroupOut

    groups = clips["group"].to_numpy()
    splits = LeaveOneGroupOut().split(groups, groups=groups)
    return tuple(Fold(str(groups[test[0]]), train, test) for train, test in splits)


def _au_matrix(texts: pd.Series, numbers: Sequence[int]) -> np.ndarray:
    found = [parse_aus(text) for text in texts]
    present = [{unit.number for unit in units if unit.kind == "AU" and not unit.kept} for units in found]
    return np.array([[n in units for n in numbers] for units in present], dtype=np.uint8).reshape(
        len(texts), len(numbers)
    )


def _manifest(protocol: Protocol, clips: pd.DataFrame, aus: np.ndarray, twin: bool) -> str:
    """Hash everything that decides what a model is trained and tested on, in an order of its own."""
    head = [protocol.name, ",".join(protocol.classes), ",".join(map(str, protocol.aus)), f"twin={int(twin)}"]
    lines = sorted(
        f"{c.key}\t{c.onset}\t{c.apex}\t{c.offset}\t{label}\t{fold}\t{''.join(map(str, a))}"
        for c, label, fold, a in zip(clip_rows(clips), clips["label"], clips["fold"], aus, strict=True)
    )
    return hashlib.sha256("\n".join([*head, *lines]).encode()).hexdigest()
