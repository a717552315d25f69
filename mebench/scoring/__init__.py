"""Metrics, intervals and the scores of a run, from plain arrays or from stored records."""
