"""How things are shown on a terminal, in a pipe and in a notebook: tables, and progress of long work."""
