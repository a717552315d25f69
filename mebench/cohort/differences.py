"""How a cohort differs from a published list, clip by clip.

difference = compare_lists(cohort, scan_list(path, protocol, spellings).clips)
difference.missing      # what the list has and the cohort lacks, each with why
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mebench.cohort.building import Cohort
from mebench.data.clips.matching import NamedClip, match_clips
from mebench.data.clips.names import ClipIndex
from mebench.data.clips.table import frame_number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ListDifference:
    """How a cohort differs from a list.

    Attributes:
        missing: clip of the list that the cohort lacks -> why, where the cohort knows (else ``""``).
        extra: keys of the cohort's clips that the list lacks.
        labels: key -> the cohort's class and the list's, where they differ.
        unclear: one line for each row of the list of which it cannot be said which clip it means; the clips that it
            may mean are in none of the others.
        renumbered: the list's class -> the cohort's, where the labels differ in the numbers of classes alone.
    """

    missing: Mapping[str, str]
    extra: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]
    unclear: tuple[str, ...] = ()
    renumbered: Mapping[str, str] | None = None

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.missing or self.extra or self.labels or self.unclear)


def compare_lists(cohort: Cohort, listed: pd.DataFrame, unclear: Sequence[str] = ()) -> ListDifference:
    """Compare a cohort with the clips of a list (:attr:`mebench.cohort.lists.ListRows.clips`), one by one.

    ``unclear`` are rows of the list that could not be read, each in words.
    """
    import pandas as pd

    columns = ("row", "dataset", "subject", "clip", "onset")
    named = [
        NamedClip(int(row), dataset, subject, clip, None if pd.isna(onset) else int(onset))
        for row, dataset, subject, clip, onset in zip(*(listed[c] for c in columns), strict=True)
    ]
    matched = match_clips(cohort.clips, named)
    candidates = {row for rows in matched.unclear.values() for row in rows}
    why = DropReasons(cohort)
    keys, labels, theirs = cohort.clips["key"], cohort.clips["label"], listed["label"]
    classes = (*cohort.protocol.classes, "")
    pairs = {row: (int(theirs[place]), int(labels[row])) for row, place in sorted(matched.rows.items())}
    return ListDifference(
        missing={str(named[place]): why.of(named[place]) for place in matched.unknown},
        extra=tuple(key for row, key in enumerate(keys) if row not in matched.rows and row not in candidates),
        labels={
            keys[row]: (classes[ours], classes[given])
            for row, (given, ours) in pairs.items()
            if ours != given
        },
        unclear=(*unclear, *matched.why_unclear(), *matched.why_twice()),
        renumbered=renumbered(pairs.values(), classes),
    )


def renumbered(pairs: Iterable[tuple[int, int]], classes: Sequence[str]) -> dict[str, str] | None:
    """Return a file's class -> the cohort's where every difference fits one permutation of the classes, else None.

    ``pairs`` holds, clip by clip, the class number that a file gives and the cohort's own. Two classes or more must
    have changed places, so that one doubtful label is never taken for it.

    >>> renumbered([(0, 1), (0, 1), (1, 0), (2, 2)], ["negative", "positive", "surprise"])
    {'negative': 'positive', 'positive': 'negative'}
    """
    known = set(pairs)
    moved = {given: own for given, own in sorted(known) if given != own}
    one_to_one = len({given for given, _ in known}) == len({own for _, own in known}) == len(known)
    if not one_to_one or len(moved) < 2:
        return None
    return {classes[given]: classes[own] for given, own in moved.items()}


class DropReasons:
    """Why clips that a file names are not in a cohort."""

    def __init__(self, cohort: Cohort) -> None:
        # A faulty clip's names may be anything, so only keys of the usual shape can be looked up.
        import pandas as pd

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
