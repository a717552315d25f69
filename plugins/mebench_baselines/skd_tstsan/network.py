"""SKD-TSTSAN's network: three streams, each with two branches that end early (Zhu et al. 2024).

network = TstsanNetwork(classes=5)
network(local, face, flow).scores      # (B, 5); .early are the two auxiliary heads
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .magnet import Manipulator, MotionEncoder

SEGMENTS = 2
BLOCKS = 16
SHIFTED = 8  # one channel of so many is taken from the other segment, each way
EARLY_POOL = 5


class Scores(NamedTuple):
    """Scores (B, classes) and the features (B, 3 x wide) behind them, of the whole network and of both early heads."""

    scores: Tensor
    features: Tensor
    early: tuple[tuple[Tensor, Tensor], ...] = ()


def temporal_shift(maps: Tensor, segments: int = SEGMENTS, divisor: int = SHIFTED) -> Tensor:
    """Return maps (B * segments, C, H, W) whose first channels come from the next segment, the following from the last.

    Lin, Gan and Han 2019, TSM: C // ``divisor`` channels each way, zeros where there is no other segment.
    """
    by_clip = maps.unflatten(0, (-1, segments))
    share = maps.shape[1] // divisor
    ahead, back, rest = by_clip.split([share, share, maps.shape[1] - 2 * share], dim=2)
    nothing = torch.zeros_like(ahead[:, :1])
    shifted = [torch.cat([ahead[:, 1:], nothing], dim=1), torch.cat([nothing, back[:, :-1]], dim=1), rest]
    return torch.cat(shifted, dim=2).flatten(0, 1)


class ChannelAttention(nn.Module):
    """Efficient channel attention (Wang et al. 2020) on the mean and on the maximum of each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = (
            channels.bit_length() // 2
        )  # (log2(channels) + 1) / 2, rounded down; the kernel is the next odd number
        kernel = half + 1 - half % 2
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Return weighted maps."""
        gates = [
            self.conv(pooled.unsqueeze(1)).squeeze(1) for pooled in (maps.mean((2, 3)), maps.amax((2, 3)))
        ]
        attended: Tensor = maps * (gates[0] + gates[1]).sigmoid()[..., None, None]
        return attended


class Layer(nn.Module):
    """Convolution, batch norm, ReLU; the local stream attends to channels, the flow's segments are shifted first."""

    def __init__(
        self, channels: int, out: int, *, kernel: int = 3, attended: bool = False, shifted: bool = False
    ) -> None:
        super().__init__()
        self.shifted = shifted
        self.conv = nn.Conv2d(channels, out, kernel, padding=1 if kernel == 3 else 0)
        self.norm = nn.BatchNorm2d(out)
        self.attention = ChannelAttention(out) if attended else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        """Return the layer's maps."""
        result: Tensor = self.attention(
            self.norm(self.conv(temporal_shift(maps) if self.shifted else maps)).relu()
        )
        return result


class Stream(nn.Module):
    """One stream from magnified motion to a vector of ``2 * width``, with two vectors on the way.

    Args:
        channels: of its pictures: 16 blocks of the face, 1 face, or 2 components of flow.
        width: channels of its first half; 64 is SKD-TSTSAN's.
        distilled: whether the two early branches are there.
        attended: whether its layers attend to channels (the local stream).
        shifted: whether its pictures are segments that share channels (the stream of flow).
    """

    def __init__(
        self, channels: int, width: int, *, distilled: bool, attended: bool = False, shifted: bool = False
    ) -> None:
        super().__init__()
        kinds = {"attended": attended, "shifted": shifted}
        wide = 2 * width

        def ending() -> nn.Sequential:
            return nn.Sequential(Layer(width, wide, **kinds), Layer(wide, wide, **kinds))

        self.encoder = MotionEncoder(channels)
        self.manipulator = Manipulator()
        self.stem = nn.Sequential(
            Layer(32, width, kernel=5, attended=attended), nn.MaxPool2d(EARLY_POOL, stride=2, padding=2)
        )
        self.middle = nn.Sequential(
            Layer(width, width, **kinds), Layer(width, width, **kinds), nn.AvgPool2d(3, stride=2, padding=1)
        )
        self.end = ending()
        self.early = nn.ModuleList(ending() for _ in range(2 if distilled else 0))
        self.segments = SEGMENTS if shifted else 1

    def forward(self, earlier: Tensor, later: Tensor, amplification: float) -> tuple[Tensor, list[Tensor]]:
        """Return the stream's vector, and those of its early branches."""
        maps = self.manipulator(self.encoder(earlier), self.encoder(later), amplification)
        first = self.stem(maps)
        second = self.middle(first)
        early = [
            self._vector(branch(maps)) for branch, maps in zip(self.early, (first, second), strict=False)
        ]
        return self._vector(self.end(second)), early

    def _vector(self, maps: Tensor) -> Tensor:
        """Return the mean over places, and over a clip's segments."""
        vector: Tensor = maps.mean((2, 3)).unflatten(0, (-1, self.segments)).mean(1)
        return vector


class TstsanNetwork(nn.Module):
    """The three streams and their heads.

    Args:
        classes: number of classes.
        width: channels of each stream's first half; 64 is SKD-TSTSAN's.
        distilled: whether the two auxiliary heads, which only training needs, are there.
        amplification: of MagNet's manipulators.
    """

    def __init__(
        self, classes: int, width: int = 64, *, distilled: bool = True, amplification: float = 2.0
    ) -> None:
        super().__init__()
        self.amplification = amplification
        self.local = Stream(BLOCKS, width, distilled=distilled, attended=True)
        self.face = Stream(1, width, distilled=distilled)
        self.flow = Stream(2, width, distilled=distilled, shifted=True)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(6 * width, classes)
        self.early_heads = nn.ModuleList(nn.Linear(6 * width, classes) for _ in range(2 if distilled else 0))

    def magnifiers(self) -> Iterator[tuple[MotionEncoder, Manipulator]]:
        """Yield the parts of each stream that MagNet's weights are for."""
        yield from ((stream.encoder, stream.manipulator) for stream in (self.local, self.face, self.flow))

    def forward(self, local: Tensor, face: Tensor, flow: Tensor) -> Scores:
        """Return the scores.

        Args:
            local: blocks of onset and apex, (B, 2, 16, 48, 48).
            face: onset and apex, (B, 2, 1, 48, 48).
            flow: of both segments, (B, 2, 2, 48, 48): segments, then u and v.
        """
        motion = flow.flatten(0, 1)
        vectors, early = zip(
            self.local(*local.unbind(1), self.amplification),
            self.face(*face.unbind(1), self.amplification),
            self.flow(torch.zeros_like(motion), motion, self.amplification),
            strict=True,
        )
        features = torch.cat(vectors, dim=1)
        early_features = [torch.cat(each, dim=1) for each in zip(*early, strict=True)]
        heads = zip(self.early_heads, early_features, strict=True)
        return Scores(
            self.head(self.dropout(features)),
            features,
            tuple((head(self.dropout(each)), each) for head, each in heads),
        )
