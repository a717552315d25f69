"""``mebench audit MODEL PROTOCOL``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from mebench.cli.console import print_json
from mebench.cli.options import plugins_told
from mebench.cli.run_options import (
    audit_options,
    cohort_of,
    read_run_options,
    settings_of,
    stop_as_with_ctrl_c,
)
from mebench.display.consoles import say

if TYPE_CHECKING:
    from mebench.audit.verdict import Verdict
    from mebench.cohort.protocol import Protocol

# What stands before a finding, and how it is coloured on a terminal.
_MARKS = {True: ("passed", "green"), False: ("FAILED", "bold red"), None: ("  --  ", "dim")}
# A narrower terminal has the evidence below what it is of.
_WIDE = 90


@click.command()
@click.argument("model")
@click.argument("protocol")
@audit_options
@click.option("--seed", default=0, show_default=True, help="Chance in training comes from it.")
@click.option(
    "--folds",
    "most",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Train so many folds on shuffled labels, spread over all.",
)
@click.option(
    "--folds-together",
    is_flag=True,
    help="Ask also whether folds that train together know each other's labels.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def audit(
    ctx: click.Context, /, model: str, protocol: str, seed: int, most: int, as_json: bool, **options: Any
) -> None:
    """Say with evidence whether the scores of MODEL under PROTOCOL can be believed.

    It trains a few folds again and again: with other hidden labels, with the test clips in another order, one by one
    and beside foreign ones, and on shuffled labels; looks for clips, subjects and pictures on both sides of a fold;
    and says what kept a fold from everything else. docs/audit.md says what each check finds, and what it cannot.

    Without --data it takes the datasets that `mebench data add` remembers; where those are not here, a synthetic
    twin. Nothing is recorded. The exit code is 1 where a check failed.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from mebench.audit.case import Case
    from mebench.audit.checks import audit as findings_of
    from mebench.audit.verdict import Verdict
    from mebench.cohort.opening import load_protocol
    from mebench.display.progress import progress_bar
    from mebench.features.store import user_store
    from mebench.models.base import settings_values
    from mebench.runner.executor import LocalExecutor
    from mebench.runner.named import check_chosen, named_model
    from mebench.runner.preparing import prepare

    plugins = plugins_told(ctx)
    definition = load_protocol(plugins.registry, protocol)
    unknown = "" if options["synthetic"] else _unknown_place(definition, options)
    options["synthetic"] |= bool(unknown)
    named = named_model(plugins, model, **settings_of(options))
    chosen = read_run_options({**options, "seeds": str(seed)})
    check_chosen(plugins, chosen, named, definition)
    if unknown:
        say(
            f"where {unknown} lies is not known, so a synthetic twin is audited; --data DIR for your own data",
            err=True,
        )
    stop_as_with_ctrl_c()
    start = time.perf_counter()
    with TemporaryDirectory(prefix="mebench-audit-") as folder, progress_bar() as report:
        cohort = cohort_of(plugins, protocol, options, report)
        ready = prepare(named.entry, named.model, cohort, chosen, user_store(), report, named.asked)
        case = Case(ready, Path(folder), LocalExecutor(), seed=seed, workers=ready.workers, most=most)
        findings = list(findings_of(case, user_store(), report))
    about = {
        "model": named.entry.name,
        "settings": settings_values(named.model.settings),
        "protocol": cohort.protocol.name,
        "manifest": cohort.manifest,
        "synthetic": cohort.twin,
        "subject_dependent": cohort.protocol.subject_dependent,
        "local_code": named.entry.local_code(),
        "device": ready.device,
        "seed": seed,
    }
    verdict = Verdict(about, findings, time.perf_counter() - start)
    if as_json:
        print_json(verdict.described())
    else:
        _print(verdict)
    if verdict.failed:
        ctx.exit(1)


def _unknown_place(protocol: Protocol, options: dict[str, Any]) -> str:
    """Return a dataset that is nowhere, where the user named no data: a twin stands in then."""
    from mebench.data.locations import known_place

    if options["data_folders"] or options["annotations"]:
        return ""
    return next((name for name in protocol.datasets if known_place(name) is None), "")


def _print(verdict: Verdict) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from mebench.display.consoles import output

    console = output()
    console.print(Text(verdict.title, "bold"))
    console.print()
    columns = Table.grid(padding=(0, 2))
    columns.add_column(no_wrap=True)
    for finding in verdict.findings:
        word, style = _MARKS[finding.passed]
        head = Text.assemble((word, style), f"  {finding.check}  ", (finding.title, "bold"))
        if not console.is_terminal:
            console.print(f"{head.plain}: {finding.evidence}")
        elif console.width < _WIDE:
            console.print(head)
            console.print(Padding(Text(finding.evidence), (0, 0, 0, len("passed  a  "))))
        else:
            columns.add_row(head, finding.evidence)
    if columns.row_count:
        console.print(columns)
    console.print()
    console.print(
        Text(f"{verdict.summary} ({verdict.seconds:.0f} s)", "bold red" if verdict.failed else "bold")
    )
