"""Several folds in one locked process, trained as one network: ``mebench run --folds-together``."""
