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

    On a CPU it is used only on demand. It makes large 3D networks about twice as fast there, but in torch 2.13
    a weight gradient of a small 3D convolution was now and then not finite (1 of 90 steps), by no fault of the
    input: the same command would not give the same bytes.
    """
    if not model.accelerated:
        return "float32"
    if wanted != "auto":
        return wanted
    import torch

    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    return "float32"
