"""The types of scores say exactly what scores hold."""

from __future__ import annotations

import types
import typing
from typing import Any

import numpy as np
import typing_extensions

from mebench.scoring.schema import Scores
from mebench.scoring.scores import score


def unfit(value: Any, kind: Any, where: str = "scores") -> list[str]:
    """Return where a value is not of a type made of TypedDicts, lists, dicts, unions and plain types."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if typing_extensions.is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        wrong = [f"{where}: {name!r} is not in the schema" for name in value if name not in hints]
        wrong += [f"{where}: {name!r} is missing" for name in kind.__required_keys__ if name not in value]
        return wrong + [
            w for name in value if name in hints for w in unfit(value[name], hints[name], f"{where}.{name}")
        ]
    if origin in (typing.Union, types.UnionType):
        return [] if any(not unfit(value, each) for each in inner) else [f"{where}: {value!r} is no {kind}"]
    if origin is list:
        return [w for place, each in enumerate(value) for w in unfit(each, inner[0], f"{where}[{place}]")]
    if origin is dict:
        return [w for name, each in value.items() for w in unfit(each, inner[1], f"{where}.{name}")]
    return [] if type(value) is kind else [f"{where}: {value!r} is no {kind.__name__}"]


def test_scores_of_classes_and_action_units_hold_what_the_schema_says_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    scores = score(
        keys=list("abcdef"),
        truth=[0, 1, 0, 1, 1, 0],
        subjects=list("112233"),
        datasets=["samm"] * 4 + ["casme2"] * 2,
        folds=list("112233"),
        classes=["negative", "positive", "never"],
        predictions={seed: rng.dirichlet(np.ones(3), 6) for seed in (1, 2)},
        au_truth=rng.integers(2, size=(6, 2)),
        au_names=["au4", "au12"],
        au_predictions={seed: rng.random((6, 2)) for seed in (1, 2)},
    )
    assert unfit(scores, Scores) == []
    of_runs = {"repeats", "isolation", "checks"}
    assert set(typing.get_type_hints(Scores)) - set(scores) == of_runs
    assert len(scores["au"]["per_dataset"]) == len(scores["per_dataset"]) == 2
