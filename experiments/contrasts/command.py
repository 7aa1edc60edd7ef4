"""`mahalle compare`, step by step: run, watch, print, write."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from experiments.contrasts.comparison import (
    RANK_BY,
    RANKED_BY,
    REPLICATIONS,
    Comparison,
    compare,
    design,
)
from experiments.contrasts.given import named, written_out
from experiments.contrasts.mechanisms import attribute, laid_out
from experiments.contrasts.parts_report import print_attribution
from experiments.contrasts.report import print_comparison
from experiments.contrasts.titles import titles_of
from experiments.contrasts.watching import Differences, WhenIdle
from experiments.escaping import say
from experiments.languages import which
from experiments.resolved import digest
from experiments.results import write_table_atomically
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.runner import RETRY, Watch
from experiments.study.shards import SHARDS
from experiments.study.store import note_results
from experiments.study.watching import announce_compiling, watching
from experiments.sweeps.command import forecast
from experiments.sweeps.experiment import EXPERIMENT, Experiment
from experiments.sweeps.laying_out import FEWEST_PLACES, TOO_FEW_PLACES
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import Sweep
from sim.config import load_config
from sim.errors import ConfigError
from sim.outcome import Language
from sim.shipped import CITY


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle compare`."""

    base: str | Path
    policies: tuple[str | Path, ...]
    city: Path = CITY
    settings: tuple[str, ...] = ()
    replications: int = REPLICATIONS
    scale: float = 0.1
    weeks: int | None = None
    at: tuple[int, ...] = ()
    rank_by: str = RANKED_BY
    all_replications: bool = False
    mechanisms: bool = False
    posterior: Path | None = None
    places: int = 1
    place_seed: int | None = None
    seed: int = 0
    figure: bool = True


def carry_out(request: Request) -> bool:
    """Carry out the request and return whether no run failed.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted.
    """
    with written_out([request.base, *request.policies], request.city, request.settings) as (base, *policies):
        return _carry_out(replace(request, base=base, policies=tuple(policies)))


def _carry_out(request: Request) -> bool:
    """Carry out a request whose policies are files, names or the city as it is."""
    names = tuple(named(request.base, request.policies))
    folder = request.out if request.out is not None else default_folder(request, names)
    _refuse_what_does_not_go_together(request, names)
    announce_compiling(quiet=request.quiet, language=request.language)
    asked: dict[str, Any] = {
        "city": request.city,
        "settings": request.settings,
        "replications": request.replications,
        "scale": request.scale,
        "weeks": request.weeks,
        "at": request.at or None,
        "place_seed": request.place_seed,
        "seed": request.seed,
    }
    ranking: dict[str, Any] = {
        "ranked_by": request.rank_by,
        "stop_when_settled": not request.all_replications,
        "posterior": request.posterior,
        "places": request.places,
    }
    if request.dry_run:
        with _laid_out(request, asked, ranking) as experiment:
            say(forecast(experiment, request.workers or usable_processors(), request.language))
        return True
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet, language=request.language) as watch,
    ):
        shared = asked | {
            "executor": executor,
            "workers": workers,
            "fresh": request.fresh,
            "accept_code_change": request.accept_code_change,
            "retry_failed": request.retry_failed,
        }
        if request.mechanisms:
            parts = attribute(request.base, request.policies[0], out=folder, watch=watch, **shared)
            if parts.empty:
                return _nothing_left(parts.sweep)
            write_table_atomically(parts.table, folder / "mechanisms.parquet", csv=request.csv)
            note_results(folder, ("mechanisms.parquet",))
            if not request.quiet:
                print_attribution(parts, request.language)
                say(files_of(folder, ["mechanisms.parquet"], request.language))
            return not len(parts.sweep.failures)
        found = compare(
            request.base,
            request.policies,
            out=folder,
            watch=_watch(names, request, folder, workers, watch),
            **shared,
            **ranking,
        )
    if not any(found.pairs.values()):
        return _nothing_left(found.sweep)
    files = write(found, folder, csv=request.csv, figure=request.figure, language=request.language)
    if not request.quiet:
        print_comparison(found, request.language)
        drawn = [name for name in files if name.endswith(".png")]
        say(files_of(folder, ["contrasts.parquet", "neighbourhood_shares.parquet", *drawn], request.language))
    return not len(found.sweep.failures)


