"""What a user sets of the Ray executor: ``--executor 'ray[gpus=0.25]'``."""

from __future__ import annotations

from pydantic import Field

from mebench.api import ExecutorSettings


class RaySettings(ExecutorSettings):
    """Settings of the Ray executor."""

    address: str = Field(
        "",
        description="head node, HOST:PORT; empty: RAY_ADDRESS, else the cluster of this machine, else one is started",
    )
    gpus: float | None = Field(
        None,
        ge=0,
        le=64,
        description="GPUs of each fold, 0.25 for four folds a GPU; none: one with --device cuda, else 0",
    )
    cpus: float | None = Field(
        None, gt=0, le=4096, description="CPU cores of each fold; none: as many as --threads"
    )
    retries: int = Field(3, ge=0, description="how often a fold is tried again whose node died")
