"""What networks of a library share: it makes them by name, and knows where their weights are.

class MyLibraryModel(LibraryModel):
    def _weights(self): ...             # the published network, or None for random weights
    def _made(self, classes): ...       # the network of this name with a classifier of so many classes
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from torch import nn

from mebench.api import Context, TorchModel, TrainSet, content_of


class LibraryModel(TorchModel):
    """A network by its name in a library; its settings have ``pretrained``."""

    def prepare(self) -> None:
        """Fetch the weights once, so that folds find them here, and see that the network takes what is set."""
        self._made(classes=2)

    def contents(self) -> Mapping[str, str]:
        """Return the hash of weights that the library fetched: no name says what a file held that day."""
        settings: Any = self.settings
        if settings.pretrained is not True:
            return {}
        network = self._weights()
        assert network is not None
        return {"pretrained": content_of(network)}

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network with a classifier of the protocol's classes."""
        return self._made(len(context.classes))

    @abstractmethod
    def _weights(self) -> nn.Module | None:
        """Return the published network; None where random weights are set."""

    @abstractmethod
    def _made(self, classes: int) -> nn.Module:
        """Return the network with a classifier of so many classes."""
