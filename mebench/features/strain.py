"""Optical strain: how much the skin is stretched, sheared or squeezed, whatever the head does.

    OpticalStrain()                      # float32 (28, 28, 1)
    FlowStrain()                         # float32 (28, 28, 3): u, v and strain, the input of STSTNet
    optical_strain(flow)                 # of any flow (H, W, 2)

A shift of the whole head strains nothing, so strain singles out the expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mebench.errors import UnknownNameError
from mebench.features.flow import OpticalFlow, shrink
from mebench.features.reader import ClipReader

if TYPE_CHECKING:
    from torch import Tensor

FORMULAS = ("full", "no-cross")


def optical_strain(flow: np.ndarray, formula: str = "full") -> np.ndarray:
    """Return the magnitude of strain of a flow (H, W, 2), float32 (H, W), in pixels per pixel.

    Args:
        flow: (u, v) in pixels; its derivatives are central differences, one-sided at the border.
        formula: the literature has two.

            - ``full``: sqrt(ux^2 + vy^2 + (uy + vx)^2 / 2), the norm of the infinitesimal strain tensor
              (grad f + grad f^T) / 2: Shreve et al. 2011; Liong et al. 2019 (STSTNet);
            - ``no-cross``: sqrt(ux^2 + vy^2 + (uy^2 + vx^2) / 2), as the meb toolkit computes it. Without
              the product of uy and vx a turn of the head counts as strain.

    Raises:
        UnknownNameError: the formula is unknown.
    """
    _check(formula)
    (uy, ux), (vy, vx) = (np.gradient(flow[..., channel].astype(np.float64)) for channel in (0, 1))
    shear = (uy + vx) ** 2 if formula == "full" else uy**2 + vx**2
    strain: np.ndarray = np.sqrt(ux**2 + vy**2 + shear / 2).astype(np.float32)
    return strain


@dataclass(frozen=True)
class OpticalStrain(OpticalFlow):
    """Optical strain from onset to apex, (size, size, 1), in pixels per pixel.

    It is computed where the flow was estimated and then averaged down; see :func:`optical_strain`.
    """

    formula: str = "full"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self.formula)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 1)."""
        return (self.size, self.size, 1)

    def mirror(self, x: Tensor) -> Tensor:
        """Return strain (B, H, W, 1) of mirrored clips; it has no direction."""
        return x.flip(-2)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the strain from onset to apex."""
        return shrink(optical_strain(self.full(clip), self.formula)[..., None], self.size)


@dataclass(frozen=True)
class FlowStrain(OpticalFlow):
    """Flow and strain from onset to apex, (size, size, 3): u, v, strain (Liong et al. 2019, STSTNet).

    The flow is in pixels of the result, the strain in pixels per pixel. STSTNet's published inputs are
    8-bit pictures of these; here the numbers are kept.
    """

    formula: str = "full"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self.formula)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return flow and strain from onset to apex."""
        flow = self.full(clip)
        strain = optical_strain(flow, self.formula)[..., None]
        return np.concatenate([self.to_size(flow), shrink(strain, self.size)], axis=-1)


def _check(formula: str) -> None:
    if formula not in FORMULAS:
        raise UnknownNameError("formula of optical strain", formula, FORMULAS)
