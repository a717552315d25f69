"""Leaderboards: rebuilt to the same bytes, real and synthetic apart, reported and reproduced apart."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented import EMOTIONS, invented_cohort, store_run

from mebench.cohort.protocol import Expected
from mebench.errors import MebenchError, MebenchWarning
from mebench.evidence.description import RUN_FORMAT
from mebench.evidence.digests import digest_of
from mebench.files import to_json, write_atomically
from mebench.leaderboard.build import Built, build_leaderboards
from mebench.leaderboard.reported import read_reported
from mebench.leaderboard.rescored import rescored_csv
from mebench.plugin.registry import Registry
from mebench.records import RunDirectory
from mebench.scoring.rebuild import score_run

HEADER = "protocol,model,method,year,uf1,uar,source,caveat"
REPOSITORY = Path(__file__).resolve().parents[2]

Store = Callable[..., RunDirectory]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for tables, with published figures of one method that is registered and one that is not."""
    folder = tmp_path / "tables"
    lines = [
        HEADER,
        "four,difference-svm,Difference,2023,0.75,0.7,Some Journal,figures of one seed",
        "four,,Elsewhere,2024,0.9,,arXiv:1,",
    ]
    write_atomically(folder / "reported.csv", "\n".join(lines) + "\n")
    write_atomically(folder / "rescored.csv", rescored_csv([]))
    return folder


@pytest.fixture
def store(runs: Path, registry: Registry) -> Store:
    """Record a whole run of a registered model, with or without changed settings."""

    def make(
        model: str = "difference-svm", settings: dict[str, Any] | None = None, **how: Any
    ) -> RunDirectory:
        entry = registry.get("model", model)
        kind = entry.load()
        cohort = how.pop("cohort", None) or invented_cohort()
        return store_run(runs, cohort, entry, kind(kind.Settings(**(settings or {}))), **how)

    return make


def _table(path: Path, heading: str = "Reproduced") -> list[dict[str, str]]:
    """Read a Markdown table as a reader of Markdown would: cells between pipes that are not escaped."""
    told = path.read_text(encoding="utf-8")
    part = told.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    if not lines:
        return []
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    header, rule, *rows = cells
    assert all(re.fullmatch(r"-{3,}:?", cell) for cell in rule)
    assert {len(row) for row in cells} == {len(header)}
    return [dict(zip(header, row, strict=True)) for row in rows]


