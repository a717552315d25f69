"""Models ranked over protocols: mean ranks, whether they differ at all, and which cannot be told apart.

    over_protocols([run, ...])["models"]      # each model under each of three protocols or more

A protocol is one observation, however many clips it has: a model that is a little better everywhere may rank before one
that is much better somewhere.

References: J. Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7, 2006 (mean ranks,
Friedman's test, the diagram); A. Benavoli et al., Should We Really Use Post-Hoc Tests Based on Mean-Ranks?, JMLR 17,
2016 (Wilcoxon's test of each two models after Holm, in place of Nemenyi's).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, TypedDict

import numpy as np

from mebench.errors import MebenchError, MebenchWarning
from mebench.models.setting_text import in_words
from mebench.records import RunDirectory
from mebench.scoring.comparison import holm
from mebench.scoring.metrics import Floats
from mebench.scoring.rebuild import read_predictions, scores_of
from mebench.scoring.summaries import plain
from mebench.scoring.tables import Table, percent, shown_model
from mebench.scoring.tie_groups import LEVEL, tie_groups

LEAST = 3


class RankedModel(TypedDict):
    """A model: its mean rank (1 is best), tie group, and UF1 and rank under each protocol."""

    model: str
    rank: float
    group: str
    uf1: dict[str, float]
    ranks: dict[str, float]


class OverProtocols(TypedDict):
    """Models from the best mean rank on; ``friedman`` is that test's p (None for two models).

    ``pairs`` hold each two models' p of Wilcoxon's test over protocols, and after Holm.
    """

    protocols: list[str]
    models: list[RankedModel]
    friedman: float | None
    pairs: list[dict[str, Any]]
    synthetic: bool


def over_protocols(directories: Iterable[RunDirectory]) -> OverProtocols:
    """Rank the models of some runs by pooled UF1, the mean over training seeds.

    A model is its name with its settings. One that lacks a protocol of the others is left out with a warning.

    Raises:
        MebenchError: fewer than three protocols or two models are left, a model is given twice under a protocol, a
            protocol has no classes, or a run is not complete.
    """
    found: dict[str, dict[str, float]] = {}
    protocols: dict[str, None] = {}
    synthetic = False
    for directory in directories:
        run = directory.read_run()
        if not run["classes"]:
            raise MebenchError(
                f"{directory.path} detects action units alone: models are ranked by UF1 of classes"
            )
        model = " ".join(
            filter(None, (shown_model(run), in_words(dict(sorted(run["changed_settings"].items())), " ")))
        )
        scores = found.setdefault(model, {})
        if run["protocol"] in scores:
            raise MebenchError(
                f"{directory.path} is a second run of {model} under {run['protocol']}: give one of each model and "
                "protocol"
            )
        scores[run["protocol"]] = scores_of(read_predictions(directory))["uf1"]["mean"] or 0.0
        protocols[run["protocol"]] = None
        synthetic |= bool(run["synthetic"])
    names = sorted(protocols)
    if len(names) < LEAST:
        raise MebenchError(
            f"these runs are of {len(names)} protocol(s) ({', '.join(names)}), and ranks over protocols need {LEAST} "
            "or more: name runs of others, or leave out --over-protocols"
        )
    for model in [model for model, scores in found.items() if len(scores) < len(names)]:
        lacks = next(name for name in names if name not in found[model])
        warnings.warn(f"{model} is left out: it has no run under {lacks}", MebenchWarning, stacklevel=2)
        del found[model]
    if len(found) < 2:
        raise MebenchError(
            f"only {len(found)} model(s) have a run under every protocol ({', '.join(names)}): name the missing runs"
        )
    return ranked(found, names, synthetic=synthetic)


def ranked(
    scores: dict[str, dict[str, float]], protocols: Sequence[str], *, synthetic: bool = False
) -> OverProtocols:
    """Rank models by their scores, ``model -> protocol -> share``; equal scores share the mean of their ranks."""
    from scipy.stats import friedmanchisquare, rankdata

    models = sorted(scores)
    table = np.array([[scores[model][protocol] for protocol in protocols] for model in models])
    ranks = rankdata(-table.round(12), axis=0)
    means = ranks.mean(axis=1)
    order = sorted(range(len(models)), key=lambda place: (means[place], models[place]))
    alike = bool((table == table[0]).all())
    friedman = math.nan if len(models) < 3 or alike else float(friedmanchisquare(*table).pvalue)
    pairs = [(models[a], models[b], _wilcoxon(table[a], table[b])) for a, b in combinations(order, 2)]
    corrected = holm([p for _, _, p in pairs])
    groups = tie_groups(
        [models[place] for place in order],
        {(a, b): p for (a, b, _), p in zip(pairs, corrected, strict=True)},
    )
    return {
        "protocols": list(protocols),
        "models": [
            {
                "model": models[place],
                "rank": float(means[place]),
                "group": groups[models[place]],
                "uf1": {name: float(table[place, column]) for column, name in enumerate(protocols)},
                "ranks": {name: float(ranks[place, column]) for column, name in enumerate(protocols)},
            }
            for place in order
        ],
        "friedman": plain(friedman),
        "pairs": [{"a": a, "b": b, "p": p, "holm": q} for (a, b, p), q in zip(pairs, corrected, strict=True)],
        "synthetic": synthetic,
    }


def _wilcoxon(a: Floats, b: Floats) -> float:
    from scipy.stats import wilcoxon

    return 1.0 if (a == b).all() else float(wilcoxon(a, b).pvalue)


def ranks_table(found: OverProtocols) -> Table:
    """Return the table of ranks: UF1 in percent under each protocol, its rank in brackets."""
    rows = [
        (
            each["model"],
            f"{each['rank']:.2f}",
            each["group"],
            *(f"{percent(each['uf1'][name], None)} ({each['ranks'][name]:g})" for name in found["protocols"]),
        )
        for each in found["models"]
    ]
    title = "UF1 (rank) under each protocol" + (", SYNTHETIC data" if found["synthetic"] else "")
    return Table(
        title, ("model", "mean rank", "group", *found["protocols"]), rows, ("mean rank", *found["protocols"])
    )


def ranks_note(found: OverProtocols) -> str:
    """Return how to read the ranks, and what so many protocols can show at all."""
    count, pairs = len(found["protocols"]), len(found["pairs"])
    least = min(1.0, pairs * 2 / 2**count)
    friedman = (
        ""
        if found["friedman"] is None
        else f"Friedman's test that all rank alike: p {found['friedman']:.3f}; "
    )
    return (
        f"{friedman}group: a model shares the letter of the group's best where Wilcoxon's test over {count} protocols "
        f"does not tell them apart (p below .05 after Holm for {pairs} pairs); of {count} protocols this p is "
        f"{least:.2g} at least{', so that none can be told apart' if least >= LEVEL else ''}"
    )
