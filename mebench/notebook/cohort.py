"""A protocol's cohort in a notebook: clips, labels and folds at hand, features by fold.

cohort = mebench.open_cohort("casme3-4c", synthetic=True)
x = cohort.features(mebench.api.ApexFrame(112))
for fold in cohort.folds:
    x.train(fold), cohort.labels[fold.train], x.test(fold)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from mebench.cohort.building import Cohort
from mebench.cohort.opening import load_protocol
from mebench.cohort.protocol import Protocol
from mebench.cohort.ready import cohort_of_list, cohort_to_run, cohort_to_score
from mebench.cohort.splits import Fold
from mebench.data.links import links_followed
from mebench.data.locations import Place, given_locations
from mebench.data.sources import ready_datasets
from mebench.display.progress import progress_bar
from mebench.display.tables import Shown
from mebench.errors import MebenchError, UnknownNameError
from mebench.features.inputs import Input
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import user_store
from mebench.models.features import FeatureView, cohort_view
from mebench.notebook.installed import installed
from mebench.scoring.tables import Table


def open_cohort(
    protocol: str,
    *,
    data: Place | Mapping[str, Place] | None = None,
    annotations: str | os.PathLike[str] | None = None,
    list: str | os.PathLike[str] | None = None,
    synthetic: bool = False,
    pictures: bool = True,
    repairs: bool = True,
    allow_dropped: bool = False,
    follow_links: bool = False,
    progress: bool = True,
) -> OpenCohort:
    """Open the cohort of a protocol, as ``mebench run`` does.

    Args:
        protocol: its registered name.
        data: the dataset's folder, or dataset -> folder; else what ``mebench data add`` remembers. A dataset of ready
            inputs may stand in for all of the protocol's: ``{"megc2019-flow": folder}``.
        annotations: the owner's annotation file, where it does not lie in the data folder.
        list: a file of clips and labels to take instead of annotations; such a cohort has no pictures.
        synthetic: draw a small twin of each dataset instead.
        pictures: whether frames are looked for; without, ``data`` may be the annotation file itself.
        repairs: whether the datasets' named repairs are applied.
        allow_dropped: leave faulty clips out instead of stopping at them.
        follow_links: follow links that leave a dataset's folder.
        progress: show what takes time.

    Raises:
        MebenchError: a dataset cannot be found or read, a clip is faulty, or no folds can be made.
    """
    registry = installed().registry
    definition = load_protocol(registry, protocol)
    if sum((list is not None, synthetic, data is not None or annotations is not None)) > 1:
        raise MebenchError("list, synthetic and data each say which clips there are: give one of them")
    if list is not None:
        return OpenCohort(cohort_of_list(registry, protocol, Path(list)))
    places = given_locations(data, annotations, definition.datasets, ready=ready_datasets(registry))
    if not pictures and not synthetic:
        with links_followed(follow_links):
            return OpenCohort(cohort_to_score(registry, protocol, data=places, repairs=repairs))
    with links_followed(follow_links), progress_bar(shown=progress) as report:
        cohort = cohort_to_run(
            registry,
            protocol,
            data=places,
            synthetic=synthetic,
            repairs=repairs,
            allow_dropped=allow_dropped,
            progress=report,
        )
    return OpenCohort(cohort, drawn=synthetic)


def given_cohort(
    cohort: OpenCohort | str,
    *,
    data: Place | Mapping[str, Place] | None,
    annotations: str | os.PathLike[str] | None,
    synthetic: bool,
    repairs: bool,
    allow_dropped: bool,
    progress: bool,
) -> OpenCohort:
    """Return an open cohort as it is, or that of a protocol's name, opened as the other arguments say.

    Raises:
        MebenchError: it cannot be opened, or is open already and the other arguments say how to.
    """
    if isinstance(cohort, str):
        return open_cohort(
            cohort,
            data=data,
            annotations=annotations,
            synthetic=synthetic,
            repairs=repairs,
            allow_dropped=allow_dropped,
            progress=progress,
        )
    if data is not None or annotations is not None or synthetic or not repairs:
        raise MebenchError(
            "the cohort is open already: give data, annotations, synthetic and repairs to open_cohort, or name a "
            "protocol here"
        )
    return cohort


def protocol_of(cohort: OpenCohort | str) -> Protocol:
    """Return the protocol of an open cohort, or the one of a name, without a look at any data.

    Raises:
        MebenchError: no protocol has that name, or it cannot be loaded.
    """
    return cohort.protocol if isinstance(cohort, OpenCohort) else load_protocol(installed().registry, cohort)


@dataclass(frozen=True, repr=False)
class OpenCohort(Shown):
    """The clips of a protocol with labels and folds.

    ``definition`` is the cohort as the core has it; ``drawn`` says that its data were drawn for it.
    """

    definition: Cohort
    drawn: bool = False

    @property
    def protocol(self) -> Protocol:
        """Return the protocol: classes, action units, source."""
        return self.definition.protocol

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names; a label is a place among them."""
        return self.protocol.classes

    @property
    def synthetic(self) -> bool:
        """Return whether any of the data is synthetic."""
        return self.definition.twin

    @property
    def manifest(self) -> str:
        """Return the hash of clips, labels, windows and folds; empty for a list's clips."""
        return self.definition.manifest

    @cached_property
    def clips(self) -> pd.DataFrame:
        """Return one row a clip: the clip table's columns, ``label`` (int), ``class`` and ``fold``.

        ``fold`` names the fold that tests the clip, and is empty for one that is only trained on. It is a
        copy: what is changed in it changes no run.
        """
        names = (*self.classes, "")  # -1, no class, is the last
        clips = self.definition.clips
        return clips.assign(**{"class": [names[label] for label in clips["label"]]})

    @property
    def labels(self) -> np.ndarray:
        """Return class numbers, int64 (clips,)."""
        return self.definition.clips["label"].to_numpy(np.int64, copy=True)

    @property
    def aus(self) -> np.ndarray:
        """Return action units, uint8 (clips, units): 1, 0, or 255 where they are not known."""
        return self.definition.aus.copy()

    @property
    def groups(self) -> np.ndarray:
        """Return ``dataset/subject`` of each clip, as scikit-learn's ``groups``."""
        return self.definition.clips["group"].to_numpy(str)

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Return the folds; ``fold.train`` and ``fold.test`` are row numbers of :attr:`clips`."""
        return self.definition.folds

    def splits(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return ``(train, test)`` of each fold, as scikit-learn's ``cv``."""
        return [(fold.train, fold.test) for fold in self.folds]

    def fold(self, fold: Fold | str | int) -> Fold:
        """Return a fold by name, with or without its dataset, or by number.

        Raises:
            UnknownNameError: there is no such fold.
        """
        if isinstance(fold, Fold):
            return fold
        if isinstance(fold, int) and -len(self.folds) <= fold < len(self.folds):
            return self.folds[fold]
        found = [each for each in self.folds if fold in (each.name, each.name.partition("/")[2])]
        if len(found) != 1:
            raise UnknownNameError("fold", str(fold), [each.name for each in self.folds])
        return found[0]

    @property
    def drops(self) -> pd.DataFrame:
        """Return the clips that are left out: ``key, row, reason, by_rule``."""
        rows = [(drop.key, drop.row, drop.reason, drop.by_rule) for drop in self.definition.drops]
        return pd.DataFrame(rows, columns=["key", "row", "reason", "by_rule"])

    def differences(self) -> list[str]:
        """Return one sentence for each count that differs from the published one; a twin's are not meant to agree."""
        return [] if self.synthetic else self.definition.differences()

    def features(self, wanted: Input, *, progress: bool = True) -> CohortFeatures:
        """Return an input of every clip, from the cache or computed now.

        Raises:
            MebenchError: the cohort has no pictures, a clip has no readable frame, or the disk refuses.
        """
        with progress_bar(shown=progress) as report:
            made = inputs_for(self.definition, {"x": wanted})
            arrays = features_of(self.definition, made, user_store(), report)["x"]
        return CohortFeatures(self, made["x"], cohort_view(self.definition, arrays))

    def __len__(self) -> int:
        return len(self.definition.clips)

    def _title(self) -> str:
        subjects = self.definition.clips["group"].nunique()
        kind = "SYNTHETIC clips" if self.synthetic else "clips"
        return f"{self.protocol.name}: {len(self)} {kind} of {subjects} subjects, {len(self.folds)} folds"

    def _tables(self) -> list[Table]:
        clips = self.clips
        by = "class" if self.classes else "dataset"
        names = self.classes or self.protocol.datasets
        parts = [(name, clips[clips[by] == name]) for name in names]
        rows = [(name, len(part), part["group"].nunique()) for name, part in parts]
        return [Table("", (by, "clips", "subjects"), rows, ("clips", "subjects"))]

    def _note(self) -> str:
        dropped = (
            f"; {len(self.definition.drops)} clips left out (see drops)" if self.definition.drops else ""
        )
        return "".join((f"split: {self.protocol.split}", dropped, *(f"; {d}" for d in self.differences())))


