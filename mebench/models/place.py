"""The word that stands for a path where a run's identity is: where a file lies does not count, what it holds does."""

from __future__ import annotations

PLACE = "a file"