def _notes(path: Path, cell: str) -> list[str]:
    """Return the notes that a cell names by number."""
    listed = dict(re.findall(r"^- \[(\d+)\] (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    return [listed[number] for number in re.findall(r"\d+", cell.rpartition("[")[2])]


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _bytes(built: Built) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in built.written}


def test_tables_built_twice_have_the_same_bytes(store: Store, runs: Path, out: Path) -> None:
    store(wrong=2, seeds=(0, 1))
    store("majority", wrong=6)
    store("majority", wrong=6, cohort=invented_cohort(twin=True))
    first = _bytes(build_leaderboards(runs, out))
    assert sorted(path.relative_to(out).as_posix() for path in first) == [
        *("four.csv", "four.md", "four.tex"),
        *("synthetic/four.csv", "synthetic/four.md", "synthetic/four.tex"),
    ]
    assert _bytes(build_leaderboards(runs, out)) == first


def test_the_order_in_which_runs_were_made_leaves_no_trace(store: Store, runs: Path, out: Path) -> None:
    models = ({"c": 0.5}, {"c": 2.0}, None)
    for settings in models:
        store(settings=settings, wrong=3)
    first = _bytes(build_leaderboards(runs, out))
    for directory in runs.glob("*/*"):
        directory.rename(directory.with_name("moved-" + directory.name))
    for directory in sorted(runs.glob("*/*"), reverse=True):
        directory.rename(directory.with_name(directory.name.removeprefix("moved-")))
    assert _bytes(build_leaderboards(runs, out)) == first


def test_synthetic_runs_never_reach_the_tables_of_real_results(store: Store, runs: Path, out: Path) -> None:
    store("majority", wrong=5)
    twin = store("difference-svm", cohort=invented_cohort(twin=True))
    build_leaderboards(runs, out)
    real, synthetic = out / "four.md", out / "synthetic" / "four.md"
    assert [row["model"] for row in _table(real)] == ["majority"]
    assert [row["method"] for row in _table(real, "Reported")] == ["Elsewhere", "Difference"]
    assert "SYNTHETIC" not in real.read_text()
    assert twin.path.name not in (out / "four.csv").read_text()
    assert [row["model"] for row in _table(synthetic)] == ["difference-svm"]
    assert synthetic.read_text().startswith("# four on SYNTHETIC data\n")
    # Published figures are of real data, and stand beside no synthetic one.
    assert "UF1 reported" not in _table(synthetic)[0]
    assert _table(synthetic, "Reported") == []
    assert [row["synthetic"] for row in _csv(out / "synthetic" / "four.csv")] == ["True"]


def test_synthetic_runs_alone_make_no_real_table_of_theirs(store: Store, runs: Path, tmp_path: Path) -> None:
    store(cohort=invented_cohort(twin=True))
    out = tmp_path / "bare"
    write_atomically(out / "reported.csv", HEADER + "\n")
    write_atomically(out / "rescored.csv", rescored_csv([]))
    built = build_leaderboards(runs, out)
    assert {path.relative_to(out).parent.as_posix() for path in built.written} == {"synthetic"}


def _lose_a_record(run: RunDirectory) -> None:
    next(run.path.glob("folds/*.json")).unlink()


def _damage_a_record(run: RunDirectory) -> None:
    path = next(run.path.glob("folds/*.json"))
    path.write_text(path.read_text().replace("1.0", "0.9"))


def _cut_the_description(run: RunDirectory) -> None:
    run.run_file.write_text(run.run_file.read_text()[:100])


def _empty_the_description(run: RunDirectory) -> None:
    run.run_file.write_text("[]")


def _strip_the_description(run: RunDirectory) -> None:
    run.run_file.write_text(to_json({"format": RUN_FORMAT, "identity": digest_of(None)}))


def _lose_the_cohort(run: RunDirectory) -> None:
    run.cohort_file.unlink()


def _strip_the_cohort(run: RunDirectory) -> None:
    run.cohort_file.write_text("key\ncasme3/spNO.1/a/10\n")


def _lose_a_clip_of_the_cohort(run: RunDirectory) -> None:
    run.cohort_file.write_text("".join(run.cohort_file.read_text().splitlines(keepends=True)[:-1]))


def _point_elsewhere(run: RunDirectory) -> None:
    run.run_file.write_text(to_json({**run.read_run(), "protocol": "../outside"}))


@pytest.mark.filterwarnings(f"ignore::{MebenchWarning.__module__}.{MebenchWarning.__name__}")
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_lose_a_record, "has no record, so there is no score"),
        (_damage_a_record, ".json does not count (its checksum does not agree with its content)"),
        (_cut_the_description, "not readable JSON"),
        (_empty_the_description, "describes no run"),
        (_strip_the_description, "lacks"),
        (_lose_the_cohort, "missing or damaged"),
        (_strip_the_cohort, "cohort.csv is not the one that its run was made with"),
        (_lose_a_clip_of_the_cohort, "cohort.csv is not the one that its run was made with"),
        (_point_elsewhere, "its protocol is '../outside'"),
    ],
)
def test_a_run_that_is_not_whole_is_left_out_with_its_reason(
    store: Store, runs: Path, out: Path, harm: Callable[[RunDirectory], None], reason: str
) -> None:
    whole = store("majority", wrong=5)
    harmed = store("difference-svm")
    harm(harmed)
    built = build_leaderboards(runs, out)
    ((path, why),) = built.left_out
    assert path == harmed.path
    assert reason in why
    assert "\n" not in why
    assert [row["run"] for row in _csv(out / "four.csv") if row["run"]] == [whole.path.name]
    assert all(out in path.parents for path in built.written)


def test_a_run_with_shuffled_labels_is_left_out(store: Store, runs: Path, out: Path) -> None:
    shuffled = store("majority", shuffle_labels=True)
    built = build_leaderboards(runs, out)
    assert built.left_out == [(shuffled.path, "its training labels were shuffled, as a check")]
    assert all(row["run"] == "" for row in _csv(out / "four.csv"))


