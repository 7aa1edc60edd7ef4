"""Progress of any work: a bar on a terminal, a line now and then elsewhere, nothing where it is not wanted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Protocol

from experiments.escaping import say
from experiments.languages import digits, texts_of, which, written
from experiments.study.runner import Progress
from sim.compiling import is_kept
from sim.outcome import Language

LINE_EVERY = 60.0
"""Seconds between lines where there is no terminal."""


class Counted(Protocol):
    """Progress of anything that counts."""

    @property
    def planned(self) -> int:
        """How many there will be."""

    @property
    def done(self) -> int:
        """How many there are."""


def announce_compiling(*, quiet: bool, language: Language = "en") -> None:
    """Print that the first city waits for the compiler, if there is no compiled code on this machine yet."""
    if not (quiet or is_kept()):
        say(texts_of(_TEXTS, language)("compiling"), file=sys.stderr, flush=True)


def shows_bars() -> bool:
    """Whether a bar can be shown: on a terminal, or in a notebook that has widgets."""
    if sys.stderr.isatty():
        return True
    if "ipykernel" not in sys.modules or find_spec("ipywidgets") is None:
        return False
    from rich.console import Console

    return Console(stderr=True).is_jupyter


@contextmanager
def watching(
    *, quiet: bool, step: str = "", of: str = "", language: Language = "en"
) -> Iterator[Callable[[Progress], None] | None]:
    """Give a function to call with the progress of a sweep.

    Args:
        quiet: say nothing.
        step: what is being done, in a few words, where a command does several things.
        of: what is counted; runs if empty.
        language: of what is said.
    """
    with watching_what(partial(described, step=step, of=of, language=language), quiet=quiet) as watch:
        yield watch


@contextmanager
def watching_what[P: Counted](
    describe: Callable[[P], str], *, quiet: bool, due: Callable[[P], bool] | None = None
) -> Iterator[Callable[[P], None] | None]:
    """Give a function to call with progress of a kind that `describe` puts into words.

    Args:
        describe: how far it is, in a line.
        quiet: say nothing.
        due: whether it is time for a line, where there is no terminal; by default each `LINE_EVERY` seconds.
    """
    if quiet:
        yield None
    elif shows_bars():
        with _bar(describe) as watch:
            yield watch
    else:
        yield _Lines(describe, due or _EachMinute())


def described(progress: Progress, step: str = "", of: str = "", language: Language = "en") -> str:
    """How far it is, how fast, how long still, and what failed so far; see `watching`."""
    text = texts_of(_TEXTS, language)

    def count(number: float, form: str = ",") -> str:
        return written(f"{number:{form}}", language)

    planned = count(progress.planned)
    if progress.at_most > progress.planned:
        planned = text("to", low=planned, high=count(progress.at_most))
    parts = [text("of", step=f"{step}: " if step else "", done=count(progress.done), planned=planned,
                  of=of or text("runs"))]  # fmt: skip
    if progress.rate > 0.0:
        parts.append(text("rate", rate=count(progress.rate, ".2g" if progress.rate < 10 else ".0f")))
        parts.append(time_left(progress, language))
    parts.append(text("failed", count=count(progress.failed)) if progress.failed else text("none failed"))
    return " · ".join(parts)


def time_left(progress: Progress, language: Language = "en") -> str:
    """How long it will still take; where a stopping rule may end the runs, at least and at most."""
    text, left = texts_of(_TEXTS, language), duration(progress.left, language)
    if progress.at_most > progress.planned:
        return text("left at most", left=left, most=duration(progress.left_at_most, language))
    return text("left", left=left)


def duration(seconds: float, language: Language = "en") -> str:
    """A length of time in words, in one or two units."""
    if seconds < 60:
        return which((f"{seconds:.0f} s", digits(f"{seconds:.0f} ثانیه", "fa")), language)
    if seconds < 3600:
        return which((f"{seconds / 60:.0f} min", digits(f"{seconds / 60:.0f} دقیقه", "fa")), language)
    hours, minutes = divmod(round(seconds / 60), 60)
    return which((f"{hours} h {minutes:02d} min", digits(f"{hours} ساعت و {minutes} دقیقه", "fa")), language)


def some(number: int, word: str) -> str:
    """A number and its word: 1 run, 2,000 runs."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


_TEXTS: dict[str, tuple[str, str]] = {
    "compiling": (
        "Compiling the model: takes some seconds, once per machine",
        "کامپایل مدل: چند ثانیه زمان می‌برد، تنها یک بار در هر رایانه",
    ),
    "of": ("{step}{done} of {planned} {of}", "{step}{done} از {planned} {of}"),
    "to": ("{low} to {high}", "{low} تا {high}"),
    "runs": ("runs", "اجرا"),
    "rate": ("{rate} a second", "{rate} در ثانیه"),
    "left": ("{left} left", "{left} مانده"),
    "left at most": ("{left} left, {most} at most", "{left} مانده، حداکثر {most}"),
    "failed": ("{count} failed", "{count} ناموفق"),
    "none failed": ("none failed", "هیچ‌یک ناموفق نبود"),
}


class _EachMinute:
    """True when enough time has passed since it last was."""

    def __init__(self) -> None:
        self._next = time.monotonic() + LINE_EVERY

    def __call__(self, progress: object) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + LINE_EVERY
        return True


class _Lines[P: Counted]:
    """A line whenever one is due."""

    def __init__(self, describe: Callable[[P], str], due: Callable[[P], bool]) -> None:
        self._describe, self._due = describe, due

    def __call__(self, progress: P) -> None:
        if self._due(progress):
            say(self._describe(progress), file=sys.stderr, flush=True)


@contextmanager
def _bar[P: Counted](describe: Callable[[P], str]) -> Iterator[Callable[[P], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    with Bars(BarColumn(bar_width=24), TextColumn("{task.description}", markup=False),
              console=Console(stderr=True), transient=True) as bars:  # fmt: skip
        task = bars.add_task("", total=None)

        def show(progress: P) -> None:
            bars.update(task, total=progress.planned, completed=progress.done, description=describe(progress))

        yield show
