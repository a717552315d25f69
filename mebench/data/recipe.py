"""What a plugin says of how its database's own annotation looks, so that a synthetic twin can look the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TwinRecipe:
    """How a dataset's own annotation looks, for a twin of it.

    Attributes:
        subject: format of a subject's name, with ``{n}``.
        clips: names of recordings, taken in turn, as formats with ``{n}``, ``{subject}``, ``{index}`` (the
            subject's clips counted from 1) and ``{code}``.
        fps: frame rate.
        frames: least and most frames of an expression, onset to offset.
        first_frame: number of a recording's first frame.
        emotions: the owner's emotion words, with how often each is drawn.
        annotation_file: the owner's name of the annotation file; empty for a database without one.
        emotion_codes: emotion word -> how it is written in a recording's name, for ``{code}``.
    """

    subject: str
    clips: tuple[str, ...]
    fps: float
    frames: tuple[int, int]
    first_frame: int
    emotions: Mapping[str, int]
    annotation_file: str
    emotion_codes: Mapping[str, str] = field(default_factory=dict)
