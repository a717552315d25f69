"""All folds of a small network trained as one: its stacked weights, the layers that need care, the passes."""
