"""Clips named in files from elsewhere: one normal form, and finding the clip of a cohort that is meant.

    index = ClipIndex(cohort.clips)
    index.find("smic-hs", "s01", "s01_ne_01")       # [0]: the row of subject s1, clip s1_ne_01
    index.find("casme3", "1", "b", onset=166)       # of several clips in one recording, that one

Lists, logs and releases spell the same names differently: ``006`` and ``6``, ``sub01`` and ``1``, ``s01_ne_01``
and ``s1_ne_01``. A spelling that could mean two clips is never resolved by guessing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mebench.data.clips.table import frame_number
from mebench.errors import has_power

if TYPE_CHECKING:
    import pandas as pd

_SEPARATOR = re.compile(r"[/\\]")
_ENDING = re.compile(
    r"\s*\.(?:avi|mp4|mov|mkv|wmv|mpe?g|jpe?g|png|bmp|tiff?|gif|npy|npz|mat|pth?|pkl|csv|txt|zip)$",
    re.IGNORECASE,
)


def plain_name(name: str) -> str:
    """Return a name in lower case and without zeros before its numbers.

    >>> plain_name("S01_ne_01"), plain_name("006_1_2")
    ('s1_ne_1', '6_1_2')
    """
    return re.sub(r"(?<!\d)0+(?=\d)", "", name.strip().casefold())


def bare_name(name: str) -> str:
    """Return the last part of a path, without the ending of a picture, video or array.

    >>> bare_name("SAMM/006/006_1_2.avi"), bare_name("EP02_01f")
    ('006_1_2', 'EP02_01f')
    """
    return _ENDING.sub("", _SEPARATOR.split(name.strip().rstrip("/\\"))[-1])


def dataset_names(datasets: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return spelling, folded by :func:`fold_dataset`, -> dataset, for the datasets of one protocol.

    A dataset is known by its name, by its ``aliases``, and by the part of its name before a ``-``, where that
    means no other.

    >>> dataset_names(["smic-hs", "casme2"], {"casme2": ["casme-ii"]})
    {'smichs': 'smic-hs', 'casme2': 'casme2', 'casmeii': 'casme2', 'smic': 'smic-hs'}
    """
    known = {fold_dataset(name): name for name in datasets}
    for name in datasets:
        for alias in aliases.get(name, ()):
            known.setdefault(fold_dataset(alias), name)
    stems = [name.partition("-")[0] for name in datasets]
    for stem, name in zip(stems, datasets, strict=True):
        if stems.count(stem) == 1:
            known.setdefault(fold_dataset(stem), name)
    return known


def fold_dataset(spelling: str) -> str:
    """Return a dataset's spelling in lower case, letters and digits alone, with a ``^`` where it has a power.

    >>> fold_dataset("CASME II"), fold_dataset("CASME-2"), fold_dataset("CAS(ME)\u00b2"), fold_dataset("CASME_squared")
    ('casmeii', 'casme2', 'casme^2', 'casme^2')
    """
    folded = spelling.casefold().replace("squared", "2").replace("cubed", "3")
    plain = "".join(c for c in unicodedata.normalize("NFKC", folded) if c.isalnum())
    return re.sub(r"(\d)", r"^\1", plain, count=1) if has_power(spelling) else plain


class ClipIndex:
    """The clips of a cohort's table by the normal form of their names.

    ``clips`` has the columns ``key, dataset, subject, clip`` and ``onset``, which may be missing (NA). Where the
    subjects of a dataset differ in more than their numbers (``A1``, ``B1``), the letters count too.
    """

    def __init__(self, clips: pd.DataFrame) -> None:
        import pandas as pd

        letters: dict[str, set[str]] = defaultdict(set)
        for dataset, subject in zip(clips["dataset"], clips["subject"], strict=True):
            letters[dataset].add(_number_of(subject)[0])
        self._datasets = list(letters)
        self._mixed = {dataset for dataset, found in letters.items() if len(found) > 1}
        self._rows: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._names: list[tuple[str, str]] = []
        self._onsets: list[set[int | None]] = []
        columns = (clips[name] for name in ("key", "dataset", "subject", "clip", "onset"))
        for row, (key, dataset, subject, clip, onset) in enumerate(zip(*columns, strict=True)):
            self._rows[self._form(dataset, subject, clip)].append(row)
            self._names.append((subject, clip))
            # A key ends in the onset as annotated, which a repair may have changed.
            known = set() if pd.isna(onset) else {int(onset), frame_number(key.rpartition("/")[2])}
            self._onsets.append(known)

    def find(self, dataset: str, subject: str, clip: str, onset: int | None = None) -> list[int]:
        """Return the rows that the names can mean: none, one, or several among which nothing decides.

        An empty dataset stands for any. An onset counts where the clip's own is known. A clip may be named by a
        path or a file, and by a file in its folder. Of several rows those win whose names are written exactly so,
        then those whose subjects have the same letters.
        """
        datasets = [dataset] if dataset else self._datasets
        rows = [row for each in datasets for row in self._rows.get(self._form(each, subject, clip), [])]
        if onset is not None:
            rows = [row for row in rows if not self._onsets[row] or onset in self._onsets[row]]
        folder, separator, _ = clip.replace("\\", "/").rpartition("/")
        if not rows and separator:
            return self.find(dataset, subject, folder, onset)
        exact = [row for row in rows if self._names[row] == (subject, clip)]
        alike = [row for row in rows if _number_of(self._names[row][0]) == _number_of(subject)]
        return exact or alike or rows if len(rows) > 1 else rows

    def _form(self, dataset: str, subject: str, clip: str) -> tuple[str, str, str]:
        letters, number = _number_of(subject)
        return dataset, (letters + number if dataset in self._mixed else number), plain_name(bare_name(clip))


def _number_of(subject: str) -> tuple[str, str]:
    """Return what stands before a subject's number, and the number; a name without one is all number."""
    match = re.fullmatch(r"(\D*)(\d+)", plain_name(subject))
    return (match[1], match[2]) if match else ("", plain_name(subject))
