"""A model in a file: found by its path, imported under a name of its own, with what lies beside it."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import pytest

from mebench.errors import MebenchError, UnknownNameError
from mebench.models.loading import find_model, load_model
from mebench.plugin.loading import load_plugins
from mebench.plugin.registry import Registry
from mebench.plugin.source import code_of, refuse_changed_source, source_of

MODEL = """
from mebench.api import ApexFrame, Model, Predictions


class Tiny(Model):
    size = 8

    def inputs(self):
        return {"apex": ApexFrame(self.size)}

    def fit(self, train, context): ...

    def predict(self, test): ...
"""
WITH_HELPER = "import helper_beside\n" + MODEL.replace("size = 8", "size = helper_beside.SIZE")


@pytest.fixture
def registry() -> Registry:
    return load_plugins().registry


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_class_in_a_file_is_a_model_named_without_its_folder(registry: Registry, tmp_path: Path) -> None:
    entry, kind = find_model(registry, f"{write(tmp_path / 'models' / 'tiny.py', MODEL)}:Tiny")
    assert kind.__name__ == "Tiny"
    assert (entry.name, entry.target) == ("tiny.py:Tiny", "tiny.py:Tiny")
    assert entry.imported == "local_file_tiny:Tiny"
    marked = entry.local_code()
    assert marked is not None
    assert marked["file"] == "tiny.py"
    assert len(marked["sha256"]) == 64


def test_a_file_alone_is_enough_where_it_holds_one_model_of_its_own(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "tiny.py", MODEL + "\n\nclass Abstract(Model): ...\n")
    monkeypatch.chdir(tmp_path)
    entry, kind = find_model(registry, "tiny.py")
    assert (entry.name, kind.__name__) == ("tiny.py:Tiny", "Tiny")


def sources() -> dict[str, str]:
    """Return the code of the file and what it imports, with what this process found of it."""
    return {name: source_of(name) for name in code_of("local_file_tiny")}


def test_what_lies_beside_the_file_is_imported_and_part_of_its_code(
    registry: Registry, tmp_path: Path
) -> None:
    file = write(tmp_path / "tiny.py", WITH_HELPER)
    write(tmp_path / "helper_beside.py", "SIZE = 9\n")
    assert load_model(registry, file)().inputs()["apex"].shape == (9, 9, 3)
    assert code_of("local_file_tiny") == ("helper_beside", "local_file_tiny")
    found = sources()
    write(tmp_path / "helper_beside.py", "SIZE = 10\n")
    with pytest.raises(
        MebenchError, match="the code of helper_beside changed while this process was running"
    ):
        refuse_changed_source(found)


def test_files_of_one_name_in_two_folders_are_kept_apart(registry: Registry, tmp_path: Path) -> None:
    sizes, hashes = [], []
    for folder, size in (("a", 10), ("b", 11), ("a", 10)):
        file = write(tmp_path / folder / "tiny.py", WITH_HELPER)
        write(tmp_path / folder / "helper_beside.py", f"SIZE = {size}\n")
        sizes.append(load_model(registry, file)().inputs()["apex"].shape[0])
        hashes.append([source_of(name) for name in code_of("local_file_tiny")])
    assert sizes == [10, 11, 10]
    assert hashes[0] == hashes[2]
    assert hashes[0][0] != hashes[1][0]
    assert hashes[0][1] == hashes[1][1]


@pytest.mark.parametrize("edited", ["tiny.py", "helper_beside.py"])
def test_a_file_that_was_edited_is_loaded_anew_and_no_other(
    registry: Registry, tmp_path: Path, edited: str
) -> None:
    file = write(tmp_path / "tiny.py", WITH_HELPER)
    write(tmp_path / "helper_beside.py", "SIZE = 12\n")
    first = load_model(registry, file)
    before = sources()
    assert load_model(registry, file) is first
    path = tmp_path / edited
    path.write_text(path.read_text().replace("12", "13").replace("helper_beside.SIZE", "13"))
    assert load_model(registry, file)().inputs()["apex"].shape == (13, 13, 3)
    assert sources() != before
    refuse_changed_source(sources())
    with pytest.raises(MebenchError, match="changed while this process was running"):
        refuse_changed_source(before)


def test_a_package_s_file_may_import_relatively_and_is_loaded_anew_when_any_of_it_changes(
    registry: Registry, tmp_path: Path
) -> None:
    text = "from .net import SIZE\n" + MODEL.replace("size = 8", "size = SIZE")
    file = write(tmp_path / "package" / "__init__.py", text)
    for size in (12, 13):
        write(tmp_path / "package" / "net.py", f"SIZE = {size}\n")
        assert load_model(registry, f"{file}:Tiny")().inputs()["apex"].shape == (size, size, 3)


def test_a_file_that_may_not_be_read_is_one_sentence(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "tiny.py", MODEL)

    def refused(path: Path, *_: object) -> bool:  # as a closed folder does, but to root
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(MebenchError, match=r"tiny\.py cannot be read: Permission denied; see that you may"):
        load_model(registry, f"{file}:Tiny")


def test_neither_the_file_nor_what_lies_beside_it_takes_a_library_s_place(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    for module in ("wave", "xlrd"):  # not from the cache of what is imported already
        monkeypatch.delitem(sys.modules, module, raising=False)
    write(tmp_path / "xlrd.py", "raise RuntimeError('taken for the library')\n")
    file = write(
        tmp_path / "wave.py", "import wave\n" + MODEL.replace("size = 8", "size = len(wave.__name__)")
    )
    assert load_model(registry, f"{file}:Tiny")().inputs()["apex"].shape == (4, 4, 3)
    finder = next(each for each in sys.meta_path if type(each).__name__ == "_Finder")
    assert finder.find_spec("xlrd", None) is None
    assert wave.open is not None


def test_what_lies_beside_the_file_comes_before_the_current_folder(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    write(tmp_path / "helper_beside.py", "SIZE = 20\n")
    write(tmp_path / "models" / "helper_beside.py", "SIZE = 21\n")
    write(tmp_path / "models" / "tiny.py", WITH_HELPER)
    assert load_model(registry, "models/tiny.py:Tiny")().inputs()["apex"].shape == (21, 21, 3)


FAULTS = {
    "nothing there": (
        "nowhere.py:Tiny",
        None,
        r"there is no file nowhere\.py where 'nowhere\.py:Tiny' names",
    ),
    "a folder": ("folder.py:Tiny", None, "there is a folder where"),
    "a syntax error": (
        "tiny.py:Tiny",
        "a = 1\nclass Tiny(:\n",
        r"tiny\.py, line 2, is no Python: .*: class Tiny\(:",
    ),
    "no such class": ("tiny.py:Tyny", MODEL, r"tiny\.py has no class 'Tyny': did you mean 'Tiny'\?"),
    "no class's name": ("tiny.py:", MODEL, r"names no class of tiny\.py: write it as tiny\.py:CLASS"),
    "several models": (
        "tiny.py",
        MODEL + "\nclass Other(Tiny): ...\n",
        r"tiny\.py defines 2 models \(Tiny, Other\): say which class is meant, tiny\.py:Tiny",
    ),
    "no model": (
        "tiny.py",
        "class Tiny: ...",
        r"tiny\.py defines no model, a subclass of mebench\.api\.Model",
    ),
    "not a model": ("tiny.py:Tiny", "class Tiny: ...", "a subclass of mebench.models.base.Model is due"),
    "an import that fails": (
        "tiny.py:Tiny",
        "import os\nimport nothing_of_that_name\n",
        r"tiny\.py, line 2: the file cannot be imported: ModuleNotFoundError: .*nothing_of_that_name",
    ),
    "a relative import": (
        "tiny.py:Tiny",
        "from .beside import SIZE\n" + MODEL,
        r"tiny\.py, line 1: .*ImportError: .*; import what lies beside the file by its name, without the dot",
    ),
    "a run of itself": (
        "tiny.py:Tiny",
        MODEL + "\nimport mebench\nmebench.run('tiny.py:Tiny', 'casme3-4c', synthetic=True)\n",
        r"tiny\.py, line 16: .*: it calls mebench\.run, which every worker would do again: put the call under",
    ),
    "a script": (
        "tiny.py:Tiny",
        "import sys\nsys.exit(1)\n",
        r"SystemExit: 1; put what is for a script alone under",
    ),
    "no ending": ("tiny:Tiny", MODEL, r"no model named 'tiny:Tiny'.*written with its ending, tiny\.py:Tiny"),
    "no class and no ending": ("tiny", MODEL, r"no model named 'tiny'.*with its ending, tiny\.py:CLASS"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_wrong_with_a_file_is_one_sentence(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    name, text, sentence = FAULTS[what]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.py").mkdir()
    if text is not None:
        write(tmp_path / "tiny.py", text)
    with pytest.raises(MebenchError, match=sentence) as caught:
        load_model(registry, name)
    assert "\n" not in str(caught.value)


def test_a_file_that_could_not_be_imported_can_be_once_it_is_mended(
    registry: Registry, tmp_path: Path
) -> None:
    file = write(tmp_path / "tiny.py", "class Tiny(:")
    with pytest.raises(MebenchError, match="is no Python"):
        load_model(registry, file)
    write(tmp_path / "tiny.py", MODEL)
    assert load_model(registry, file).__name__ == "Tiny"


def test_a_registered_name_is_never_looked_for_as_a_file(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "majority.py", MODEL)
    assert registry.get("model", "majority").file is None
    with pytest.raises(UnknownNameError, match="no protocol named"):
        registry.get("protocol", "majority.py")
