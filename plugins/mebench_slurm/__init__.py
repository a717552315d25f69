"""Folds as tasks of SLURM job arrays: ``mebench run MODEL PROTOCOL --executor slurm``."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the executor."""
    registry.executor(
        "slurm",
        "mebench_slurm.executor:SlurmExecutor",
        title="A cluster with SLURM: job arrays through submitit",
        reference="https://github.com/facebookincubator/submitit",
        requires=("submitit",),
        extra="mebench[slurm]",
    )
