"""Cuts commands off, or lets the disk be full, at each place where they write, and shows that nothing is lost.

    python -m tests.bad_days.injecting [faults [seed]]

Each fault happens in a process of its own, split off from one that has imported everything: the command is killed, or
an operation on a file fails for want of space or permission. The same command is then given again. It must end well,
with the bytes of a command that nobody disturbed, and leave no partial file behind.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from experiments import cli
from experiments.study import fork_server, request
from tests.bad_days.resumable import RESULTS, begin, digests, has_kept, words_of
from tests.inline import Inline

KILLED = 99
"""Exit status of a process that was cut off, as if by kill -9: nothing is cleaned up."""

WAYS: dict[str, int | None] = {"kill": None, "no space": errno.ENOSPC, "no permission": errno.EACCES}


@dataclass
class Place:
    """Counts operations on files, and lets one of them fail.

    Attributes:
        at: number of the operation that fails, from 1; 0 for none.
        way: of `WAYS`.
        count: operations so far.
    """

    at: int = 0
    way: str = "kill"
    count: int = 0

    def strike(self, path: object) -> None:
        """Count an operation; fail if it is the one."""
        self.count += 1
        if self.count != self.at:
            return
        number = WAYS[self.way]
        if number is None:
            os._exit(KILLED)
        raise OSError(number, os.strerror(number), os.fspath(path) if isinstance(path, str | Path) else None)


@contextmanager
def _inline(*_: object, **__: object) -> Iterator[tuple[Inline, int]]:
    """An executor in this process, so that a fault strikes the work of workers, too."""
    yield Inline(), 1


def _no_server() -> None:
    """Start no server of workers: there are none."""


def _before(owner: Any, name: str, place: Place, counts: Callable[..., bool]) -> None:
    """Let a function of a module count as an operation before it does anything."""
    genuine = getattr(owner, name)

    def striking(*arguments: Any, **named: Any) -> Any:
        if counts(*arguments, **named):
            place.strike(arguments[0] if arguments else None)
        return genuine(*arguments, **named)

    setattr(owner, name, striking)


def _writes(file: object, mode: str = "r", *_: object, **__: object) -> bool:
    return any(letter in mode for letter in "wax+") and not isinstance(file, int) and str(file) != os.devnull


def _always(*_: object, **__: object) -> bool:
    return True


def _within(out: Path) -> Callable[..., bool]:
    """Whether the first argument is a path under the folder of results; what else is written is no result."""
    return lambda path, *_, **__: str(path).startswith(str(out))


def arm(place: Place, out: Path) -> None:
    """Let every write, rename, deletion and fsync of this process be counted; there is no way back."""
    within = _within(out.parent)
    for name in ("replace", "rename", "unlink", "mkdir"):
        _before(os, name, place, within)
    _before(os, "fsync", place, _always)
    _before(pq, "write_table", place, lambda table, where, **_: within(where))
    _before(pq, "ParquetWriter", place, lambda where, *_, **__: within(where))
    for owner in (builtins, io):
        _before(owner, "open", place, lambda file, *more, **named: within(file) and _writes(file, *more, **named))


def split_off(words: list[str], out: Path, place: Place, told: Path) -> int:
    """Carry out a command in a process split off from this one; its exit status.

    Args:
        words: after `mahalle`.
        out: its folder.
        place: where a fault strikes.
        told: gets what it prints, and at last the number of operations, which is then in `place`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries are idle here
        child = os.fork()
    if child == 0:
        status = 70
        try:
            with open(told, "w", encoding="utf-8") as text:
                os.dup2(text.fileno(), 1)
                os.dup2(text.fileno(), 2)
            arm(place, out)
            status = cli.main(words)
            sys.stdout.flush()
            os.write(2, f"\n{place.count}".encode())
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    last = told.read_text(encoding="utf-8").rpartition("\n")[2]
    place.count = int(last) if last.isdecimal() else 0
    return status


def left_over(folder: Path) -> list[str]:
    """Files that no command should leave: hidden ones that are no locks, and temporary ones."""
    names = [path.name for path in folder.rglob("*")]
    hidden = [name for name in names if name.startswith(".") and not name.startswith(".lock")]
    return sorted({*hidden, *(name for name in names if name.endswith((".partial", ".tmp", ".held")))})


