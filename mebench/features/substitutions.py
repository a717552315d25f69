"""What a run had to bridge: frames that are not there, pictures that cannot be read, apexes that nobody annotated.

    substitutions = count_substitutions(cohort, features)     # plain values: run.json keeps them
    refuse_unreadable(substitutions)                          # clips of which too little can be read

The counts depend on the cohort's clips and on the pictures that the inputs look at, never on whether the cache was
warm: it keeps its notes clip by clip.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from mebench.cohort.building import Cohort
from mebench.data.clips.coverage import refusal_of, too_few
from mebench.data.clips.table import ClipRow, clip_rows
from mebench.errors import MebenchError, MebenchWarning
from mebench.features.reader import PictureNotes
from mebench.features.store import Features

_KINDS = tuple(field.name for field in fields(PictureNotes))


def count_substitutions(cohort: Cohort, features: Mapping[str, Mapping[str, Features]]) -> dict[str, Any]:
    """Return what stands in for what, for a cohort's clips, as plain values.

    Args:
        cohort: its clips count, none of those it leaves out.
        features: input name -> dataset -> features; what their pictures needed is counted once, whichever
            inputs and clips looked at a picture.

    Returns:
        ``missing_frames`` (``frames`` of windows that are not on disk, in how many ``clips``); for each of
        ``unreadable``, ``turned``, ``several`` and ``faceless`` (see :class:`mebench.features.reader.PictureNotes`)
        how many ``pictures`` in how many ``clips``; ``apexes`` (``apex_source`` -> clips, of those that are not the
        owner's); ``kept`` (``clip`` and ``reason``: too little of it can be read).
    """
    frames = {key: listed for data in cohort.data for key, listed in data.frames.items()}
    taking_part = set(cohort.clips["key"])
    missing = [n for data in cohort.data for key, n in data.missing_frames().items() if key in taking_part]
    pictures: dict[str, set[Path]] = {kind: set() for kind in _KINDS}
    clips = dict.fromkeys(_KINDS, 0)
    kept = []
    for clip in clip_rows(cohort.clips):
        path_of = dict(zip(frames[clip.key].numbers, frames[clip.key].paths, strict=True))
        for kind in _KINDS:
            numbers = _numbers(clip, kind, features)
            pictures[kind] |= {path_of[number] for number in numbers}
            clips[kind] += bool(numbers)
            if kind == "unreadable" and numbers:
                reason = too_few(clip, [n for n in path_of if n not in numbers], "readable pictures")
                kept += [{"clip": clip.key, "reason": reason}] if reason else []
    apexes = Counter(cohort.clips["apex_source"])
    return {
        "missing_frames": {"frames": sum(missing), "clips": len(missing)},
        **{kind: {"pictures": len(pictures[kind]), "clips": clips[kind]} for kind in _KINDS},
        "apexes": {str(source): n for source, n in sorted(apexes.items()) if source != "owner"},
        "kept": kept,
    }


def refuse_unreadable(substitutions: Mapping[str, Any], *, allow_dropped: bool = False) -> None:
    """Raise where too little of a clip can be read; warn instead where the user allows it.

    Such a clip stays in the cohort: which pictures are looked at depends on the model, and a cohort must not.

    Raises:
        MebenchError: fewer than half of a clip's frames can be read, or its onset and apex are one picture.
    """
    kept = substitutions["kept"]
    if not kept:
        return
    if allow_dropped:
        warnings.warn(
            f"{len(kept)} clip(s) of which too little can be read go on with what there is (--allow-dropped); "
            "run.json names them",
            MebenchWarning,
            stacklevel=2,
        )
        return
    raise MebenchError(refusal_of(kept))


def _numbers(clip: ClipRow, kind: str, features: Mapping[str, Mapping[str, Features]]) -> set[int]:
    each = (by_dataset[clip.dataset].notes.get(clip.key, PictureNotes()) for by_dataset in features.values())
    return {number for notes in each for number in getattr(notes, kind)}
