"""Executors for parallel runs: processes of this machine, a Dask cluster, MPI, or any object with `submit`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, Self

import psutil

from experiments.study.fork_server import end_with_parent, start_early, workers_context
from sim.errors import ConfigError

LOOPBACK = "127.0.0.1"
"""Where a Dask cluster of our own listens: it has no authentication, so nobody else may reach it."""


class Submits(Protocol):
    """The interface of an executor that a sweep needs: `submit` as in concurrent.futures."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Schedule a task."""


class Dask:
    """A Dask cluster as an executor.

    Attributes:
        client: of the cluster.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, work: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Schedule a task on a worker of the cluster."""
        future: Future[Any] = self._executor.submit(work, *arguments)
        return future

    @property
    def lost(self) -> bool:
        """Whether the connection to the scheduler is permanently lost."""
        return self.client.status not in ("running", "connecting")


class Processes:
    """Processes on this machine, replaced when one of them dies.

    Attributes:
        workers: how many.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers if workers is not None else usable_processors()
        self._pool: Executor | None = None
        handle, self._sign = tempfile.mkstemp(prefix="mahalle-workers-")
        os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the processes; after a signal immediately, because their results are not needed."""
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.stop()
        else:
            self.shutdown()

    @property
    def began(self) -> bool:
        """Whether any worker ever started: each worker writes a byte to a file."""
        return Path(self._sign).exists() and Path(self._sign).stat().st_size > 0

    def submit(self, work: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Schedule a task in one of the processes."""
        if self._pool is None:
            start_early()
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=workers_context(), initializer=_prepare, initargs=(os.getpid(), self._sign)
            )
        return self._pool.submit(work, *arguments)

    def renew(self) -> None:
        """Discard all processes after one died; the next task starts new ones."""
        self._end(wait=False)

    def stop(self) -> None:
        """End the processes immediately, without waiting for their tasks."""
        for process in list((getattr(self._pool, "_processes", None) or {}).values()):
            process.kill()  # as `kill_workers` of Python 3.14
        self.shutdown()

    def shutdown(self, *, wait: bool = True) -> None:
        """End the processes."""
        self._end(wait=wait)
        Path(self._sign).unlink(missing_ok=True)

    def _end(self, *, wait: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)
            self._pool = None


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_executor(executor: Submits | None, workers: int | None) -> Iterator[tuple[Submits, int]]:
    """The executor (by default processes of this machine that end with the block) and its number of parallel tasks."""
    if executor is not None:
        yield executor, workers or 1
        return
    with Processes(workers) as processes:
        yield processes, processes.workers


@contextmanager
def executor_named(name: str, *, workers: int | None, scheduler: str | None) -> Iterator[tuple[Submits, int]]:
    """The executor of a name, and number of tasks that it can run in parallel.

    Raises:
        ConfigError: no such executor, or the package it needs is not installed.
    """
    if scheduler is not None and name != "dask":
        raise ConfigError("only with --executor dask", source="--scheduler")
    if name == "processes":
        with Processes(workers) as processes:
            yield processes, processes.workers
    elif name == "dask":
        with _dask(workers, scheduler) as found:
            yield found
    elif name == "mpi":
        with _mpi(workers) as found:
            yield found
    else:
        raise ConfigError(f"must be processes, dask or mpi, not {name}", source="--executor")


@contextmanager
def _dask(workers: int | None, scheduler: str | None) -> Iterator[tuple[Submits, int]]:
    try:
        import distributed
    except ImportError:
        raise ConfigError("needs distributed: pip install 'mahalle[cluster]'", source="--executor dask") from None
    if scheduler is not None:
        try:
            client = distributed.Client(scheduler, timeout="30s")
        except (OSError, ValueError) as error:
            raise ConfigError(f"no scheduler answers: {error}", source=f"--scheduler {scheduler}") from None
    else:
        client = distributed.Client(
            n_workers=workers or usable_processors(), threads_per_worker=1, host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0", worker_dashboard_address=f"{LOOPBACK}:0",
        )  # fmt: skip
    with client:
        client.wait_for_workers(1)
        threads = sum(client.nthreads().values())
        yield Dask(client), threads


@contextmanager
def _mpi(workers: int | None) -> Iterator[tuple[Submits, int]]:
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPIPoolExecutor
    except ImportError:
        raise ConfigError("needs mpi4py: pip install 'mahalle[mpi]'", source="--executor mpi") from None
    if "mpi4py.futures" not in sys.orig_argv or MPI.COMM_WORLD.Get_size() < 2:  # else it would start some, and hang
        raise ConfigError(
            "start it with two processes or more: mpiexec -n 8 python -m mpi4py.futures -m experiments sweep …",
            source="--executor mpi",
        )
    with MPIPoolExecutor(workers) as pool:
        yield pool, workers or max(1, MPI.COMM_WORLD.Get_size() - 1)


def _prepare(sweep: int, sign: str) -> None:
    """Set up a worker: it ignores Ctrl-C, which the main process handles, and ends if the main process was killed."""
    end_with_parent()
    gc.enable()  # off in the server it was forked from
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError), open(sign, "a", encoding="ascii") as file:
        file.write(".")
    process = psutil.Process(sweep)

    def leave_with_the_sweep() -> None:
        while _is_alive(process):
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=leave_with_the_sweep, daemon=True).start()


def _is_alive(process: psutil.Process) -> bool:
    """Whether a process is running; a zombie process is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
