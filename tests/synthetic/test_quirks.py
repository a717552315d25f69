"""A twin with quirks reads as the same clips as one without, and what is wrong with it is found exactly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from mebench.cohort.report import check_dataset
from mebench.data.clips.aus import parse_aus
from mebench.data.clips.layout import forget_folders
from mebench.data.clips.marker import MARKER_FILE, MARKER_SHEET
from mebench.data.clips.table import clip_rows, make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.locations import Location
from mebench.data.reading import ClipData, read_clips
from mebench.data.sources import load_dataset
from mebench.features.inputs import ApexFrame, ClipFrames
from mebench.features.reader import ClipReader
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.synthetic.cached import open_twin
from mebench.synthetic.quirks import add_quirks
from mebench.synthetic.quirky_workbook import make_untidy
from mebench.synthetic.twin import TwinOptions, make_twin

SMALL = TwinOptions(subjects=2, clips=3, size=32)
DATASETS = [entry.name for entry in load_plugins().registry.entries("dataset") if not entry.stands_in]


@dataclass(frozen=True)
class Pair:
    """The same twin without quirks and with them, as read; ``made`` is what its marker file says was done."""

    dataset: Dataset
    plain: ClipData
    quirky: ClipData
    made: dict[str, Any]

    def books(self) -> list[str]:
        parts = self.dataset.annotation_parts(self.plain.annotation)
        return [part.name for part in parts if part.suffix == ".xlsx"]


@pytest.fixture(scope="module", params=DATASETS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Twins of one registered dataset. Read them; do not change them."""
    dataset = load_dataset(load_plugins().registry, request.param)
    folder = tmp_path_factory.mktemp(request.param)
    make_twin(dataset, folder / "plain", SMALL)
    make_twin(dataset, folder / "quirky", replace(SMALL, quirks=True))
    marker = json.loads((folder / "quirky" / MARKER_FILE).read_text())
    assert marker["quirks"] is True
    return Pair(
        dataset,
        read_clips(dataset, folder / "plain"),
        read_clips(dataset, folder / "quirky"),
        marker["quirks_made"],
    )


