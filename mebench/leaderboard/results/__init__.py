"""Stored results: predictions of complete runs by clip key, without labels, beside what they were computed from.

docs/results.md says what such a file holds, and what it proves.
"""
