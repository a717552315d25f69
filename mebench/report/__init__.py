"""What a run came to, as pages: a report of one, two beside each other, and the index of a folder of runs."""
