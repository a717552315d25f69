"""What a protocol makes of clips: the cohort, with labels, folds and a hash of both.

cohort = build_cohort(protocol, [clip_data])
cohort.clips        # one row a clip: key, subject, label, fold, ...
cohort.folds[0]     # Fold(name="casme3/spNO.1", train=[...], test=[...])
cohort.manifest     # a hash: two labs with the same one used the same samples
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mebench.cohort.protocol import AU_UNKNOWN, Expected, Protocol
from mebench.cohort.soundness import sound_folds
from mebench.cohort.splits import Fold, fold_columns, with_folds
from mebench.data.clips.aus import shown_units
from mebench.data.clips.remarks import shared_cause
from mebench.data.clips.table import ClipRow, Drop, clip_rows
from mebench.data.reading import ClipData
from mebench.data.ready import ReadyFiles
from mebench.errors import MebenchError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Cohort:
    """The clips of a protocol with labels and folds.

    ``clips`` holds the clip table's columns plus ``label`` (int), ``group`` (``dataset/subject``) and
    ``fold`` (the fold that tests the clip, empty for none; see :func:`mebench.cohort.splits.with_folds`).
    ``aus`` is uint8 of shape (clips, len(protocol.aus)): 1 present, 0 absent, :data:`AU_UNKNOWN` in a whole row
    where the owner coded none or the cell was not understood (:func:`mebench.data.clips.aus.shown_units`).
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

    @property
    def ready(self) -> ReadyFiles | None:
        """The ready inputs that stand in for the recordings of all datasets; None where there are frames."""
        return next((data.ready for data in self.data if data.ready), None)

    @property
    def repeats(self) -> int:
        """How often every clip is tested: once, but for a repeated split."""
        return 1 + max((fold.repeat for fold in self.folds), default=0)

    def faults(self) -> list[Drop]:
        """Return the clips dropped for a fault in the data, not by the protocol's rule."""
        return [drop for drop in self.drops if not drop.by_rule]

    def class_counts(self) -> dict[str, int]:
        """Return the number of clips of each class."""
        return self._counts(self.clips)

    def differences(self) -> list[str]:
        """Return one sentence for each count that differs from the one published for the edition at hand."""
        if self.protocol.expected is None:
            return []
        editions = {data.dataset: data.edition for data in self.data}
        expected = self.protocol.expected.under(editions)
        here = [data.dataset for data in self.data] or list(self.protocol.datasets)
        # Of a part, there is nothing to hold the totals against.
        whole = set(here) == set(self.protocol.datasets)
        own = editions.get(self.protocol.datasets[0], "")
        found = self._differences(expected, self.clips, "", own) if whole else []
        for name, part in expected.datasets.items():
            if name in here:
                clips = self.clips[self.clips["dataset"] == name]
                found += self._differences(part, clips, f" of {name}", editions.get(name, ""))
        return found

    def _differences(self, expected: Expected, clips: pd.DataFrame, where: str, edition: str) -> list[str]:
        counts = self._counts(clips)
        other = expected.edition and edition and expected.edition != edition
        note = f" (published for the edition {expected.edition}; this one is {edition})" if other else ""
        pairs: list[tuple[str, int | None, int]] = [
            (f"clips{where}", expected.clips, len(clips)),
            (f"subjects{where}", expected.subjects, clips["group"].nunique()),
            *((f"clips{where} of class {name!r}", n, counts[name]) for name, n in expected.classes.items()),
        ]
        return [
            f"expected {wanted} {what}, found {got}{note}"
            for what, wanted, got in pairs
            if wanted not in (None, got)
        ]

    def _counts(self, clips: pd.DataFrame) -> dict[str, int]:
        counts = np.bincount(clips["label"][clips["label"] >= 0], minlength=len(self.protocol.classes))
        return dict(zip(self.protocol.classes, map(int, counts), strict=True))


def build_cohort(protocol: Protocol, data: Sequence[ClipData]) -> Cohort:
    """Apply a protocol to the datasets it names.

    Raises:
        MebenchError: a dataset is missing or contributes no clip, or fewer than two subjects are left to make
            folds of.
    """
    import pandas as pd

    by_name = {each.dataset: each for each in data}
    if missing := [name for name in protocol.datasets if name not in by_name]:
        raise MebenchError(
            f"protocol {protocol.name!r} needs the dataset {missing[0]!r}, which was not given"
        )
    taken = [_taken(protocol, by_name[name]) for name in protocol.datasets]
    clips = pd.concat([table for table, _ in taken], ignore_index=True)
    drops = [drop for _, left_out in taken for drop in left_out]
    folds = sound_folds(protocol, clips)
    clips = with_folds(clips, folds)
    aus = _au_matrix(clips["aus"], protocol.aus)
    return Cohort(
        protocol=protocol,
        data=tuple(by_name[name] for name in protocol.datasets),
        clips=clips,
        aus=aus,
        folds=folds,
        drops=tuple(drops),
        manifest=manifest_of(
            protocol, clips, aus, folds, any(by_name[name].twin for name in protocol.datasets)
        ),
    )


