"""The conformance kit: what a plugin must do, as tests for its author.

    from mebench.testing import ModelConformance

    class TestMyNet(ModelConformance):
        model = "mynet"

pytest then asks some thirty checks, each a test with a name of its own; ``mebench check mynet`` asks the same ones and
prints a report (docs/conformance.md). Names are resolved on first use: a plugin of pytest is among these modules, and
importing it should cost nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mebench.testing.classes import (
        DatasetConformance,
        InputConformance,
        ModelConformance,
        ProtocolConformance,
    )

__all__ = ["DatasetConformance", "InputConformance", "ModelConformance", "ProtocolConformance"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("mebench.testing.classes"), name)
    raise AttributeError(f"module 'mebench.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
