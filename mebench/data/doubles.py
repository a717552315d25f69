"""What lies in a dataset's folder more than once: which is used, said once for the whole dataset.

layout = layout_that_counts("casme2", Casme2.layouts, root, clips)
warn_of_doubles("casme2", [layout.frames(root, clip) for clip in clips])
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from mebench.data.clips.layout import FrameLayout, FrameList
from mebench.data.clips.table import ClipRow
from mebench.errors import MebenchWarning, first_few


def layout_that_counts(
    dataset: str, layouts: Sequence[FrameLayout], root: Path, clips: Sequence[ClipRow]
) -> FrameLayout | None:
    """Return the first layout with frames of the clips; warn of others that hold them too, in other folders."""
    held = [(each, first) for each in layouts if (first := each.first_frames(root, clips))]
    if not held:
        return None
    (layout, used), *others = held
    folders = {path.parent for path in used.paths}
    if rest := [each.template for each, frames in others if frames.paths[0].parent not in folders]:
        warnings.warn(
            f"{root} holds frames of {dataset} in several layouts: {layout.template} is used and {', '.join(rest)} "
            "is not; for those, give a folder that holds them alone",
            MebenchWarning,
            stacklevel=4,
        )
    return layout


def warn_of_doubles(dataset: str, recordings: Iterable[FrameList]) -> None:
    """Warn of frames and folders that lie there a second time under another name."""
    found = tuple(recordings)
    twice = list(dict.fromkeys(pair for frames in found for pair in frames.twice))
    if twice:
        used, other = twice[0]
        warnings.warn(
            f"{len(twice)} frame(s) of {dataset} lie there twice under one number, the first {used} (used) and "
            f"{other} (not used): remove the ones that do not count",
            MebenchWarning,
            stacklevel=3,
        )
    if beside := list(dict.fromkeys(folder for frames in found for folder in frames.beside)):
        warnings.warn(
            f"{first_few(beside)} of {dataset} differ from a folder that is used in letter case or zeros alone and are "
            "not read: remove or rename them",
            MebenchWarning,
            stacklevel=3,
        )
