"""What a run's files say, and whether they agree: ``run.json``, ``cohort.csv`` and the records of folds."""
