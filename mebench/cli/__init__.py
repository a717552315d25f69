"""The command line: ``mebench COMMAND``. Each command is a module that is imported only when it is called."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

import mebench
from mebench.errors import MebenchError, MebenchNotice, MebenchWarning
from mebench.plain_text import plain_lines

# Command -> where it is, and its line in `mebench --help` (so that help imports none of them).
_COMMANDS = {
    "run": ("mebench.cli.run:run", "Run a model under a protocol; the same command continues a stopped run."),
    "sweep": ("mebench.cli.sweep:sweep", "Run every combination of a model's settings, and compare them."),
    "ablate": ("mebench.cli.ablate:ablate", "Run the ablations that a model declares, and compare them."),
    "fit": ("mebench.cli.fit:fit", "Train a model on a protocol's whole cohort and keep it in a folder."),
    "audit": ("mebench.cli.audit:audit", "Say with evidence whether a model's scores can be believed."),
    "list": ("mebench.cli.listing:list_", "List models, datasets, protocols, plugins or runs."),
    "info": ("mebench.cli.info:info", "Show all about a model, dataset or protocol."),
    "check": (
        "mebench.cli.conformance:check",
        "Check that a plugin does what it must, and say what to mend.",
    ),
    "new": ("mebench.cli.new:new", "Write a package of your own: a model, dataset, protocol or input."),
    "runs": ("mebench.cli.runs:runs", "Watch runs that other processes work at."),
    "show": ("mebench.cli.show:show", "Show the scores of a run."),
    "report": (
        "mebench.cli.report:report",
        "Write a report of a run, or of two, as a page with its figures.",
    ),
    "view": ("mebench.cli.view:view", "Open the page of a folder of runs."),
    "compare": ("mebench.cli.compare:compare", "Say whether runs differ, or whether it may be chance."),
    "power": ("mebench.cli.power:power", "Say how large a difference a protocol's subjects can show."),
    "optimism": ("mebench.cli.optimism:optimism", "Tell what choosing the epoch on the test clips is worth."),
    "merge": ("mebench.cli.merge:merge", "Join the records of several folders in one."),
    "score": ("mebench.cli.score:score", "Score predictions that were made outside mebench."),
    "doubt": (
        "mebench.cli.doubt:doubt",
        "Say whether a confusion matrix can have printed figures, with a proof.",
    ),
    "predict": ("mebench.cli.predict:predict", "Let a fitted model say what a clip of yours shows, and why."),
    "protocol": ("mebench.cli.protocol:protocol", "Write a protocol's clips as a list, or compare with one."),
    "data": ("mebench.cli.data:data", "Say where datasets lie, check them, or make synthetic twins."),
    "features": ("mebench.cli.features:features", "Write what models see of a protocol's clips as arrays."),
    "cache": ("mebench.cli.cache:cache", "See or clear the cache of features and twins."),
    "leaderboard": ("mebench.cli.leaderboard:leaderboard", "Build tables from stored predictions."),
}


class _LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only when it is called; plugins may add some."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from mebench.cli.added import added_commands

        return [*_COMMANDS, *(entry.name for entry in added_commands())]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            from mebench.cli.added import command_of_plugin

            return command_of_plugin(name, _COMMANDS, strict=bool(ctx.params.get("strict_plugins")))
        module, _, attribute = _COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def get_help(self, ctx: click.Context) -> str:
        return plain_lines(super().get_help(ctx))  # titles are those of plugins

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from mebench.cli.added import added_commands

        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])
        if added := [(entry.name, f"{entry.title} ({entry.plugin})") for entry in added_commands()]:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(added)


@click.group(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(mebench.__version__, prog_name="mebench")
@click.option("--debug", is_flag=True, help="Show a traceback with errors.")
@click.option("--strict-plugins", is_flag=True, help="Stop at a broken plugin instead of skipping it.")
@click.pass_context
def cli(ctx: click.Context, debug: bool, strict_plugins: bool) -> None:
    """Tell what a micro-expression recognition model is really worth.

    Same clips, same labels, same folds, no peeking, and a table anyone can rebuild.

    \b
    Try it without any dataset:   mebench run famnet casme3 --synthetic
    See what there is:            mebench list
    """
    ctx.obj = {"debug": debug, "strict_plugins": strict_plugins}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 something to mend, 130 interrupted."""
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    if sys.platform == "win32":
        _say("error: mebench runs on Linux and macOS; on Windows, run it in WSL (`wsl --install`)")
        sys.exit(2)
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments), prog_name="mebench", standalone_mode=False
        )
    except MebenchError as error:
        if debug:
            raise
        _say(f"error: {error}")
        code = 2
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        click.echo(plain_lines(shown.getvalue()), err=True, nl=False)
        code = 2
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        code = 130
    except BrokenPipeError:
        # `mebench list | head`: the reader has left; say nothing more to it.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except OSError as error:
        if debug:
            raise
        _say(f"error: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _say(message: str) -> None:
    click.echo(plain_lines(message), err=True)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    # Ours carry sentences for the user; libraries' warnings are for their developers.
    if issubclass(category, MebenchWarning):
        from mebench.cli.console import note, warn  # rich's: they know of bars on the screen

        (note if issubclass(category, MebenchNotice) else warn)(str(message))
