"""`mahalle validate`, step by step: read, replicate, judge, draw, write, print."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.claims import faults_of_claims
from experiments.escaping import say
from experiments.figure_files import files_of_figure
from experiments.folders import CONFIG, write_text_atomically
from experiments.kinds import read_of_kind
from experiments.languages import texts_of, which, written
from experiments.manifest import manifest_in
from experiments.missing import load_city
from experiments.provenance import sha256
from experiments.resolved import digest, own_files, with_absolute_files
from experiments.results import write_csv, write_manifest_atomically, write_table_atomically
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.warming import run_once
from experiments.study.watching import announce_compiling, duration, some, watching
from experiments.unlikely import few_residents
from experiments.validation.companions import COMPANIONS
from experiments.validation.replications import Replication, Validation, judge, measure, replicate, to_table
from experiments.validation.tables import as_data, as_markdown, print_verdicts
from experiments.validation.verdicts import Judged
from sim.cautions import caution
from sim.city import City
from sim.config import Config
from sim.errors import ConfigError
from sim.outcome import Language

RESULTS = ("patterns.parquet", "replications.parquet", "patterns.md", *files_of_figure("patterns"))
"""What is written beside the shards of a validation."""

USUAL_SCALE = 0.1
"""Scale of the verdicts in docs/validation.md."""


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle validate`; None means the default."""

    config: Path
    replications: int = 10
    scale: float = USUAL_SCALE
    settings: tuple[str, ...] = ()
    own_places: bool = False
    patterns: tuple[int, ...] = ()


def carry_out(request: Request) -> list[Judged]:
    """Carry out the request and return the verdicts; a pattern that is not met is a result, not a failure.

    Raises:
        ConfigError: the request cannot be met.
    """
    begun = time.perf_counter()
    config = configure(request)
    if request.own_places and config.city.network.file is not None:
        why = "city.network.file belongs to the people of one place"
        raise ConfigError(f"{why}: leave the file out, or keep the place", source="--own-places")
    folder = request.out if request.out is not None else default_folder(request, config)
    announce_compiling(quiet=request.quiet, language=request.language)
    refuse_city(config)
    validation = Validation(config, request.own_places, chosen(request))
    say_if_the_scale_is_small(config)
    if request.dry_run:
        say(forecast(validation, request))
        return []
    step, of = (which(pair, request.language) for pair in _PROGRESS)
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet, step=step, of=of, language=request.language) as watch,
    ):
        replications = replicate(
            validation,
            request.replications,
            out=folder,
            executor=executor,
            workers=workers,
            fresh=request.fresh,
            retry_failed=request.retry_failed,
            watch=watch,
        )
    judged = judge(replications, validation.patterns)
    write(replications, judged, folder, heading_of(config, request), csv=request.csv)
    draw(judged, config, request, folder)
    wall = time.perf_counter() - begun
    seeds = [one.seed for one in replications]
    more = {
        "arguments": sys.argv[1:],
        "wall_time_s": wall,
        "seeds": seeds,
        "inputs": {str(path): sha256(path) for path in own_files(config).values()},
        "files": {name: sha256(folder / name) for name in (*RESULTS, CONFIG)},
    }
    write_manifest_atomically(folder, {**(manifest_in(folder) or {}), **more})
    if not request.quiet:
        text, seconds = texts_of(_TEXTS, request.language), written(f"{wall:.0f}", request.language)
        lines = (text("files", folder=str(folder)), text("time", english=duration(wall), seconds=seconds))
        print_verdicts(judged, heading_of(config, request, request.language), lines, request.language)
    return judged


_PROGRESS = (
    ("patterns", "الگوها"),
    ("replications (a run and its twins each)", "تکرار (هر یک یک اجرا و دوقلوهای آن)"),
)


def say_if_the_scale_is_small(config: Config) -> None:
    """Say as a caution that verdicts suffer from few agents, in the city or in a neighbourhood."""
    if config.run.scale < USUAL_SCALE:
        moved = "values scatter more, values of ballots shift, and some verdicts change"
        caution(f"verdicts depend on scale: below {USUAL_SCALE:g} {moved}")
    elif few := few_residents(config, why="some patterns compare neighbourhoods", key="--scale"):
        caution(few)


