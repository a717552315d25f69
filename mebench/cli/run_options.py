"""What ``mebench run`` and every command that runs models have in common: their options, and what these come to.

    @click.command()
    @run_options
    def mine(ctx, /, model, protocol, **options): ...

``--help`` lists the options, so this imports nothing heavy before one of the functions is called.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mebench.cli.options import (
    annotations_option,
    column_option,
    data_option,
    locations,
    repairs_option,
    runs_option,
)
from mebench.display.consoles import say
from mebench.errors import MebenchError
from mebench.runner.timeout import DAY

if TYPE_CHECKING:
    from mebench.cohort.building import Cohort
    from mebench.plugin.loading import Plugins
    from mebench.runner.options import RunOptions

Command = TypeVar("Command", bound=Callable[..., Any])
Report = Callable[[str, int, int], None]

# What is learnt from, by which model, on which device.
_TRAINING = (
    click.option("--synthetic", is_flag=True, help="Use a small synthetic twin: no dataset is needed."),
    data_option,
    annotations_option,
    column_option,
    repairs_option,
    click.option(
        "--set", "assignments", metavar="NAME=VALUE", multiple=True, help="Change a setting of the model."
    ),
    click.option("--preset", help="A named group of settings; 'none' for none. With --synthetic: small."),
)

_WORKERS = click.option(
    "--workers", type=click.IntRange(1), help="Folds at a time. [default: one a core; one on a GPU]"
)

_SEEDS_AND_FOLDS = (
    click.option(
        "--seeds", default="0", show_default=True, metavar="N,N,...", help="Run once for each seed."
    ),
    click.option(
        "--folds", metavar="N|NAME,...", help="Only the first N folds, or those of the named subjects."
    ),
    _WORKERS,
)

_COMPUTING = (
    click.option(
        "--threads", type=click.IntRange(1), default=1, show_default=True, help="CPU threads of each fold."
    ),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True),
    click.option(
        "--precision",
        type=click.Choice(["auto", "float32", "tf32", "bfloat16"]),
        default="auto",
        show_default=True,
        help="auto: bfloat16 on a GPU that computes in it, else float32. bfloat16 on a CPU is refused where a layer "
        "of the network is wrong in it. tf32 is of GPUs.",
    ),
    click.option(
        "--fast",
        is_flag=True,
        help="Let a GPU take its fastest kernels: the same command then gives other bytes each time, and "
        "the record says so.",
    ),
)

_ISOLATION = (
    click.option(
        "--fold-timeout",
        type=click.FloatRange(0, min_open=True),
        default=DAY,
        metavar="SECONDS",
        help="End a fold that takes longer. [default: a day]",
    ),
    click.option(
        "--require-isolation",
        is_flag=True,
        help="Refuse to run where a fold's process cannot be kept from files and the network.",
    ),
)

_FAULTY = click.option(
    "--allow-dropped", is_flag=True, help="Run although clips are faulty; the record says so."
)

_OPTIONS = (
    *_TRAINING,
    *_SEEDS_AND_FOLDS,
    *_COMPUTING,
    *_ISOLATION,
    click.option("--executor", default="local", show_default=True, help="What works through the folds."),
    click.option(
        "--tracker", "trackers", metavar="NAME", multiple=True, help="What follows the run; several may."
    ),
    runs_option,
    _FAULTY,
    click.option(
        "--fresh",
        is_flag=True,
        help="Start this very run anew; what it recorded before is set aside in its folder.",
    ),
    click.option(
        "--shuffle-labels",
        is_flag=True,
        help="Shuffle the training labels: a sound benchmark then shows chance.",
    ),
)


_SELECTION = click.option(
    "--selection",
    type=click.Choice(["last", "inner", "oracle"]),
    default="last",
    show_default=True,
    help="Which epoch predicts: the last, the best on subjects split off the training, or the best on the test clips.",
)


def run_options(command: Command) -> Command:
    """Give a command the options that say what is run and how."""
    return run_options_but_selection(_SELECTION(command))


def run_options_but_selection(command: Command) -> Command:
    """Give a command the same options, but for the rule by which an epoch is chosen."""
    return _with(_OPTIONS, command)


def training_options(command: Command) -> Command:
    """Give a command those that say what is trained on what and how, of one training instead of folds and seeds."""
    return _with((*_TRAINING, *_COMPUTING, *_ISOLATION, _FAULTY, _SELECTION), command)


def audit_options(command: Command) -> Command:
    """Give a command those that say what is audited; the last epoch counts there, and folds share the cores."""
    return _with((*_TRAINING, *_COMPUTING, _FAULTY, _WORKERS), command)


def _with(options: Iterable[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed([*options]):
        command = option(command)
    return command


def read_run_options(options: Mapping[str, Any]) -> RunOptions:
    """Return how to run, as the options say.

    Raises:
        MebenchError: options contradict each other, or a value is not allowed.
    """
    from mebench.runner.options import RunOptions

    if options["synthetic"] and (options["data_folders"] or options["annotations"] or options["columns"]):
        raise MebenchError("--synthetic makes its own data: leave out --data, --annotations and --column")
    given = {name: options[name] for name in _AS_THEY_ARE if name in options}
    return RunOptions(**given, seeds=_seeds(options["seeds"]), workers=options.get("workers") or 0)


# Options that are fields of RunOptions; a command may lack some.
_AS_THEY_ARE = (
    "runs",
    "folds",
    "threads",
    "device",
    "precision",
    "fast",
    "shuffle_labels",
    "allow_dropped",
    "fresh",
    "executor",
    "trackers",
    "selection",
    "save_models",
    "fold_timeout",
    "require_isolation",
    "folds_together",
)


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of :func:`mebench.runner.named.named_model` that the options give."""
    return {
        "preset": options["preset"],
        "settings": options["assignments"],
        "trial": options["synthetic"],
        "tell": tell_preset,
    }


def tell_preset(applied: str) -> None:
    """Say which preset a trial run takes by itself."""
    say(f"--synthetic: {applied}; --preset none for none", err=True)


def cohort_of(plugins: Plugins, protocol: str, options: Mapping[str, Any], progress: Report) -> Cohort:
    """Return the protocol's cohort with the data that the options name.

    Raises:
        MebenchError: as :func:`mebench.cohort.ready.cohort_to_run` does.
    """
    from mebench.cohort.opening import load_protocol
    from mebench.cohort.ready import cohort_to_run
    from mebench.data.sources import ready_datasets

    data = locations(
        options["data_folders"],
        options["annotations"],
        load_protocol(plugins.registry, protocol).datasets,
        options["columns"],
        ready=ready_datasets(plugins.registry),
    )
    return cohort_to_run(
        plugins.registry,
        protocol,
        data=data,
        synthetic=options["synthetic"],
        repairs=options["repairs"] == "default",
        allow_dropped=options["allow_dropped"],
        progress=progress,
    )


@contextmanager
def going_on(ctx: click.Context, options: Mapping[str, Any]) -> Iterator[None]:
    """Say after Ctrl-C, or when the job is stopped, how to go on, and end with 130."""
    stop_as_with_ctrl_c()
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped; finished folds are kept, and {same_command(options)} goes on from here", err=True)
        ctx.exit(130)


def stop_as_with_ctrl_c() -> None:
    """End as cleanly as after Ctrl-C when a cluster's scheduler stops the job, which it does with SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def same_command(options: Mapping[str, Any]) -> str:
    """Return how a sentence calls the command that goes on with the work."""
    return "the same command" + (" without --fresh" if options["fresh"] else "")


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise MebenchError(f"--seeds {text!r}: give whole numbers with commas between, as in 0,1,2") from None
