"""Whether the pictures that there are can stand for a clip's window.

    nearest((10, 11, 14), 13)             # 14: what stands in for a frame that is not there
    too_few(clip, (10, 11, 14))           # "" or why not

The same rule judges what lies on disk (:mod:`mebench.data.reading`) and what of it can be read
(:mod:`mebench.features.substitutions`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mebench.data.clips.table import ClipRow


def nearest(numbers: Collection[int], wanted: int) -> int:
    """Return the frame number nearest to a wanted one; of two equally near the earlier counts."""
    return min(numbers, key=lambda number: (abs(number - wanted), number))


def too_few(clip: ClipRow, numbers: Collection[int], which: str = "on disk") -> str:
    """Say why some frames of a clip's window are too few to stand for it; empty where they suffice.

    At least half of the window's frames must be there, and onset and apex must not come from one picture
    where they differ: the clip would show no movement.

    Args:
        clip: its onset, apex and offset.
        numbers: the frames that there are, all of them inside the window.
        which: what there is about them, for the sentence.
    """
    due = clip.offset - clip.onset + 1
    if not numbers:
        return f"none of its frames is {which}"
    if 2 * len(numbers) < due:
        return f"only {len(numbers)} of the {due} frames of its window are {which}, fewer than half"
    onset, apex = nearest(numbers, clip.onset), nearest(numbers, clip.apex)
    if onset == apex and clip.onset != clip.apex:
        return (
            f"onset {clip.onset} and apex {clip.apex} would both be frame {onset}: {len(numbers)} of the {due} "
            f"frames of its window are {which}, and none nearer"
        )
    return ""


def refusal_of(clips: Sequence[Mapping[str, str]]) -> str:
    """Return the sentence with which a run refuses clips of which too little can be read.

    Args:
        clips: ``clip`` and ``reason`` of each; one or more.
    """
    more = f" (and {len(clips) - 1} more clip(s) of which too little can be read)" if len(clips) > 1 else ""
    return (
        f"clip {clips[0]['clip']}: {clips[0]['reason']}{more}; restore the pictures, or go on with what there is by "
        "--allow-dropped, which the record will say"
    )
