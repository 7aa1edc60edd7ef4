"""`mahalle validate`, step by step: read, replicate, judge, draw, write, print."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from experiments.claims import faults_of_claims
from experiments.folders import VALIDATED_BY, refuse_target, taking_the_place_of
from experiments.kinds import read_of_kind
from experiments.resolved import digest, with_absolute_files
from experiments.results import write_config, write_csv, write_manifest, write_parquet
from experiments.study import request as study
from experiments.study.watching import announce_compiling, duration, some, watching
from experiments.validation.replications import judge, replicate, to_table
from experiments.validation.tables import as_data, as_markdown, print_verdicts
from experiments.validation.verdicts import Judged
from sim.cautions import caution
from sim.city import City
from sim.config import Config, load_config
from sim.errors import ConfigError

USUAL_SCALE = 0.1
"""Of the verdicts that the README tells."""


@dataclass(frozen=True)
class Request(study.Request):
    """What the user asked of `mahalle validate`; None is "as usual"."""

    config: Path
    replications: int = 10
    scale: float = USUAL_SCALE
    settings: tuple[str, ...] = ()
    own_places: bool = False


def carry_out(request: Request) -> list[Judged]:
    """Do what was asked and return the verdicts; that a pattern is not met is a result and no failure.

    Raises:
        ConfigError: the request cannot be met.
    """
    begun, now = time.perf_counter(), datetime.now(UTC)
    config = configure(request)
    if request.own_places and config.city.network.file is not None:
        why = "city.network.file belongs to the people of one place"
        raise ConfigError(f"{why}: leave the file out, or keep the place", source="--own-places")
    folder = request.out if request.out is not None else default_folder(request, config)
    refuse_target(folder)
    announce_compiling(quiet=request.quiet)
    refuse_city(config)
    if request.scale < USUAL_SCALE:
        moved = "values scatter more, those of ballots shift, and some verdicts turn"
        caution(f"verdicts depend on scale: below {USUAL_SCALE:g} {moved}")
    with request.hands() as (executor, _), watching(quiet=request.quiet) as watch:
        replications = replicate(
            config, request.replications, own_places=request.own_places, executor=executor, watch=watch
        )
    judged = judge(replications)
    heading = heading_of(config, request)
    with taking_the_place_of(folder) as partial:
        write_parquet(as_data(judged), partial / "patterns.parquet")
        write_parquet(to_table(replications), partial / "replications.parquet")
        (partial / "patterns.md").write_text(as_markdown(judged, heading), encoding="utf-8")
        write_csv(partial, ("patterns.parquet", "replications.parquet"), csv=request.csv)
        write_config(partial, config)
        draw(judged, heading, partial / "patterns.png")
        wall = time.perf_counter() - begun
        write_manifest(
            partial,
            config,
            made_by=VALIDATED_BY,
            arguments=sys.argv[1:],
            started=now.isoformat(timespec="seconds"),
            wall_time_s=wall,
            scale=config.run.scale,
            weeks=config.run.weeks,
            seeds=[one.seed for one in replications],
            own_places=request.own_places,
        )
    if not request.quiet:
        print_verdicts(judged, heading, (f"Files: {folder}", f"Time: {duration(wall)}"))
    return judged


def configure(request: Request) -> Config:
    """The config with the settings, then the scale.

    Raises:
        ConfigError: a setting or the scale is not allowed.
    """
    read_of_kind("city", request.config)
    config = load_config(request.config, settings=request.settings)
    try:
        scaled = config.with_values({"run.scale": request.scale})
    except ConfigError as error:
        key = None if error.key == "run.scale" else error.key
        raise ConfigError(error.problem, source="--scale", key=key) from None
    return with_absolute_files(scaled)


def refuse_city(config: Config) -> None:
    """Build the city once, so that what is wrong with it is said at once and not by a worker.

    Raises:
        ConfigError: it cannot be built, or a claim names an outcome there is not.
    """
    city = City(config)
    faults = faults_of_claims(config, tuple(city.recorder.latest))
    if faults:
        raise faults[0]


def default_folder(request: Request, config: Config) -> Path:
    """results/validation-NAME, with a few letters of the config's digest where single settings were changed."""
    names = ["validation", request.config.stem, *([digest(config)[:6]] if request.settings else [])]
    return Path("results") / "-".join(names)


def heading_of(config: Config, request: Request) -> str:
    """What was run, in a line."""
    first, count, run = config.run.seed, request.replications, config.run
    seeds = f"seeds {first} to {first + count - 1}" if count > 1 else f"seed {first}"
    place = config.run.place_seed
    where = f"each in a place of its own (from seed {place})" if request.own_places else f"in one place (seed {place})"
    text = f"{config.city.title.en or request.config.stem}: {some(count, 'replication')} ({seeds}) {where}, "
    text += f"scale {run.scale:g}, {run.weeks} weeks"
    return text + (f"; set: {', '.join(request.settings)}" if request.settings else "")


def draw(judged: list[Judged], heading: str, path: Path) -> None:
    """Write the figure; Matplotlib is imported only now, for a wrong request should be refused at once."""
    from experiments.figures.style import save
    from experiments.figures.validation import figure_of_patterns

    save(figure_of_patterns(judged, heading), path)
