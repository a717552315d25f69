"""``python -m mebench`` is ``mebench``."""

from mebench.cli import main

if __name__ == "__main__":
    main()
