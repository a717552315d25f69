"""Features of a cohort as one ``.npz`` file, for programs that know nothing of mebench.

export_features(cohort, {"flow": FlowPicture()}, user_store(), Path("flow.npz"))
with numpy.load("flow.npz") as file:        # no pickle is needed
    file["flow"], file["labels"], file["folds"]
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.splits import fold_columns
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.features.of_cohort import features_of
from mebench.features.ready import inputs_for
from mebench.features.store import Features, FeatureStore, Progress
from mebench.files import disk_errors, whole_file
from mebench.safe_names import part_of_path


def export_features(
    cohort: Cohort,
    inputs: Mapping[str, Input],
    store: FeatureStore,
    out: Path,
    progress: Progress = lambda what, done, total: None,
) -> dict[str, str]:
    """Write the inputs of a cohort's clips, in its order, and return what each array is.

    Beside an array for each input, (clips, ...), the file holds of each clip: ``keys``, ``labels`` (int64, -1 for
    none), ``classes`` (the label's name), ``subjects`` (``dataset/subject``), ``folds`` (the fold that tests it, empty
    for none; ``folds_2``, ... of a repeated split); ``aus`` (uint8 (clips, units), 255 for not known) with
    ``au_numbers``; and ``class_names``.

    Raises:
        MebenchError: an input has the name of one of these, or one that leads elsewhere; the cohort does not give it,
            or the disk refuses.
    """
    about = _about(cohort)
    if taken := [name for name in inputs if name in about]:
        raise MebenchError(
            f"an input is called {taken[0]!r}, as the file's array of the clips' {taken[0]} is: give it another name"
        )
    for name in inputs:
        part_of_path(name, "the input's name")  # whoever unpacks the file makes one of it
    made = inputs_for(cohort, inputs)
    found = features_of(cohort, made, store, progress)
    written = {}
    with (
        disk_errors(out, "free some space or choose another --out"),
        whole_file(out) as temporary,
        zipfile.ZipFile(temporary, "w", allowZip64=True) as archive,
    ):
        for name, array in about.items():
            _write(archive, name, array)
        for name, by_dataset in found.items():
            shape = _write_rows(archive, name, cohort, by_dataset, made[name])
            written[name] = f"{made[name].dtype} {shape}"
    return written


def _about(cohort: Cohort) -> dict[str, np.ndarray]:
    clips, classes = cohort.clips, (*cohort.protocol.classes, "")  # -1, no class, is the last
    labels = clips["label"].to_numpy(np.int64)
    folds = {column.replace("fold", "folds"): clips[column] for column in fold_columns(clips)}
    return {
        "keys": clips["key"].to_numpy(str),
        "labels": labels,
        "classes": np.array([classes[label] for label in labels], str),
        "subjects": clips["group"].to_numpy(str),
        **{name: column.to_numpy(str) for name, column in folds.items()},
        "class_names": np.array(cohort.protocol.classes, str),
        "aus": cohort.aus,
        "au_numbers": np.array(cohort.protocol.aus, np.int64),
    }


def _write(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    content = io.BytesIO()
    np.lib.format.write_array(content, array, allow_pickle=False)
    archive.writestr(f"{name}.npy", content.getvalue())


def _write_rows(
    archive: zipfile.ZipFile, name: str, cohort: Cohort, found: Mapping[str, Features], made: Input
) -> tuple[int, ...]:
    """Write one input clip by clip: all of them need not fit in memory."""
    arrays = {dataset: features.open() for dataset, features in found.items()}
    shape = (len(cohort.clips), *made.shape)
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        header = {"descr": made.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for dataset, key in zip(cohort.clips["dataset"], cohort.clips["key"], strict=True):
            file.write(np.ascontiguousarray(arrays[dataset][found[dataset].rows[key]]).tobytes())
    return shape
