"""The parts of MagNet that SKD-TSTSAN magnifies motion with (Oh et al., ECCV 2018).

    encoder, manipulator = MotionEncoder(channels=1), Manipulator()
    manipulator(encoder(onset), encoder(apex), amplification=2)      # (B, 32, H / 2, W / 2)
    load_magnet(encoder, Path("magnet.safetensors"), "encoder")

No convolution has a bias, and borders are reflected.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from mebench.api import MebenchError, read_weights

WIDTH = 32


def convolution(channels: int, out: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution with reflected borders and no bias."""
    return nn.Conv2d(channels, out, kernel, stride, padding=kernel // 2, padding_mode="reflect", bias=False)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, with nothing after their sum."""

    def __init__(self) -> None:
        super().__init__()
        self.first = convolution(WIDTH, WIDTH, 3)
        self.second = convolution(WIDTH, WIDTH, 3)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape."""
        changed: Tensor = self.second(self.first(maps).relu())
        return maps + changed


class MotionEncoder(nn.Module):
    """MagNet's encoder of shape: (B, channels, H, W) to (B, 32, H / 2, W / 2)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            convolution(channels, 16, 7), nn.ReLU(), convolution(16, WIDTH, 3, stride=2), nn.ReLU()
        )
        self.shared = nn.Sequential(*(ResidualBlock() for _ in range(3)))
        self.motion = nn.Sequential(
            convolution(WIDTH, WIDTH, 3), nn.ReLU(), *(ResidualBlock() for _ in range(2))
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Return the map of shape."""
        maps: Tensor = self.motion(self.shared(self.stem(picture)))
        return maps


class Manipulator(nn.Module):
    """MagNet's manipulator: the later map, plus a non-linear, amplified share of its difference to the earlier one."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Sequential(convolution(WIDTH, WIDTH, 7), nn.ReLU())
        self.after = nn.Sequential(convolution(WIDTH, WIDTH, 3), ResidualBlock())

    def forward(self, earlier: Tensor, later: Tensor, amplification: float) -> Tensor:
        """Return the later map with its motion amplified."""
        added: Tensor = self.after(self.before(later - earlier) * amplification)
        return later + added


_PUBLISHED = {
    "encoder": {
        "cba_2": "stem.2",
        "resblks.0": "shared.0",
        "resblks.1": "shared.1",
        "resblks.2": "shared.2",
        "motion_resblks.0": "motion.2",
        "motion_resblks.1": "motion.3",
    },
    "manipulator": {"g": "before.0", "h_conv": "after.0", "h_resblk": "after.1"},
}
# Within a block; a lone convolution has no such part.
_CONVOLUTIONS = {"cba_1.": "first.", "cba_2.": "second."}


def load_magnet(part: nn.Module, path: Path, name: str) -> int:
    """Copy a part's weights from a file of MagNet's and return how many tensors were taken.

    MagNet's first convolution reads colours, and it has no convolution before its last blocks of motion: these two of
    the encoder keep their random weights.

    Args:
        part: a :class:`MotionEncoder` or :class:`Manipulator`.
        path: a .safetensors file, or one of torch, read without running code.
        name: ``encoder`` or ``manipulator``.

    Raises:
        MebenchError: the file cannot be read, or lacks one of the weights.
    """
    state = read_weights(path, "magnet")
    own = part.state_dict()
    taken = {}
    for published, ours in _PUBLISHED[name].items():
        for inner, target in {**_CONVOLUTIONS, "": ""}.items():
            source, place = f"{name}.{published}.{inner}conv2d.weight", f"{ours}.{target}weight"
            if place not in own:
                continue
            if source not in state or state[source].shape != own[place].shape:
                raise MebenchError(
                    f"magnet={path}: there is no {source} of shape {tuple(own[place].shape)} in it; give the weights "
                    "of the PyTorch MagNet whose parts are named encoder and manipulator"
                )
            taken[place] = state[source]
    part.load_state_dict({**own, **taken})
    return len(taken)
