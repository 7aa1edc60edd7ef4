"""`python -m tests.command_server ADDRESS PIPE`: imports the program once, and splits a process off for each command.

`tests.forking` starts it and asks it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import itertools
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Sequence
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path
from typing import Any, NoReturn

MAIN = Path(__file__).resolve().parents[1] / "experiments/__main__.py"

LEFT_OUT = ("__main__", "uncollected", "warm", "mpi")
"""Modules that do something when they are imported: the server of the workers imports them, as always."""

SERVES_WORKERS = "from multiprocessing.forkserver import main"


def _import_all() -> None:
    """Import what commands import, carry out what they compile or look for at first, and set all aside."""
    import mesa  # noqa: F401  (before the model: it looks through the whole stack of calls)

    import experiments
    import sim

    for package in (sim, experiments):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] not in LEFT_OUT:
                importlib.import_module(module.name)
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_pdf
    import matplotlib.backends.backend_svg  # noqa: F401

    sim.City(rng=1, **{"run.scale": 0.001}).run(40).group_history  # noqa: B018
    gc.collect()
    gc.freeze()


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    length, numbers, *_ = socket.recv_fds(connection, 8, 3)
    text = b""
    while len(text) < int.from_bytes(length, "big"):
        text += connection.recv(65_536)
    return json.loads(text), list(numbers)


def serve(address: str, alive: int) -> list[str] | None:
    """Split off a process for each request until the tests end; returns twice.

    Returns:
        in a process that was split off the words of its command, in the server None.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready, _, _ = select.select([listener, alive, *running], [], [])
        for number in ready:
            if number is listener:
                connection, _ = listener.accept()
                request, streams = _receive(connection)
                child = os.fork()
                if child == 0:
                    for other in (*running, alive):
                        os.close(other)
                    for theirs in (listener, connection, *(pair[1] for pair in running.values())):
                        theirs.close()
                    _become(request, streams)
                    return request["words"]
                for stream in streams:
                    os.close(stream)
                connection.sendall(b"%d\n" % child)
                running[os.pidfd_open(child)] = (child, connection)
            elif number == alive:
                os.unlink(address)
                os.rmdir(os.path.dirname(address))
                return None
            else:
                child, connection = running.pop(number)
                os.close(number)
                status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                with contextlib.suppress(OSError):  # whoever asked has ended
                    connection.sendall(b"%d\n" % status)
                connection.close()


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """In a process that was split off: be the command that was asked for."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    if request["own_session"]:
        os.setsid()
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.modules["__main__"] = importlib.import_module("experiments.__main__")
    sys.argv = [str(MAIN), *request["words"]]
    sys.path[0] = request["cwd"]
    spawn, util.spawnv_passfds = util.spawnv_passfds, _split_off_server  # type: ignore[assignment]
    _split_off_server.otherwise = spawn  # type: ignore[attr-defined]


def _split_off_server(path: bytes, arguments: Sequence[str], kept: Sequence[int]) -> int:
    """Split the server of the workers off, too, instead of starting it from nothing; other processes start as ever."""
    if not str(arguments[-1]).startswith(SERVES_WORKERS) or threading.active_count() > 1:
        return _split_off_server.otherwise(path, arguments, kept)  # type: ignore[attr-defined,no-any-return]
    child = os.fork()
    if child:
        return child
    _serve_workers(str(arguments[-1]), kept)


def _serve_workers(code: str, kept: Sequence[int]) -> NoReturn:
    """Be the server of the workers, as a new process would be it: without our handlers, files and main module."""
    status = 1
    try:
        for number in range(1, signal.NSIG):
            if callable(signal.getsignal(number)) and number != signal.SIGINT:
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook, sys.excepthook = sys.__unraisablehook__, sys.__excepthook__
        edges = sorted({2, *kept, os.sysconf("SC_OPEN_MAX")})
        for low, high in itertools.pairwise(edges):
            os.closerange(low + 1, high)
        for state in (forkserver._forkserver, resource_tracker._resource_tracker):  # type: ignore[attr-defined]
            state.__init__()
        sys.argv = ["-c"]
        exec(code, {})
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> int:
    """Serve, and in each process that is split off carry out the command."""
    address, alive = sys.argv[1], int(sys.argv[2])
    _import_all()
    warnings.filterwarnings("ignore", "This process .* is multi-threaded")  # threads of libraries, which are idle
    words = serve(address, alive)
    if words is None:
        return 0
    from experiments.cli import main as command

    carry_out: Callable[[], int] = command
    try:
        status = carry_out()
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(status)  # to take apart all that was imported would take longer than most commands


if __name__ == "__main__":
    sys.exit(main())
