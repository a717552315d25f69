"""The files of stored results: where they lie, how they are named, written and read.

    for path, result in read_results(Path("leaderboards/results")):
        result["run"]["protocol"], result["scores"]["uf1"]["mean"]

A result is read once it is whole: of its types, with the checksum of its content. Whether what it says can be so is
looked at in :mod:`.alone` and :mod:`.labelled`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError
from mebench.evidence.description import run_name
from mebench.evidence.digests import checksum, digest_of
from mebench.evidence.shapes import misshapes
from mebench.files import read_json, write_atomically
from mebench.leaderboard.results.schema import SCHEMA, Result, upgraded

SYNTHETIC = "synthetic"
PAIRS = "pairs.json"


def result_name(result: Mapping[str, Any]) -> str:
    """Return the name of a result's file: the model, and a hash of the run's identity, the epoch rule and the seeds.

    What decides a run is in its identity; which of its predictions are stored, and of which seeds, is not.
    """
    run = result["run"]
    named = {"identity": run["identity"], "selection": result["selection"], "seeds": run["seeds"]}
    return f"{run_name(run['model'], digest_of(named))}.json"


def result_place(folder: Path, result: Mapping[str, Any]) -> Path:
    """Return where a result belongs below the folder of all: by protocol, synthetic ones apart."""
    run = result["run"]
    kind = folder / SYNTHETIC if run["synthetic"] else folder
    return kind / str(run["protocol"]) / result_name(result)


def find_results(folder: Path) -> list[Path]:
    """Return the files of results below a folder, sorted by their names; hidden ones and pairs are none."""
    return sorted(
        path
        for path in folder.rglob("*.json")
        if path.name != PAIRS and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def read_result(path: Path) -> Result:
    """Return a stored result, one of an older schema as one of this.

    Raises:
        MebenchError: it is missing or no result, or its checksum does not agree with its content.
    """
    result, problems = open_result(path)
    if result is None or problems:
        raise MebenchError(f"{path}: {problems[0]}; restore it")
    return result


def open_result(path: Path) -> tuple[Result | None, list[str]]:
    """Return a stored result and what is wrong with its file, each in a sentence; None where it cannot be one.

    Raises:
        MebenchError: the file cannot be read, or is not JSON.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        return None, ["it is no stored result, which is an object of JSON"]
    number = content.get("schema")
    if type(number) is not int or number < 1:
        return None, [f"schema is {number!r}, and a stored result has a number from 1 to {SCHEMA}"]
    if number > SCHEMA:
        return None, [
            f"schema is {number}, and this version of mebench knows none above {SCHEMA}: update mebench"
        ]
    problems = []
    if content.get("checksum") != checksum(content):
        problems.append("checksum does not agree with the content, so the file was changed after it was made")
    try:
        content = upgraded(content)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return None, [*problems, f"it is no result of schema {number} ({error!r})"]
    if wrong := misshapes(Result, content):
        return None, [*problems, *(f"it is no stored result: {each}" for each in wrong)]
    result: Result = content  # type: ignore[assignment]
    return result, problems


def read_results(folder: Path) -> Iterator[tuple[Path, Result]]:
    """Yield every result below a folder.

    Raises:
        MebenchError: one of them cannot be read; who wants the others reads :func:`find_results` one by one.
    """
    for path in find_results(folder):
        yield path, read_result(path)


def result_text(content: Mapping[str, Any]) -> str:
    """Return the one form of a stored file: sorted names, one clip, subject or field a line."""
    lines = []
    for name, value in sorted(content.items()):
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"  {_compact(key)}: {_compact(each)}" for key, each in sorted(value.items()))
            lines.append(f" {_compact(name)}: {{\n{inner}\n }}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            inner = ",\n".join(f"  {_compact(each)}" for each in value)
            lines.append(f" {_compact(name)}: [\n{inner}\n ]")
        else:
            lines.append(f" {_compact(name)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_result(path: Path, result: Mapping[str, Any]) -> None:
    """Write a stored file.

    Raises:
        MebenchError: the disk refuses.
    """
    write_atomically(path, result_text(result))


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
