"""The folder in which the worker processes of a server share their counts."""

import atexit
import os
import shutil
import tempfile
from functools import cache

from prometheus_client import values

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@cache
def share_counts() -> None:
    """Let this process and those that it starts share their counts; call it before any counter is made.

    The folder is in memory, because a mapped file on a full disk kills its process, and ends with this process.
    """
    folder, owner = tempfile.mkdtemp(prefix="wechat-metrics-", dir=memory_folder()), os.getpid()
    os.environ[_VARIABLE] = folder  # prometheus_client and the processes started from here read it
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call] # the library has no annotation there

    def remove() -> None:
        if os.getpid() == owner:  # a fork has the function, too
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def memory_folder() -> str | None:
    """A folder in memory; None where there is none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 -- mkdtemp's names are its own
