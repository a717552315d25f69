"""The networks of all epochs of a training, on disk: any of them can be had again once training has ended.

    snapshots = Snapshots()
    snapshots.keep(network)              # after each epoch
    snapshots.restore(network, epoch=3)  # the network of the third one, bit for bit

They lie one behind the other, each as safetensors, in one file without a name in the temporary folder: its space is
free again however this process ends, and memory holds one of them at a time.
"""

from __future__ import annotations

import shutil
import tempfile

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from mebench.errors import MebenchError


class Snapshots:
    """The parameters and buffers of one network after each of its epochs."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(prefix="mebench-epochs-")  # noqa: SIM115 - it lives as long as this
        except OSError as error:
            raise self._refused(error) from error
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def refuse_full_disk(self, network: nn.Module, epochs: int) -> None:
        """Raise where the disk has no space for so many epochs, before the first of them.

        Raises:
            MebenchError: it has not.
        """
        due = epochs * sum(each.numel() * each.element_size() for each in network.state_dict().values())
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if due > free:
            raise MebenchError(
                f"the networks of {epochs} epochs take {due / 2**30:.1f} GiB, and {tempfile.gettempdir()} has "
                f"{free / 2**30:.1f} GiB free: let TMPDIR name a folder on a larger disk"
            )

    def keep(self, network: nn.Module) -> None:
        """Add the network as it stands.

        Raises:
            MebenchError: the disk refuses.
        """
        # Copies: safetensors takes no two tensors that share their memory, as tied weights do.
        content = save({name: _copy(each) for name, each in network.state_dict().items()})
        try:
            self._file.seek(self._ends[-1])
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            raise self._refused(error) from error
        self._ends.append(self._ends[-1] + len(content))

    def restore(self, network: nn.Module, epoch: int) -> None:
        """Make the network what it was after an epoch, counted from 1.

        Raises:
            MebenchError: there is no such epoch, or the disk refuses.
        """
        if not 1 <= epoch <= len(self):
            raise MebenchError(f"epoch {epoch} was not kept: there are those from 1 to {len(self)}")
        first, end = self._ends[epoch - 1 : epoch + 1]
        try:
            self._file.seek(first)
            content = self._file.read(end - first)
        except OSError as error:
            raise self._refused(error) from error
        network.load_state_dict(load(content))

    def _refused(self, error: OSError) -> MebenchError:
        return MebenchError(
            f"the networks of the epochs cannot be kept in {tempfile.gettempdir()} ({error.strerror or error}): free "
            "some space there, or let TMPDIR name a folder on a larger disk"
        )


def _copy(values: Tensor) -> Tensor:
    return torch.empty_like(values, device="cpu", memory_format=torch.contiguous_format).copy_(
        values.detach()
    )
