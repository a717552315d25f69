"""mebench: what a micro-expression recognition model is really worth.

The package's public names for plugin authors are in :mod:`mebench.api`; this module stays empty so that
``import mebench`` costs nothing.
"""

__version__ = "0.1.0"
