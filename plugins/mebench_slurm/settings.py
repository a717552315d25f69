"""What a user sets of the SLURM executor: ``--executor 'slurm[partition=gpu,gres=gpu:1,minutes=240]'``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mebench.api import ExecutorSettings


class SlurmSettings(ExecutorSettings):
    """Settings of the SLURM executor; those that are none are left to the cluster."""

    partition: str | None = Field(None, description="partition of the cluster")
    account: str | None = Field(None, description="account that pays")
    qos: str | None = Field(None, description="quality of service")
    constraint: str | None = Field(None, description="features that a node must have, such as a kind of GPU")
    gres: str | None = Field(None, description="resources of each fold, as sbatch --gres; in place of gpus")
    gpus: int | None = Field(
        None, ge=0, description="GPUs of each fold; none: one with --device cuda, else 0"
    )
    cpus: int | None = Field(
        None, ge=1, description="CPU cores of each fold; none: as many as --threads, and one"
    )
    memory: float | None = Field(None, gt=0, description="GB of memory of each fold")
    minutes: int = Field(240, ge=1, description="time limit of each fold")
    array: int = Field(
        500, ge=1, description="folds of a job array; clusters refuse long ones (MaxArraySize)"
    )
    retries: int = Field(3, ge=0, description="how often a fold is tried again whose node died")
    folder: Path | None = Field(
        None, description="where jobs and answers lie, on the shared disk; none: in the cache"
    )
    cluster: Literal["slurm", "local"] = Field(
        "slurm", description="local: processes of this machine in place of SLURM, to try it"
    )