def build_part(protocol: Protocol, data: ClipData) -> Cohort:
    """Return what one dataset gives to a protocol: its clips with labels, without folds or manifest.

    Raises:
        MebenchError: it gives none.
    """
    clips, drops = _taken(protocol, data)
    aus = _au_matrix(clips["aus"], protocol.aus)
    return Cohort(protocol, (data,), clips.reset_index(drop=True), aus, (), tuple(drops), "")


def _taken(protocol: Protocol, data: ClipData) -> tuple[pd.DataFrame, list[Drop]]:
    """Return the clips of a dataset that take part, with labels, and the others with their reasons."""
    table, left_out = _label(protocol, data.table)
    if table.empty:
        _refuse_no_clip(protocol, data, left_out)
    if not protocol.classes and protocol.aus and not any(map(shown_units, table["aus"])):
        raise MebenchError(
            f"protocol {protocol.name!r} detects action units, and {data.annotation} gives none of the {len(table)} "
            f"clips of {data.dataset} any that is understood: give the owner's annotation"
        )
    return table, [*(_by_rule(protocol, drop) for drop in data.drops), *left_out]


def _label(protocol: Protocol, table: pd.DataFrame) -> tuple[pd.DataFrame, list[Drop]]:
    drops: list[Drop] = []
    labels: list[int] = []
    keep: list[bool] = []
    for clip in clip_rows(table):
        label, reason, by_rule = _label_of(protocol, clip)
        labels.append(label)
        keep.append(not reason)
        if reason:
            drops.append(Drop(clip.key, clip.row, reason, by_rule))
    labelled = table.assign(label=labels, group=table["dataset"] + "/" + table["subject"], fold="")
    return labelled[np.array(keep, dtype=bool)], drops


def _refuse_no_clip(protocol: Protocol, data: ClipData, left_out: Sequence[Drop]) -> None:
    """Say in one sentence why a dataset contributes no clip."""
    words = data.table[protocol.label_by]
    if protocol.classes and len(words) and not words.any():
        column = protocol.label_by.replace("_", " ")
        raise MebenchError(
            f"protocol {protocol.name!r} sorts clips by {column}, and {data.annotation} gives none of the "
            f"{len(words)} clips of {data.dataset} one: `mebench info {data.dataset}` says which file holds it"
        )
    drops = [*data.drops, *left_out]
    why = f": {shared_cause(drops)}" if drops else ", which holds none"
    raise MebenchError(
        f"protocol {protocol.name!r} can use no clip of {data.dataset} from {data.annotation}{why}; give the "
        "owner's annotation, or run a protocol without this dataset"
    )


def _by_rule(protocol: Protocol, drop: Drop) -> Drop:
    """Return a faulty clip's drop; one that the protocol leaves out anyway is no fault of the data."""
    rule = protocol.excluded.get(drop.key.rpartition("/")[0])
    return Drop(drop.key, drop.row, rule, by_rule=True) if rule else drop


def _label_of(protocol: Protocol, clip: ClipRow) -> tuple[int, str, bool]:
    """Return a clip's class number (-1 for none), why it takes no part if so, and whether by rule."""
    if rule := protocol.excluded.get(f"{clip.dataset}/{clip.subject}/{clip.clip}"):
        return -1, rule, True
    if not protocol.classes:
        return -1, "", False
    word = getattr(clip, protocol.label_by)
    if (name := protocol.labels[clip.dataset].get(word)) is not None:
        return protocol.classes.index(name), "", False
    if rule := protocol.left_out.get(clip.dataset, {}).get(word):
        return -1, f"{word!r}: {rule}", True
    return -1, f"{protocol.label_by.replace('_', ' ')} {word!r} is unknown to {protocol.name}", False


def _au_matrix(texts: pd.Series, numbers: Sequence[int]) -> np.ndarray:
    shown = (shown_units(text) for text in texts)
    rows = [[AU_UNKNOWN if found is None else int(n in found) for n in numbers] for found in shown]
    return np.array(rows, dtype=np.uint8).reshape(len(texts), len(numbers))


def manifest_of(
    protocol: Protocol,
    clips: pd.DataFrame,
    aus: np.ndarray,
    folds: Sequence[Fold],
    twin: bool,
    pictures: str = "",
) -> str:
    """Hash everything that decides what a model is trained and tested on, in an order of its own.

    ``pictures`` is the hash of ready inputs: where nothing is computed, they are what the clips are.
    """
    head = [protocol.name, ",".join(protocol.classes), ",".join(map(str, protocol.aus)), f"twin={int(twin)}"]
    head += [f"ready={pictures}"] if pictures else []
    tested = clips[fold_columns(clips)].agg("\t".join, axis=1)
    lines = sorted(
        f"{c.key}\t{c.onset}\t{c.apex}\t{c.offset}\t{label}\t{fold}\t{''.join(map(str, a))}"
        for c, label, fold, a in zip(clip_rows(clips), clips["label"], tested, aus, strict=True)
    )
    # A fold trains on all that it does not test, if nothing else is said.
    keys = clips["key"].to_numpy()
    trained = sorted(
        f"{fold.name}\ttrains on\t{' '.join(sorted(keys[fold.train]))}"
        for fold in folds
        if len(fold.train) + len(fold.test) < len(clips)
    )
    return hashlib.sha256("\n".join([*head, *lines, *trained]).encode()).hexdigest()
