"""An annotation that was changed at random is read, or refused in one sentence; its names lead nowhere."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import changed_bytes, changed_cells, changed_parts, examples, little_memory, said

from mebench.data.clips.layout import forget_folders
from mebench.data.clips.table import clip_rows
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated
from mebench.data.sources import load_dataset
from mebench.errors import MebenchError, MebenchWarning
from mebench.plugin.registry import Registry
from mebench.synthetic.invent import invent_clips

# One sheet, several sheets, the sheet found by its header, a rate for each row, a table without action units.
DATASETS = ("casme3", "casme2", "samm", "dfme", "4dme", "mmew")


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> list[tuple[Dataset, Path]]:
    """An annotation of each dataset, as its twin has it."""
    found = []
    for name in DATASETS:
        dataset = load_dataset(registry, name)
        recipe = dataset.twin
        assert recipe is not None
        path = tmp_path_factory.mktemp(name) / recipe.annotation_file
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.write_annotation(invent_clips(name, recipe, subjects=2, clips=3, seed=0), path)
        found.append((dataset, path))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples, which write over one another."""
    return tmp_path_factory.mktemp("changed")


def read(dataset: Dataset, path: Path) -> str | None:
    """Read an annotation, and name the place of every frame that a twin of it would have."""

    def use() -> None:
        forget_folders()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MebenchWarning)
            data = read_annotated(dataset, path.parent, path)
        for clip in clip_rows(data.table):
            for layout in dataset.layouts:
                try:
                    place = layout.path(path.parent, clip, clip.onset)
                except MebenchError:
                    continue
                assert place.resolve().is_relative_to(path.parent.resolve())

    return said(use)


def chosen(seeds: list[tuple[Dataset, Path]], data: st.DataObject) -> tuple[Dataset, Path]:
    return seeds[data.draw(st.integers(0, len(seeds) - 1))]


@lru_cache
def cells_of(path: Path) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def as_xls(sheets: dict[str, list[list[object]]]) -> bytes:
    xlwt = pytest.importorskip("xlwt", reason="writing an .xls workbook takes xlwt")
    book: Any = xlwt.Workbook()
    for title, rows in sheets.items():
        page = book.add_sheet(title)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write(place, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_csv(rows: list[list[object]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("utf-8", "surrogatepass")


@examples(15)
@given(data=st.data())
def test_a_workbook_with_other_bytes(
    data: st.DataObject, seeds: list[tuple[Dataset, Path]], folder: Path
) -> None:
    dataset, seed = chosen(seeds, data)
    path = folder / seed.name
    path.write_bytes(data.draw(changed_bytes(seed.read_bytes())))
    read(dataset, path)


@examples(25)
@given(data=st.data())
def test_a_workbook_with_a_changed_part(
    data: st.DataObject, seeds: list[tuple[Dataset, Path]], folder: Path
) -> None:
    dataset, seed = chosen(seeds, data)
    path = folder / seed.name
    path.write_bytes(data.draw(changed_parts(seed.read_bytes())))
    read(dataset, path)


@examples(15)
@given(data=st.data())
def test_an_old_workbook_with_other_bytes(
    data: st.DataObject, seeds: list[tuple[Dataset, Path]], folder: Path
) -> None:
    dataset, seed = chosen(seeds, data)
    path = folder / f"{seed.stem}.xls"
    path.write_bytes(data.draw(changed_bytes(as_xls(cells_of(seed)))))
    read(dataset, path)


@examples(25)
@given(data=st.data())
def test_a_table_with_other_cells(
    data: st.DataObject, seeds: list[tuple[Dataset, Path]], folder: Path
) -> None:
    dataset, seed = chosen(seeds, data)
    rows = data.draw(changed_cells(next(iter(cells_of(seed).values()))))
    path = folder / f"{seed.stem}.csv"
    path.write_bytes(as_csv(rows))
    read(dataset, path)


@examples(15)
@given(data=st.data())
def test_a_text_with_other_bytes(
    data: st.DataObject, seeds: list[tuple[Dataset, Path]], folder: Path
) -> None:
    dataset, seed = chosen(seeds, data)
    path = folder / f"{seed.stem}.csv"
    path.write_bytes(data.draw(changed_bytes(as_csv(next(iter(cells_of(seed).values()))))))
    read(dataset, path)
