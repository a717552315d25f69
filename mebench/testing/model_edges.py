"""Checks of a model on folds as small and lopsided as real ones come: one clip, one class, nothing coded.

A model may refuse such a fold with a :class:`MebenchError`, a sentence that the user reads; it must not break.
"""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.runner.answers import checked
from mebench.testing.checks import Checks
from mebench.testing.model_predictions import need_units
from mebench.testing.model_subject import (
    ALL_UNKNOWN,
    FEW,
    NO_UNITS,
    ONE_CLASS,
    ONE_CLIP,
    UNITS_ALONE,
    ModelSubject,
    Way,
)

EDGES = Checks[ModelSubject]()


@EDGES.add("it trains on a single clip, or says why not")
def one_clip(subject: ModelSubject) -> str:
    """Batch norms cannot train on one value; a fold's last batch may hold one clip, too."""
    return _fault(subject, ONE_CLIP)


@EDGES.add("it trains on clips of one class, or says why not")
def one_class(subject: ModelSubject) -> str:
    """Small subjects leave folds in which a class is missing; its probability is due all the same."""
    return _fault(subject, ONE_CLASS)


@EDGES.add("it trains on clips of one subject, or says why not")
def one_subject(subject: ModelSubject) -> str:
    """With two subjects, every fold trains on one; splitting validation subjects off leaves none."""
    return _fault(subject, FEW)


@EDGES.add("it works with other classes and without action units")
def no_units(subject: ModelSubject) -> str:
    """Protocols differ in classes, and most have no action units."""
    return _fault(subject, NO_UNITS, refusable=False)


@EDGES.add("it works where no clip's action units are known")
def unknown_units(subject: ModelSubject) -> str:
    """SMIC's owner coded none: all of train.aus is 255, which is no label."""
    return _fault(subject, ALL_UNKNOWN, refusable=False)


@EDGES.add("it detects action units where there are no classes")
def units_alone(subject: ModelSubject) -> str:
    """A protocol of action units alone has labels -1 and no class."""
    need_units(subject)
    return _fault(subject, UNITS_ALONE, refusable=False)


def _fault(subject: ModelSubject, way: Way, *, refusable: bool = True) -> str:
    try:
        trial = subject.trial(way)
    except MebenchError:
        if refusable:
            return ""
        raise
    checked(trial.predictions, len(trial.test), len(way.classes), len(way.units))
    return ""