@dataclass(frozen=True, repr=False)
class CohortFeatures(Shown):
    """One input of a cohort's clips. ``view[i]`` reads one clip's array, ``np.asarray`` all of them."""

    cohort: OpenCohort
    input: Input
    view: FeatureView

    def train(self, fold: Fold | str | int) -> np.ndarray:
        """Return the arrays of a fold's training clips, (n, ...), in the order of ``fold.train``."""
        return self.view[self.cohort.fold(fold).train]

    def test(self, fold: Fold | str | int) -> np.ndarray:
        """Return the arrays of a fold's test clips, (n, ...), in the order of ``fold.test``."""
        return self.view[self.cohort.fold(fold).test]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (clips, ...)."""
        return self.view.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Return the type of the arrays."""
        return self.input.dtype

    def __getitem__(self, index: int | slice | np.ndarray) -> np.ndarray:
        return self.view[index]

    def __array__(self, dtype: np.dtype[np.generic] | None = None, copy: bool | None = None) -> np.ndarray:
        return self.view.__array__(dtype, copy)

    def __len__(self) -> int:
        return len(self.view)

    def _title(self) -> str:
        return f"{self.input} of {self.cohort.protocol.name}: {self.dtype} {self.shape}"

    def _tables(self) -> list[Table]:
        rows = [(fold.name, len(fold.train), len(fold.test)) for fold in self.cohort.folds]
        return [Table("", ("fold", "train", "test"), rows, ("train", "test"))]
