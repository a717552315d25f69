"""Copying an annotation to where the dataset's plugin finds it again.

copies = annotation_copies(dataset, data, out)      # source -> target; checked before any work is done
"""

from __future__ import annotations

from pathlib import Path

from mebench.data.annotation_files import fits
from mebench.data.dataset import Dataset
from mebench.data.reading import ClipData
from mebench.errors import MebenchError


def annotation_copies(dataset: Dataset, data: ClipData, out: Path) -> dict[Path, Path]:
    """Return where each file of an annotation goes below ``out``; nothing where folders are the annotation.

    Raises:
        MebenchError: the file has a name under which the plugin would not find it.
    """
    parts = dataset.annotation_parts(data.annotation)
    if not parts:
        return {}
    name = data.annotation.name
    if fits(name, dataset.annotation_files) is None:
        raise MebenchError(
            f"a prepared {dataset.name} is found by its annotation's name and {name} is none of "
            f"{dataset.annotation_names()}: rename the file"
        )
    beside = data.annotation.parent
    folder = next(
        (f for f in dataset.annotation_folders if (data.root / f).resolve() == beside.resolve()),
        dataset.annotation_folders[0],
    )
    return {
        part: out / folder / (part.relative_to(beside) if part.is_relative_to(beside) else part.name)
        for part in parts
    }
