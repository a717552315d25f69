"""How a cohort differs from a published list, clip by clip.

difference = compare_lists(cohort, read_list(path, protocol, spellings))
difference.missing      # what the list has and the cohort lacks, each with why
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mebench.cohort.building import Cohort
from mebench.data.clips.matching import NamedClip, match_clips
from mebench.data.clips.names import ClipIndex
from mebench.data.clips.table import frame_number


@dataclass(frozen=True)
class ListDifference:
    """How a cohort differs from a list.

    Attributes:
        missing: clip of the list that the cohort lacks -> why, where the cohort knows (else ``""``).
        extra: keys of the cohort's clips that the list lacks.
        labels: key -> the cohort's class and the list's, where they differ.
    """

    missing: Mapping[str, str]
    extra: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.missing or self.extra or self.labels)


def compare_lists(cohort: Cohort, listed: pd.DataFrame) -> ListDifference:
    """Compare a cohort with the clips of a list (:func:`mebench.cohort.lists.read_list`), one by one.

    Raises:
        MebenchError: a row of the list fits several clips, or two rows the same.
    """
    columns = ("row", "dataset", "subject", "clip", "onset")
    named = [
        NamedClip(int(row), dataset, subject, clip, None if pd.isna(onset) else int(onset))
        for row, dataset, subject, clip, onset in zip(*(listed[c] for c in columns), strict=True)
    ]
    matched = match_clips(cohort.clips, named)
    why = DropReasons(cohort)
    keys, labels, theirs = cohort.clips["key"], cohort.clips["label"], listed["label"]
    classes = (*cohort.protocol.classes, "")
    return ListDifference(
        missing={str(named[place]): why.of(named[place]) for place in matched.unknown},
        extra=tuple(key for row, key in enumerate(keys) if row not in matched.rows),
        labels={
            keys[row]: (classes[labels[row]], classes[theirs[place]])
            for row, place in sorted(matched.rows.items())
            if labels[row] != theirs[place]
        },
    )


class DropReasons:
    """Why clips that a file names are not in a cohort."""

    def __init__(self, cohort: Cohort) -> None:
        # A faulty clip's names may be anything, so only keys of the usual shape can be looked up.
        drops = [drop for drop in cohort.drops if drop.key.count("/") == 3]
        self._reasons = [drop.reason for drop in drops]
        table = pd.DataFrame(
            [(drop.key, *drop.key.split("/")) for drop in drops],
            columns=["key", "dataset", "subject", "clip", "onset"],
        )
        self._index = ClipIndex(table.assign(onset=table["onset"].map(frame_number).astype("Int64")))

    def of(self, named: NamedClip) -> str:
        """Return the reason, or ``""`` where the cohort does not know the clip."""
        found = self._index.find(named.dataset, named.subject, named.clip, named.onset)
        return "; ".join(dict.fromkeys(self._reasons[row] for row in found))
