"""Studies: variants of one model, run alike, compared with a reference, and written as tables and a plot."""
