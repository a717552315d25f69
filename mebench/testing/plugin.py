"""The plugin of pytest: a line for each class of conformance tests below a test run.

It is loaded by every pytest of an environment that has mebench, so it imports nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_TEST = "::test_conformance["
_WORDS = {
    "passed": "passed",
    "failed": "failed",
    "error": "errors",
    "skipped": "not asked",
    "xfailed": "known to fail",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of each class how many checks passed."""
    counts: dict[str, Counter[str]] = {}
    for state, word in _WORDS.items():
        for report in terminalreporter.stats.get(state, ()):
            name, found, _ = getattr(report, "nodeid", "").partition(_TEST)
            if found:
                counts.setdefault(name, Counter())[word] += 1
    if counts:
        terminalreporter.section("mebench conformance (-rs says why a check was not asked)")
    for name, each in sorted(counts.items()):
        terminalreporter.line(f"{name}: " + ", ".join(f"{number} {word}" for word, number in each.items()))
