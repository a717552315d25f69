"""``command``: a model that is a command line of the user's, for code that cannot be imported.

    mebench run command casme3 --set run='python train.py {train} {test} {out}'

Each fold is written as plain files, the command trains on one part and predicts the other, and its predictions are
read back. docs/command.md describes the files.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from mebench.api import (
    ApexFrame,
    ClipFrames,
    Context,
    FlowPicture,
    Input,
    MebenchError,
    MebenchWarning,
    Model,
    ModelSettings,
    OnsetFrame,
    OpticalFlow,
    Outside,
    Predictions,
    TestSet,
    TrainSet,
)
from mebench.errors import near_matches

from .answers import read_answers
from .fold_files import PLACES, FoldFiles, Format, FramePlaces
from .programs import programs_of
from .shell import filled, placeholders, run_line

InputName = Literal["clip", "onset", "apex", "flow", "flow_picture"]

PLACEHOLDERS = ("train", "test", "out", "fold", "seed", "threads", "code")
_SHELL = Path("/bin/sh")
# What libraries ask how many threads they may start; folds run side by side, one core each.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class CommandSettings(ModelSettings):
    """What is run, and what is written for it."""

    run: str = Field(description="the command line, with {train}, {test}, {out} and others in it")
    name: str = Field("", max_length=60, description="what the code is called in tables: `command (NAME)`")
    code: Path | None = Field(
        None, description="file or folder of the code; its content is part of what the run is"
    )
    inputs: tuple[InputName, ...] = Field(
        ("clip",),
        min_length=1,
        description="what is written of each clip: clip, onset, apex, flow, flow_picture",
    )
    formats: tuple[Format, ...] = Field(
        ("png",), min_length=1, description="as what: png, npy, csv, mat (flow is never png)"
    )
    size: int = Field(112, ge=8, le=1024, description="side of the pictures, in pixels")
    frames: int = Field(16, ge=2, le=999, description="frames of a clip, spread evenly from onset to offset")
    flow_size: int = Field(28, ge=8, le=1024, description="side of the flow, in pixels")
    workdir: str = Field(
        "", description="where the command runs, which it may read; else the folder of `code`"
    )
    reads: tuple[Path, ...] = Field(
        (), description="other files and folders that it may read; their content is part of what the run is"
    )
    timeout: float | None = Field(None, gt=0, description="seconds after which the command is killed")
    keep: str = Field(
        "", description="a folder in which each fold's own is kept for a look; the log says where"
    )

    @field_validator("run")
    @classmethod
    def _sound(cls, line: str) -> str:
        for name in placeholders(line):
            if name not in PLACEHOLDERS:
                raise ValueError(
                    f"there is no {{{name}}}{near_matches(name, PLACEHOLDERS)}; for braces of the shell's own, write "
                    f"{{{{{name}}}}}"
                )
        if not {"out", "fold"} & set(placeholders(line)):
            raise ValueError("it names no {out}, the file to which the command must write its predictions")
        return line

    @field_validator("code")
    @classmethod
    def _there(cls, code: Path | None) -> Path | None:
        return code and _existing(code)

    @field_validator("reads")
    @classmethod
    def _all_there(cls, reads: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(map(_existing, reads))

    # The fold's process has another working directory and another home.
    @field_validator("workdir", "keep")
    @classmethod
    def _from_here(cls, folder: str) -> str:
        return folder and str(Path(folder).expanduser().absolute())


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ValueError(f"there is no {path}")
    return path.absolute()


class Command(Model):
    """Writes a fold, runs the command once, reads its predictions."""

    Settings = CommandSettings
    settings: CommandSettings
    detects_aus = True
    known = (
        "The command gets no label of a test clip: test clips come under opaque names, in shuffled order.",
        "It is run anew for each fold, trains and predicts in one go, and must write only below {fold}.",
    )
    assumed = (
        "The command's code is part of the run's identity only if --set code=PATH names it; its libraries never are.",
        "What the command does with {seed} and {threads} is up to it.",
    )

    @property
    def label(self) -> str:
        """Return what the user calls the code."""
        return self.settings.name

    def inputs(self) -> Mapping[str, Input]:
        """Return the chosen inputs, and the frames' places where frames are written."""
        settings = self.settings
        made: dict[str, Input] = {}
        for name in settings.inputs:
            if name == "clip":
                made |= {
                    name: ClipFrames(settings.frames, settings.size),
                    PLACES: FramePlaces(settings.frames),
                }
            elif name == "flow":
                made[name] = OpticalFlow(size=settings.flow_size)
            elif name == "flow_picture":
                made[name] = FlowPicture(size=settings.flow_size)
            else:
                made[name] = (OnsetFrame if name == "onset" else ApexFrame)(settings.size)
        return made

    def prepare(self) -> None:
        """See that there are the folders to run the command in and to keep its files in.

        Raises:
            MebenchError: there is not.
        """
        settings = self.settings
        for name, folder in (("workdir", settings.workdir), ("keep", settings.keep)):
            if folder and not Path(folder).is_dir():
                raise MebenchError(f"--set {name}={folder}: there is no such folder")
        if settings.code is None:
            warnings.warn(
                "the command's code is not named, so that the command can read none but what is installed, and an edit "
                "goes unnoticed: name its file or folder with --set code=PATH",
                MebenchWarning,
                stacklevel=2,
            )

    def outside(self) -> Outside:
        """Return the folder to run in, and the programs that the command line names."""
        settings = self.settings
        here = Path(settings.workdir or (_folder_of(settings.code) if settings.code else Path.cwd()))
        return Outside(
            readable=(Path(settings.workdir),) if settings.workdir else (),
            # Code may be run as a program itself.
            programs=(_SHELL, *programs_of(settings.run, here), *((settings.code,) if settings.code else ())),
            writable=(Path(settings.keep),) if settings.keep else (),
        )

    def fit(self, train: TrainSet, context: Context) -> None:
        """Write the training clips."""
        settings = self.settings
        self._open = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="mebench-fold-", dir=settings.keep or None))
        if not settings.keep:
            self._open.callback(shutil.rmtree, folder, ignore_errors=True)
        self._context = context
        self._files = FoldFiles(folder, settings.formats, context.classes, context.au_numbers)
        self._files.write_train(train)
        if settings.keep:
            print(f"the fold's files are kept in {folder}", flush=True)

    def predict(self, test: TestSet) -> Predictions:
        """Write the test clips, run the command and read what it predicts.

        Raises:
            MebenchError: the command fails, is killed after its time, or its predictions cannot be read.
        """
        files, context = self._files, self._context
        with self._open:
            clips = files.write_test(test)
            values = self._values()
            self._describe(values)
            run_line(
                filled(self.settings.run, values),
                cwd=self._workdir(),
                environment=self._environment(),
                timeout=self.settings.timeout,
            )
            return read_answers(files.out, clips, context.classes, context.au_numbers)

    def keeping_fault(self, context: Context) -> str:
        """Return why it cannot be kept: mebench never sees what the command learns."""
        return "its command trains and predicts in one go, and what it learns stays its own: let it write its weights"

    def _values(self) -> dict[str, str]:
        files, context = self._files, self._context
        return {
            "train": str(files.train),
            "test": str(files.test),
            "out": str(files.out),
            "fold": str(files.folder),
            "seed": str(context.seed),
            "threads": str(context.threads),
            "code": str(self.settings.code or ""),
        }

    def _describe(self, values: Mapping[str, str]) -> None:
        """Write ``fold.json`` and ``classes.txt``, for commands that would rather read than be told."""
        context, folder = self._context, self._files.folder
        about: dict[str, Any] = {
            **values,
            "seed": context.seed,
            "threads": context.threads,
            "name": self.label,
            "reads": [str(path) for path in self.settings.reads],
            "classes": context.classes,
            "aus": context.au_numbers,
            "inputs": {
                name: {"shape": each.shape, "dtype": str(each.dtype)}
                for name, each in self.inputs().items()
                if name != PLACES
            },
        }
        (folder / "fold.json").write_text(
            json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        lines = "".join(f"{name}\n" for name in context.classes)
        (folder / "classes.txt").write_text(lines, encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        threads = dict.fromkeys(_THREADS, str(self._context.threads))
        # Python's bytecode beside the code would be a change of the code.
        return {**threads, "PYTHONDONTWRITEBYTECODE": "1", **os.environ}

    def _workdir(self) -> Path:
        settings = self.settings
        if settings.workdir:
            return Path(settings.workdir)
        return _folder_of(settings.code) if settings.code else self._files.folder


def _folder_of(code: Path) -> Path:
    return code if code.is_dir() else code.parent
