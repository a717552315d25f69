"""``mebench score``: from a file made elsewhere to figures, without a picture."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mebench.cohort.names import spellings_of
from mebench.cohort.protocol import Protocol
from mebench.data.clips.table import check_clips
from mebench.data.sources import load_dataset
from mebench.plugin.registry import Registry

WORKBOOK = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
LIST = "megc2019_combined_3class_gt.csv"
SHORT_LIST = "smic,s01,s01_ne_01,0\nsmic,s02,s02_po_01,1\ncasme2,sub01,EP01_01,2\nsamm,6,006_1_2,0\n"
SHORT_LOG = "smic 1\ns1_ne_01 0 0\nsmic 2\ns2_po_01 1 0\ncasme2 1\nEP01_01 2 2\nsamm 006\n006_1_2 0 0\n"


Call = Callable[..., Any]


@pytest.fixture
def short(tmp_path: Path) -> list[str]:
    """Arguments that score a log of four clips on a list of four."""
    (tmp_path / "list.csv").write_text(SHORT_LIST)
    (tmp_path / "log.txt").write_text(SHORT_LOG)
    return ["score", "log.txt", "--protocol", "megc2019", "--list", "list.csv"]


@pytest.fixture
def annotation(tmp_path: Path, twin: Path) -> Path:
    """A twin's workbook in a folder without a single frame."""
    (tmp_path / "annotation").mkdir()
    return Path(shutil.copy(twin / WORKBOOK, tmp_path / "annotation" / WORKBOOK))


