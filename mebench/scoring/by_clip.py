"""A run's answers by subject and by clip: who is recognised, and which clips are not.

pooled = read_predictions(directory)
subject_rows(pooled)[0]["right"]            # share of the subject's answers, of all seeds
clip_rows(pooled)[0]["wrong"]               # the hardest clip first
"""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

import numpy as np

from mebench.scoring.predictions import natural_order
from mebench.scoring.rebuild import Pooled


class SubjectRow(TypedDict):
    """One subject: how many clips it has, and the share of its answers that are right, of all seeds together."""

    dataset: str
    subject: str
    clips: int
    right: float


class ClipRow(TypedDict):
    """One clip: in how many of ``answers`` (each seed's, each repeat's) it was taken for something else.

    ``told`` are the wrong answers with how often each was given, the most frequent first; ``probability`` is what the
    true class was given, on average.
    """

    clip: str
    dataset: str
    subject: str
    truth: str
    wrong: int
    answers: int
    told: dict[str, int]
    probability: float


def subject_rows(pooled: Pooled) -> list[SubjectRow]:
    """Return a row for each subject, by dataset and name; the protocol must have classes."""
    right = _told(pooled) == pooled.truth  # (sets, n)
    members: dict[tuple[str, str], list[int]] = {}
    for place, who in enumerate(zip(pooled.columns["dataset"], pooled.columns["subject"], strict=True)):
        members.setdefault(who, []).append(place)
    return [
        {
            "dataset": dataset,
            "subject": subject,
            "clips": len(places),
            "right": int(right[:, places].sum()) / (len(right) * len(places)),
        }
        for (dataset, subject), places in sorted(
            members.items(), key=lambda item: (item[0][0], natural_order(item[0][1]))
        )
    ]


def clip_rows(pooled: Pooled) -> list[ClipRow]:
    """Return a row for each clip, the hardest first: most often wrong, then least probable, then by key."""
    told, truth = _told(pooled), pooled.truth
    given = np.stack(list(pooled.predictions.values()))[:, np.arange(len(truth)), truth].mean(axis=0)
    rows: list[ClipRow] = []
    for place, key in enumerate(pooled.columns["key"]):
        wrong = Counter(pooled.classes[number] for number in told[:, place] if number != truth[place])
        rows.append(
            {
                "clip": key,
                "dataset": pooled.columns["dataset"][place],
                "subject": pooled.columns["subject"][place],
                "truth": pooled.classes[truth[place]],
                "wrong": wrong.total(),
                "answers": len(told),
                "told": dict(sorted(wrong.items(), key=lambda item: (-item[1], item[0]))),
                "probability": float(given[place]),
            }
        )
    return sorted(rows, key=lambda row: (-row["wrong"], row["probability"], row["clip"]))


def _told(pooled: Pooled) -> np.ndarray:
    """Return the class that each set of predictions gives each clip, (sets, n): among equals the first."""
    return np.stack([each.argmax(axis=1) for each in pooled.predictions.values()])
