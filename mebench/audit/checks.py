"""All checks of an audit, one after the other.

    with TemporaryDirectory() as folder:
        for finding in audit(Case(prepared, Path(folder), LocalExecutor()), store, report): ...

Which clips a check asks is a matter of minutes: most ask one fold, (f) two, (g) up to eight, and (h) all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mebench.audit.alone import folds_alone
from mebench.audit.batches import ALONE, batch_checks
from mebench.audit.case import Case
from mebench.audit.chance import chosen_folds, shuffled_labels
from mebench.audit.finding import Finding
from mebench.audit.isolation import isolation
from mebench.audit.labels import hidden_labels
from mebench.audit.overlap import nothing_shared
from mebench.audit.together import MOST, folds_together
from mebench.audit.training import everything_learns, is_network
from mebench.features.store import FeatureStore, Progress


def audit(case: Case, store: FeatureStore, report: Progress) -> Iterator[Finding]:
    """Yield the findings (a) to (j) as they are made, and (k) where the options ask for folds that train together.

    Args:
        case: what is audited; its first fold is worked through before anything else.
        store: where the apex pictures of (h) are kept.
        report: called with what is done, how much of it and of how much.

    Raises:
        MebenchError: the first fold fails as a run would ask it, or a file cannot be reached.
        KeyboardInterrupt: after the workers were ended.
    """
    case = _counting(case, report)
    case.plain  # noqa: B018 - first: where it fails there is nothing to audit
    yield hidden_labels(case)
    yield from batch_checks(case)
    yield folds_alone(case)
    yield shuffled_labels(case)
    yield nothing_shared(case, store, report)
    yield everything_learns(case)
    yield isolation(case)
    if case.prepared.options.folds_together:
        yield folds_together(case)


def _counting(case: Case, report: Progress) -> Case:
    """Return the case that reports each training which has ended, of all that are due."""
    due = 1 + 1 + 3 + min(ALONE, len(case.first.test)) + (3 if case.second else 0) + 1 + is_network(case)
    due += len(chosen_folds(case.cohort.folds, case.most))
    due += 2 * min(MOST, len(case.cohort.folds)) * case.prepared.options.folds_together
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        report("trainings", min(done, due), due)

    return replace(case, told=told)