def test_a_paper_s_figures_stand_beside_the_run_that_repeats_it(store: Store, runs: Path, out: Path) -> None:
    uf1 = score_run(store(wrong=2))["uf1"]["mean"]
    build_leaderboards(runs, out)
    (repeated,) = _table(out / "four.md")
    assert repeated["model"] == "difference-svm"
    assert (repeated["UF1"], repeated["UF1 reported"]) == (f"{100 * uf1:.2f}", "75")
    assert repeated["reported \N{MINUS SIGN} reproduced"] == f"\N{MINUS SIGN}{100 * uf1 - 75:.2f}"
    notes = _notes(out / "four.md", repeated["notes"])
    assert notes == ["isolation none", "reported: Difference 2023, Some Journal; figures of one seed"]
    row = _csv(out / "four.csv")[0]
    assert (row["kind"], row["uf1_reported"], row["uar_reported"]) == ("reproduced", "0.75", "0.7")
    assert float(row["uf1_reported_more"]) == 0.75 - uf1


def test_print_stands_in_a_table_of_its_own_with_its_digits(store: Store, runs: Path, out: Path) -> None:
    store(wrong=2)
    build_leaderboards(runs, out)
    elsewhere, difference = _table(out / "four.md", "Reported")
    assert (elsewhere["method"], elsewhere["UF1"], elsewhere["UAR"]) == ("Elsewhere", "90", "")
    assert (difference["UF1"], difference["UAR"]) == ("75", "70")
    assert _notes(out / "four.md", difference["notes"]) == ["Some Journal", "figures of one seed"]
    kinds = [(row["kind"], row["uf1"]) for row in _csv(out / "four.csv")[1:]]
    assert kinds == [("reported", "0.9"), ("reported", "0.75")]


def test_a_paper_s_figures_never_stand_beside_a_run_with_other_settings(
    store: Store, runs: Path, out: Path
) -> None:
    store(settings={"c": 0.5})
    build_leaderboards(runs, out)
    (changed,) = _table(out / "four.md")
    assert _notes(out / "four.md", changed["notes"])[1:] == ["settings: c=0.5"]
    assert "UF1 reported" not in changed
    assert _csv(out / "four.csv")[0]["uf1_reported"] == ""


def test_a_difference_to_print_is_of_the_published_clips_alone(store: Store, runs: Path, out: Path) -> None:
    store(cohort=invented_cohort(expected=Expected(13, 3, dict.fromkeys(EMOTIONS, 3))))
    build_leaderboards(runs, out)
    (row,) = _table(out / "four.md")
    assert (row["UF1 reported"], "reported \N{MINUS SIGN} reproduced" in row) == ("75", False)


def test_a_re_run_by_others_stands_beside_no_run_and_is_marked(store: Store, runs: Path, out: Path) -> None:
    lines = [f"{HEADER},kind", "four,difference-svm,Difference,2023,0.75,0.7,a repository,,re-run"]
    write_atomically(out / "reported.csv", "\n".join(lines) + "\n")
    store()
    build_leaderboards(runs, out)
    assert "UF1 reported" not in _table(out / "four.md")[0]
    assert [row["by"] for row in _table(out / "four.md", "Reported")] == ["others (re-run)"]


@pytest.mark.filterwarnings("ignore:.*is a new run")
def test_settings_that_differ_between_rows_of_a_model_have_columns(
    store: Store, runs: Path, out: Path
) -> None:
    for wrong, settings in enumerate(({"c": 0.5, "size": 24}, {"c": 2.0, "size": 24}, {"size": 24})):
        store(settings=settings, wrong=wrong)
    store("majority", wrong=6)
    build_leaderboards(runs, out)
    rows = _table(out / "four.md")
    assert [(row["model"], row["c"]) for row in rows] == [
        *(("difference-svm", c) for c in ("0.5", "2.0", "")),
        ("majority", ""),
    ]
    # What all of them have alike is no column, but is told.
    assert "size" not in rows[0]
    assert _notes(out / "four.md", rows[0]["notes"])[1:] == ["settings: size=24"]
    assert rows[0]["notes"] == rows[2]["notes"]
    assert [row["set_c"] for row in _csv(out / "four.csv")[:4]] == ["0.5", "2.0", "", ""]


@pytest.mark.filterwarnings("ignore:.*is a new run")
def test_rows_of_several_cohorts_say_of_which(store: Store, runs: Path, out: Path) -> None:
    one, other = store(), store("majority", cohort=invented_cohort(subjects=4), wrong=6)
    build_leaderboards(runs, out)
    cohorts = [row["cohort"] for row in _table(out / "four.md")]
    assert cohorts == [each.read_run()["manifest"][:12] for each in (one, other)]


