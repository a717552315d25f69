"""What a sealed process may read: Python, its libraries, the core, and what the system shows everybody.

Landlock allows whole folders only, so an allowed one that holds something protected is opened up: each of its
children is allowed but the one on the way to what is protected.
"""

from __future__ import annotations

import glob
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata, util
from pathlib import Path

# Programs and their libraries, the same for everybody who uses the machine.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/sbin",
    "/nix/store",
    "/gnu/store",
    "/System",
    "/Library/Frameworks",
)
_SETTINGS = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "timezone",
    "ssl/certs",
    "ssl/openssl.cnf",
    "fonts",
    "nsswitch.conf",
    "mime.types",
    "alternatives",
    "pki",
)
# What libraries ask of the machine: its processors and memory, and of the process its own state.
SYSTEM_READ = (
    *(f"/etc/{name}" for name in _SETTINGS),
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/kernel/osrelease",
    "/proc/filesystems",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
)
SYSTEM_USE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_GPU = (
    "/dev/nvidia*",
    "/dev/dri",
    "/dev/kfd",
    "/proc/driver/nvidia*",
    "/proc/devices",
    "/proc/modules",
    "/sys/bus/pci",
    "/sys/devices/pci*",
    "/sys/class/drm",
    "/sys/class/kfd",
    "/sys/module/nvidia*",
    "/etc/OpenCL",
    "/etc/nvidia*",
    "/etc/vulkan",
)


def gpu_files() -> tuple[str, ...]:
    """Return the device and driver files that a GPU is used through."""
    return tuple(found for pattern in _GPU for found in sorted(glob.glob(pattern)))  # noqa: PTH207


@cache
def trusted_folders() -> tuple[str, ...]:
    """Return the real paths of Python, its libraries, the system's, and the packages that mebench came with."""
    return tuple(dict.fromkeys(os.path.realpath(each) for each in _trusted() if each and Path(each).exists()))


def _trusted() -> Iterator[str]:
    yield from _SYSTEM
    yield from (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    yield from (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (*site.getsitepackages(), site.getusersitepackages())
    # Others' environments on the path, never a checkout or a working directory as a whole.
    yield from (each for each in sys.path if Path(each).name in ("site-packages", "dist-packages"))
    yield from filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    yield from _own_packages()


def _own_packages() -> Iterator[str]:
    yield str(Path(__file__).parents[1])
    try:
        named = metadata.distribution("mebench").entry_points
    except metadata.PackageNotFoundError:
        return
    for each in named:
        if each.group == "mebench":
            found = util.find_spec(each.module)
            yield from (found.submodule_search_locations or ()) if found is not None else ()


def open_up(paths: Iterable[str], hidden: Iterable[str], *, named: bool = False) -> list[str]:
    """Return paths that lead to all that the given ones do, but to nothing hidden.

    Args:
        paths: real paths of files and folders.
        hidden: real paths; one that does not exist may later.
        named: whether one of the paths that lies inside of a hidden one is left out. Else it stays, as Python must
            that was installed in a folder of data.
    """
    kept = []
    every = list(hidden)
    for path in paths:
        if not (named and any(_is_below(path, each) for each in every)):
            kept += _without(path, [each for each in every if _is_below(each, path)])
    return kept


def _without(path: str, hidden: list[str]) -> list[str]:
    if not hidden:
        return [path]
    if path in hidden:
        return []
    try:
        children = sorted(entry.path for entry in os.scandir(path) if not entry.is_symlink())
    except OSError:
        return []
    return [
        kept
        for child in children
        for kept in _without(child, [each for each in hidden if _is_below(each, child)])
    ]


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
