"""Locks: those of the file system where it has any, files that are created exclusively where it has none.

Some network file systems refuse `flock`. A file that names host and process then stands for the lock. If its process is
on this machine and has ended, the file is removed; if it is on another machine, only a person can tell.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from sim.cautions import caution

_WITHOUT_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP})
_WAIT_SECONDS = 0.1


class InUseError(Exception):
    """Another process holds the lock; `advice` says what to do if it cannot be, and is empty where the system knows."""

    def __init__(self, advice: str = "") -> None:
        super().__init__(advice)
        self.advice = advice


class Lock:
    """A lock that is held until it is released, or until a block ends.

    Args:
        path: of the file or folder that is locked; a file is created if it is missing.
        folder: whether it is a folder.
        shared: whether others may hold it too, if they share it.
        wait: whether to wait until it is free.

    Raises:
        InUseError: another process holds it, and `wait` is false.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, folder: bool = False, shared: bool = False, wait: bool = False) -> None:
        self._path = path
        self._own: Path | None = None
        flags = os.O_RDONLY | os.O_DIRECTORY if folder else os.O_RDWR | os.O_CREAT
        self.descriptor = os.open(path, flags, 0o666)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.descriptor, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self.descriptor)
            raise InUseError from None
        except OSError as error:
            if error.errno not in _WITHOUT_LOCKS:
                os.close(self.descriptor)
                raise
            try:
                self._own = self._mark(shared=shared, wait=wait)
            except BaseException:
                os.close(self.descriptor)
                raise
        except BaseException:
            os.close(self.descriptor)
            raise

    def release(self) -> None:
        """Let others have it."""
        if self._own is not None:
            self._own.unlink(missing_ok=True)
        os.close(self.descriptor)

    def is_sole(self) -> bool:
        """Whether nobody else holds this shared lock."""
        if self._own is not None:
            return not [mark for mark in self._marks() if mark != self._own]
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            fcntl.flock(self.descriptor, fcntl.LOCK_SH)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.release()

    # ---------------------------------------------------------------- without locks of the system

    def _mark(self, *, shared: bool, wait: bool) -> Path:
        caution(f"{self._path.parent}: this file system has no locks; files that end in .held are used instead")
        own = self._named(f"{socket.gethostname()}-{os.getpid()}" if shared else "all")
        while True:
            others = [mark for mark in self._marks() if not shared or mark.name == self._named("all").name]
            if not others:
                try:
                    handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
                except FileExistsError:
                    continue
                os.write(handle, _process().encode())
                os.close(handle)
                others = [mark for mark in self._marks() if mark != own]
                if shared:
                    others = [mark for mark in others if mark.name == self._named("all").name]
                if not others:
                    return own
                own.unlink(missing_ok=True)
            if not wait:
                raise InUseError(f"if no process is at work there any more, delete {others[0]}")
            time.sleep(_WAIT_SECONDS)

    def _named(self, who: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{who}.held")

    def _marks(self) -> list[Path]:
        """Files that stand for this lock; those of processes of this machine that have ended are removed."""
        marks = sorted(self._path.parent.glob(f"{self._path.name}.*.held"))
        return [mark for mark in marks if not _is_left_over(mark)]


def _process() -> str:
    """Host, number and start of this process: another process may get its number later."""
    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.2f}"


def _is_left_over(mark: Path) -> bool:
    """Whether a file stands for a process of this machine that has ended; it is removed then."""
    try:
        host, number, start = mark.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):  # just created, not yet written
        return False
    if host != socket.gethostname():
        return False
    with suppress(psutil.Error, ValueError):
        if f"{psutil.Process(int(number)).create_time():.2f}" == start:
            return False
    mark.unlink(missing_ok=True)
    return True
