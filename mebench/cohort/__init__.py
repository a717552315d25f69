"""From clips to a task: the protocol, its folds, cohorts, and their comparison with lists."""
