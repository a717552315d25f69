"""The rules by which an epoch of a training is chosen to predict; docs/epoch-rules.md says what each is worth."""

from __future__ import annotations

# The last one; the best on subjects split off the training subjects; the best on the test clips themselves.
LAST, INNER, ORACLE = SELECTIONS = ("last", "inner", "oracle")
