"""Which device and which precision a run uses: ``auto`` turned into something a record can state."""

from __future__ import annotations

from mebench.errors import MebenchError
from mebench.models.arithmetic import BFLOAT16, FLOAT32, TF32, precision_word
from mebench.models.base import Model

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("auto", FLOAT32, TF32, BFLOAT16)


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


def choose_precision(model: Model, wanted: str, device: str, *, fast: bool = False) -> str:
    """Return the precision as records name it; ``auto`` takes bfloat16 on a GPU that computes in it.

    On a CPU it is used only on demand: large 3D networks take about 0.6 of the time there, but some layers are wrong in
    it. Each fold tries its network's own (:mod:`mebench.models.half_precision`) before it trains.

    Raises:
        MebenchError: TF32 or the fastest kernels are asked for without a GPU; or one elsewhere is to choose, and there
            is none here that could be asked what it computes in.
    """
    if device != "cuda" and (wanted == TF32 or fast):
        option = "--fast" if fast else f"--precision {TF32}"
        where = "this model computes" if not model.accelerated else "this run computes"
        raise MebenchError(f"{option} is of GPUs, and {where} on the CPU: leave it out")
    if not model.accelerated:
        return FLOAT32
    chosen = wanted
    if wanted == "auto":
        chosen = BFLOAT16 if device == "cuda" and _computes_in_bfloat16() else FLOAT32
    return precision_word(chosen, fast=fast)


def _computes_in_bfloat16() -> bool:
    import torch

    if not torch.cuda.is_available():
        raise MebenchError(
            "--device cuda: this machine has no GPU that could be asked for its precision; say --precision float32, "
            "tf32 or bfloat16"
        )
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))
