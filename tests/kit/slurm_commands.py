"""Commands of SLURM that run a job array on this machine: enough of sbatch, sacct and scancel for submitit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_COMMAND = """\
#!{python}
import json, os, re, signal, subprocess, sys
from pathlib import Path
home = Path({home!r})
{body}
"""

_SBATCH = """
text = Path(sys.argv[-1]).read_text()
number = str(1000 + len(list(home.glob("*.sbatch"))))
(home / f"{number}.sbatch").write_text(text)
array = re.search(r"#SBATCH --array=0-(\\d+)", text)
tasks = range(int(array[1]) + 1) if array else [None]
for task in tasks:
    name = number if task is None else f"{number}_{task}"
    environment = {**os.environ, "SLURM_JOB_ID": number, "SLURM_PROCID": "0", "SLURM_LOCALID": "0",
        "SLURM_NODEID": "0", "SLURM_NTASKS": "1", "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_NODELIST": "here"}
    if task is not None:
        environment |= {"SLURM_ARRAY_JOB_ID": number, "SLURM_ARRAY_TASK_ID": str(task)}
    # submitit puts the pickles into place once it has the number.
    job = subprocess.Popen(["sh", "-c", "sleep 1; exec bash " + sys.argv[-1]], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    (home / f"{name}.pid").write_text(str(job.pid))
print(f"Submitted batch job {number}")
"""

_SACCT = """
print("JobID|State|NodeList")
for file in home.glob("*.pid"):
    try:
        state = Path(f"/proc/{int(file.read_text())}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        state = "Z"
    print(f"{file.stem}|{'NODE_FAIL' if state == 'Z' else 'RUNNING'}|here")
"""

_SCANCEL = """
with (home / "cancelled").open("a") as file:
    file.write(sys.argv[-1] + "\\n")
for file in home.glob(f"{sys.argv[-1]}*.pid"):
    try:
        os.killpg(int(file.read_text()), signal.SIGKILL)
    except OSError:
        pass
"""


def slurm_commands(home: Path) -> dict[str, str]:
    """Write the commands below a folder, and return the environment that finds them; there lies what they were told."""
    commands = home / "bin"
    commands.mkdir(parents=True)
    for name, body in (("sbatch", _SBATCH), ("sacct", _SACCT), ("scancel", _SCANCEL), ("srun", "")):
        file = commands / name
        file.write_text(_COMMAND.format(python=sys.executable, home=str(home), body=body))
        file.chmod(0o755)
    return {"PATH": os.pathsep.join([str(commands), os.environ["PATH"]])}