def test_rows_stand_by_falling_uf1(store: Store, runs: Path, out: Path) -> None:
    for wrong, c in ((6, 1.0), (0, 2.0), (3, 3.0)):
        store(settings={"c": c}, wrong=wrong)
    build_leaderboards(runs, out)
    assert [row["settings"] for row in _csv(out / "four.csv")[:3]] == ["c=2.0", "c=3.0", "c=1.0"]


def test_figures_are_those_of_the_scores(store: Store, runs: Path, out: Path) -> None:
    directory = store(wrong=3, seeds=(0, 1))
    scores = score_run(directory)
    build_leaderboards(runs, out)
    row = _csv(out / "four.csv")[0]
    for name in ("uf1", "uar"):
        assert float(row[name]) == scores[name]["mean"]
        assert float(row[f"{name}_low"]) == scores[name]["low"]
        assert float(row[f"{name}_high"]) == scores[name]["high"]
    assert float(row["accuracy"]) == scores["accuracy"]["mean"] == 0.75
    assert (row["clips"], row["subjects"], row["seeds"]) == ("12", "3", "2")
    for name in ("uf1", "uar", "accuracy"):
        assert float(row[f"{name}_sd"]) == scores[name]["sd"]
    assert float(row["happy_f1"]) == scores["per_class"]["happy"]["f1"]["mean"]
    run = directory.read_run()
    assert (row["manifest"], row["selection"], row["run"]) == (run["manifest"], "last", directory.path.name)
    assert (row["truth"], row["identity"]) == (run["decided_by"]["truth"], run["identity"])
    printed = _table(out / "four.md")[0]
    low, mean, sd, high = (f"{100 * scores['uf1'][key]:.2f}" for key in ("low", "mean", "sd", "high"))
    assert (printed["UF1"], printed["UF1 95 %"]) == (f"{mean} ± {sd}", f"{low} to {high}")
    assert (printed["seeds"], printed["run"]) == ("2", directory.path.name[-8:])


def test_a_cohort_that_differs_from_the_published_counts_is_marked(
    store: Store, runs: Path, out: Path
) -> None:
    expected = Expected(13, 3, dict.fromkeys(EMOTIONS, 3))
    store("majority", cohort=invented_cohort(expected=expected))
    build_leaderboards(runs, out)
    assert _csv(out / "four.csv")[0]["cohort_differs"] == "True"
    (row,) = _table(out / "four.md")
    assert row["notes"].startswith("cohort differs [")
    assert "cohort differs: its clips are not as many as are published" in _notes(
        out / "four.md", row["notes"]
    )


def test_odd_characters_do_not_break_a_table(store: Store, runs: Path, out: Path) -> None:
    row = 'four,,Odd | method,2024,0.5,,"a, b | c","two\nlines | and ""quotes"""'
    write_atomically(out / "reported.csv", f"{HEADER}\n{row}\n")
    store(wrong=3)
    build_leaderboards(runs, out)
    (odd,) = _table(out / "four.md", "Reported")
    assert odd["method"] == r"Odd \| method"
    assert _notes(out / "four.md", odd["notes"]) == [r"a, b \| c", r'two lines \| and "quotes"']
    assert r"Odd \textbar{} method" in (out / "four.tex").read_text(encoding="utf-8")
    assert _csv(out / "four.csv")[1]["caveat"] == r'two\nlines | and "quotes"'


def test_figures_without_any_run_make_a_table_too(tmp_path: Path, out: Path) -> None:
    built = build_leaderboards(tmp_path / "nothing", out)
    assert [path.name for path in built.written] == ["four.md", "four.csv", "four.tex"]
    assert [row["method"] for row in _table(out / "four.md", "Reported")] == ["Elsewhere", "Difference"]


