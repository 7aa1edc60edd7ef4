"""`mahalle run`, step by step: read, simulate, draw, write, print."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import mesa
import pandas as pd

from experiments.claims import faults_of_claims
from experiments.folders import CONFIG, maker_of, refuse_target, taking_the_place_of
from experiments.kinds import read_of_kind
from experiments.languages import which, written
from experiments.manifest import RUN
from experiments.missing import load_city
from experiments.parquet import checked
from experiments.provenance import peak_megabytes
from experiments.report import print_summary
from experiments.resolved import digest
from experiments.results import (
    Run,
    facts_of_start,
    refuse_other_results,
    run_of,
    write_config,
    write_json,
    write_manifest,
    write_tables,
)
from experiments.study.watching import announce_compiling, duration, watching_what
from experiments.summary import summarise
from experiments.timelines import heading, timeline_of
from experiments.titles import PHASES, PHASES_IN_PERSIAN
from experiments.unlikely import say_what_is_unlikely
from sim.city import City
from sim.config import Config, load_config, with_policy
from sim.errors import ConfigError
from sim.outcome import Language
from sim.shipped import find
from sim.yaml_text import read_yaml


@dataclass(frozen=True)
class Request:
    """What the user asked of `mahalle run`; None is "as the config says".

    Attributes:
        source: a folder of results whose run is done again, in place of a config.
        run_id: which run, where `source` is a sweep's.
        week: from which the policies are in force, where the run branches off.
        fresh: replace the results of another run in the folder.
        vector: write the figure as PDF and SVG, too.
    """

    config: Path | None = None
    source: Path | None = None
    run_id: int | None = None
    week: int | None = None
    seed: int | None = None
    place_seed: int | None = None
    settings: tuple[str, ...] = ()
    weeks: int | None = None
    scale: float | None = None
    policies: tuple[Path, ...] = ()
    out: Path | None = None
    fresh: bool = False
    csv: bool = False
    figure: bool = True
    vector: bool = False
    language: Language = "en"
    quiet: bool = False


def carry_out(request: Request) -> Path:
    """Do what was asked, print the summary, and return the result folder.

    Raises:
        ConfigError: the request cannot be met.
    """
    started = time.perf_counter()
    now = datetime.now(UTC)
    config = configure(request)
    folder = request.out if request.out is not None else default_folder(request, config)
    refuse_target(folder)
    if not request.fresh:
        refuse_other_results(folder, config)
    announce_compiling(quiet=request.quiet, language=request.language)
    with watching_what(partial(described, language=request.language), quiet=request.quiet, due=after_a_year) as watch:
        run, city, timing = simulate(config, watch)
    refuse_another_past(request, run)
    begun = time.perf_counter()
    summary = {
        "heading": heading(config),
        "settings": settings_of(request),
        "timeline": timeline_of(config),
        **summarise(run, city.geography.names, city.elections),
    }
    with taking_the_place_of(folder) as unfinished:
        write_tables(unfinished, run, csv=request.csv)
        write_config(unfinished, run.config)
        if request.figure:
            from experiments.run_picture import write_picture  # Matplotlib only now: wrong requests are refused at once

            write_picture(unfinished, run, city.geography, request.language, vector=request.vector)
        write_json(unfinished / "summary.json", summary)
        timing |= {"write_s": time.perf_counter() - begun, "peak_mb": peak_megabytes()}
        write_manifest(
            unfinished,
            run.config,
            arguments=sys.argv[1:],
            started=now.isoformat(timespec="seconds"),
            wall_time_s=time.perf_counter() - started,
            timing=timing,
        )
    if not request.quiet:
        shown = summary | {
            "heading": heading(config, request.language),
            "timeline": timeline_of(config, request.language),
        }
        places = city.geography.names if request.language == "en" else city.geography.names_fa
        print_summary(shown, timing, folder, request.language, places)
    return folder


def configure(request: Request) -> Config:
    """The config with policies and settings, in the order: file, policies, --set, then the options of their own."""
    config = _asked_for(request)
    for name in ("weeks", "scale", "seed", "place_seed"):
        value = getattr(request, name)
        if value is not None:
            config = _with_option(config, name, value)
    return config


def default_folder(request: Request, config: Config) -> Path:
    """results/NAME[-POLICIES][-placeN]-seedN, and letters of the config's digest where single settings were changed."""
    if request.config is None:
        assert request.source is not None
        start = [request.source.resolve().name, *([] if request.run_id is None else [f"run{request.run_id}"])]
    else:
        start = [request.config.stem]
    if request.week is not None:
        start.append(f"week{request.week}")
    names = [*start, *(policy.stem for policy in request.policies)]
    if request.place_seed is not None:
        names.append(f"place{config.run.place_seed}")
    names.append(f"seed{config.run.seed}")
    if request.settings or request.weeks is not None or request.scale is not None:
        names.append(digest(config)[:6])
    return Path("results") / "-".join(names)


