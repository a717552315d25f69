"""Baselines: the floor of every table, and simple models that prove the interface."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the baselines."""
    registry.model(
        "majority",
        "mebench_baselines.majority:Majority",
        title="Always the most frequent class of the training clips",
        needs="no pictures",
    )
    registry.model(
        "difference-svm",
        "mebench_baselines.difference_svm:DifferenceSvm",
        title="Apex minus onset as a small picture, linear SVM",
        needs="onset and apex frames",
    )