GOOD = "four,,M,2024,0.5,0.5,s,"


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        (f"{HEADER}\n{GOOD}\nfour,,M,2024,84.03,0.5,s,\n", "row 3", "uf1"),
        (f"{HEADER}\nfour,,M,2024,0.5,-0.1,s,\n", "row 2", "uar"),
        (f"{HEADER}\nfour,,M,2024,high,0.5,s,\n", "row 2", "uf1"),
        (f"{HEADER}\nfour,,M,2024,nan,0.5,s,\n", "row 2", "uf1"),
        (f"{HEADER}\nfour,,M,soon,0.5,0.5,s,\n", "row 2", "year"),
        (f"{HEADER}\nfour,,M,,0.5,0.5,s,\n", "row 2", "year"),
        (f"{HEADER}\nfour,,M\n", "row 2", "year"),
        (f"{HEADER}\n,,M,2024,0.5,0.5,s,\n", "row 2", "protocol"),
        (f"{HEADER}\n../four,,M,2024,0.5,0.5,s,\n", "row 2", "protocol"),
        (f"{HEADER},kind\nfour,,M,2024,0.5,0.5,s,,theirs\n", "row 2", "kind"),
        (f"{HEADER},samples\nfour,,M,2024,0.5,0.5,s,,few\n", "row 2", "samples"),
        (f"{HEADER},accuracy\nfour,,M,2024,0.5,0.5,s,,1.2\n", "row 2", "accuracy"),
        ("protocol,model,method,year,uf1,source,caveat\n", "header", "uar"),
        ("", "header", "protocol"),
    ],
)
def test_a_damaged_figure_is_named_by_row_and_column(
    tmp_path: Path, text: str, row: str, column: str
) -> None:
    path = tmp_path / "reported.csv"
    path.write_text(text)
    with pytest.raises(MebenchError) as raised:
        read_reported(path)
    message = str(raised.value)
    assert str(path) in message
    assert row in message
    assert column in message
    assert "\n" not in message


def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "reported.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert [(paper.protocol, paper.uf1) for paper in read_reported(path)] == [("four", 0.5)]


def test_a_table_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reported.csv"
    path.write_bytes(f"{HEADER}\nfour,,Mé,2024,0.5,0.5,s,\n".encode("latin-1"))
    with pytest.raises(MebenchError, match=r"reported\.csv.*UTF-8"):
        read_reported(path)


def test_the_figures_in_the_repository_can_be_read(registry: Registry) -> None:
    papers = read_reported(REPOSITORY / "leaderboards" / "reported.csv")
    assert papers
    models = {entry.name for entry in registry.entries("model")}
    for paper in papers:
        assert paper.printed
        assert paper.source
        assert paper.model in models | {""}
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", paper.protocol)
    assert len(papers) == 173
    assert [paper.kind for paper in papers].count("re-run") == 41
    # SFAMNet prints one method under one protocol by the input that it was given.
    assert len({(p.protocol, p.part, p.method, p.source, p.caveat) for p in papers}) == len(papers)


def test_the_digits_of_print_are_kept_for_they_say_how_exact_a_figure_is(tmp_path: Path) -> None:
    path = tmp_path / "reported.csv"
    header = "protocol,part,model,method,year,uf1,uar,accuracy,samples,kind,source,caveat"
    path.write_text(f"{header}\nfour,smic,,M,2013,0.2000,.528,,164,re-run,s,\n")
    (row,) = read_reported(path)
    assert row.printed == {"uf1": "0.2000", "uar": ".528"}
    assert (row.uf1, row.uar, row.accuracy) == (0.2, 0.528, None)
    assert (row.part, row.samples, row.kind) == ("smic", 164, "re-run")


def test_the_tables_in_the_repository_are_what_a_build_of_its_files_writes(tmp_path: Path) -> None:
    stored = REPOSITORY / "leaderboards"
    for name in ("reported.csv", "rescored.csv"):
        shutil.copyfile(stored / name, tmp_path / name)
    (tmp_path / "results").symlink_to(stored / "results")
    built = build_leaderboards(tmp_path / "no runs", tmp_path)
    assert built.left_out == []
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in built.written}
    tables = {
        path.relative_to(stored).as_posix(): path.read_bytes()
        for suffix in (".md", ".csv", ".tex")
        for path in (*stored.glob(f"*{suffix}"), *(stored / "synthetic").glob(f"*{suffix}"))
        if path.name not in ("reported.csv", "rescored.csv", "README.md")
    }
    assert written == tables, "`mebench leaderboard build --runs nothing` writes them anew"


def test_a_protocol_that_tests_the_subjects_it_trains_on_is_marked_in_each_row(
    store: Store, runs: Path, out: Path
) -> None:
    store(cohort=invented_cohort(subject_dependent=True))
    build_leaderboards(runs, out)
    assert "SUBJECT-DEPENDENT: training and test share subjects" in (out / "four.md").read_text()
    assert _csv(out / "four.csv")[0]["subject_dependent"] == "True"
