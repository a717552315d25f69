"""A dataset that is asked: its twin, drawn once and read back, and copies of it that are damaged.

subject = DatasetSubject(plugins, "mydb", folder)
subject.data.table          # what the reader makes of the twin
subject.invented            # what was written
"""

from __future__ import annotations

import shutil
from functools import cached_property
from pathlib import Path

import pandas as pd

from mebench.data.clips.layout import forget_folders
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData, read_clips
from mebench.data.ready import ReadyDataset
from mebench.data.recipe import TwinRecipe
from mebench.data.sources import load_dataset, load_ready
from mebench.plugin.loading import Plugins
from mebench.synthetic.invent import invent_clips
from mebench.synthetic.twin import TwinOptions, make_twin
from mebench.testing.checks import NotAsked

# Small enough to be drawn in a second, and with every kind of clip that a recipe has.
OPTIONS = TwinOptions(subjects=2, clips=3, size=32)


class DatasetSubject:
    """A dataset by its name; ``folder`` is private.

    Raises:
        MebenchError: nothing has that name.
    """

    def __init__(self, plugins: Plugins, name: str, folder: Path) -> None:
        self.plugins, self.folder = plugins, folder
        self.entry = plugins.registry.get("dataset", name)

    @cached_property
    def dataset(self) -> Dataset:
        """Return the plugin's object.

        Raises:
            NotAsked: it consists of ready inputs.
            MebenchError: it cannot be made.
        """
        if self.entry.stands_in:
            raise NotAsked("it consists of ready inputs, without recordings")
        return load_dataset(self.plugins.registry, self.entry.name)

    @cached_property
    def ready(self) -> ReadyDataset:
        """Return the plugin's object of ready inputs.

        Raises:
            NotAsked: it consists of recordings.
            MebenchError: it cannot be made.
        """
        if not self.entry.stands_in:
            raise NotAsked("it consists of recordings, not of ready inputs")
        return load_ready(self.plugins.registry, self.entry.name)

    @property
    def recipe(self) -> TwinRecipe:
        """Return the recipe of its twins.

        Raises:
            NotAsked: it has none.
        """
        if self.dataset.twin is None:
            raise NotAsked(
                "it has no recipe for twins: give it one (twin = TwinRecipe(...)), so that this is known"
            )
        return self.dataset.twin

    @cached_property
    def invented(self) -> pd.DataFrame:
        """Return the clips of the twin as they were invented."""
        return invent_clips(
            self.dataset.name,
            self.recipe,
            subjects=OPTIONS.subjects,
            clips=OPTIONS.clips,
            seed=OPTIONS.seed,
        )

    @cached_property
    def twin(self) -> Path:
        """Return the folder of the twin."""
        assert self.recipe
        make_twin(self.dataset, self.folder / "twin", OPTIONS, workers=0)
        return self.folder / "twin"

    @cached_property
    def data(self) -> ClipData:
        """Return what the reader makes of the twin."""
        return read_clips(self.dataset, self.twin)

    def copy(self, name: str) -> Path:
        """Return a copy of the twin, to be changed."""
        place = self.folder / name
        shutil.copytree(self.twin, place)
        forget_folders()
        return place
