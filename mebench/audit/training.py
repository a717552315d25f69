"""(i) Every parameter must get a gradient, and the network must be in the right mode.

Asked of a :class:`mebench.models.torch.TorchModel` by :mod:`mebench.models.conformance`, in a fold's own process.
"""

from __future__ import annotations

from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.runner.jobs import Failure

WATCHED = "mebench.audit.watched:Watched"


def everything_learns(case: Case) -> Finding:
    """Return whether every parameter of a network learns on the first fold."""
    if not is_network(case):
        return Finding(
            "i", None, "it is no network that trains by mebench's loop: there are no gradients to watch"
        )
    outcome = case.through(WATCHED, {})
    if isinstance(outcome, Failure):
        return Finding("i", False, outcome.reason)
    return Finding("i", True, f"every parameter got a gradient on {case.first.name}, and the modes are right")


def is_network(case: Case) -> bool:
    """Return whether the model is a TorchModel; one that is has imported torch already."""
    return any(
        f"{each.__module__}.{each.__qualname__}" == "mebench.models.torch.TorchModel"
        for each in type(case.prepared.model).__mro__
    )
