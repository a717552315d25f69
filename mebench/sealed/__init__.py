"""Processes that see their own work and nothing else of the machine: the seal, and how such a process is started.

    seal = make_seal(code=[package], protected=[datasets, runs])
    with SealedProcess("mypackage.work:work", seal, assignment=b"...") as process:
        while process.ended is None:
            wait_any([process], timeout=1)
            for frame in process.pump():
                print(frame.message)

It knows nothing of folds. docs/isolation.md tells what is sealed off, and where a machine cannot.
"""
