"""Columns that the user names reach every sheet, and a name that fits none is told with the near ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mebench.data.clips.columns import parse_columns
from mebench.data.clips.layout import FrameLayout
from mebench.data.clips.sheet import read_sheet
from mebench.data.clips.table import make_clip_table
from mebench.data.dataset import Dataset
from mebench.data.reading import read_annotated
from mebench.errors import MebenchError

FIELDS = ("subject", "clip", "onset", "apex", "offset", "emotion", "aus")


class Faces(Dataset):
    """Somebody's database, whose plugin knows nothing of named columns."""

    name = "faces"
    annotation_files = ("faces.csv",)
    layouts = (FrameLayout("{subject}/{clip}/{frame}.png"),)

    def read_annotation(self, path: Path) -> pd.DataFrame:
        raw = read_sheet(path, dict.fromkeys(FIELDS, ()), sheet="label")
        return make_clip_table(self.name, raw, fps=100.0)


class Folders(Faces):
    """Another, whose annotation is read without a sheet."""

    def read_annotation(self, path: Path) -> pd.DataFrame:
        raw = pd.DataFrame([["1", "a", 1, 2, 3, "sad", "4"]], columns=list(FIELDS))
        return make_clip_table(self.name, raw.assign(row=2), fps=100.0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "faces.csv").write_text(
        "subject,clip,onset,apex,offset,Mood of the face,code\n1,a,1,2,3,Sad,4\n"
    )
    return tmp_path


def read(root: Path, *columns: str, dataset: type[Dataset] = Faces) -> dict[str, object]:
    table = read_annotated(dataset(), root, columns=parse_columns(columns)).table
    return dict(table.iloc[0])


def refusal(root: Path, *columns: str, dataset: type[Dataset] = Faces) -> str:
    with pytest.raises(MebenchError) as refused:
        read(root, *columns, dataset=dataset)
    return str(refused.value)


def test_a_named_column_is_read_by_a_plugin_that_knows_nothing_of_it(root: Path) -> None:
    clip = read(root, "emotion=mood OF the_face", "aus=code")
    assert (clip["emotion"], clip["aus"]) == ("sad", "4")


def test_without_a_name_the_header_is_shown_and_the_option_named(root: Path) -> None:
    message = refusal(root)
    assert "lacks the column 'emotion' (the header in row 1 has: subject, clip, onset, apex" in message
    assert "--column FIELD=HEADER" in message


def test_a_named_column_goes_before_one_that_is_known(root: Path) -> None:
    (root / "faces.csv").write_text(
        "subject,clip,onset,apex,offset,emotion,second coder\n1,a,1,2,3,sad,happy\n"
    )
    assert read(root)["emotion"] == "sad"
    assert read(root, "emotion=second coder")["emotion"] == "happy"


def test_names_last_for_one_reading(root: Path) -> None:
    read(root, "emotion=Mood of the face")
    assert "lacks the column 'emotion'" in refusal(root)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("emotion=Mood of a face", "has no column 'Mood of a face': did you mean 'Mood of the face'?"),
        # The field is there without it, and a name that does nothing would go unseen.
        ("apex=Apxe", "has no column 'Apxe': did you mean 'apex'?"),
        ("fps=code", "faces.csv is read without a column 'fps'"),
    ],
)
def test_a_name_that_fits_no_column_is_told_with_the_near_ones(root: Path, column: str, said: str) -> None:
    columns = [column] if column.startswith("emotion") else [column, "emotion=Mood of the face"]
    message = refusal(root, *columns)
    assert message.startswith(f"--column {column}: ")
    assert said in message


def test_a_name_is_refused_where_the_annotation_has_no_columns(root: Path) -> None:
    assert "has no column 'x', and no header that was read" in refusal(root, "emotion=x", dataset=Folders)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["emotion"], "write FIELD=HEADER"),
        (["emotion= "], "write FIELD=HEADER"),
        (["emoton=Label"], "there is no field 'emoton': did you mean 'emotion'?"),
        (["emotion=a", "emotion=b"], "emotion is the column 'a' already; name one"),
        (["emotion=a b", "aus=A_B"], "the column 'A_B' is the emotion already; name another"),
    ],
)
def test_a_name_of_another_form_is_told_in_one_sentence(columns: list[str], said: str) -> None:
    with pytest.raises(MebenchError) as refused:
        parse_columns(columns)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"--column {columns[-1]}: ")