@pytest.fixture
def official() -> Path:
    """The Grand Challenge's own list, where this machine has it (it must not be committed)."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "annotations"
    path = Path(os.environ.get("MEBENCH_TEST_ANNOTATIONS", beside)) / LIST
    if not path.exists():
        pytest.skip(f"the official list is not here: {LIST} (set MEBENCH_TEST_ANNOTATIONS to its folder)")
    return path


def scores_of(said: Any) -> Any:
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_a_log_is_scored_on_a_list_with_dataset_scores_and_fold_means(call: Call, short: list[str]) -> None:
    said = call(*short)
    assert said.code == 0, said.err
    lines = [line.split() for line in said.out.splitlines()]
    # negative 2 of 2 with one false, positive 0 of 1, surprise 1 of 1.
    assert "log.txt under megc2019" in said.out
    assert next(line[1] for line in lines if line[:1] == ["UF1"]) == "60.00"
    accuracy = next(line for line in lines if line[:1] == ["accuracy"])
    assert (accuracy[1], accuracy[-1]) == ("75.00", "75.00")
    assert [line for line in lines if line in (["casme2"], ["samm"], ["smic-hs"])]
    assert "4 clips, 4 subjects, 4 folds; scores are pooled" in said.out
    assert "seed" not in said.out.splitlines()[-1]


def test_a_list_that_is_not_the_published_one_is_scored_with_warnings(call: Call, short: list[str]) -> None:
    assert (
        "warning: megc2019: expected 442 clips, found 4 (published counts: combined_3class"
        in call(*short).err
    )


def test_json_holds_the_scores_and_what_they_rest_on(call: Call, short: list[str]) -> None:
    result = scores_of(call(*short, "--json"))
    assert result["scores"]["uf1"]["mean"] == pytest.approx((4 / 5 + 0 + 1) / 3)
    assert (result["protocol"], result["file"], result["list"]["file"]) == ("megc2019", "log.txt", "list.csv")
    assert len(result["sha256"]) == len(result["list"]["sha256"]) == 64
    assert result["manifest"] is None
    assert not result["synthetic"]


def test_missing_clips_are_refused_or_said_in_the_title_and_by_name(
    call: Call, short: list[str], tmp_path: Path
) -> None:
    (tmp_path / "log.txt").write_text(SHORT_LOG.replace("EP01_01 2 2\n", ""))
    refused = call(*short)
    assert (refused.code, refused.out) == (2, "")
    assert "error: 1 of 4 clips have no prediction (casme2/sub01/EP01_01)" in refused.err
    said = call(*short, "--allow-missing")
    assert said.code == 0
    assert said.out.startswith("log.txt, 1 of 4 clips MISSING, under megc2019")
    assert "  casme2/sub01/EP01_01\n" in said.out
    assert scores_of(call(*short, "--allow-missing", "--json"))["missing"] == ["casme2/sub01/EP01_01"]


def test_a_truth_that_is_not_the_lists_label_is_said(call: Call, short: list[str], tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(SHORT_LOG.replace("s2_po_01 1 0", "s2_po_01 0 0"))
    assert "  row 4, smic-hs/s02/s02_po_01: negative, not positive\n" in call(*short).out


def test_predictions_are_scored_on_annotations_alone_and_a_twin_is_said_to_be_one(
    call: Call, annotation: Path, tmp_path: Path, registry: Registry
) -> None:
    table, _ = check_clips(load_dataset(registry, "casme3").read_annotation(annotation))
    columns = ["dataset", "subject", "clip", "onset"]
    table[columns].assign(prediction="negative").to_csv(tmp_path / "all_negative.csv", index=False)
    score = ["score", "all_negative.csv", "--protocol", "casme3-4c", "--json"]
    result = scores_of(call(*score, "--data", annotation))
    assert result["scores"]["uar"]["mean"] == 1 / 4
    assert result["scores"]["clips"] == len(table) == 12
    assert result["synthetic"]
    assert len(result["manifest"]) == 64
    assert scores_of(call(*score, "--data", f"casme3={annotation.parent}")) == result
    assert "(SYNTHETIC data)" in call(*score[:-1], "--data", annotation).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["score", "log.txt", "--protocol", "megc2109", "--list", "list.csv"],
            "no protocol named 'megc2109'",
        ),
        (["score", "log.txt", "--protocol", "cd6me"], "cd6me has action units and no classes"),
        (["score", "lgo.txt", "--protocol", "megc2019", "--list", "list.csv"], "lgo.txt cannot be read"),
        (["score", "log.txt", "--protocol", "megc2019", "--list", "nowhere"], "nowhere cannot be read"),
        (
            ["score", "log.txt", "--protocol", "megc2019", "--list", "list.csv", "--data", "samm=."],
            "--list and --data both say which clips count",
        ),
        (
            ["score", "log.txt", "--protocol", "megc2019"],
            "or set MEBENCH_DATA_SMIC_HS; or take clips and labels from a list with --list CSV",
        ),
        (
            ["score", "log.txt", "--protocol", "smic-hs-3c", "--column", "emotion=Label"],
            "or set MEBENCH_DATA_SMIC_HS; or take clips and labels from a list with --list CSV",
        ),
        (
            ["score", "log.txt", "--protocol", "megc2019", "--list", "list.csv", "--format", "csv"],
            "log.txt, row 1: the header lacks 'subject', 'clip', 'prediction' (it has smic 1)",
        ),
    ],
)
def test_what_cannot_be_scored_is_told_in_one_sentence(
    call: Call, short: list[str], arguments: list[str], said: str
) -> None:
    result = call(*arguments)
    errors = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert (result.code, result.out, len(errors)) == (2, "", 1)
    assert said in errors[0]


def test_files_may_spell_a_dataset_as_its_plugins_aliases_do() -> None:
    registry = Registry()
    registry.dataset("casme2", "somewhere:Casme2", title="CASME II", aliases=("casme-ii",))
    registry.dataset("other", "somewhere:Other", title="Another", aliases=("smic",))
    spellings = spellings_of(registry, Protocol("x", "x", ("smic-hs", "casme2")))
    assert spellings == {
        "smichs": "smic-hs",
        "smic": "smic-hs",
        "casme2": "casme2",
        "casmeii": "casme2",
    }


def test_the_official_list_against_itself_scores_one_over_442_clips(
    call: Call, official: Path, tmp_path: Path
) -> None:
    names = ["dataset", "subject", "clip", "prediction"]
    pd.read_csv(official, names=names, dtype=str).to_csv(tmp_path / "right.csv", index=False)
    said = call("score", "right.csv", "--protocol", "megc2019", "--list", official, "--json")
    result = scores_of(said)
    assert said.err == "", "no count differs from the published ones"
    assert (result["scores"]["uf1"]["mean"], result["scores"]["clips"]) == (1.0, 442)
    clips = {name: part["clips"] for name, part in result["scores"]["per_dataset"].items()}
    assert clips == {"smic-hs": 164, "casme2": 145, "samm": 133}


def test_a_log_with_other_class_numbers_is_told_before_any_figure(
    call: Call, short: list[str], tmp_path: Path
) -> None:
    exchanged = {"0": "1", "1": "0", "2": "2"}
    lines = [line.split() for line in SHORT_LOG.splitlines()]
    (tmp_path / "log.txt").write_text(
        "\n".join(" ".join([w[0], *(exchanged[x] for x in w[1:])] if len(w) == 3 else w) for w in lines)
    )
    said = call(*short)
    assert said.out.startswith(
        "THE CLASSES ARE NUMBERED OTHERWISE: every label of the file is the cohort's once"
    )
    assert "(its negative is positive here, its positive is negative here)" in said.out
    assert scores_of(call(*short, "--json"))["renumbered"] == {"negative": "positive", "positive": "negative"}


def test_what_a_script_prints_for_each_fold_is_scored(call: Call, short: list[str], tmp_path: Path) -> None:
    plain = scores_of(call(*short, "--json"))["scores"]
    folds = [("s01", 0, 0), ("s02", 0, 1), ("sub01", 2, 2), ("006", 0, 0)]
    (tmp_path / "log.txt").write_text(
        "".join(f"Subject: {who}\nPredicted    : [{p}]\nGround Truth : [{t}]\n" for who, p, t in folds)
    )
    assert scores_of(call(*short, "--json"))["scores"] == plain
