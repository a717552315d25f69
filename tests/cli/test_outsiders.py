"""What the command line says of plugins that cannot be believed, and of protocols that share subjects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from outsiders import Outsider, outsider

from mebench.plugin import loading
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry

Call = Callable[..., tuple[int, str, str]]

SHARING = """
from dataclasses import dataclass
import numpy as np
from mebench.api import Fold, Protocol, Split
from mebench_protocols.casme3 import CLASSES_4
from dataclasses import replace

@dataclass(frozen=True)
class Halves(Split):
    def folds(self, clips):
        rows = np.arange(len(clips))
        {folds}
    def __str__(self):
        return "halves"

THEIRS = replace(CLASSES_4, name="theirs", split=Halves(), expected=None{more})
"""
TWO = "return (Fold('even', rows[::2], rows[1::2]), Fold('odd', rows[1::2], rows[::2]))"
SAME = "return (Fold('all', rows, rows),)"


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Registry], None]:
    """Let the command line find a registry."""

    def install(registry: Registry) -> None:
        plugins = replace(load_plugins(), registry=registry)
        monkeypatch.setattr(loading, "_load", lambda: plugins)

    return install


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outsider:
    return outsider(tmp_path, monkeypatch)


def test_train_is_test_is_refused_by_run_and_by_check_in_the_same_words(
    call: Call, plugin: Outsider, use: Callable[[Registry], None], twin: Path
) -> None:
    use(plugin(SHARING.format(folds=SAME, more="")))
    run = call("run", "majority", "theirs", "--data", twin)
    assert (run[0], run[1]) == (2, "")
    assert re.fullmatch(
        r"error: protocol 'theirs': its split outsider\d+\.Halves makes the fold 'all', which trains on 12 of its "
        r"test clips \(casme3/\S+\)\n",
        run[2],
    )
    assert not Path("runs").exists()
    check = call("data", "check", "casme3", "--data", twin, "--protocol", "theirs")
    assert (check[0], check[2]) == (2, run[2])


def test_a_protocol_that_shares_subjects_is_marked_by_run_show_list_and_info(
    call: Call, plugin: Outsider, use: Callable[[Registry], None], twin: Path
) -> None:
    use(plugin(SHARING.format(folds=TWO, more=", subject_dependent=True")))
    mark = "SUBJECT-DEPENDENT"
    run = call("run", "majority", "theirs", "--data", twin, "--workers", "1")
    assert run[0] == 0, run[2]
    assert f"majority under theirs (SYNTHETIC data) ({mark}: training and test share subjects)" in run[1]
    name = next(Path("runs").glob("theirs/*")).name
    assert mark in call("show", name)[1]
    assert mark in call("list", "runs")[1]
    assert mark in call("info", "theirs")[1]
    assert json.loads(call("show", name, "--json")[1])["subject_dependent"] is True
    assert json.loads(call("info", "theirs", "--json")[1])[0]["subject_dependent"] is True
    assert mark not in call("info", "casme3-4c")[1]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("protocol", "THEIRS = {}", "a Protocol object is due"),
        ("protocol", "THEIRS = 1 / 0", "could not be loaded .*ZeroDivisionError"),
        ("model", "THEIRS = dict", "a subclass of mebench.models.base.Model is due"),
        ("dataset", "THEIRS = dict", "a subclass of mebench.data.dataset.Dataset is due"),
    ],
)
def test_info_and_list_of_what_cannot_be_used_say_why_and_show_the_rest(
    call: Call, plugin: Outsider, use: Callable[[Registry], None], kind: str, text: str, said: str
) -> None:
    use(plugin(text, kind))
    info = call("info", "theirs")
    assert info[0] == 0
    assert f"theirs ({kind} of plugin outsider)" in info[1]
    assert re.search(rf"^warning: .*'theirs'.*{said}", info[2])
    assert "Traceback" not in info[2]
    assert re.search(said, json.loads(call("info", "theirs", "--json")[1])[0]["problem"])
    listed = call("list", f"{kind}s")
    assert listed[0] == 0
    assert "theirs" in listed[1]


def test_a_repeated_split_of_an_outsider_runs_and_is_listed_by_repeat(
    call: Call, plugin: Outsider, use: Callable[[Registry], None], twin: Path
) -> None:
    repeated = """people = clips["group"].unique()
        return tuple(
            Fold(f"{who} again {n}", rows[clips["group"] != who], rows[clips["group"] == who], repeat=n)
            for n in (0, 1) for who in people
        )"""
    use(plugin(SHARING.format(folds=repeated, more="")))
    run = call("run", "majority", "theirs", "--data", twin, "--workers", "1")
    assert run[0] == 0, run[2]
    assert "12 clips, 3 subjects, 6 folds, seeds 0, 2 repeats" in run[1]
    again = call("run", "majority", "theirs", "--data", twin, "--workers", "1")
    assert again[1] == run[1]
    assert "6 of 6 folds done" not in run[2]
    exported = call("protocol", "export", "theirs", "--data", twin)[1].splitlines()
    assert "fold,fold_2" in exported[0]
    assert "again 0,casme3/spNO.1 again 1" in exported[1]


FAILING = """
from mebench.api import Model

class THEIRS(Model):
    def __init__(self, settings=None):
        super().__init__(settings)
        self.fail("__init__")

    def inputs(self):
        self.fail("inputs")
        return {{}}

    def prepare(self):
        self.fail("prepare")

    def contents(self):
        self.fail("contents")
        return {{}}

    def fit(self, train, context): ...

    def predict(self, test): ...

    def fail(self, where):
        if where == {where!r}:
            raise OSError("no\\nnetwork")
"""


@pytest.mark.parametrize("where", ["__init__", "inputs", "prepare", "contents"])
def test_what_a_model_raises_before_its_first_fold_is_one_sentence(
    call: Call, plugin: Outsider, use: Callable[[Registry], None], twin: Path, where: str
) -> None:
    use(plugin(FAILING.format(where=where), "model"))
    code, out, err = call("run", "theirs", "casme3-4c", "--data", twin)
    assert (code, out) == (2, "")
    assert f"error: model 'theirs' of plugin 'outsider': its {where}() failed: OSError: no network\n" in err
