"""Let torchvision, and timm with it, be imported beside a CPU-only torch.

The torchvision wheels of most package indexes are compiled against a CUDA build of torch. Beside a CPU build
their extension ``_C`` cannot be loaded, so nobody defines ``torchvision::nms`` and ``torchvision::qnms``,
and the import ends with ``operator torchvision::nms does not exist``. Image and video networks need
neither operator: their two schemas are enough for the import to succeed.

    from mebench.torchvision_shim import ensure_torchvision

    ensure_torchvision()  # before the first import of torchvision or timm
    import timm

mebench calls :func:`watch_torchvision` before it imports any model, so that plugins may import timm where they like.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.library import Library

_ARGUMENTS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_OPERATORS = ("nms", "qnms")

# One thread may come in twice: looking for torchvision is what wakes the watch.
_lock = threading.RLock()
_defined: list[Library] = []  # the schemas vanish with their Library object


def ensure_torchvision() -> None:
    """Make ``import torchvision`` possible; call it before torchvision or timm is first imported.

    Where torchvision's compiled operators load (a build that fits this torch), or where torchvision is
    absent, nothing is changed. Elsewhere the schemas of the two operators that torchvision insists on are
    defined without an implementation: calling them still raises. Calling this again, or from several
    threads, is harmless.
    """
    with _lock:
        if _defined or (spec := importlib.util.find_spec("torchvision")) is None:
            return
        import torch

        if not _is_defined("nms"):
            _load_extension(spec.submodule_search_locations or [])
        missing = [name for name in _OPERATORS if not _is_defined(name)]
        # With `nms` defined the extension has been loaded, and an old one without `qnms` asks for none.
        if "nms" not in missing:
            return
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in missing:
            library.define(name + _ARGUMENTS)
        _defined.append(library)


def watch_torchvision() -> None:
    """Call :func:`ensure_torchvision` by itself when torchvision is first imported, by whomever; costs nothing."""
    if "torchvision" not in sys.modules and not any(isinstance(finder, _Watch) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watch())


class _Watch(importlib.abc.MetaPathFinder):
    """A finder that finds nothing, but hears that torchvision is about to be looked for."""

    heard = False

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        # Once: ensure_torchvision looks for it too, and may be the one that is heard.
        if fullname == "torchvision" and not self.heard:
            self.heard = True
            ensure_torchvision()


def _is_defined(name: str) -> bool:
    import torch

    return hasattr(torch.ops.torchvision, name)


def _load_extension(folders: list[str]) -> None:
    """Load torchvision's ``_C`` the way torchvision will, but without importing any of its modules."""
    import torch

    loader = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    for folder in folders:
        found = importlib.machinery.FileFinder(folder, loader).find_spec("_C")
        if found is None or found.origin is None:
            continue
        if sys.platform == "win32":
            os.add_dll_directory(folder)
        try:
            torch.ops.load_library(found.origin)
        except OSError:
            continue  # compiled for another build of torch: the very case this module exists for
