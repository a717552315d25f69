"""A network as arrays by name, and back.

state = arrays_of(network)          # shares the network's memory where it lies on a CPU
put_arrays(network, state)          # all of them, or a sentence that says what is missing
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from mebench.errors import MebenchError, first_few


def arrays_of(network: nn.Module) -> dict[str, np.ndarray]:
    """Return a network's parameters and buffers by name.

    Raises:
        MebenchError: something in its ``state_dict`` is no array of numbers.
    """
    found = {}
    for name, value in network.state_dict().items():
        if not isinstance(value, Tensor):
            raise MebenchError(
                f"the network cannot be kept: its state_dict has {type(value).__name__} under {name!r}, where a tensor "
                "is due"
            )
        try:
            found[name] = value.detach().cpu().numpy()
        except TypeError as error:  # a number format that numpy lacks
            raise MebenchError(
                f"the network cannot be kept: {name!r} is of {value.dtype}, which is no format of numpy's arrays"
            ) from error
    return found


def put_arrays(network: nn.Module, state: Mapping[str, np.ndarray]) -> None:
    """Put arrays into a network, by name, one after the other.

    Raises:
        MebenchError: names or shapes are not the network's.
    """
    own = network.state_dict()
    faults = []
    if missing := [name for name in own if name not in state]:
        faults.append(f"lack {first_few(missing, most=2)}")
    if extra := [name for name in state if name not in own]:
        faults.append(f"have also {first_few(extra, most=2)}")
    for name, tensor in own.items() if not faults else ():
        array = state[name]
        if tuple(array.shape) != tuple(tensor.shape):
            faults.append(f"have {name} of shape {tuple(array.shape)}, not {tuple(tensor.shape)}")
            break
        with torch.no_grad():
            # Not from_numpy: torch warns of arrays that cannot be written to, as those of a mapped file.
            tensor.copy_(torch.tensor(array))
    if faults:
        raise MebenchError(f"the weights are not those of this network: they {' and '.join(faults)}")
