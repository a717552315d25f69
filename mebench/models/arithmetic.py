"""How a network computes: the precision of a run as a record names it, and what torch is told of it.

    precision_and_speed("bfloat16-fast")        # ("bfloat16", True)
    set_arithmetic("bfloat16", fast=True)       # in the process that computes

Three precisions (``float32``; ``tf32``, of GPUs: products of float32 numbers with 10 bits of mantissa; ``bfloat16``
under autocast), each with deterministic kernels, or ``-fast``, with whichever kernels a GPU finds fastest: those may
add up in another order each time, so that the same command no longer gives the same bytes.
"""

from __future__ import annotations

import os

FLOAT32, TF32, BFLOAT16 = "float32", "tf32", "bfloat16"
_FAST = "-fast"
# Without it cuBLAS adds up in any order; it is read when the library is first used.
_WORKSPACE = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def precision_word(precision: str, *, fast: bool) -> str:
    """Return how a record names a precision."""
    return precision + _FAST if fast else precision


def precision_and_speed(word: str) -> tuple[str, bool]:
    """Return the precision that a record names, and whether its kernels were the fastest."""
    return word.removesuffix(_FAST), word.endswith(_FAST)


def set_arithmetic(precision: str, *, fast: bool) -> None:
    """Tell torch how to compute in this process. On a CPU all kernels used here are deterministic."""
    import torch

    if not fast:
        os.environ.setdefault(*_WORKSPACE)
    torch.use_deterministic_algorithms(not fast, warn_only=True)
    # Deterministic algorithms fill memory before its use, for programs that read it unwritten; that costs 5 %.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = fast
    # torch's own default lets convolutions take TF32, and says float32 all the same.
    torch.backends.cuda.matmul.allow_tf32 = precision == TF32
    torch.backends.cudnn.allow_tf32 = precision == TF32