@dataclass
class Weeks:
    """How far a run is: weeks planned and done, the city's last row, and seconds since the first week."""

    planned: int
    done: int = 0
    row: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def described(weeks: Weeks, language: Language = "en") -> str:
    """Week, phase, trust and participation, and how long it will still take."""
    numbers = {
        "done": f"{weeks.done}",
        "planned": f"{weeks.planned}",
        "trust": f"{weeks.row['trust_in_municipality']:.3f}",
        "rate": f"{100.0 * weeks.row['participation_rate']:.1f} %",
    }
    words = {
        "phase": which((PHASES, PHASES_IN_PERSIAN), language)[int(weeks.row["phase"])],
        "left": duration(weeks.seconds / weeks.done * (weeks.planned - weeks.done), language),
    }
    return which(_PROGRESS, language).format(**{key: written(text, language) for key, text in numbers.items()}, **words)


_PROGRESS = (
    "week {done} of {planned}: {phase} · trust {trust} · participation {rate} · {left} left",
    "هفته {done} از {planned}: {phase} · اعتماد {trust} · مشارکت {rate} · {left} مانده",
)


def after_a_year(weeks: Weeks) -> bool:
    """Whether another simulated year is over."""
    return weeks.done % 52 == 0


def simulate(config: Config, watch: Callable[[Weeks], None] | None = None) -> tuple[Run, City, dict[str, float]]:
    """Build and run a city, and time it.

    Raises:
        ConfigError: the city cannot be built, or a claim names an outcome there is not.
    """
    built, city = _timed(lambda: City(config))
    say_what_is_unlikely(config)
    faults = faults_of_claims(config, tuple(city.recorder.latest))
    if faults:
        raise faults[0]
    start, agents, weeks = facts_of_start(city), len(city.residents), config.run.weeks

    def to_the_end() -> None:
        progress, begun = Weeks(weeks), time.perf_counter()
        for _ in range(weeks):
            mesa.Model.run_for(city, 1)  # without `City.run_for`'s look at all residents before and after
            progress.done, progress.row, progress.seconds = city.week, city.recorder.latest, time.perf_counter() - begun
            if watch is not None:
                watch(progress)
        city.residents.refuse_faults()

    ran, _ = _timed(to_the_end)
    timing = {
        "build_s": built,
        "run_s": ran,
        "residents": float(agents),
        "weeks": float(weeks),
        "ns_per_resident_week": 1e9 * ran / (agents * weeks),
    }
    return run_of(city, start), city, timing


def settings_of(request: Request) -> list[str]:
    """What was set for this run besides files, as the user wrote it."""
    return [*request.settings, *([f"scale {request.scale:g}"] if request.scale is not None else [])]


def _asked_for(request: Request) -> Config:
    """The config of a file, or of a run of a sweep, with policies and settings."""
    if request.config is not None:
        read_of_kind("city", request.config)
        return load_city(request.config, policies=request.policies, settings=request.settings)
    assert request.source is not None
    fixed: dict[str, Any] = {"--set": request.settings}
    if request.week is None:
        fixed["--policy"] = request.policies
    else:
        fixed |= {f"--{name.replace('_', '-')}": getattr(request, name) for name in ("scale", "seed", "place_seed")}
    for option, given in fixed.items():
        if given not in ((), None):
            raise ConfigError("not with --from: the run would be another", source=option)
    config = _config_of_source(request.source, request.run_id)
    if request.week is None:
        return config
    if request.week > config.run.weeks:
        raise ConfigError(f"must be from 1 to {config.run.weeks}, the weeks of the run", source="--week")
    for policy in request.policies:
        config = with_policy(config, read_yaml(find("policy", policy)), request.week)
    return config


def _config_of_source(folder: Path, run_id: int | None) -> Config:
    """The config of a run's folder, or of a run of a sweep's."""
    made_by = maker_of(folder)
    if run_id is not None:
        if made_by == RUN:
            raise ConfigError("not with the folder of a single run", source="--run-id")
        from experiments.sweeps.tables import config_of_run

        return config_of_run(folder, run_id)
    if made_by != RUN:
        raise ConfigError("is not the folder of a run; a run of a sweep needs --run-id", source=f"--from {folder}")
    return load_config(folder / CONFIG)


def refuse_another_past(request: Request, run: Run) -> None:
    """Refuse a branch whose weeks before the branch are not those of the run it branches off from.

    Raises:
        ConfigError: they differ; the model, or a file of the user's, has changed since.
    """
    if request.week is None or request.run_id is not None:
        return
    assert request.source is not None
    source = checked(request.source / "city.parquet")
    before = pd.read_parquet(source).query("week < @request.week").reset_index(drop=True)
    now = run.city.query("week < @request.week").reset_index(drop=True)
    if before.equals(now):
        return
    name = next((name for name in before if name not in now or not before[name].equals(now[name])), "city.parquet")
    problem = f"{name} is another before week {request.week} when the run is done again: model or data have changed"
    raise ConfigError(problem, source=f"--from {request.source}")


def _with_option(config: Config, name: str, value: float) -> Config:
    try:
        return config.with_values({f"run.{name}": value})
    except ConfigError as error:
        raise ConfigError(error.problem, source=f"--{name.replace('_', '-')}") from None


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result