def _refuse_what_does_not_go_together(request: Request, names: tuple[str, ...]) -> None:
    if request.mechanisms and len(names) != 2:
        raise ConfigError("needs exactly one policy to compare with the base", source="--mechanisms")
    if request.mechanisms and request.posterior is not None:
        why = "cannot be combined with --mechanisms, whose channels set the same parameters"
        ways = "omit --mechanisms for the gap over assumptions, or --posterior for its decomposition"
        raise ConfigError(f"{why}; {ways}", source="--posterior")
    if 1 < request.places < FEWEST_PLACES:  # before the city is read, which may have cautions to give
        raise ConfigError(TOO_FEW_PLACES, source="--places")
    if request.mechanisms and request.places > 1:
        raise ConfigError("cannot be combined with --mechanisms, which uses one place", source="--places")
    if request.mechanisms and request.rank_by != RANKED_BY:
        raise ConfigError("cannot be combined with --mechanisms, which ranks nothing", source=RANK_BY)


@contextmanager
def _laid_out(request: Request, asked: dict[str, Any], ranking: dict[str, Any]) -> Iterator[Experiment]:
    """The experiment of a request; its temporary files exist until the block ends."""
    if request.mechanisms:
        with laid_out(request.base, request.policies[0], **asked) as experiment:
            yield experiment
    else:
        yield design(request.base, request.policies, **asked, **ranking)


def default_folder(request: Request, names: tuple[str, ...]) -> Path:
    """results/compare-CITY-BASE-POLICIES, and letters of the city's digest where single settings were changed."""
    parts = ["mechanisms" if request.mechanisms else "compare", request.city.stem, *names]
    if request.settings:
        parts.append(digest(load_config(request.city, settings=request.settings))[:6])
    return Path("results") / "-".join(parts)


def files_of(folder: Path, names: Sequence[str], language: Language) -> str:
    """Where the results are, in a line."""
    words = (
        "Files: {folder} ({names}; the runs as of a sweep)",
        "پرونده‌ها: {folder} ({names}؛ اجراها نیز همان‌جاست)",
    )
    return which(words, language).format(folder=folder, names=", ".join(names))


def _watch(names: tuple[str, ...], request: Request, folder: Path, workers: int, then: Watch | None) -> Watch | None:
    if request.places > 1:  # an interval over pairs alone would be too narrow
        return WhenIdle(_import_figure, workers, then) if request.figure else then
    language = request.language
    titles = partial(_titles, folder, names) if language == "fa" else None
    watch = None if request.quiet else Differences(names, request.rank_by, then, folder / SHARDS, language, titles)
    return WhenIdle(_import_figure, workers, watch) if request.figure else watch


def _titles(folder: Path, names: Sequence[str]) -> list[str]:
    """What the policies of a comparison under way are called in Persian."""
    titles = titles_of(load_experiment(folder / EXPERIMENT), "fa")
    return [titles[name] for name in names]


def _import_figure() -> None:
    """Import the figure modules, which takes half a second."""
    import experiments.contrasts.drawing  # noqa: F401


def _nothing_left(sweep: Sweep) -> bool:
    """Print that there is nothing to compare; returns False, because runs failed."""
    failed = len(sweep.failures)
    why = f", for example: {sweep.failures.message.iloc[0]}" if failed else ""
    say(
        f"mahalle compare: nothing to compare: no replication has a complete pair of runs; {failed:,} of "
        f"{len(sweep.runs):,} failed{why}: see {sweep.folder}/failures.parquet; {RETRY} repeats them",
        file=sys.stderr,
    )
    return False


def write(
    found: Comparison, folder: Path, *, csv: bool = False, figure: bool = True, language: Language = "en"
) -> list[str]:
    """Write the tables and the figures of a comparison, each atomically; returns the files of the figures."""
    write_table_atomically(found.contrasts, folder / "contrasts.parquet", csv=csv)
    write_table_atomically(found.neighbourhoods, folder / "neighbourhood_shares.parquet", csv=csv)
    note_results(folder, ("contrasts.parquet", "neighbourhood_shares.parquet"))
    if not figure:
        return []
    from experiments.contrasts.drawing import draw

    pictures = draw(found, folder, language)
    note_results(folder, pictures)
    return pictures
