"""A run is what decides its predictions: each of it makes another run, and nothing else does."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from edited_runs import content_of
from invented import EMOTIONS, invented_clips
from PIL import Image

import mebench
import mebench.synthetic
from mebench.cohort.building import Cohort, build_cohort
from mebench.cohort.protocol import Protocol
from mebench.data.clips.layout import FrameList
from mebench.data.clips.repairs import Repair, RepairReport
from mebench.errors import MebenchError, MebenchWarning
from mebench.features import key as feature_key
from mebench.features.store import FeatureStore
from mebench.models.settings import make_settings
from mebench.plugin import source
from mebench.plugin.entry import Entry
from mebench.plugin.registry import Registry
from mebench.runner.plan import RunPlan, plan_run
from mebench.synthetic.cached import open_twin
from mebench.synthetic.twin import TwinOptions

NET = """
from pathlib import Path

from decidedhelp import SHARES
from decidedinputs import Grey
from mebench.api import ApexFrame, Model, ModelSettings, Predictions, WeightFile


class Settings(ModelSettings):
    weights: WeightFile | None = None
    words: Path | None = None
    name: str = ""
    size: int = 4


class Net(Model):
    Settings = Settings
    fetched = "1"

    def inputs(self):
        return {"apex": ApexFrame(self.settings.size), "grey": Grey()}

    def contents(self):
        return {"hub": self.fetched}

    def fit(self, train, context):
        pass

    def predict(self, test):
        return Predictions(SHARES)
"""

INPUTS = """
from dataclasses import dataclass

import numpy as np

from mebench.api import Input


@dataclass(frozen=True)
class Grey(Input):
    @property
    def shape(self):
        return (2, 2)

    def compute(self, clip):
        return clip.frame(clip.onset, 2).mean(axis=-1).astype(np.uint8)
