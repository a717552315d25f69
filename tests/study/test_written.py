"""A study's files: Markdown, CSV, LaTeX, and the plot."""

from __future__ import annotations

import csv
import errno
import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from mebench.errors import MebenchError, MebenchWarning
from mebench.plain_text import is_plain
from mebench.scoring.typeset import MINUS, escaped
from mebench.study.costs import Cost
from mebench.study.plot import draw_differences
from mebench.study.results import Results, Row
from mebench.study.table import amount, study_table
from mebench.study.written import as_csv, latex, markdown, refuse_unwritable, write_study

UF1 = {"mean": 0.4317, "sd": 0.012, "per_seed": [0.42, 0.44]}
LOSS = {"a": 0.43, "b": 0.4, "difference": -0.0301, "low": -0.05, "high": 0.004, "p": 0.0004}
FOUND = Results(
    title="Ablations of net under casme3-4c (SYNTHETIC data)",
    model="net",
    protocol="casme3-4c",
    factors=(),
    metric="uf1",
    seeds=(0, 1),
    synthetic=True,
    shuffled_labels=False,
    selection="oracle",
    rows=(
        Row("reference", "", {}, {}, True, "runs/a", UF1, UF1, None, None, None, Cost(2847316, 15), 1.25),  # type: ignore[arg-type]
        Row("kind=[a|b]", "kind_of", {"kind": "[a|b]"}, {}, False, "runs/b", UF1, UF1, None, LOSS, 0.0008),  # type: ignore[arg-type]
        Row("axes=x, y=5 %", "axes", {}, {}, False, problem="1 fold(s) failed"),
    ),
    notes=("left out a_b",),
)
SWEEP = replace(
    FOUND,
    factors=("kind", "lr"),
    rows=tuple(replace(row, axis="", factors={"kind": n, "lr": 0.1}) for n, row in enumerate(FOUND.rows)),
)


def test_the_table_has_a_column_a_factor_and_none_without_figures() -> None:
    assert study_table(FOUND).columns == (
        *("axis", "variant", "UF1", "UAR", "UF1 difference", "95 % interval", "p (Holm)"),
        *("parameters", "FLOPs", "s/fold"),
    )
    assert study_table(SWEEP).columns[:4] == ("variant", "kind", "lr", "UF1")
    row = study_table(FOUND).cells()[1]
    assert row == [
        "kind_of",
        "kind=[a|b]",
        "43.17 ± 1.20",
        "43.17 ± 1.20",
        f"{MINUS}3.01",
        f"{MINUS}5.00 to +0.40",
        "0.0008",
        *[""] * 3,
    ]
    assert study_table(FOUND).cells()[0][-3:] == ["2.85 M", "15", "1.25"]
    assert study_table(FOUND).cells()[2][2:] == [""] * 8


@pytest.mark.parametrize(
    ("value", "text"),
    [(999, "999"), (999_600, "1 M"), (181_400, "181 k"), (11_689_512, "11.7 M"), (1.8e9, "1.8 G")],
)
def test_amounts_have_three_digits(value: int, text: str) -> None:
    assert amount(value) == text


def test_a_p_beside_the_level_is_told_from_it() -> None:
    rows = tuple(replace(FOUND.rows[1], p_holm=p) for p in (0.0499, 0.0501))
    cells = study_table(replace(FOUND, rows=(FOUND.rows[0], *rows))).cells()
    assert [row[6] for row in cells[1:]] == ["0.0499", "0.0501"]


def test_markdown_is_a_table_with_its_notes() -> None:
    lines = markdown(FOUND).splitlines()
    assert lines[0] == "**Ablations of net under casme3-4c (SYNTHETIC data)**"
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(FOUND.rows)
    assert r"kind=[a\|b]" in rows[3]
    assert "- left out a_b" in lines
    assert "- no scores for axes=x, y=5 %: 1 fold(s) failed" in lines


def test_csv_holds_the_figures_themselves() -> None:
    reference, variant, broken = csv.DictReader(io.StringIO(as_csv(FOUND)))
    assert float(reference["uf1"]) == 0.4317
    assert float(reference["uf1_sd"]) == 0.012
    assert reference["parameters"] == "2847316"
    assert reference["uf1_difference"] == ""
    assert float(variant["uf1_difference"]) == -0.0301
    assert float(variant["uf1_p_holm"]) == 0.0008
    assert variant["synthetic"] == "true"
    assert (variant["shuffled_labels"], variant["selection"]) == ("false", "oracle")
    assert (broken["uf1"], broken["problem"]) == ("", "1 fold(s) failed")
    assert {row["lr"] for row in csv.DictReader(io.StringIO(as_csv(SWEEP)))} == {"0.1"}


def test_a_setting_that_is_called_as_another_column_has_one_of_its_own() -> None:
    names = ("model", "variant", "parameters")
    rows = tuple(replace(row, axis="", factors=dict.fromkeys(names, "a")) for row in FOUND.rows)
    found = replace(FOUND, factors=names, rows=rows)
    reference = next(csv.DictReader(io.StringIO(as_csv(found))))
    assert (reference["model"], reference["model (setting)"]) == ("net", "a")
    assert reference["variant"] == "reference"
    table = study_table(found)
    assert table.columns[:4] == ("variant", "model", "variant (setting)", "parameters (setting)")
    assert dict(zip(table.columns, table.cells()[0], strict=True))["parameters"] == "2.85 M"


