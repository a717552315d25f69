"""Runs followed in TensorBoard and MLflow: ``mebench run MODEL PROTOCOL --tracker tensorboard``."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the trackers."""
    registry.tracker(
        "tensorboard",
        "mebench_trackers.in_tensorboard:TensorBoardTracker",
        title="TensorBoard: curves of every fold while it learns, settings and scores",
        reference="https://github.com/tensorflow/tensorboard",
        requires=("tensorboard",),
        extra="mebench[tensorboard]",
    )
    registry.tracker(
        "mlflow",
        "mebench_trackers.in_mlflow:MLflowTracker",
        title="MLflow: parameters, tags, curves and scores, in a folder or on a server",
        reference="https://github.com/mlflow/mlflow",
        requires=("mlflow",),
        extra="mebench[mlflow]",
    )
