"""Kept models made of nothing: fitted on noise, kept in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from invented import invented_sets

from mebench.models.base import Context, Model, Predictions, TestSet
from mebench.models.fitted import described, save_fitted
from mebench.plugin.entry import Entry

CONTEXT = Context(5, ("negative", "positive", "surprise"), (1, 4, 12))


def about_of(entry: Entry, model: Model, context: Context = CONTEXT) -> dict[str, Any]:
    """Return what model.json says of a model that was fitted on an invented cohort."""
    return {
        **described(entry, model),
        "classes": list(context.classes),
        "aus": list(context.au_numbers),
        "inputs": {name: each.describe() for name, each in model.inputs().items()},
        "device": context.device,
        "precision": context.precision,
        "threads": context.threads,
        "protocol": "casme3-4c",
        "manifest": "0" * 64,
        "trained_on": 9,
        "fold": None,
        "seed": 0,
        "derived_seed": context.seed,
        "synthetic": True,
        "shuffled_labels": False,
        "prepared": {},
        "data": [],
        "versions": {},
        "mebench": "0",
    }


def keep(
    entry: Entry, model: Model, folder: Path, scratch: Path, context: Context = CONTEXT
) -> tuple[TestSet, Predictions]:
    """Fit a model on noise, keep it in a folder, and return test clips with what it said of them."""
    train, test = invented_sets(
        model.inputs(), scratch, classes=len(context.classes), clips=9, aus=len(context.au_numbers)
    )
    model.fit(train, context)
    said = model.predict(test)
    save_fitted(folder, about_of(entry, model, context), model.state())
    return test, said
