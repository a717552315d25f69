"""Where a result comes from: versions, commit, hardware."""

from __future__ import annotations

import platform
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, entry_points, packages_distributions, version
from pathlib import Path
from typing import Any

import mebench
from mebench.parallel import cores
from mebench.plugin.hookspecs import ENTRY_POINT_GROUP

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "pillow", "torch", "torchvision", "timm")


@lru_cache
def versions(target: str) -> dict[str, str]:
    """Return the versions of Python, mebench, the libraries it leans on, and the model's own package."""
    found = {"python": platform.python_version(), "mebench": mebench.__version__}
    for package in (*_PACKAGES, *_owners(target.partition(".")[0].partition(":")[0])):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _owners(module: str) -> list[str]:
    """Return the installed packages that a module is of."""
    found = {
        point.dist.name
        for point in entry_points(group=ENTRY_POINT_GROUP)
        if point.dist is not None and point.module.partition(".")[0] == module
    }
    # To ask for all modules reads the list of files of every package.
    return sorted(found) or packages_distributions().get(module, [])


def commit(module_file: str) -> dict[str, Any] | None:
    """Return the commit of the checkout that holds a module, and whether it has changes; else None."""
    folder = Path(module_file).resolve().parent
    try:
        top = _git(folder, "rev-parse", "--show-toplevel")
        # An installed copy inside some other project's checkout tells nothing about our code.
        if not _git(folder, "ls-files", "--error-unmatch", module_file):
            return None
        return {
            "commit": _git(Path(top), "rev-parse", "HEAD"),
            "dirty": bool(_git(Path(top), "status", "--porcelain")),
        }
    except (OSError, subprocess.SubprocessError):
        return None


@lru_cache(maxsize=1)
def hardware() -> dict[str, Any]:
    """Return what this machine is made of, as far as results or times may depend on it."""
    import psutil

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
    }


def gpu(device: str) -> dict[str, str]:
    """Return the name of the GPU that a run on ``device`` uses; nothing on a CPU, without importing torch."""
    torch = sys.modules.get("torch")
    if not device.startswith("cuda") or torch is None or not torch.cuda.is_available():
        return {}
    return {"gpu": str(torch.cuda.get_device_name(device))}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
