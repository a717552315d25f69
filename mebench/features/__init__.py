"""Inputs of models: pure functions of one clip, computed once and kept as memory-mapped arrays."""
