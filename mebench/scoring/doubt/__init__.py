"""Proofs about printed figures: a confusion matrix that gives them, or the bound that none can pass."""
