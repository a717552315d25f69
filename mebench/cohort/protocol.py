"""Protocols: which datasets, which clips, which classes, which folds.

A protocol is data, so that it can be read, compared and printed; what it does with clips is in
:mod:`mebench.cohort.building`, once for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mebench.cohort.splits import LeaveOneSubjectOut, Split

# A coder who found an expression found at least one unit: a clip without any was not coded (SMIC).
AU_UNKNOWN = 255

# The columns of a clip table that hold an owner's word for what a clip shows.
LABEL_COLUMNS = ("emotion", "objective_class")


@dataclass(frozen=True)
class Expected:
    """The counts a protocol's source publishes: clips in all, subjects with clips, clips of each class.

    ``datasets`` holds the same for each dataset of a composite, where it is published. Where counts are those of
    one edition of a dataset's annotation, ``edition`` names it, and ``editions`` holds what is published for others.
    """

    clips: int
    subjects: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    datasets: Mapping[str, Expected] = field(default_factory=dict)
    edition: str = ""
    editions: Mapping[str, Expected] = field(default_factory=dict)

    def under(self, editions: Mapping[str, str]) -> Expected:
        """Return the counts that hold under the given editions, dataset -> name; a composite's sums follow.

        What is published for one edition alone stands for those that it says nothing of.
        """
        if not self.datasets:
            named = (self.editions[name] for name in editions.values() if name in self.editions)
            return next(named, self)
        parts = {name: each.under({name: editions.get(name, "")}) for name, each in self.datasets.items()}
        total = self
        for name, part in parts.items():
            total = total._moved(self.datasets[name], part)
        return replace(total, datasets=parts)

    def _moved(self, old: Expected, new: Expected) -> Expected:
        """Return the sums of a composite of which one part has other counts."""
        known = None not in (self.subjects, old.subjects, new.subjects)
        return replace(
            self,
            clips=self.clips + new.clips - old.clips,
            subjects=self.subjects + new.subjects - old.subjects if known else self.subjects,  # type: ignore[operator]
            classes={
                name: count + new.classes.get(name, 0) - old.classes.get(name, 0)
                for name, count in self.classes.items()
            },
        )


@dataclass(frozen=True)
class Protocol:
    """How datasets become one task: recognising emotion classes, or detecting action units.

    Attributes:
        name: the registered name.
        title: one line for tables.
        datasets: registered names of the datasets it needs.
        classes: class names; a class's place is its number. Empty for detecting action units alone.
        labels: dataset -> the owner's word (lower case) -> class.
        label_by: the column that holds that word, one of :data:`LABEL_COLUMNS`.
        left_out: dataset -> word -> why clips with it take no part.
        excluded: ``dataset/subject/clip`` -> why that clip takes no part.
        aus: action units (FACS numbers) to detect; empty for none.
        expected: published counts, compared with what is found.
        source: where the definition comes from.
        split: how folds are made.
        subject_dependent: whether a fold may test subjects that it trained on; every table of scores says so.
        notes: what a reader should know.
    """

    name: str
    title: str
    datasets: tuple[str, ...]
    classes: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    label_by: str = "emotion"
    left_out: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)
    aus: tuple[int, ...] = ()
    expected: Expected | None = None
    source: str = ""
    split: Split = field(default_factory=LeaveOneSubjectOut)
    subject_dependent: bool = False
    notes: tuple[str, ...] = ()
