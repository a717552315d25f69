"""Asking whether a model's score can be believed: checks with evidence, of a model under a protocol."""
