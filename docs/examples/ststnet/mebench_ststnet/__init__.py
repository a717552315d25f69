"""STSTNet as an outside package: `pip install .` here, then `mebench run ststnet-outside casme3 --synthetic`."""

from mebench.api import hookimpl


@hookimpl
def mebench_register(registry):
    registry.model("ststnet-outside", "mebench_ststnet.model:STSTNet", title="STSTNet, from outside")