"""

PACKAGES = {
    "decidednet/__init__.py": "",
    "decidednet/model.py": NET,
    "decidednet/table.json": "{}",
    "decidedinputs.py": INPUTS,  # another package than the model's, of one module
    "decidedhelp.py": "SHARES = None\n",  # neither model nor input, but imported by one
}


def _as_a_new_process() -> None:
    """Forget what a process remembers of code."""
    source.forget_source()
    feature_key._code.cache_clear()


@dataclass
class World:
    """Everything that a run is made of, in one folder; tests change one thing and plan again."""

    root: Path
    cache: Path
    runs: Path
    settings: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    pictures: str = "pictures"
    alter: Callable[[Cohort], Cohort] = lambda cohort: cohort

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def picture(self, place: int, number: int) -> Path:
        return self.root / self.pictures / f"{place}-{number}.png"

    def cohort(self) -> Cohort:
        table = invented_clips(2, 3, window=(10, 11, 12)).table
        paths = {k: tuple(self.picture(i, n) for n in (10, 11, 12)) for i, k in enumerate(table["key"])}
        frames = {key: FrameList((10, 11, 12), each) for key, each in paths.items()}
        data = replace(
            invented_clips(2, 3, window=(10, 11, 12), frames=frames),
            root=self.root / self.pictures,
            annotation=self.root / self.pictures / "labels.xlsx",
        )
        return self.alter(build_cohort(PROTOCOL, [replace(data, **self.data)]))

    def planned(self) -> RunPlan:
        """Plan the run as a new process would."""
        _as_a_new_process()
        kind = importlib.import_module("decidednet.model").Net
        assignments = [f"{name}={value}" for name, value in self.settings.items()]
        model = kind(make_settings(kind, {}, None, assignments))
        cohort = self.cohort()
        found = FeatureStore(self.cache).get_each(cohort.data[0], model.inputs())
        arguments: dict[str, Any] = {
            "runs": self.runs,
            "entry": Entry("model", "net", "decidednet.model:Net", "decided", "a net"),
            "model": model,
            "inputs": model.inputs(),
            "contents": model.contents(),
            "cohort": cohort,
            "seeds": (0,),
            "device": "cpu",
            "precision": "float32",
            "threads": 1,
            "shuffle_labels": False,
            "features": {name: {"casme3": each} for name, each in found.items()},
        }
        with plan_run(**{**arguments, **self.plan}) as plan:
            return plan

    def digest(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MebenchWarning)
            return self.planned().identity.digest


# The cohort leaves the last clip of each subject out.
PROTOCOL = Protocol(
    name="two",
    title="two classes",
    datasets=("casme3",),
    classes=EMOTIONS[:2],
    labels={"casme3": {emotion: emotion for emotion in EMOTIONS[:2]}},
    left_out={"casme3": dict.fromkeys(EMOTIONS[2:], "not asked for")},
    aus=(12,),
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, tmp_path / "cache", tmp_path / "runs")
    for name, content in PACKAGES.items():
        made.write(f"site/{name}", content)
    for name in ("weights.bin", "words.txt"):
        made.settings[name.partition(".")[0]] = made.write(name, "first")
    made.picture(0, 10).parent.mkdir()
    for place in range(6):
        for number in (10, 11, 12):
            Image.new("RGB", (4, 4), (place * 20 + number,) * 3).save(made.picture(place, number), "BMP")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    yield made
    for name in [name for name in sys.modules if name.startswith("decided")]:
        del sys.modules[name]
    _as_a_new_process()


def _edit(name: str, content: str) -> Callable[[World], Any]:
    return lambda world: world.write(name, content)


def _set(part: str, **values: Any) -> Callable[[World], Any]:
    return lambda world: getattr(world, part).update(values)


def _same_time_other_pixels(world: World, place: int = 0, number: int = 11) -> None:
    """Replace a picture in place by one of the same size, and set its time back."""
    path = world.picture(place, number)
    before = path.stat()
    Image.new("RGB", (4, 4), (200, 100, 50)).save(path, "BMP")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def _replaced_link(world: World) -> None:
    """Let a picture be a link, and turn the link to another picture of the same size."""
    path = world.picture(0, 11)
    path.unlink()
    path.symlink_to(world.picture(5, 11))


def _setting_name(world: World) -> None:
    """Let a plain text setting name a file, whose content then changes."""
    world.write("plain.txt", "second")


def _trains_on_fewer(cohort: Cohort) -> Cohort:
    folds = tuple(replace(fold, train=fold.train[:-1]) for fold in cohort.folds)
    return replace(cohort, folds=folds)


def _other_order(cohort: Cohort) -> Cohort:
    folds = tuple(replace(fold, train=fold.train[::-1]) for fold in cohort.folds)
    return replace(cohort, folds=folds)


def _alter(change: Callable[[Cohort], Cohort]) -> Callable[[World], Any]:
    return lambda world: setattr(world, "alter", change)


def _unlabel(cohort: Cohort) -> Cohort:
    data = cohort.data[0]
    table = data.table.assign(emotion=["surprise", *data.table["emotion"][1:]])
    return build_cohort(cohort.protocol, [replace(data, table=table)])


REPAIR = Repair("casme3/spNO.1/a/10", "apex", 12, 11, "too late", "someone")


DECIDES: dict[str, tuple[Callable[[World], Any], str]] = {
    "pictures": (lambda w: Image.new("RGB", (4, 4)).save(w.picture(0, 11), "BMP"), "the pictures of casme3"),
    "pictures under the same name, size and time": (
        _same_time_other_pixels,
        "the pictures of casme3 (as apex)",
    ),
    "a link to another picture": (_replaced_link, "the pictures of casme3 (as apex)"),
    "pictures of one input": (
        lambda w: _same_time_other_pixels(w, 1, 10),
        "the pictures of casme3 (as grey)",
    ),
    "the model's source": (_edit("site/decidednet/model.py", NET + "\n"), "the code of decidednet"),
    "a data file of the model's package": (
        _edit("site/decidednet/table.json", "[]"),
        "the code of decidednet",
    ),
    "a new file in the model's package": (_edit("site/decidednet/a/b.yaml", ""), "the code of decidednet"),
    "the source of an input elsewhere": (
        _edit("site/decidedinputs.py", INPUTS + "\n"),
        "the code of decidedinputs",
    ),
    "a module that the model imports": (
        _edit("site/decidedhelp.py", "SHARES = 1\n"),
        "the code of decidedhelp",
    ),
    "weights": (_edit("weights.bin", "other"), "the file of setting 'weights'"),
    "a file of another setting": (_edit("words.txt", "other"), "the file of setting 'words'"),
    "a file named by plain text": (_setting_name, "the file of setting 'name'"),
    "fetched weights": (
        lambda w: setattr(importlib.import_module("decidednet.model").Net, "fetched", "2"),
        "what the model fetched as 'hub'",
    ),
    "a setting": (_set("settings", size=8), ""),
    "the annotation": (_set("data", sha256="1" * 64), "the annotation of casme3"),
    "the repairs": (_set("data", repairs=RepairReport("casme3-v3")), "the repairs of casme3"),
    "the repairs applied": (_set("data", repairs=RepairReport("none", (REPAIR,))), "the repairs of casme3"),
    "labels": (_alter(_unlabel), "the cohort's clips, labels, windows or folds"),
    "the clips that a fold trains on": (_alter(_trains_on_fewer), "which clips a fold trains on"),
    "the order of training clips": (_alter(_other_order), "which clips a fold trains on, or their order"),
    "a twin": (_set("data", twin=True), "whether casme3 is synthetic"),
    "device": (_set("plan", device="cuda"), ""),
    "precision": (_set("plan", precision="bfloat16"), ""),
    "threads": (_set("plan", threads=2), ""),
    "shuffled labels": (_set("plan", shuffle_labels=True), ""),
}


@pytest.mark.parametrize("what", DECIDES)
def test_each_thing_that_decides_makes_another_run_which_names_the_former(world: World, what: str) -> None:
    world.settings["name"] = world.write("plain.txt", "first")
    change, named = DECIDES[what]
    first = world.planned()
    assert world.planned().directory.path == first.directory.path
    change(world)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MebenchWarning)
        other = world.planned()
    assert other.directory.path != first.directory.path
    assert other.identity.digest != first.identity.digest
    messages = [str(warning.message) for warning in caught]
    if named and what != "a twin":  # a real run is no former version of a synthetic one
        (message,) = messages
        assert named in message
        assert str(first.directory.path) in message
        assert str(other.directory.path) in message
    else:
        assert not messages
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert world.planned().directory.path == other.directory.path


def test_a_change_of_the_core_makes_another_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = world.digest()
    monkeypatch.setattr(mebench, "__version__", "99")
    assert world.digest() != first
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(world.root / "site"))
    copy = world.root / "core" / "mebench"
    shutil.copytree(Path(mebench.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(mebench, "__path__", [str(copy)])
    assert world.digest() == first
    (copy / "models" / "torch.py").write_text("# another training loop\n")
    assert world.digest() != first


def test_variables_that_change_arithmetic_make_another_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.digest()
    monkeypatch.setenv("MEBENCH_ANYTHING", "1")
    assert world.digest() == first
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert world.digest() != first


def _move_pictures(world: World) -> None:
    (world.root / "pictures").rename(world.root / "renamed")
    world.pictures = "renamed"


def _copy_pictures(world: World) -> None:
    shutil.copytree(world.root / "pictures", world.root / "elsewhere" / "copy")
    world.pictures = "elsewhere/copy"


def _link_pictures(world: World) -> None:
    (world.root / "linked").symlink_to(world.root / "pictures")
    world.pictures = "linked"


def _touch_everything(world: World) -> None:
    for path in world.root.rglob("*"):
        if path.is_file() and "cache" not in path.parts and "runs" not in path.parts:
            os.utime(path, ns=(1, 1))


def _move(setting: str) -> Callable[[World], Any]:
    def change(world: World) -> None:
        path = world.root / "moved" / "other name.dat"
        path.parent.mkdir()
        world.settings[setting].rename(path)
        world.settings[setting] = path

    return change


def _python_s_and_tools_leavings(world: World) -> None:
    for name in ("__pycache__/model.cpython-311.pyc", ".git/config", ".idea", "model.py~", "train.log"):
        world.write(f"site/decidednet/{name}", "left behind")
    world.write("site/decidednet/runs/two/net-1/run.json", "{}")
    world.write("site/decidednet/runs/two/net-1/folds/seed0.json", "{}")
    world.write("site/decidednet/venv/pyvenv.cfg", "")
    world.write("site/decidednet/venv/lib/thing.py", "")


def _edit_here(world: World) -> None:
    (Path.cwd() / "mean").write_text("not a setting's file")


SAME: dict[str, Callable[[World], Any]] = {
    "the folder of the data renamed": _move_pictures,
    "a copy of the data": _copy_pictures,
    "a link to the data": _link_pictures,
    "another name of the annotation": _set("data", annotation=Path("other.xlsx"), root=Path("other")),
    "files touched": _touch_everything,
    "another cache": lambda w: setattr(w, "cache", w.root / "cache 2"),
    "another folder of runs": lambda w: setattr(w, "runs", w.root / "runs 2"),
    "weights elsewhere": _move("weights"),
    "another setting's file elsewhere": _move("words"),
    "a picture of a clip that takes no part": lambda w: _same_time_other_pixels(w, 2, 11),
    "a picture that no input looks at": lambda w: _same_time_other_pixels(w, 0, 12),
    "a file that is called like a setting's word": _edit_here,
    "other seeds": _set("plan", seeds=(1, 2)),
    "what Python and tools leave in a package": _python_s_and_tools_leavings,
}


@pytest.mark.parametrize("what", SAME)
def test_nothing_else_makes_another_run(
    world: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    world.settings["name"] = "mean"
    first = world.planned()
    SAME[what](world)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = world.planned()
    assert again.identity.digest == first.identity.digest
    assert again.directory.path.name == first.directory.path.name
    assert "/" not in str(again.identity.parts["settings"])


def test_packages_that_moved_are_the_same_code(world: World) -> None:
    before = source.source_of("decidednet")
    (world.root / "site").rename(world.root / "site 2")
    sys.path.insert(0, str(world.root / "site 2"))
    importlib.invalidate_caches()
    try:
        _as_a_new_process()
        assert source.source_of("decidednet") == before
    finally:
        sys.path.remove(str(world.root / "site 2"))


def test_code_that_changes_while_a_run_goes_on_is_refused(world: World) -> None:
    plan = world.planned()
    plan.identity.refuse_changes()
    world.write("site/decidednet/model.py", NET + "# edited\n")
    with pytest.raises(MebenchError, match="the code of decidednet changed while this process was running"):
        plan.identity.refuse_changes()


def test_weights_that_change_while_a_run_goes_on_are_refused(world: World) -> None:
    plan = world.planned()
    world.write("weights.bin", "other")
    with pytest.raises(MebenchError, match="the file of setting 'weights' changed while the run went on"):
        plan.identity.refuse_changes()


def test_a_weight_file_that_is_not_there_is_named(world: World) -> None:
    (world.root / "weights.bin").unlink()
    with pytest.raises(
        MebenchError, match=r"setting 'weights' of Net cannot be .*there is no file .*weights\.bin"
    ):
        world.planned()


def test_records_of_another_identity_never_count(world: World) -> None:
    first = world.planned()
    record = first.directory.write_record(first.tasks[0], content_of(first.directory, first.tasks[0]))
    assert record["identity"] == first.identity.digest
    world.write("weights.bin", "other")
    with pytest.warns(MebenchWarning, match="is a new run"):
        other = world.planned()
    other.directory.record_file(first.tasks[0]).parent.mkdir()
    shutil.copy(first.directory.record_file(first.tasks[0]), other.directory.record_file(first.tasks[0]))
    with pytest.warns(MebenchWarning, match="made under the identity"):
        assert other.directory.read_record(first.tasks[0]) is None


def test_a_folder_that_holds_another_run_is_not_gone_on_with(world: World) -> None:
    first = world.planned()
    world.write("weights.bin", "other")
    with pytest.warns(MebenchWarning):
        other = world.planned()
    shutil.copy(first.directory.run_file, other.directory.run_file)
    with pytest.raises(MebenchError, match=r"run\.json describes a run whose folder is named net-"):
        world.planned()


def test_fresh_sets_what_was_recorded_aside(world: World) -> None:
    first = world.planned()
    first.directory.write_record(first.tasks[0], content_of(first.directory, first.tasks[0]))
    world.plan.update(fresh=True, seeds=(3,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = world.planned()
    assert again.directory.path == first.directory.path
    assert again.run["seeds"] == [3]
    assert again.directory.read_record(first.tasks[0]) is None
    aside = again.directory.path / "set-aside" / "1"
    assert (aside / "folds" / f"{first.tasks[0].stem}.json").exists()
    assert (aside / "run.json").exists()


def test_a_namespace_is_no_package_and_what_lies_beside_is_found_by_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {
        "decidedspace/net.py": "from . import layers\nfrom .parts import deep\nclass Net: pass\n",
        "decidedspace/layers.py": "",
        "decidedspace/parts/__init__.py": "",
        "decidedspace/parts/deep.py": "",
        "decidedspace/other.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    _as_a_new_process()
    assert source.code_of("decidedspace.net") == (
        "decidedspace.layers",
        "decidedspace.net",
        "decidedspace.parts",
    )
    before = source.source_of("decidedspace.parts")
    (tmp_path / "decidedspace/parts/deep.py").write_text("# edited")
    _as_a_new_process()
    assert source.source_of("decidedspace.parts") != before
    _as_a_new_process()


def test_code_that_lies_in_no_file_is_refused() -> None:
    with pytest.raises(MebenchError, match="lies in no file"):
        source.source_of("decided.nowhere")


def test_a_twin_is_drawn_anew_when_the_code_that_draws_changed(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "synthetic"
    shutil.copytree(
        Path(mebench.synthetic.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    options = TwinOptions(subjects=2, clips=1, size=32)
    _as_a_new_process()
    first = open_twin(registry, "casme3", options).root
    monkeypatch.setattr(mebench.synthetic, "__path__", [str(copy)])
    _as_a_new_process()
    assert open_twin(registry, "casme3", options).root == first
    (copy / "render.py").write_text((copy / "render.py").read_text() + "# edited")
    _as_a_new_process()
    assert open_twin(registry, "casme3", options).root != first
    _as_a_new_process()


def test_the_documentation_names_every_part_of_an_identity(world: World) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "runs.md").read_text(encoding="utf-8")
    table = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    assert {part for part in world.planned().identity.parts if f"`{part}`" not in table} == set()
