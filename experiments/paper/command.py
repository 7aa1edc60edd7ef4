"""`mahalle figures` and `mahalle reproduce`, step by step: read, bring up to date, compare, print."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.calibration.runner import require_packages
from experiments.escaping import say
from experiments.figure_files import FORMATS
from experiments.figures.stamps import stamp_in
from experiments.paper.building import SETTINGS, TABLES, Built, Paper, build, digest_of_asked, draw
from experiments.paper.checking import Difference, differences, how_it_differs
from experiments.paper.figure import PaperFigure, figures_in
from experiments.paper.forecasting import forecast
from experiments.paper.plotted import command_of, differences_when_plotted_again
from experiments.paper.sources import KEPT, CalibrationSource, Hands
from experiments.provenance import model_digest, sha256
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.watching import announce_compiling, duration, some, watching
from sim.errors import ConfigError
from sim.outcome import Language

OUT = {False: Path("results/paper"), True: Path("results/paper-quick")}
"""Folder by default, of the full and of the quick form."""

AGAIN = {False: Path("results/reproduced"), True: Path("results/reproduced-quick")}
"""Folder in which figures are made again: never that in which they were made."""

REFERENCE = {False: Path("results/reference/paper"), True: Path("results/reference/paper-quick")}
"""Tables that --check compares with."""

FEW_MINUTES = "the quick form has fewer replications, smaller cities or both: it shows that all runs, not what is true"
"""Said of the quick form, whose numbers must not be read as findings."""


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of both commands.

    Attributes:
        names: of figures, by name or number; of `reproduce` pictures, too. All figures if empty.
        figures: folder of the figures' files; those that come with the program if None.
        quick: few replications or small cities.
        check: compare with the reference.
        reference: folder of the reference; if None the project's, or for figures of one's own what `figures` made.
    """

    names: tuple[str, ...] = ()
    figures: Path | None = None
    quick: bool = False
    check: bool = False
    reference: Path | None = None


def carry_out_figures(request: Request) -> bool:
    """Bring figures up to date; True, since nothing else can be wrong with them."""
    figures = figures_in(request.figures, request.names, quick=request.quick)
    if request.dry_run:
        announce_compiling(quiet=request.quiet)
        say(forecast(figures, request.workers or usable_processors()))
        return True
    begun = time.perf_counter()
    paper, _ = _built(figures, request, request.out if request.out is not None else OUT[request.quick])
    if not request.quiet:
        say(f"{_numbers(figures)} in {paper.folder}/figures, {_in_languages(figures)}, as {', '.join(FORMATS)}")
        _say_what_is_left_out(figures)
        say(f"their tables: {paper.folder}/tables; {duration(time.perf_counter() - begun)}")
        if request.quick:
            say(FEW_MINUTES)
    return True


def carry_out_reproduce(request: Request) -> bool:
    """Make figures again and compare them; return whether they are the same.

    Raises:
        ConfigError: the request cannot be met.
        FailedRunError: a run failed.
        StoppedEarlyError: it was interrupted.
    """
    pictures = [Path(name) for name in request.names if Path(name).suffix[1:].lower() in FORMATS]
    if pictures:
        if len(pictures) < len(request.names):
            raise ConfigError("name pictures, or figures; not both")
        return all([_reproduce_picture(picture, request) for picture in pictures])
    figures = figures_in(request.figures, request.names, quick=request.quick)
    if request.dry_run:
        announce_compiling(quiet=request.quiet)
        say(forecast(figures, request.workers or usable_processors()))
        return True
    begun = time.perf_counter()
    folder = request.out if request.out is not None else AGAIN[request.quick]
    reference = _reference(request, folder) if request.check else folder
    if request.fresh:
        _empty(folder)
    paper, built = _built(figures, request, folder)
    steps = f"{some(len(built.done), 'step')} done, {len(built.skipped)} done before"
    took = f"{steps}, {duration(time.perf_counter() - begun)}"
    if not request.check:
        if not request.quiet:
            _say_what_is_left_out(figures)
            say(f"{_numbers(figures)} made in {paper.folder} ({took}); --check compares them with the reference")
        return True
    compared = [figure for figure in figures if figure.drawing.source != KEPT]
    found = differences(compared, paper, reference)
    _report(found, compared, took, quiet=request.quiet)
    if len(compared) < len(figures) and not request.quiet:
        names = ", ".join(figure.name for figure in figures if figure not in compared)
        say(f"not compared, for no run makes its numbers: {names}")
    return not found


def _reference(request: Request, folder: Path) -> Path:
    """Folder of the tables that figures are compared with: the project's, or of one's own what `figures` made.

    Raises:
        ConfigError: there is none, or it is that of the figures which are made again.
    """
    own = request.figures is not None
    given = request.reference
    reference = given if given is not None else OUT[request.quick] / TABLES if own else REFERENCE[request.quick]
    if os.path.isdir(reference / TABLES):  # a folder of mahalle figures
        reference = reference / TABLES
    if not os.path.isdir(reference):
        made = OUT[request.quick] / TABLES
        figures = f"mahalle figures --figures {request.figures}{' --quick' * request.quick}"
        ours = f"{figures} makes {made}, which is compared with; --reference takes a copy of it that you kept"
        how = ours if own else "the project's is in the folder of its source; figures of your own take --figures DIR"
        raise ConfigError(f"no such folder of reference tables; {how}", source=f"--reference {reference}")
    if os.path.exists(folder) and os.path.exists(folder / TABLES) and os.path.samefile(reference, folder / TABLES):
        raise ConfigError("holds the figures that are compared: choose another folder", source=f"--out {folder}")
    return reference


