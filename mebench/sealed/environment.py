"""The environment of a sealed process: a short list of variables, and folders of its own for everything else."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# What decides how programs run here: language, libraries, threads, processors. Nothing of the user's.
_KEPT = (
    "PATH",
    "LANG",
    "LANGUAGE",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "COLUMNS",
    "NO_COLOR",
    "CUDA_VISIBLE_DEVICES",
    "HF_ENDPOINT",  # read when its library is imported, which may be before there is a network
    "MEBENCH_SEAL_WITHOUT",
)
# By which libraries are told how to compute.
COMPUTING = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "BLIS_",
    "NUMEXPR_",
    "VECLIB_",
    "KMP_",
    "GOMP_",
    "CUBLAS_",
    "CUDNN_",
)
_KEPT_FAMILIES = (
    *COMPUTING,
    "LC_",
    "CUDA_",
    "NVIDIA_",
    "HIP_",
    "ROCR_",
    "HSA_",
    "PYTORCH_",
    "TORCH_",
    "PYTHONUTF8",
    "PYTHONIOENCODING",
)
# Where there is a network: how to get out, and who is allowed to fetch what.
_NETWORK = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
)
_YES = ("1", "ON", "YES", "TRUE")
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_OWN = (
    "HOME",
    "TMPDIR",
    "TEMP",
    "TMP",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "MPLCONFIGDIR",
)


def kept_environment(*, network: bool = False) -> dict[str, str]:
    """Return what a sealed process sees of this process's environment.

    The order of a set of strings must not differ between two runs, so ``PYTHONHASHSEED`` is 0 for all. The caches of
    the hubs are told where they are, since HOME moves; whether they may be read is the seal's to say.
    """
    kept = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_FAMILIES)
    }
    if network:
        kept |= {n: v for n, v in os.environ.items() if n in _NETWORK or n.lower() in _PROXIES}
    else:
        kept["HF_HUB_OFFLINE"] = "1"
    return kept | {name: str(folder) for name, folder in hub_folders().items()} | {"PYTHONHASHSEED": "0"}


def hub_folders() -> dict[str, Path]:
    """Return where the hubs' libraries keep what they fetched, by the variable that says so, as they resolve it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    home = Path(os.environ.get("HF_HOME") or cache / "huggingface").expanduser()
    hub = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or home / "hub"
    torch = os.environ.get("TORCH_HOME") or cache / "torch"
    return {
        name: Path(each).expanduser().absolute()
        for name, each in (("HF_HOME", home), ("HF_HUB_CACHE", hub), ("TORCH_HOME", torch))
    }


def own_environment(private: Path) -> dict[str, str]:
    """Return the variables that lead everything a library would leave in a home into the private folder."""
    # Libraries name their caches after the user, whom nobody need know.
    return {**dict.fromkeys(_OWN, str(private)), "USER": "mebench", "LOGNAME": "mebench"}


def enter(environment: Mapping[str, str], private: Path) -> None:
    """Make the environment of this process the given one, in its private folder."""
    import tempfile

    os.environ.clear()
    os.environ.update({**environment, **own_environment(private)})
    os.chdir(private)
    tempfile.tempdir = str(private)
    if (hub := sys.modules.get("huggingface_hub.constants")) is not None:
        # The start server imported it for every sealed process, and it reads the environment then alone.
        vars(hub)["HF_HUB_OFFLINE"] = environment.get("HF_HUB_OFFLINE", "").upper() in _YES
