"""How many folds a Ray cluster has room for, and what is said where it has none."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from mebench.errors import MebenchError
from mebench_ray.driver import _fit
from mebench_ray.executor import _Folds
from mebench_ray.messages import Places
from mebench_ray.settings import RaySettings


@pytest.mark.parametrize(
    ("node", "fold", "places"),
    [
        ((8, 0), (1, 0), 8),
        ((8, 0), (3, 0), 2),
        ((8, 0), (16, 0), 0),
        ((8, 0), (1, 1), 0),
        ((16, 2), (1, 0.25), 8),
        ((4, 2), (1, 0.25), 4),
        ((16, 2), (1, 0.3), 6),  # three on each: a share never lies on two
        ((16, 4), (1, 2), 2),
        ((1, 0), (0.1, 0), 10),
    ],
)
def test_a_node_takes_what_fits_of_cores_and_shares_of_gpus(
    node: tuple[float, float], fold: tuple[float, float], places: int
) -> None:
    assert _fit(node[0], fold[0], node[1], fold[1]) == places


def test_a_cluster_without_room_is_an_error_unless_nodes_come_on_demand() -> None:
    none = Places(0, "2 node(s) with 8 CPU(s) and 0 GPU(s)", 1, 1)
    with pytest.raises(MebenchError, match=r"no node .* has room for a fold \(2 node\(s\) with 8 CPU"):
        _Folds(RaySettings(), iter(()), 0)._count(none)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        _Folds(RaySettings(), iter(()), 4)._count(none)
    assert "0 folds of 1 CPU(s) and 1 GPU(s) at a time" in str(told[0].message)


def test_the_main_process_imports_no_ray_and_no_submitit() -> None:
    code = "import sys, mebench_ray.executor, mebench_slurm.executor; print({'ray', 'submitit'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