def _empty(folder: Path) -> None:
    """Remove a folder of figures.

    Raises:
        ConfigError: it is none.
    """
    if folder.exists() and not (folder / SETTINGS).is_file():
        raise ConfigError("is no folder of figures; choose another", source=f"--out {folder}")
    shutil.rmtree(folder, ignore_errors=True)


def _built(figures: Sequence[PaperFigure], request: Request, folder: Path) -> tuple[Paper, Built]:
    _refuse_missing_packages(figures, Paper(folder))
    announce_compiling(quiet=request.quiet)
    with request.open_executor() as (executor, workers), watching(quiet=request.quiet) as watch:
        step = _say_nothing if request.quiet else _say
        built = build(figures, folder, Hands(executor, workers, watch, step), step)
    return Paper(folder), built


def _refuse_missing_packages(figures: Sequence[PaperFigure], paper: Paper) -> None:
    """Refuse before any run what would end at the last figures.

    Raises:
        ConfigError: a figure's runs are still to be done and need a package that is not installed.
    """
    for figure in figures:
        if isinstance(figure.source, CalibrationSource) and not paper.done(figure).exists():
            try:
                require_packages(figure.source.calibration)
            except ConfigError as error:
                raise ConfigError(error.problem, source=f"figure {figure.name}") from None


def _report(found: Sequence[Difference], figures: Sequence[PaperFigure], took: str, *, quiet: bool) -> None:
    if not found:
        if not quiet:
            say(f"{_numbers(figures)}: the same as the reference ({took})")
        return
    for difference in found:
        say(difference, file=sys.stderr)
    moved = list(dict.fromkeys(difference.figure for difference in found))
    say(
        f"mahalle reproduce: {some(len(moved), 'figure')} of {len(figures)} differ: {', '.join(moved)}", file=sys.stderr
    )


def _reproduce_picture(picture: Path, request: Request) -> bool:
    """Make the figure of a picture again, from what the picture says of itself, and compare."""
    stamp = stamp_in(picture)
    if "made_by" in stamp:
        if "again" in stamp:
            return _plot_again(picture, stamp, request)
        how = "that command makes it again, from the folder's config"
        raise ConfigError(f"was made by {stamp['made_by']}: {how}", source=picture)
    quick, language = bool(stamp.get("quick")), stamp.get("language", "en")
    try:
        figures = figures_in(request.figures, [stamp["figure"]], quick=quick)
    except ConfigError as error:
        raise error if error.source is not None else ConfigError(error.problem, source=picture) from None
    figure = figures[0]
    out = request.out if request.out is not None else AGAIN[quick]
    paper, _ = _built(figures, request, out)
    reasons = []
    if stamp.get("asked") != digest_of_asked(figure):
        reasons.append("something else was asked for: its data or their settings have changed")
    if figure.drawing.source != KEPT and stamp.get("model") != model_digest(figure.source.base.loaded):
        reasons.append("the model's source has changed since")
    if stamp.get("table") != sha256(paper.table(figure)):
        reasons.append("its table has other numbers")
    with tempfile.TemporaryDirectory() as place:
        again = Paper(Path(place))
        again.table(figure).parent.mkdir(parents=True)
        again.done(figure).parent.mkdir(parents=True)
        for mine, other in ((paper.table, again.table), (paper.facts, again.facts), (paper.done, again.done)):
            other(figure).write_bytes(mine(figure).read_bytes())
        draw(figure, again, language)
        drawn = again.picture(figure, language, picture.suffix[1:].lower())
        reasons += how_it_differs(picture, drawn, stamped_alike=not reasons)
    same = not [reason for reason in reasons if not reason.startswith("the model")]
    return _tell(picture, reasons, request, same=same)


def _plot_again(picture: Path, stamp: Mapping[str, Any], request: Request) -> bool:
    """Say the command that made a picture of `mahalle plot`, make it again, and compare."""
    command = command_of(picture, stamp)
    say(shlex.join(command))
    reasons = differences_when_plotted_again(picture, command)
    return _tell(picture, reasons, request, same=not reasons)


def _tell(picture: Path, reasons: Sequence[str], request: Request, *, same: bool) -> bool:
    if same:
        note = f" ({'; '.join(reasons)})" if reasons else ""
        if not request.quiet:
            say(f"{picture}: the same{note}")
    else:
        say(f"{picture}: differs: {'; '.join(reasons)}", file=sys.stderr)
    return same


_NAMES: dict[Language, str] = {"en": "English", "fa": "Persian"}


def _in_languages(figures: Sequence[PaperFigure]) -> str:
    """In which languages there are pictures."""
    return "in " + " and ".join(
        name for language, name in _NAMES.items() if any(language in figure.languages for figure in figures)
    )


def _say_what_is_left_out(figures: Sequence[PaperFigure]) -> None:
    """Name the pictures that are not made, since texts of a figure's file are not in their language."""
    for figure in figures:
        for language, name in _NAMES.items():
            if language not in figure.languages:
                keys = ", ".join(f"{key}.{language}" for key in figure.lacking(language))
                say(f"{figure.name}: no {name} picture, for its file has no {keys}")


def _numbers(figures: Sequence[PaperFigure]) -> str:
    return some(len(figures), "figure")


def _say(step: str) -> None:
    say(step, file=sys.stderr, flush=True)


def _say_nothing(step: str) -> None:
    pass
