"""Who does the work: processes on this machine, or a Dask cluster. To the scan both are an Executor."""

import logging
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from gate.errors import UsageError

AHEAD = 3
"""Tasks for each worker, so that none waits for one."""


@contextmanager
def executor(workers: int | None, scheduler: str | None) -> Iterator[tuple[Executor, int]]:
    """An executor, and how many tasks it works on at once. Raises UsageError."""
    if scheduler is not None:
        with _on_cluster(scheduler) as found:
            yield found
        return
    from concurrent.futures import ProcessPoolExecutor

    count = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(count, initializer=_leave_with_parent) as pool:
        try:
            yield pool, count
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _leave_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is None:
        return

    def leave() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


@contextmanager
def _on_cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--scheduler needs Dask, which is not installed", remedy="pip install 'procurement-gate[dask]'"
        ) from error
    for name in ("distributed", "distributed.client"):  # what goes wrong there is raised here, and told once
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address}", remedy="Start one with `dask scheduler`, and workers."
        ) from error
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise UsageError(f"The scheduler at {address} has no workers", remedy=f"dask worker {address}")
        yield client.get_executor(pure=False), count
