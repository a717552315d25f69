"""Folds on the machines of a Ray cluster: ``mebench run MODEL PROTOCOL --executor ray``."""

from mebench.api import Registry, hookimpl


@hookimpl
def mebench_register(registry: Registry) -> None:
    """Register the executor."""
    registry.executor(
        "ray",
        "mebench_ray.executor:RayExecutor",
        title="A Ray cluster: several machines, shares of a GPU, nodes that may die",
        reference="Moritz et al. 2018, Ray, OSDI; https://github.com/ray-project/ray",
        requires=("ray",),
        extra="mebench[ray]",
    )
