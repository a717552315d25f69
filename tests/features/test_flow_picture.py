"""Flow as 8-bit pictures: stretched channel by channel, mirrored, and read from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flow_files import picture_of
from moving_clips import clip_of, shifted, texture
from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.errors import MebenchError
from mebench.features.flow_picture import FlowFiles, FlowPicture, stretched
from mebench.features.reader import ClipReader
from mebench.features.strain import FlowStrain, OpticalStrain

SMALL = {"method": "dis", "size": 16, "resolution": 64}


def test_channels_run_from_0_to_255_each_by_itself() -> None:
    maps = np.dstack([np.linspace(-3, 5, 12).reshape(3, 4), np.full((3, 4), 7.0), np.eye(3, 4) * 1e-6])
    picture = stretched(maps)
    assert picture.dtype == np.uint8
    assert picture[..., 0].tolist() == np.rint(np.arange(12).reshape(3, 4) / 11 * 255).tolist()
    assert (picture[..., 1] == 0).all()  # one value
    assert (picture[..., 2] == np.eye(3, 4) * 255).all()


@pytest.mark.parametrize("third", ["strain", "magnitude"])
def test_a_picture_is_the_stretched_flow_and_its_third(third: str, tmp_path: Path) -> None:
    first = texture(64)
    clip = clip_of(tmp_path, [first, shifted(first, 1.5, -0.5)], apex=1)
    wanted = FlowPicture(third=third, **SMALL)  # type: ignore[arg-type]
    picture = wanted.compute(clip)
    assert picture.shape == wanted.shape == (16, 16, 3)
    assert picture.dtype == wanted.dtype == np.uint8
    flow = FlowStrain(**SMALL).compute(clip)  # type: ignore[arg-type]
    assert np.abs(picture[..., :2].astype(int) - stretched(flow[..., :2])).max() <= 1
    strain = OpticalStrain(**SMALL).compute(clip)  # type: ignore[arg-type]
    assert (picture[..., 2:] == stretched(strain)).all() == (third == "strain")


def test_a_clip_that_does_not_move_is_black(tmp_path: Path) -> None:
    still = texture(64)
    picture = FlowPicture(method="tvl1", size=16, resolution=64).compute(
        clip_of(tmp_path, [still, still], apex=1)
    )
    assert not picture.any()


def test_an_unknown_third_is_refused() -> None:
    with pytest.raises(MebenchError, match="third channel of a flow picture named 'speed'"):
        FlowPicture(third="speed")
    with pytest.raises(MebenchError, match="size is 0"):
        FlowFiles(0)


@pytest.mark.parametrize("kind", [FlowPicture(), FlowFiles()])
def test_a_mirror_turns_the_picture_and_negates_u(kind: FlowPicture | FlowFiles) -> None:
    torch = pytest.importorskip("torch")
    assert kind.kind == "measurement"
    flow = np.random.default_rng(0).normal(size=(28, 28, 2))
    maps = np.dstack([flow, np.hypot(flow[..., 0], flow[..., 1])])
    batch = torch.from_numpy(stretched(maps)[None].astype(np.float32))
    before = batch.clone()
    mirrored = kind.mirror(batch)
    assert torch.equal(batch, before)  # it is a copy
    due = stretched(maps[:, ::-1] * (-1, 1, 1))
    assert np.abs(mirrored[0].numpy() - due).max() <= 1  # rounding
    assert torch.equal(kind.mirror(mirrored), batch)


def _file(tmp_path: Path, picture: np.ndarray) -> ClipReader:
    path = tmp_path / "s01_s01_ne_01 .png"
    Image.fromarray(picture).save(path)
    return ClipReader("smic-hs/s01/s01_ne_01", 0, 0, 0, FrameList((0,), (path,)))


def test_a_file_is_read_as_it_is_and_resized_only_to_another_size(tmp_path: Path) -> None:
    picture = picture_of(0)
    clip = _file(tmp_path, picture)
    assert (FlowFiles().compute(clip) == picture).all()
    larger = FlowFiles(56).compute(clip)
    assert larger.shape == FlowFiles(56).shape == (56, 56, 3)
    # Every second pair of pixels surrounds one of the file's, at a quarter of the way to its neighbours.
    assert np.abs(larger.reshape(28, 2, 28, 2, 3).mean(axis=(1, 3)) - picture).mean() < 3