def test_a_text_of_several_lines_stays_in_its_comment_row_and_item() -> None:
    broken = replace(FOUND.rows[2], name="axes=x\n\ny", problem="failed:\n\\end{document}\nso")
    found = replace(FOUND, rows=(*FOUND.rows[:2], broken))
    assert r"\end{document}" in latex(found)
    for line in latex(found).splitlines():
        assert r"\end{document}" not in line or line.startswith("% ")
    assert " & axes=x y & " not in latex(found).split(r"\midrule")[0]
    assert "- no scores for axes=x y: failed: \\end{document} so" in markdown(found).splitlines()
    assert "| axes | axes=x y |" in markdown(found)


def test_latex_escapes_what_it_would_read() -> None:
    assert escaped(r"\a{b}_c^~&%$#<>|") == (
        r"\textbackslash{}a\{b\}\_c\textasciicircum{}\textasciitilde{}\&\%\$\#\textless{}\textgreater{}\textbar{}"
    )
    assert escaped('"') == r"\char34{}"
    text = latex(FOUND)
    assert r"kind=[a" not in text
    assert r"kind\_of & kind={[}a\textbar{}b{]} & 43.17 $\pm$ 1.20" in text
    assert r"$-$3.01 & $-$5.00 to $+$0.40 & 0.0008" in text
    assert r"\caption{Ablations of net under casme3-4c (SYNTHETIC data). " in text
    for begin, end in (
        (r"\begin{table}", r"\end{table}"),
        (r"\begin{tabular}", r"\end{tabular}"),
        ("{", "}"),
    ):
        bare = text.replace(r"\{", "").replace(r"\}", "")
        assert bare.count(begin) == bare.count(end)
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in rows} == {9}


def test_an_axis_is_named_once_in_latex_and_factors_always() -> None:
    twice = replace(FOUND, rows=(*FOUND.rows, replace(FOUND.rows[2], name="axes=z")))
    assert latex(twice).splitlines()[-5].startswith(" & axes=z")
    assert latex(SWEEP).count("& 0.1 &") == 3


def test_all_files_are_written_and_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    written = write_study(FOUND, tmp_path / "a")
    names = ["table.md", "table.csv", "table.tex", "differences.svg", "differences.png"]
    assert [file.name for file in written] == names
    write_study(FOUND, tmp_path / "b")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_plot_shows_dots_with_their_intervals_in_the_figures_own_scale(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw_differences(FOUND, tmp_path)
    with Image.open(tmp_path / "differences.png") as picture:
        colours = picture.convert("RGB").getcolors(1 << 20)
        size = picture.size
    assert size[0] == 1440
    assert colours is not None
    drawn = {colour for _, colour in colours}
    assert (31, 95, 168) in drawn, "the interval"
    assert (179, 38, 30) in drawn, "the title of synthetic data"
    unbounded = replace(FOUND.rows[1], difference={**LOSS, "low": None, "high": None})  # type: ignore[typeddict-item]
    real = replace(FOUND, synthetic=False, rows=(FOUND.rows[0], unbounded))
    draw_differences(real, tmp_path)
    with Image.open(tmp_path / "differences.png") as picture:
        assert (179, 38, 30) not in {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or ()}


def test_dollars_in_a_setting_are_no_formula(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = (FOUND.rows[0], replace(FOUND.rows[1], name=r"run=$HOME/\x $A"))
    assert len(draw_differences(replace(FOUND, rows=rows), tmp_path)) == 2


def test_a_study_without_differences_has_no_plot_not_even_one_of_before(tmp_path: Path) -> None:
    (tmp_path / "differences.png").write_text("of before")
    assert draw_differences(replace(FOUND, rows=FOUND.rows[:1]), tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_tables_are_written_and_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.warns(MebenchWarning, match=r"pip install 'mebench\[plots\]'"):
        written = write_study(FOUND, tmp_path)
    assert [file.name for file in written] == ["table.md", "table.csv", "table.tex"]


def test_a_folder_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MebenchError, match="choose another --out folder"):
        refuse_unwritable(tmp_path / "file" / "out")


def test_a_folder_that_takes_no_file_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(dir: Path) -> None:
        raise PermissionError(errno.EACCES, "no", str(dir))

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    with pytest.raises(MebenchError, match="writing there is not allowed; choose another --out folder"):
        refuse_unwritable(tmp_path)


# Texts that somebody else chose

EVIL = "=cmd|' /C x'!A0 \x1b[2J\u202e <script> [l](javascript:x) $x_{y$ [/bold]\nerror: x"
ODD = replace(
    FOUND, title=f"{EVIL} net", rows=(FOUND.rows[0], replace(FOUND.rows[1], name=EVIL)), notes=(EVIL,)
)


@pytest.mark.parametrize("write", [markdown, as_csv, latex])
def test_no_text_does_more_in_a_study_than_stand_there(write: Callable[[Results], str]) -> None:
    text = write(ODD)
    assert all(character == "\n" or is_plain(character) for character in text)
    if write is markdown:
        assert "<script" not in text
        assert "[l](" not in text
    if write is as_csv:
        assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in tuple("=@|")]


def test_the_plot_takes_any_text(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (svg, _) = sorted(draw_differences(ODD, tmp_path), key=lambda path: path.suffix, reverse=True)
    drawn = ElementTree.parse(svg)
    assert drawn.getroot().tag.endswith("svg")