def files(root: Path) -> dict[str, bytes]:
    """Every file's content by its path in lower case."""
    return {
        path.relative_to(root).as_posix().casefold(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


# ---- what a reader sees


def test_the_clips_are_those_of_the_tidy_twin(pair: Pair) -> None:
    prose = next((done["prose_rows"] for done in pair.made["workbooks"].values()), 0)
    expected = pair.plain.table.assign(row=pair.plain.table["row"] + prose)
    pd.testing.assert_frame_equal(pair.quirky.table, expected)
    assert pair.quirky.table["aus"].map(parse_aus).tolist() == pair.plain.table["aus"].map(parse_aus).tolist()
    assert pair.quirky.drops == pair.plain.drops == ()
    assert pair.quirky.twin


def test_missing_frames_are_counted_exactly(pair: Pair) -> None:
    assert pair.plain.missing_frames() == {}
    assert sum(pair.made["missing_frames"].values()) == 2
    assert pair.quirky.missing_frames() == pair.made["missing_frames"]


def test_the_frames_that_are_left_are_the_tidy_twins(pair: Pair) -> None:
    bad = set(pair.made["unreadable_pictures"])
    for clip in clip_rows(pair.plain.table):
        before, after = pair.plain.frames[clip.key], pair.quirky.frames[clip.key]
        assert set(before.numbers) - set(after.numbers) <= set(range(clip.onset + 1, clip.offset))
        assert clip.apex in after.numbers
        of_number = dict(zip(before.numbers, before.paths, strict=True))
        for number, path in zip(after.numbers, after.paths, strict=True):
            cut = path.relative_to(pair.quirky.root).as_posix() in bad
            assert (path.read_bytes() == of_number[number].read_bytes()) != cut


def test_the_check_names_exactly_the_unreadable_pictures(pair: Pair, registry: Registry) -> None:
    report = check_dataset(registry, pair.dataset.name, Location(pair.quirky.root), pictures=True)
    expected = [str(pair.quirky.root / path) for path in pair.made["unreadable_pictures"]]
    assert len(expected) == 2
    assert sorted(report["unreadable_pictures"]) == expected
    assert report["missing_frames"] == pair.made["missing_frames"]
    assert report["dropped"] == []


def test_features_can_be_computed_from_every_clip(pair: Pair) -> None:
    damaged: set[Path] = set()
    for clip in clip_rows(pair.quirky.table):
        window = (clip.onset, clip.apex, clip.offset)
        reader = ClipReader(clip.key, *window, pair.quirky.frames[clip.key])
        # As many positions as frames: each is looked at.
        every = ClipFrames(clip.offset - clip.onset + 1, 16)
        for given in (ApexFrame(16), every):
            assert given.compute(reader).shape == given.shape
        damaged |= reader.damaged
        tidy = ClipReader(clip.key, *window, pair.plain.frames[clip.key])
        if clip.key not in pair.made["missing_frames"] and not reader.damaged:
            assert (every.compute(reader) == every.compute(tidy)).all()
    assert {path.relative_to(pair.quirky.root).as_posix() for path in damaged} == set(
        pair.made["unreadable_pictures"]
    )


# ---- what is there to be seen through


def test_stray_files_lie_beside_the_frames_of_every_clip(pair: Pair) -> None:
    plain, quirky = files(pair.plain.root), files(pair.quirky.root)
    assert len(set(quirky) - set(plain)) == pair.made["stray_files"]
    assert len(set(plain) - set(quirky)) == sum(pair.made["missing_frames"].values())
    for frames in pair.quirky.frames.values():
        beside = [path.name for path in frames.paths[0].parent.iterdir() if path not in frames.paths]
        assert {"Thumbs.db", "Desktop - Shortcut.lnk", "backup"} <= set(beside)
        assert any(name.startswith("._") for name in beside)


def test_one_folder_has_its_name_in_other_letter_case(pair: Pair) -> None:
    renamed = pair.quirky.root / pair.made["renamed_folder"]
    assert renamed.name in [path.name for path in renamed.parent.iterdir()]
    tidy = pair.plain.root / pair.made["renamed_folder"]
    assert [p.name for p in tidy.parent.iterdir() if p.name == renamed.name.swapcase()]
    assert any(renamed in path.parents for frames in pair.quirky.frames.values() for path in frames.paths)


def test_every_workbook_has_the_quirks_that_the_marker_counts(pair: Pair) -> None:
    assert sorted(pair.made["workbooks"]) == sorted(pair.books())
    for name, done in pair.made["workbooks"].items():
        plain, quirky = (openpyxl.load_workbook(data.root / name) for data in (pair.plain, pair.quirky))
        assert MARKER_SHEET in quirky.sheetnames == plain.sheetnames
        assert count_quirks(plain.worksheets[0], quirky.worksheets[0], done["prose_rows"]) == done
        assert done["header_cells"] > 2
        assert done["retyped_cells"] > 0


def folded(cell: object) -> str:
    return "".join(str(cell).split()).casefold()


def count_quirks(plain: Any, quirky: Any, prose: int) -> dict[str, int]:
    """Return how a sheet differs from the tidy one, having seen that it differs in no other way."""
    before, after = (list(sheet.iter_rows(values_only=True)) for sheet in (plain, quirky))
    assert all(sum(cell is not None for cell in row) == 1 for row in after[:prose])
    after = after[prose:]
    header = max(range(len(before)), key=lambda row: sum(isinstance(cell, str) for cell in before[row]))
    names = [folded(cell) for cell in before[header]]
    widened = [folded(cell) for cell in after[header]]
    new = next(place for place in range(len(widened)) if widened[:place] + widened[place + 1 :] == names)
    assert {row[new] for row in after} == {None}
    assert {cell for row in after[len(before) :] for cell in row} == {None}
    counts = {"header_cells": 0, "spaced_cells": 0, "retyped_cells": 0}
    for number, (tidy, row) in enumerate(zip(before, after, strict=False)):
        for a, b in zip(tidy, row[:new] + row[new + 1 :], strict=True):
            if a == b:
                continue
            if number == header:
                counts["header_cells"] += 1
            elif b == f"{a} ":
                counts["spaced_cells"] += 1
                assert parse_aus(a)
            else:
                counts["retyped_cells"] += 1
                assert {type(a), type(b)} == {int, str}
                assert int(a) == int(b)
    return counts | {
        "unnamed_columns": len(widened) - len(names),
        "prose_rows": prose,
        "blank_rows": len(after) - len(before),
    }


def test_a_workbook_untidy_in_any_way_reads_like_the_tidy_one(pair: Pair, tmp_path: Path) -> None:
    if not pair.books():
        pytest.skip(f"the annotation of {pair.dataset.name} is no workbook")
    tidy = pair.dataset.read_annotation(pair.plain.annotation)
    for seed in range(4):
        for name in pair.books():
            shutil.copyfile(pair.plain.root / name, tmp_path / name)
            done = make_untidy(tmp_path / name, np.random.default_rng(seed))
        table = pair.dataset.read_annotation(tmp_path / pair.plain.annotation.name)
        pd.testing.assert_frame_equal(table, tidy.assign(row=tidy["row"] + done["prose_rows"]))


def test_the_owners_workbook_reads_the_same_when_untidy(real_workbook: Path, tmp_path: Path) -> None:
    path = tmp_path / real_workbook.name
    shutil.copyfile(real_workbook, path)
    done = make_untidy(path, np.random.default_rng(0))
    dataset = load_dataset(load_plugins().registry, "casme3")
    table, tidy = dataset.read_annotation(path), dataset.read_annotation(real_workbook)
    pd.testing.assert_frame_equal(table, tidy.assign(row=tidy["row"] + done["prose_rows"]))
    assert done["retyped_cells"] > 800
    assert done["spaced_cells"] > 200


# ---- the option


def test_the_command_draws_the_same_untidy_twin_and_the_check_finds_what_it_did(
    cli: Callable[..., Any], registry: Registry, tmp_path: Path
) -> None:
    size = ("--subjects", "2", "--clips", "3", "--size", "32")
    assert cli("data", "synth", "casme3", "--out", "by-command", *size, "--quirks").returncode == 0
    make_twin(load_dataset(registry, "casme3"), tmp_path / "by-call", replace(SMALL, quirks=True))
    assert exact(tmp_path / "by-command") == exact(tmp_path / "by-call")
    checked = cli("data", "check", "casme3", "--data", "by-command", "--pictures", "--json")
    report = json.loads(checked.stdout)
    made = json.loads((tmp_path / "by-command" / MARKER_FILE).read_text())["quirks_made"]
    assert report["missing_frames"] == made["missing_frames"]
    assert [
        Path(path).relative_to("by-command").as_posix() for path in report["unreadable_pictures"]
    ] == made["unreadable_pictures"]


def exact(root: Path) -> dict[str, bytes]:
    """Every file's content by its path as spelled."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@pytest.fixture
def overlapping(tmp_path: Path, registry: Registry) -> Path:
    """A tidy twin of casme3 whose windows share frames, one of them a single frame long."""
    windows = [("a", 5, 7, 11), ("a", 8, 10, 14), ("a", 9, 12, 16), ("b", 1, 1, 1), ("b", 3, 4, 5)]
    raw = pd.DataFrame(windows, columns=["clip", "onset", "apex", "offset"])
    table = make_clip_table(
        "casme3", raw.assign(subject="spNO.1", emotion="happy", aus="12", row=range(2, 7)), fps=30.0
    )
    dataset = load_dataset(registry, "casme3")
    dataset.write_annotation(table, tmp_path / "owner.xlsx")
    make_twin(dataset, tmp_path / "tidy", replace(SMALL, annotations=tmp_path / "owner.xlsx"))
    return tmp_path / "tidy"


def test_whatever_the_seed_the_frames_that_a_clip_is_known_by_stay(
    overlapping: Path, tmp_path: Path, registry: Registry
) -> None:
    dataset = load_dataset(registry, "casme3")
    missing, unreadable = set(), set()
    for seed in range(20):
        root = tmp_path / str(seed)
        shutil.copytree(overlapping, root)
        made = add_quirks(dataset, root, seed=seed)
        forget_folders()
        data = read_clips(dataset, root)
        assert len(data.table) == 5
        assert data.missing_frames() == made["missing_frames"] != {}
        cut = {root / path for path in made["unreadable_pictures"]}
        assert all(path.is_file() for path in cut)
        for clip in clip_rows(data.table):
            frames = data.frames[clip.key]
            assert {clip.onset, clip.apex, clip.offset} <= set(frames.numbers)
            assert frames.paths[0] not in cut
        missing.add(json.dumps(made["missing_frames"]))
        unreadable.add(json.dumps(made["unreadable_pictures"]))
    # Another seed makes other quirks.
    assert len(missing) > 1
    assert len(unreadable) > 5


def test_a_cached_twin_with_quirks_is_not_the_one_without(registry: Registry) -> None:
    roots = [open_twin(registry, "casme3", replace(SMALL, quirks=quirks)).root for quirks in (False, True)]
    assert roots[0] != roots[1]
    assert ["quirks_made" in json.loads((root / MARKER_FILE).read_text()) for root in roots] == [False, True]
