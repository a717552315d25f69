"""Synthetic twins: faces that move by action units, in any dataset's own layout."""