@dataclass(frozen=True)
class Undisturbed:
    """A command without any fault.

    Attributes:
        operations: on files.
        results: digests.
    """

    operations: int
    results: dict[str, str]


def undisturbed(command: str, folder: Path) -> Undisturbed:
    """Carry out a command that nobody disturbs: first in this process, so that those split off find all imported."""
    warm = folder.with_name(f"warm-{command}")
    for new in (folder, warm):
        new.mkdir()
    request.executor_named = _inline
    fork_server.start_early = _no_server
    for where in (warm, folder):
        begin(command, where, _carry_out, small=True)
    _carry_out(words_of(command, warm, small=True))
    place, told = Place(), folder / "told"
    status = split_off(words_of(command, folder, small=True), folder / "out", place, told)
    assert status == 0, told.read_text(encoding="utf-8")
    return Undisturbed(place.count, digests(command, folder))


def _carry_out(words: list[str]) -> None:
    """Carry out a command in this process; it must end well."""
    assert cli.main(words) == 0, words


def faults_of(command: str, calm: Undisturbed, folder: Path, at: int, way: str) -> list[str]:
    """What is wrong after a fault at an operation, and after the same command again."""
    folder.mkdir()
    begin(command, folder, _carry_out, small=True)
    words, told, found = words_of(command, folder, small=True), folder / "told", []
    status = split_off(words, folder / "out", Place(at, way), told)
    said = told.read_text(encoding="utf-8").rpartition("\n")[0].strip().splitlines()
    if way != "kill":
        if status not in (0, 1, 2):
            found.append(f"exit status {status}")
        if status and not (len(said) == 1 and len(said[0]) < 600):
            found.append(f"said {said}")
        if any(word in line for line in said for word in ("Traceback", "Errno", "PosixPath", "run with --debug")):
            found.append(f"said {said}")
        if status and (left := left_over(folder)):
            found.append(f"left {left} at once")
    elif status not in (0, KILLED):
        found.append(f"exit status {status}: {said}")
    if command == "grow":
        words = [word for word in words if word != "--quiet"]
    status = split_off(words, folder / "out", Place(), told)
    if status:
        return [*found, f"the second time: exit status {status}: {told.read_text(encoding='utf-8')}"]
    if digests(command, folder) != calm.results:
        found.append("other bytes")
    if command == "grow" and not has_kept(told.read_text(encoding="utf-8")):
        found.append("runs that were there were not kept")
    if left := left_over(folder):
        found.append(f"left {left}")
    return found


QUICK = ("sweep", "compare", "sensitivity", "grow")
TURNS = (*QUICK * 3, "calibrate", "validate")
"""Whose turn it is: those that take half a second are tried more often than those that take seven."""

FEW = 24
"""Up to so many faults only the quick ones are tried: before the first fault each command is carried out thrice."""


def inject(faults: int, seed: int, folder: Path, turns: Sequence[str] = TURNS) -> list[str]:
    """Inject faults at random places of all commands; what is wrong afterwards.

    Args:
        faults: how many, in turn among commands.
        seed: of places and ways.
        folder: for the files of all.
        turns: the commands, in the order in which they are tried.
    """
    chance, wrong = random.Random(seed), []
    calm = {command: undisturbed(command, folder / f"calm-{command}") for command in RESULTS if command in turns}
    for number in range(faults):
        command, way = turns[number % len(turns)], chance.choice(list(WAYS))
        at = chance.randint(1, calm[command].operations)
        found = faults_of(command, calm[command], folder / str(number), at, way)
        wrong += [f"{command}, {way} at {at} of {calm[command].operations}: {what}" for what in found]
        shutil.rmtree(folder / str(number))
    return wrong


def main() -> int:
    """Do it and say what came of it."""
    faults, seed = ([int(word) for word in sys.argv[1:]] + [50, 1][len(sys.argv) - 1 :])[:2]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        wrong = inject(faults, seed, Path(name), TURNS if faults > FEW else QUICK)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    came_of_it = f"{len(wrong)} wrong" if wrong else "nothing lost, the same bytes, nothing left over"
    print(f"{faults:,} faults injected in {time.monotonic() - begun:,.0f} s: {came_of_it}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
