"""Pretrained weights: read from a file, put into a network, fetched by a library.

    state = read_weights(Path("mine.safetensors"))
    load_weights(network, state, "timm's resnet18", Path("mine.safetensors"), spared=("fc",))
    network = fetched("resnet18.a1_in1k", lambda: timm.create_model("resnet18.a1_in1k", pretrained=True))
    content_of(network)                         # what Model.contents() returns of weights fetched by a name

Weights that pickle stored are read without running what else may be pickled there.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import torch
from pydantic import BeforeValidator
from torch import Tensor, nn

from mebench.errors import MebenchError, first_few
from mebench.models.weights import StartsFrom, WeightFile

SAFETENSORS = ".safetensors"
# Under these names training scripts put the weights among other things.
_WRAPPED = ("state_dict", "model_state", "model")

Fetched = TypeVar("Fetched")


def _yes_no_or_file(value: Any) -> Any:
    if not isinstance(value, str | Path):
        return value
    word = str(value).casefold()
    if word in ("true", "yes", "1"):
        return True
    if word in ("false", "no", "0", "none", ""):
        return False
    if not Path(value).is_file():
        raise ValueError(f"write true, none, or the name of a file; there is no file {value}")
    return Path(value)


Pretrained = Annotated[bool | Path, BeforeValidator(_yes_no_or_file), StartsFrom(False)]
"""A setting: ``true`` for the weights that a library fetches, ``none`` for random ones, or a file of weights.

A file counts by its content, as a :data:`~mebench.models.weights.WeightFile` does.
"""


def _file_or_tag(value: Any) -> Any:
    return Path(value) if isinstance(value, str) and value.endswith(SAFETENSORS) else value


PretrainedTag = Annotated[WeightFile | str | None, BeforeValidator(_file_or_tag), StartsFrom(None)]
"""A setting: the name under which a library has weights, a ``.safetensors`` file, or ``none`` for random ones."""


def read_weights(path: Path, setting: str = "pretrained") -> dict[str, Tensor]:
    """Return the tensors of a file by name: safetensors, or what ``torch.save`` stored.

    Errors name the ``setting`` that the file stands in.

    Raises:
        MebenchError: there is no such file, or it holds no tensors under names.
    """
    try:
        found = _read(path, setting)
    except FileNotFoundError as error:
        raise MebenchError(f"{setting}={path}: there is no such file") from error
    for name in _WRAPPED:
        found = found[name] if isinstance(found, Mapping) and isinstance(found.get(name), Mapping) else found
    if not isinstance(found, Mapping) or not all(isinstance(each, Tensor) for each in found.values()):
        raise MebenchError(f"{setting}={path}: the file holds other things than tensors under names")
    # A network that was trained on several GPUs names everything so.
    return {str(name).removeprefix("module."): value for name, value in found.items()}


def load_weights(
    network: nn.Module, state: Mapping[str, Tensor], of: str, source: object, spared: Sequence[str] = ()
) -> None:
    """Put weights into a network, all of them, but for the modules named in ``spared``, such as a classifier.

    Raises:
        MebenchError: they are not those of this network; nothing of it is left half filled for use.
    """
    ends = tuple(f"{name}." for name in spared)
    given = {name: value for name, value in state.items() if not name.startswith(ends)}
    own = {name: value for name, value in network.state_dict().items() if not name.startswith(ends)}
    faults = [
        f"{name} is of shape {tuple(value.shape)}, not {tuple(own[name].shape)}"
        for name, value in given.items()
        if name in own and value.shape != own[name].shape
    ]
    # Files older than the counter of batch normalisation lack it.
    missing = [name for name in own if name not in given and not name.endswith("num_batches_tracked")]
    if missing:
        faults.append(f"lacks {first_few(missing, most=2)}")
    if extra := [name for name in given if name not in own]:
        faults.append(f"has also {first_few(extra, most=2)}")
    if faults:
        raise MebenchError(
            f"pretrained={source}: these are not the weights of {of} ({first_few(faults, most=2)})"
        )
    network.load_state_dict(given, strict=False)


def fetched(name: str, fetch: Callable[[], Fetched]) -> Fetched:
    """Return what a library fetches.

    Raises:
        MebenchError: it does not, in one sentence with what else one can do.
    """
    try:
        return fetch()
    except MebenchError:
        raise
    except Exception as error:  # hubs' clients have no common base of their errors
        raise MebenchError(
            f"the weights {name!r} could not be fetched ({type(error).__name__}: the hub is out of reach or refuses): "
            f"connect once, name a file with --set pretrained=FILE{SAFETENSORS}, or train from random weights with "
            "--set pretrained=none"
        ) from error


def content_of(network: nn.Module) -> str:
    """Return the SHA-256 of a network's parameters and buffers, with their names and shapes."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        array = value.detach().cpu().contiguous().numpy()
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _read(path: Path, setting: str) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.suffix == SAFETENSORS:
        try:
            return load_file(path)
        except FileNotFoundError:
            raise
        except (SafetensorError, OSError) as error:
            raise MebenchError(
                f"{setting}={path}: the file is not readable as safetensors ({error})"
            ) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError) as error:
        # torch's own words advise to run whatever is pickled there.
        reason = str(error) if isinstance(error, OSError) else type(error).__name__
        raise MebenchError(
            f"{setting}={path}: the file is not readable as weights alone ({reason}): store them as safetensors"
        ) from error
