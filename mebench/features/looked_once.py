"""A cache of features that looks at the pictures once, for runs on one cohort that begin together.

store = LookedOnce(user_store().folder)
store.get(data, wanted) is store.get(data, wanted)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mebench.data.reading import ClipData
from mebench.features.inputs import Input
from mebench.features.key import clip_windows, entry_key
from mebench.features.store import Features, FeatureStore, Progress


class LookedOnce(FeatureStore):
    """The cache in one folder. Features that were asked for before are the same object: memory holds them once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._known: dict[str, Features] = {}

    def get_each(
        self,
        data: ClipData,
        inputs: Mapping[str, Input],
        progress: Progress = lambda what, done, total: None,
    ) -> dict[str, Features]:
        """Return a dataset's features of several inputs; pictures are looked at only for inputs not seen yet.

        Raises:
            MebenchError: see :meth:`FeatureStore.get`.
        """
        windows = clip_windows(data)
        keys = {name: entry_key(data, wanted, windows) for name, wanted in inputs.items()}
        new = {name: inputs[name] for name, key in keys.items() if key not in self._known}
        for name, found in super().get_each(data, new, progress).items():
            self._known[keys[name]] = found
        return {name: self._known[key] for name, key in keys.items()}
