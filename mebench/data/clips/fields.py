"""What the columns of a table may be called: one list of spellings for sheets, lists and predictions.

    places = places_of(["Sub", "filename_o", "Estimated Emotion"], {"subject": ("Subject",), "emotion": ()})
    # {"subject": 0, "emotion": 2}

Headers are compared by letters and digits alone. A dataset's own spellings go before the common ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# Field -> its spellings, of which an earlier one wins where a header has several.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "dataset": ("dataset", "database", "data", "db", "dataset name"),
    "subject": (
        "subject",
        "sub",
        "subject id",
        "sub id",
        "subject no",
        "subject name",
        "participant",
        "subj",
    ),
    "clip": (
        "clip",
        "filename",
        "filename_o",
        "file",
        "clip name",
        "video",
        "video name",
        "sample",
        "folder",
    ),
    "onset": ("onset", "onset frame", "onsetf", "onset index", "start frame"),
    "apex": ("apex", "apex frame", "apexf", "apexf1", "apex index"),
    "offset": ("offset", "offset frame", "offsetf", "offset index", "end frame"),
    "aus": ("aus", "au", "action units", "action unit", "facs"),
    "emotion": ("emotion", "estimated emotion", "label", "emotion label", "emotion class", "emotions"),
    "objective_class": ("objective class", "objective classes"),
    "part": ("part",),
    "class": ("class", "label", "class name", "gt", "ground truth"),
    "prediction": (
        "prediction",
        "predicted",
        "pred",
        "y_pred",
        "preds",
        "predictions",
        "predict",
        "y_hat",
        "predicted label",
        "pred label",
        "predicted class",
        "output",
    ),
    "truth": (
        "truth",
        "ground truth",
        "y_true",
        "gt",
        "true",
        "true label",
        "label",
        "target",
        "actual",
        "class",
    ),
}
# Of a sheet, these may be missing: what they say is then not known.
OPTIONAL = ("apex", "aus", "objective_class")


def fold_name(text: object) -> str:
    """Return a header cell in lower case, letters and digits alone, for comparison; an empty cell is ``""``.

    >>> fold_name("#Sub_ID'"), fold_name("Apex\\n Frame (f.)")
    ('subid', 'apexframef')
    """
    return "".join(c for c in str(text).casefold() if c.isalnum()) if text is not None else ""


def accepted(field: str, own: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the folded spellings of a field, those of its own dataset first."""
    return tuple(dict.fromkeys(fold_name(spelling) for spelling in (*own, *SPELLINGS.get(field, ()))))


def fitting(header: Sequence[object], spellings: Sequence[str]) -> list[int]:
    """Return the places of a header's cells that fit any of some folded spellings, the best first."""
    folded = [fold_name(cell) for cell in header]
    return [place for spelling in spellings for place, cell in enumerate(folded) if cell == spelling]


def places_of(header: Sequence[object], fields: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the place of each field that a header has; ``fields`` gives each one's own spellings."""
    found = {field: fitting(header, accepted(field, own)) for field, own in fields.items()}
    return {field: places[0] for field, places in found.items() if places}


_KNOWN = frozenset(fold_name(spelling) for spellings in SPELLINGS.values() for spelling in spellings)


def known_headers(header: Iterable[object]) -> int:
    """Return how many cells are spellings of a field, by which a header is told from other rows."""
    return sum(fold_name(cell) in _KNOWN for cell in header)
