"""Which device and which precision a run uses: ``auto`` turned into something a record can state."""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.models.base import Model

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("auto", "float32", "bfloat16")


def choose_device(model: Model, wanted: str, *, elsewhere: bool = False) -> str:
    """Return ``cpu`` or ``cuda``; models without torch run on the CPU.

    Folds that are computed ``elsewhere`` may ask for a GPU by name though this machine has none.

    Raises:
        MebenchError: a GPU is asked for and none can be used.
    """
    if not model.accelerated:
        return "cpu"
    import torch

    available = torch.cuda.is_available()
    if wanted == "cuda" and elsewhere:
        return wanted
    if wanted == "cuda" and not available:
        built = "this torch is built for the CPU only" if torch.version.cuda is None else "torch finds no GPU"
        raise MebenchError(f"--device cuda: {built}; use --device cpu, or install a CUDA build of torch")
    return "cuda" if available and wanted != "cpu" else "cpu"


def choose_precision(model: Model, wanted: str, device: str) -> str:
    """Return ``float32`` or ``bfloat16``; ``auto`` takes bfloat16 on a GPU that computes in it.

    On a CPU it is used only on demand. It makes large 3D networks about twice as fast there, but in torch 2.13
    a weight gradient of a small 3D convolution was now and then not finite (1 of 90 steps), by no fault of the
    input: the same command would not give the same bytes.

    Raises:
        MebenchError: a GPU elsewhere is asked for, and there is none here that could be asked what it computes in.
    """
    if not model.accelerated:
        return "float32"
    if wanted != "auto":
        return wanted
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise MebenchError(
            "--device cuda: this machine has no GPU that could be asked for its precision; say --precision float32 or "
            "bfloat16"
        )
    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    return "float32"
