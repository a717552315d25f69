"""A package of one's own, ready to be installed and to pass the checks: what `mebench new` writes.

    written = write_package("model", "my-net", Path("mebench-my-net"), registry)

The files come from templates in this package, in which ``{{name}}`` and the like are filled in.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from mebench.errors import MebenchError
from mebench.files import disk_errors, whole_folder
from mebench.plugin.registry import Registry

NewKind = Literal["model", "dataset", "protocol", "input"]
NEW_KINDS: tuple[NewKind, ...] = get_args(NewKind)
BASES = ("torch", "sklearn")

_NAME = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
_PLACE = re.compile(r"\{\{(\w+)\}\}")  # a workflow's own ${{ matrix.python }} has blanks inside
_TITLES: Mapping[NewKind, str] = {
    "model": "{}: a micro-expression model",
    "dataset": "{}: a micro-expression database",
    "protocol": "{}: a protocol on {dataset}",
    "input": "{}: what a model may see of a clip",
}
_LONGEST_TITLE = 80
_TEMPLATES = files("mebench.testing") / "templates"


def write_package(
    kind: NewKind,
    name: str,
    out: Path,
    registry: Registry,
    *,
    title: str = "",
    base: str = "torch",
    dataset: str = "casme3",
) -> list[Path]:
    """Write a package into a new or empty folder.

    Args:
        kind: what it brings.
        name: under which that is registered.
        out: the folder.
        registry: says which names are taken, and which words a dataset's owner has.
        title: the line of `mebench list`.
        base: of a model, ``torch`` or ``sklearn``.
        dataset: of a protocol, whose clips it is about.

    Returns:
        The files, as paths below the folder.

    Raises:
        MebenchError: the name is taken or none, something lies in the folder, or the disk refuses.
    """
    module = _module_of(kind, name, registry)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise MebenchError(f"{out} is there already: name a new folder with --out")
    values = _values(kind, name, module, title, base, dataset, registry)
    texts = {place: _filled(template, values) for place, template in _plan(kind, base, module).items()}
    with disk_errors(out, "free some space or name another folder with --out"), whole_folder(out) as folder:
        for place, text in texts.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")
    return sorted(map(Path, texts))


def next_steps(kind: NewKind, name: str, dataset: str) -> list[str]:
    """Return the command lines that somebody will want after the package is installed."""
    return ["pip install -e '.[tests]'", "pytest", _use(kind, name, dataset)]


def _module_of(kind: NewKind, name: str, registry: Registry) -> str:
    """Return the name of the package, once it can be one."""
    if not _NAME.fullmatch(name):
        raise MebenchError(
            f"{name!r} cannot be the name of a {kind}: use lower-case letters, digits, '.', '_' and '-', a letter first"
        )
    registered = "model" if kind == "input" else kind
    if registry.has(registered, name):  # type: ignore[arg-type]
        owner = registry.get(registered, name).plugin  # type: ignore[arg-type]
        raise MebenchError(
            f"the plugin {owner!r} registers a {registered} {name!r} already: choose another name"
        )
    module = "mebench_" + re.sub(r"[._-]", "_", name)
    if importlib.util.find_spec(module) is not None:
        raise MebenchError(f"a package {module} is installed already: choose another name than {name!r}")
    return module


def _plan(kind: NewKind, base: str, module: str) -> dict[str, str]:
    """Return which file is written from which template."""
    own = base if kind == "model" else kind
    code = {
        "model": ("model",),
        "dataset": ("data",),
        "protocol": ("protocol",),
        "input": ("inputs", "model"),
    }[kind]
    return {
        "pyproject.toml": "package/pyproject.toml",
        "README.md": "package/README.md",
        ".gitignore": "package/gitignore",
        ".github/workflows/tests.yml": "package/workflow.yml",
        f"{module}/__init__.py": f"{own}/__init__.py",
        f"{module}/py.typed": "",
        **{f"{module}/{each}.py": f"{own}/{each}.py" for each in code},
        "tests/test_conformance.py": f"{own}/test_conformance.py",
    }


def _values(
    kind: NewKind, name: str, module: str, title: str, base: str, dataset: str, registry: Registry
) -> dict[str, str]:
    words = re.split(r"[._-]", name)
    described = title or _TITLES[kind].format(name, dataset=dataset)
    if not described.isprintable() or set(described) & set('"\\'):
        raise MebenchError(
            f"the title {described!r} cannot be written into code: leave out quotes and backslashes"
        )
    if len(described) > _LONGEST_TITLE:
        raise MebenchError(
            f"the title has {len(described)} letters: say it in {_LONGEST_TITLE}, a line of `mebench list`"
        )
    return {
        "name": name,
        "module": module,
        "distribution": f"mebench-{name}",
        "title": described,
        "Class": "".join(word.capitalize() for word in words),
        "CONSTANT": ("_".join(words)).upper(),
        "dataset": dataset,
        "requirement": "mebench[torch]" if kind == "model" and base == "torch" else "mebench",
        "stubs": ', "pandas-stubs"' if kind == "dataset" else "",
        "use": _use(kind, name, dataset),
        "about": _ABOUT[kind],
        **(_labels(dataset, registry) if kind == "protocol" else {}),
    }


_ABOUT: Mapping[NewKind, str] = {
    "model": "The network, its inputs and its settings are in `model.py`.",
    "dataset": "How its annotation is read and where its frames lie is in `data.py`; a protocol says which clips and\n"
    "classes count: `mebench new protocol NAME --dataset` with its name.",
    "protocol": "Clips, classes and folds are in `protocol.py`.",
    "input": "The input is in `inputs.py`; `model.py` is a linear SVM on it, to try it by. Any model may ask for it.",
}


def _use(kind: NewKind, name: str, dataset: str) -> str:
    return {
        "model": f"mebench run {name} casme3 --synthetic",
        "input": f"mebench run {name} casme3 --synthetic",
        "dataset": f"mebench data synth {name} --out twin",
        "protocol": f"mebench run majority {name} --synthetic",
    }[kind]


def _labels(dataset: str, registry: Registry) -> dict[str, str]:
    """Return classes and labels for a protocol that takes every word of a dataset's owner as a class."""
    from mebench.data.sources import load_dataset

    recipe = load_dataset(registry, dataset).twin
    words = [word.lower() for word in recipe.emotions] if recipe else ["positive", "negative"]
    return {
        "classes": "\n".join(f'        "{word}",' for word in words),
        "labels": "\n".join(f'            "{word}": "{word}",' for word in words),
    }


def _filled(template: str, values: Mapping[str, str]) -> str:
    if not template:
        return ""
    text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return _PLACE.sub(lambda found: values[found[1]], text)
