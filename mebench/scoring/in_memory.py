"""Predictions that were made outside mebench, as a program holds them.

    given_predictions(cohort, {"casme3/spNO.1/b/166": "negative", ...}, spellings)
    given_predictions(cohort, {fold.name: probabilities for ...}, spellings)       # rows as fold.test has them
    given_predictions(cohort, table, spellings)                 # a DataFrame with the columns of a scored CSV
    given_predictions(cohort, array, spellings, order="clips")  # a row for each clip of the cohort that is tested

One prediction is a class's name, its number, or probabilities of all classes, of which the highest counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.data.clips.matching import NamedClip
from mebench.data.clips.named_rows import class_number
from mebench.data.clips.table import cell_text, frame_number
from mebench.errors import MebenchError, UnknownNameError
from mebench.scoring.outside import OutsidePrediction, read_rows

if TYPE_CHECKING:
    import pandas as pd

ORDERS = ("clips", "folds")


def given_predictions(
    cohort: Cohort, given: Any, spellings: Mapping[str, str], *, order: str | None = None
) -> list[OutsidePrediction]:
    """Return predictions that a program holds, each with the clip it is for.

    Args:
        cohort: whose clips are predicted.
        given: a DataFrame, a mapping from clip key or fold name, or an array; see above.
        spellings: see :func:`mebench.data.clips.names.dataset_names`.
        order: what the rows of an array follow: ``clips``, the cohort's own order, or ``folds``, one fold
            after the other. It may be left out where both are the same.

    Raises:
        MebenchError: a key, class or number of rows does not fit; the clip or row is named.
    """
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        if "key" not in given:
            cells = given.astype(object).where(given.notna(), None)
            lines = [list(given.columns), *cells.itertuples(index=False, name=None)]
            # As in a file, the header is row 1.
            rows = [(row, [cell_text(cell) for cell in line]) for row, line in enumerate(lines, start=1)]
            return read_rows(Path("DataFrame"), rows, cohort.protocol.classes, spellings)
        pairs = _of_frame(given, cohort.protocol.classes)
    elif isinstance(given, Mapping):
        pairs = _of_mapping(cohort, given)
    else:
        pairs = _of_array(cohort, given, order)
    found = [
        OutsidePrediction(_named(row, key, cohort), _chosen(value, cohort.protocol.classes, key))
        for row, (key, value) in enumerate(pairs)
    ]
    if not found:
        raise MebenchError("there is no prediction to score: give one for each clip that the cohort tests")
    return found


def _of_frame(table: pd.DataFrame, classes: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    shares = [f"p_{name}" for name in classes]
    for column in ("prediction", "predicted"):
        if column in table:
            values: Any = table[column]
            break
    else:
        if missing := [name for name in shares if name not in table]:
            raise MebenchError(
                f"the table lacks the column 'prediction', and of probabilities the column {missing[0]!r}: add "
                f"'prediction', or {', '.join(shares)}"
            )
        values = table[shares].to_numpy(np.float64)
    if "seed" in table and table["seed"].nunique() > 1:
        raise MebenchError(
            f"the table holds predictions of {table['seed'].nunique()} seeds: give those of one at a time"
        )
    yield from zip(table["key"].map(str), values, strict=True)


def _of_mapping(cohort: Cohort, given: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    folds = {fold.name: fold for fold in cohort.folds}
    if not given or set(given) - set(folds):
        yield from ((str(key), value) for key, value in given.items())
        return
    keys = cohort.clips["key"].to_numpy()
    for name, values in given.items():
        tested = keys[folds[name].test]
        if len(values) != len(tested):
            raise MebenchError(
                f"fold {name} tests {len(tested)} clips and has {len(values)} predictions: give one a clip, in "
                "the order of fold.test"
            )
        yield from zip(map(str, tested), values, strict=True)


def _of_array(cohort: Cohort, given: Any, order: str | None) -> Iterator[tuple[str, Any]]:
    if order is not None and order not in ORDERS:
        raise UnknownNameError("order of predictions", order, ORDERS)
    by_fold = np.concatenate([fold.test for fold in cohort.folds])
    by_clip = np.unique(by_fold)  # under a repeated split, folds test a clip more than once
    if order is None and not np.array_equal(by_fold, by_clip):
        raise MebenchError(
            "an array does not say which clip a row is for: add order='clips' where rows follow cohort.clips, "
            "or order='folds' where they follow one fold after the other"
        )
    tested = by_fold if order == "folds" else by_clip
    if len(given) != len(tested):
        raise MebenchError(
            f"the cohort tests {len(tested)} clips and there are {len(given)} predictions: give one a clip"
        )
    keys = cohort.clips["key"].to_numpy()[tested]
    yield from zip(map(str, keys), given, strict=True)


def _named(row: int, key: str, cohort: Cohort) -> NamedClip:
    parts = key.split("/")
    if len(parts) not in (3, 4) or parts[0] not in cohort.protocol.datasets:
        raise MebenchError(
            f"row {row}: {key!r} is neither a clip's key, as cohort.clips['key'] holds them, nor are all keys "
            "names of folds"
        )
    return NamedClip(row, parts[0], parts[1], parts[2], frame_number(parts[3]) if parts[3:] else None)


def _chosen(value: Any, classes: tuple[str, ...], key: str) -> int:
    """Return the class number that one prediction means."""
    where = f"the prediction for {key}"
    if isinstance(value, (str, Integral)) and not isinstance(value, bool):
        return class_number(str(value), classes, where)
    shares = np.asarray(value)
    if shares.ndim == 0:
        return class_number(cell_text(value), classes, where)
    if shares.shape != (len(classes),) or shares.dtype.kind not in "fiu":
        raise MebenchError(
            f"{where} is neither a class nor {len(classes)} probabilities, one for each of {', '.join(classes)}"
        )
    if not np.isfinite(shares).all():
        raise MebenchError(f"{where} is {shares.tolist()}: probabilities must be finite")
    return int(shares.argmax())
