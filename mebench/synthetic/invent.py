"""Inventing the clips of a twin: subjects, recordings, windows, emotions and the action units that fit.

clips = invent_clips("casme3", recipe, subjects=8, clips=12, seed=0)     # a raw clip table
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from mebench.data.clips.table import make_clip_table
from mebench.data.recipe import TwinRecipe

if TYPE_CHECKING:
    import pandas as pd

# Action units that go with an emotion, after the prototypes of EMFACS (Ekman & Friesen 1983), thinned out: the
# negative emotions share the lowered brow, as they mostly do in the real annotations, and each emotion has few
# ways to show, so that a small twin holds enough clips of each to learn from.
EMOTION_UNITS: Mapping[str, tuple[str, ...]] = {
    "happy": ("12", "6+12"),
    "surprise": ("1+2", "1+2+5"),
    "sad": ("4+15",),
    "disgust": ("4+9",),
    "fear": ("4+20",),
    "anger": ("4+7",),
    "contempt": ("L14", "R14"),
    "repression": ("15+17",),
    "others": ("14", "14+24"),
}
_SAME_AS = {
    "happiness": "happy",
    "sadness": "sad",
    "other": "others",
    "tense": "others",
    "negative": "disgust",
    "positive": "happy",
}


def units_of_emotion(emotion: str) -> tuple[str, ...]:
    """Return the action-unit texts that may show an emotion, or several at once (``surprise+positive``)."""
    ways = [EMOTION_UNITS[_SAME_AS.get(word, word)] for word in emotion.split("+")]
    return tuple("+".join(units) for units in product(*ways))


def invent_clips(dataset: str, recipe: TwinRecipe, *, subjects: int, clips: int, seed: int) -> pd.DataFrame:
    """Invent ``clips`` expressions for each of ``subjects`` people.

    Emotions are dealt like cards from a deck that holds each as often as its weight says, so that a small
    twin has every class in nearly the wanted share.

    Returns:
        A clip table, as :func:`mebench.data.clips.table.make_clip_table` makes it.
    """
    import pandas as pd

    rng = np.random.default_rng([seed, subjects, clips])
    deck: list[str] = []
    words = [word for word, weight in recipe.emotions.items() for _ in range(weight)]
    rows: list[dict[str, object]] = []
    for n in range(1, subjects + 1):
        subject = recipe.subject.format(n=n)
        next_frame: dict[str, int] = {}
        for index in range(clips):
            if not deck:
                deck = [words[i] for i in rng.permutation(len(words))]
            emotion = deck.pop()
            recording = recipe.clips[index % len(recipe.clips)].format(
                n=n, subject=subject, index=index + 1, code=recipe.emotion_codes.get(emotion, "")
            )
            length = int(rng.integers(recipe.frames[0], recipe.frames[1] + 1))
            onset = next_frame.get(recording, recipe.first_frame) + int(rng.integers(0, 200))
            apex = onset + round((length - 1) * float(rng.uniform(0.35, 0.6)))
            next_frame[recording] = onset + length + 1
            units = units_of_emotion(emotion)
            rows.append(
                {
                    "row": len(rows) + 2,
                    "subject": subject,
                    "clip": recording,
                    "onset": onset,
                    "apex": apex,
                    "offset": onset + length - 1,
                    "emotion": emotion,
                    "aus": units[int(rng.integers(len(units)))],
                }
            )
    return make_clip_table(dataset, pd.DataFrame(rows), fps=recipe.fps)
