"""Whatever an annotation says, a twin and a prepared copy of it are written below their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheets import CODING, save_csv

from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.table import ClipRow
from mebench.data.locations import Location
from mebench.data.preparation import prepare as preparation
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry
from mebench.synthetic.twin import TwinOptions, make_twin

NAMES = ("../../../escaped", "/tmp/escaped", "..", "a\\b", "\x1b[2J", "x" * 300, "a/../../b")


def everything_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("emotion", NAMES)
def test_an_emotion_leads_no_twin_out_of_its_folder(emotion: str, tmp_path: Path, registry: Registry) -> None:
    row = ["S01", "S01-02", 1, 3, 5, "4", emotion]
    annotation = save_csv(
        tmp_path / "MMEW_Micro_Exp.csv", [CODING, ["S01", "S01-01", 1, 3, 5, "4", "fear"], row]
    )
    options = TwinOptions(size=32, annotations=annotation)
    before, drawn = everything_below(tmp_path), []
    with pytest.raises(
        MebenchError, match=r"S01-02/1 \(row 3\): the name .* cannot be the name of a file or folder"
    ):
        make_twin(
            load_dataset(registry, "mmew"), tmp_path / "twin", options, lambda *done: drawn.append(done)
        )
    assert (everything_below(tmp_path), drawn) == (before, [])


@pytest.mark.parametrize("field", ["subject", "clip", "emotion", "part"])
@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_clip_leads_a_frame_out_of_the_folder(field: str, name: str, tmp_path: Path) -> None:
    names = {"subject": "s", "clip": "c", "emotion": "e", "part": "p", field: name}
    clip = ClipRow("d/s/c/1", "d", onset=1, apex=1, offset=1, objective_class="", aus="", row=2, **names)
    layout = FrameLayout("{part}/{subject}/{emotion}/{clip}/{frame}.jpg")
    with pytest.raises(MebenchError, match=r"d/s/c/1 \(row 2\): the name"):
        layout.path(tmp_path, clip, 1)


def test_a_link_in_a_folder_that_was_begun_leads_no_crop_out_of_it(
    tmp_path: Path, twin: Path, registry: Registry
) -> None:
    out, away = tmp_path / "out", tmp_path / "away"
    away.mkdir()
    (out / preparation.NOTES_FOLDER).mkdir(parents=True)
    (out / "part_A").symlink_to(away)
    options = preparation.PrepareOptions(size=32)
    with pytest.raises(MebenchError, match=r"behind a link that leaves .*out: take that away, or name"):
        preparation.prepare(load_dataset(registry, "casme3"), Location(twin), out, options)
    assert not any(away.iterdir())
