"""What is in the zoo: each cheat, how it is run, how it must end, and what stops it.

``HONEST`` predicts what the honest model predicts, to the last bit; ``REFUSED`` ends with a sentence that names it;
``MARKED`` has a row of its own, which says what it did, or fails an audit by a named check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HONEST, REFUSED, MARKED = "honest", "refused", "marked"


@dataclass(frozen=True)
class Animal:
    """A cheat: ``tries`` and ``stopped_by`` in words; ``end`` is how it must end, and ``sign`` what must be said of it.

    ``target`` is its model in :mod:`cheats`; where it is none, ``name`` is a function of :mod:`scenes`. Folds that are
    to find each other's traces run ``in_turn``; ``landlock`` is the version that stops it.
    """

    name: str
    tries: str
    stopped_by: str
    end: str
    target: str = ""
    sign: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    selection: str = "last"
    in_turn: bool = False
    landlock: int = 1


_FILES = "files of the run, the configuration, datasets and caches cannot be opened (Landlock)"
_SCOPE = "other processes cannot be seen, read or signalled (own server and supervisor, Landlock scope)"

ANIMALS = (
    Animal(
        "run-directory",
        "finds the run's folder through its open log, and `cohort.csv` in it",
        f"the log is a pipe; {_FILES}",
        HONEST,
        "files:RunDirectory",
    ),
    Animal(
        "rewriter",
        "writes other folds' records, `run.json` and `cohort.csv` anew",
        "only the private folder can be written",
        HONEST,
        "files:Rewriter",
    ),
    Animal(
        "configuration",
        "reads the user's configuration, which says where data lie",
        _FILES,
        HONEST,
        "files:Configuration",
    ),
    Animal("variable", "reads `MEBENCH_DATA_*`", "the environment is a whitelist", HONEST, "files:Variable"),
    Animal(
        "command-line",
        "reads `--data` of the main process in `/proc`",
        _SCOPE,
        HONEST,
        "processes:CommandLine",
    ),
    Animal(
        "environment",
        "reads the main process's environment in `/proc`",
        _SCOPE,
        HONEST,
        "processes:Environment",
    ),
    Animal(
        "memory",
        "reads the main process's memory, files and folder through `/proc` and ptrace",
        _SCOPE,
        HONEST,
        "processes:Memory",
    ),
    Animal(
        "signals",
        "signals the main process",
        "signals are scoped (Landlock 6)",
        HONEST,
        "processes:Signals",
        landlock=6,
    ),
    Animal(
        "twin",
        "follows the feature store's paths to the dataset beside it",
        f"arrays come without a path; {_FILES}",
        HONEST,
        "files:TwinInCache",
    ),
    Animal(
        "honest-mistake",
        "opens the annotation without a thought of hiding it",
        "the fold fails, and says which path and why",
        REFUSED,
        "files:HonestMistake",
        sign="which a sealed process may not",
    ),
    Animal(
        "linked",
        "opens the annotation through links, copies and other programs",
        f"{_FILES}, by what it is and not by its name",
        HONEST,
        "files:Linked",
    ),
    Animal(
        "named-file",
        "names the annotation by a setting, whose files may be read",
        "what lies in a dataset is never readable",
        HONEST,
        "files:NamedFile",
    ),
    Animal(
        "checkpoint",
        "leaves a checkpoint that the next fold finds",
        "folder, home and temporary files are each fold's own",
        HONEST,
        "files:Checkpoint",
        in_turn=True,
    ),
    Animal(
        "module",
        "keeps labels in a module from fold to fold",
        "each fold is a fresh process",
        HONEST,
        "processes:ModuleMemory",
        in_turn=True,
    ),
    Animal(
        "shared-memory",
        "keeps labels in shared memory, or in a process that outlives its fold",
        "no shared memory; the supervisor ends whatever a fold started",
        HONEST,
        "processes:SharedMemory",
        in_turn=True,
    ),
    Animal(
        "network",
        "asks a server for the labels",
        "an empty network namespace, no TCP (Landlock 4), no abstract socket (6), and none with a path for Python code",
        HONEST,
        "processes:Network",
    ),
    Animal(
        "test-labels",
        "looks for labels of test clips to choose its epoch by",
        "a test set has none",
        HONEST,
        "answers:TestLabels",
    ),
    Animal(
        "test-order",
        "computes the order of the test clips from the fold's seed",
        "the order comes from a secret of the main process",
        HONEST,
        "answers:TestOrder",
    ),
    Animal(
        "pickled-answer",
        "answers with an object that runs code where it is unpickled",
        "answers are arrays of numbers, never unpickled",
        HONEST,
        "answers:PickledAnswer",
    ),
    Animal(
        "pickled-progress",
        "reports progress that is none, or runs code",
        "types are checked on both sides",
        REFUSED,
        "answers:PickledProgress",
        sign="a model reports",
    ),
    Animal(
        "probabilities",
        "predicts probabilities above 1",
        "answers are checked",
        REFUSED,
        "answers:WrongProbabilities",
        sign="the model gave probabilities",
    ),
    Animal(
        "junk",
        "writes to the main process's channel by itself",
        "what is no frame fails the fold",
        REFUSED,
        "answers:JunkOnTheWire",
        sign="no frame",
    ),
    Animal(
        "input-key",
        "computes an input from the clip's name",
        "an input gets an opaque number",
        HONEST,
        "inputs:KeyInput",
    ),
    Animal(
        "input-path",
        "computes an input from the paths of its pictures",
        "an input gets pictures, not paths",
        HONEST,
        "inputs:PathInput",
    ),
    Animal(
        "input-frames",
        "computes an input from true frame numbers, which the annotation names",
        "frame numbers are relative to the clip",
        HONEST,
        "inputs:FrameInput",
    ),
    Animal(
        "input-file",
        "reads the annotation where an input is computed",
        "an input of a plugin is computed under the same seal",
        HONEST,
        "inputs:FileInput",
    ),
    Animal(
        "input-memory",
        "looks for the cohort in the memory where an input is computed",
        "that process never had it",
        HONEST,
        "inputs:MemoryInput",
    ),
    Animal(
        "input-statistics",
        "normalises an input over the clips of all subjects",
        "`mebench audit`, check c: inputs of a clip alone",
        MARKED,
        "inputs:NormalisedInput",
        sign="c:",
    ),
    Animal(
        "prepare",
        "reads labels in `prepare()` and leaves them for the folds",
        "it runs sealed, before the cohort is read",
        HONEST,
        "main_process:Prepare",
    ),
    Animal(
        "contents",
        "the same in `contents()`",
        "it runs sealed, before the cohort is read",
        HONEST,
        "main_process:Contents",
    ),
    Animal(
        "settings",
        "reads the annotation where its settings are checked",
        "`mebench audit`, check j: settings made under the seal",
        MARKED,
        "main_process:SettingsThatKnow",
        sign="j:",
    ),
    Animal(
        "test-batch",
        "uses statistics of the test batch",
        "the first fold of every run is asked again",
        MARKED,
        "statistics:TestBatch",
    ),
    Animal(
        "all-subjects",
        "normalises over training and test clips together",
        "the first fold of every run is asked again",
        MARKED,
        "statistics:AllSubjects",
    ),
    Animal(
        "late-questions",
        "uses what it was asked before",
        "the first fold of every run is asked again",
        MARKED,
        "statistics:LateQuestions",
    ),
    Animal(
        "clock",
        "lets the clock decide",
        "the first fold of every run is asked again",
        MARKED,
        "statistics:Clock",
    ),
    Animal(
        "best-epoch",
        "declares that its loop chooses the best epoch on the test clips",
        "the row says so",
        MARKED,
        "statistics:BestEpoch",
        sign="best on test",
    ),
    Animal(
        "oracle",
        "has the best epoch on the test clips chosen (`--selection oracle`)",
        "the row says so",
        MARKED,
        "statistics:Epochs",
        sign="ORACLE",
        selection="oracle",
    ),
    Animal("hook", "changes records and scores as a hook", "hooks get copies", HONEST),
    Animal(
        "patch",
        "replaces a function of the core in the main process",
        "the core is compared with its source before folds start",
        REFUSED,
        sign="mebench.runner",
    ),
    Animal(
        "split",
        "makes folds that share subjects",
        "folds are looked at before anything is computed",
        REFUSED,
        sign="of the same subjects",
    ),
    Animal("declared-split", "the same, and says so", "the row says so", MARKED, sign="SUBJECT-DEPENDENT"),
    Animal(
        "forged-run",
        "turns a synthetic run into a real one in `run.json`",
        "run.json must give its own identity",
        REFUSED,
        sign="run.json",
    ),
    Animal(
        "forged-truth",
        "changes a label in `cohort.csv`",
        "`run.json` holds its hash",
        REFUSED,
        sign="cohort.csv",
    ),
    Animal(
        "forged-record",
        "changes predictions in a record",
        "a record holds its checksum, its run's identity and its clips",
        REFUSED,
        sign="does not count",
    ),
    Animal(
        "borrowed-record",
        "puts a better run's record in place of its own",
        "a record holds its run's identity",
        REFUSED,
        sign="identity",
    ),
)
