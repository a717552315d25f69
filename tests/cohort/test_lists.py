"""Lists of clips as they circulate: any header, with or without datasets, and what cannot be told is reported."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.differences import ListDifference, compare_lists, renumbered
from mebench.cohort.lists import list_csv, read_list, said_of_others, scan_list
from mebench.cohort.protocol import Protocol
from mebench.data.clips.names import dataset_names
from mebench.data.clips.table import make_clip_table
from mebench.errors import MebenchError, MebenchWarning
from tests.kit.invented import invented_clips

THREE = ("negative", "positive", "surprise")
PROTOCOL = Protocol(
    name="two",
    title="two made-up databases",
    datasets=("faces-hs", "other"),
    classes=THREE,
    labels={name: {word: word for word in THREE} for name in ("faces-hs", "other")},
)
ONE = replace(PROTOCOL, name="one", datasets=("faces-hs",))
# Dataset, subject, clip, onset, class; the names of the two databases differ in one clip only.
CLIPS = (
    ("faces-hs", "s1", "s1_ne_01", 1, "negative"),
    ("faces-hs", "s1", "both", 1, "surprise"),
    ("faces-hs", "s2", "s2_po_01", 1, "positive"),
    ("other", "1", "both", 5, "surprise"),
    ("other", "2", "a", 10, "negative"),
    ("other", "2", "a", 30, "positive"),
)
OTHERS = frozenset({"samm", "smic"})


def cohort_of(protocol: Protocol) -> Cohort:
    data = []
    for name in protocol.datasets:
        rows = [clip for clip in CLIPS if clip[0] == name]
        raw = pd.DataFrame(rows, columns=["dataset", "subject", "clip", "onset", "emotion"])
        raw = raw.assign(apex=raw["onset"] + 1, offset=raw["onset"] + 2, row=range(2, len(raw) + 2))
        data.append(replace(invented_clips(dataset=name), table=make_clip_table(name, raw, fps=100.0)))
    return build_cohort(protocol, data)


def spellings(protocol: Protocol) -> dict[str, str]:
    return dataset_names(protocol.datasets, {})


def diff(path: Path, text: str, protocol: Protocol = PROTOCOL) -> ListDifference:
    path.write_text(text)
    rows = scan_list(path, protocol, spellings(protocol), OTHERS)
    return compare_lists(cohort_of(protocol), rows.clips, rows.unclear)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


@pytest.mark.parametrize(
    "header",
    ["data,subject,clip,label", "dataset,sub,filename_o,label_for_3", "Database;Subject ID;File_Name;Class"],
)
def test_the_headers_of_circulating_lists_are_read(path: Path, header: str) -> None:
    divider = ";" if ";" in header else ","
    rows = [
        divider.join((dataset, s, f"{clip}.avi", str(THREE.index(c)))) for dataset, s, clip, _, c in CLIPS[:4]
    ]
    found = diff(path, "\n".join([header, *rows]))
    assert (found.missing, found.labels, found.unclear) == ({}, {}, ())
    assert found.extra == ("other/2/a/10", "other/2/a/30")


def test_of_several_labels_the_one_of_as_many_classes_counts(path: Path) -> None:
    text = "sub,filename_o,label_for_7,label_for_3\ns1,s1_ne_01,6,0\ns1,both,5,2\ns2,s2_po_01,4,1\n"
    assert not diff(path, text, ONE)


def test_a_list_without_datasets_is_of_the_protocols_one(path: Path) -> None:
    assert not diff(path, "subject,clip,class\n1,s01_ne_01,negative\ns1,both,2\n2,s2_po_01,1\n", ONE)
    assert not diff(path, "1,s01_ne_01,0\n1,both,2\n2,s2_po_01,1\n", ONE)


def test_without_datasets_a_clip_of_a_composite_is_found_by_its_names(path: Path) -> None:
    text = "subject,clip,onset,class\n1,s1_ne_01,1,0\n2,s2_po_01,1,1\n2,a,10,0\n2,a,30,1\ns1,both,1,2\n1,both,5,2\n"
    assert not diff(path, text)


def test_names_that_fit_clips_of_two_databases_are_reported_and_not_called_extra(path: Path) -> None:
    found = diff(path, "subject,clip,class\nx1,both,2\n2,s2_po_01,1\n")
    assert found.unclear == ("row 2, x1/both, fits 2 clips",)
    assert found.extra == ("faces-hs/s1/s1_ne_01/1", "other/2/a/10", "other/2/a/30")


def test_whatever_is_ambiguous_a_difference_ends_in_a_report(path: Path) -> None:
    text = (
        "dataset,subject,clip,class\nother,2,a,0\nother,2,a,1\nfaces,1,s1_ne_01,0\nfaces,1,S01_NE_1,0\n"
        "fasces,1,both,2\nfaces,1,both,9\nfaces,,both,0\n"
    )
    found = diff(path, text)
    assert [line.removeprefix(f"{path}, ").partition(":")[0] for line in found.unclear] == [
        "row 3",
        "row 5",
        "row 6",
        "row 7, faces-hs/1/both",
        "row 8",
        "row 2, other/2/a, fits 2 clips",
    ]
    assert "the dataset 'fasces' is not supported here: did you mean 'faces-hs'?" in found.unclear[2]
    assert found


def test_a_strict_reading_refuses_what_a_report_lists(path: Path) -> None:
    path.write_text("dataset,subject,clip,class\nfaces,1,a,0\nfaces,1,a,1\n")
    with pytest.raises(MebenchError, match="row 3: faces-hs/1/a stands in row 2 already"):
        read_list(path, PROTOCOL, spellings(PROTOCOL))
    path.write_text("subject,clip,class\n1,a,0\n")
    with pytest.raises(MebenchError, match=r"no column 'dataset', and two has several \(faces-hs, other\)"):
        read_list(path, PROTOCOL, spellings(PROTOCOL))


def test_rows_of_a_composites_other_databases_are_counted_and_said(path: Path) -> None:
    rows = "faces,s1,s1_ne_01,0\nfaces,s1,both,2\nfaces,s2,s2_po_01,1\nsamm,6,006_1_2,0\nSMIC,s1,x,1\nsamm,7,b,1\n"
    assert not diff(path, rows, ONE)
    listed = scan_list(path, ONE, spellings(ONE), OTHERS)
    assert listed.others == {"samm": 2, "SMIC": 1}
    assert said_of_others(listed.others, ONE) == (
        "3 row(s) are of other datasets than one's and do not count (samm 2, SMIC 1)"
    )
    with pytest.warns(MebenchWarning, match="do not count"):
        assert len(read_list(path, ONE, spellings(ONE), OTHERS)) == 3
    path.write_text("samm,6,006_1_2,0\n")
    with pytest.raises(MebenchError, match="has no clip of faces-hs"):
        read_list(path, ONE, spellings(ONE), OTHERS)


def test_classes_counted_from_one_are_refused(path: Path) -> None:
    with pytest.raises(MebenchError, match="counts its classes from 1 to 3, and mebench from 0: write names"):
        diff(path, "faces,s1,s1_ne_01,1\nfaces,s1,both,3\nfaces,s2,s2_po_01,2\n")


def test_a_list_whose_classes_are_exchanged_is_told_so(path: Path) -> None:
    found = diff(path, "1,s1_ne_01,1\n1,both,2\n2,s2_po_01,0\n", ONE)
    assert found.renumbered == {"negative": "positive", "positive": "negative"}
    assert len(found.labels) == 2


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(0, 1), (1, 2), (2, 0)], {"a": "b", "b": "c", "c": "a"}),
        ([(0, 0), (1, 1)], None),
        ([(0, 1), (1, 0), (1, 1)], None),  # one clip of the class stayed
        ([(0, 2), (1, 2)], None),  # two classes became one
        ([(0, 0), (1, 2)], None),  # one class alone: a doubtful label, not another order
        ([], None),
    ],
)
def test_only_a_whole_permutation_is_taken_for_one(
    pairs: list[tuple[int, int]], expected: dict[str, str] | None
) -> None:
    assert renumbered(pairs * 2, "abc") == expected


def test_a_list_may_be_a_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ("Subject", "Filename", "Label"),
        *((s, clip, c) for d, s, clip, _, c in CLIPS if d == "faces-hs"),
    ):
        book["Sheet"].append(row)
    book.save(path)
    listed = read_list(path, ONE, spellings(ONE))
    assert not compare_lists(cohort_of(ONE), listed)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_an_exported_list_is_read_again_in_any_encoding(path: Path, encoding: str) -> None:
    path.write_text(list_csv(cohort_of(PROTOCOL)).replace(",", ";"), encoding=encoding)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not compare_lists(cohort_of(PROTOCOL), read_list(path, PROTOCOL, spellings(PROTOCOL)))


def test_a_column_that_stands_twice_is_refused(path: Path) -> None:
    with pytest.raises(MebenchError, match=r"the column 'Clip' stands there twice \(2 and 4\)"):
        diff(path, "subject,Clip,class,clip\n1,a,0,b\n", ONE)
