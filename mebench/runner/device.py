"""Which device and which precision a run uses: ``auto`` turned into something a record can state."""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.models.base import Model

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("auto", "float32", "bfloat16")


def choose_device(model: Model, wanted: str) -> str:
    """Return ``cpu`` or ``cuda``; models without torch run on the CPU.

    Raises:
        MebenchError: a GPU is asked for and none can be used.
    """
    if not model.accelerated:
        return "cpu"
    import torch

    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        built = "this torch is built for the CPU only" if torch.version.cuda is None else "torch finds no GPU"
        raise MebenchError(f"--device cuda: {built}; use --device cpu, or install a CUDA build of torch")
    return "cuda" if available and wanted != "cpu" else "cpu"


def choose_precision(model: Model, wanted: str, device: str) -> str:
    """Return ``float32`` or ``bfloat16``; ``auto`` takes bfloat16 on a GPU that computes in it.

    On a CPU it is used only on demand: large 3D networks take about 0.6 of the time there, but some layers are wrong in
    it. Each fold tries its network's own (:mod:`mebench.models.half_precision`) before it trains.
    """
    if not model.accelerated:
        return "float32"
    if wanted != "auto":
        return wanted
    import torch

    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    return "float32"