def forecast(validation: Validation, request: Request) -> str:
    """How many replications and how long, from the first, which is timed and thrown away."""
    run_once()
    begun = time.perf_counter()
    measure(validation.config_of(0), validation.patterns)
    each, workers = time.perf_counter() - begun, request.workers or usable_processors()
    expected = duration(-(-request.replications // workers) * each)
    return f"{some(request.replications, 'replication')} of {each:.2g} s, {some(workers, 'worker')}: {expected}"


def chosen(request: Request) -> tuple[int, ...]:
    """Numbers of the patterns that are to be judged, ascending; all if none is named.

    Raises:
        ConfigError: there is no such pattern.
    """
    unknown = [number for number in request.patterns if number not in COMPANIONS]
    if unknown:
        raise ConfigError(f"{unknown[0]}: patterns are numbered 1 to {len(COMPANIONS)}", source="--pattern")
    return tuple(number for number in COMPANIONS if number in request.patterns or not request.patterns)


def write(replications: list[Replication], judged: list[Judged], folder: Path, heading: str, *, csv: bool) -> None:
    """Write tables and report, each at once."""
    write_table_atomically(as_data(judged), folder / "patterns.parquet")
    write_table_atomically(to_table(replications), folder / "replications.parquet")
    write_text_atomically(folder / "patterns.md", as_markdown(judged, heading))
    write_csv(folder, ("patterns.parquet", "replications.parquet"), csv=csv)


def configure(request: Request) -> Config:
    """The config with the settings, then the scale.

    Raises:
        ConfigError: a setting or the scale is not allowed.
    """
    read_of_kind("city", request.config)
    config = load_city(request.config, settings=request.settings)
    try:
        scaled = config.with_values({"run.scale": request.scale})
    except ConfigError as error:
        key = None if error.key == "run.scale" else error.key
        raise ConfigError(error.problem, source="--scale", key=key) from None
    return with_absolute_files(scaled)


def refuse_city(config: Config) -> None:
    """Build the city once, so that errors are reported immediately and not by a worker.

    Raises:
        ConfigError: it cannot be built, or a claim names an unknown outcome.
    """
    city = City(config)
    faults = faults_of_claims(config, tuple(city.recorder.latest))
    if faults:
        raise faults[0]


def default_folder(request: Request, config: Config) -> Path:
    """results/validation-NAME[-own-places][-patterns], and letters of the config's digest if it is an unusual one.

    Settings and another scale than the usual one make it unusual.
    """
    words = ["validation", request.config.stem]
    words += ["own-places"] if request.own_places else []
    words += ["patterns", *map(str, chosen(request))] if request.patterns else []
    words += [digest(config)[:6]] if request.settings or request.scale != USUAL_SCALE else []
    return Path("results") / "-".join(words)


def heading_of(config: Config, request: Request, language: Language = "en") -> str:
    """What was run, in one line."""
    text, run, count = texts_of(_TEXTS, language), config.run, request.replications
    numbers = {"first": run.seed, "last": run.seed + count - 1, "seed": run.place_seed, "weeks": run.weeks}
    values = {name: written(str(number), language) for name, number in numbers.items()}
    title = config.city.title.en if language == "en" else config.city.title.fa or config.city.title.en
    line = text(
        "heading",
        city=title or request.config.stem,
        replications=text("one" if count == 1 else "several", count=written(f"{count:,}", language)),
        seeds=text("seeds" if count > 1 else "seed", **values),
        where=text("own places" if request.own_places else "one place", **values),
        scale=written(f"{run.scale:g}", language),
        weeks=values["weeks"],
    )
    comma = which((", ", "، "), language)
    line += text("some", numbers=written(comma.join(map(str, chosen(request))), language)) if request.patterns else ""
    return line + (text("set", settings=", ".join(request.settings)) if request.settings else "")


def draw(judged: list[Judged], config: Config, request: Request, folder: Path) -> None:
    """Write the figure; Matplotlib is imported only here, so that a wrong request is refused without delay."""
    from experiments.figures.pictures import stamp_of, write_figure
    from experiments.figures.sheet import Sheet
    from experiments.paper.drawings.patterns import Patterns

    text, language, options = texts_of(_TEXTS, request.language), request.language, Patterns.Options()
    table = Patterns.table(judged, options)
    sheet = Sheet(language, title=text("title"), note=heading_of(config, request, language))
    stamp = stamp_of(
        "patterns", "mahalle validate", language, config, config=digest(config), n=request.replications,
        own_places=request.own_places,
    )  # fmt: skip
    write_figure(lambda on: Patterns.draw(table, options, on), sheet, folder, "patterns", stamp, text("caption"))


_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Patterns of validation", "الگوهای اعتبارسنجی"),
    "caption": (
        "Mean over replications with its 95 % interval, beside the accepted range; each part on its own axis, scaled "
        "to its range. Claimed: the range is a claim that nobody independent has verified. Fitted: the default was set "
        "to it. Range known: some default was chosen with the range known, so that meeting it is weak evidence.",
        "میانگین تکرارها با بازه اطمینان ۹۵٪، در کنار دامنه پذیرفته؛ هر بخش بر محور خود و به مقیاس دامنه خود. "
        "ادعاشده: دامنه ادعایی است که هیچ نهاد مستقلی راستی‌آزمایی نکرده است. برازش‌شده: "
        "مقدار پیش‌فرض بر پایه آن تنظیم شده است. "
        "دامنه معلوم: هنگام انتخاب برخی مقدارهای پیش‌فرض این دامنه معلوم بود، و برآورده شدن آن گواه ضعیفی است.",
    ),
    "heading": (
        "{city}: {replications} ({seeds}) {where}, scale {scale}, {weeks} weeks",
        "{city}: {replications} ({seeds}) {where}، مقیاس {scale}، {weeks} هفته",
    ),
    "one": ("{count} replication", "{count} تکرار"),
    "several": ("{count} replications", "{count} تکرار"),
    "seed": ("seed {first}", "بذر تصادفی {first}"),
    "seeds": ("seeds {first} to {last}", "بذرهای تصادفی {first} تا {last}"),
    "one place": ("in one place (seed {seed})", "در یک مکان (بذر مکان {seed})"),
    "own places": ("each in its own place (from seed {seed})", "هر یک در مکانی از آن خود (از بذر مکان {seed})"),
    "some": ("; only patterns {numbers}", "؛ تنها الگوهای {numbers}"),
    "set": ("; set: {settings}", "؛ تنظیم‌ها: {settings}"),
    "files": ("Files: {folder}", "پرونده‌ها: {folder}"),
    "time": ("Time: {english}", "زمان: {seconds} ثانیه"),
}
