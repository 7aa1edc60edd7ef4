"""The tables: each measures what it shows, ratios first."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from benchmarks.engine import PHASES, TINY_WEEKS, city_values
from benchmarks.errors import say
from benchmarks.markdown import Table, kept, short
from benchmarks.plan import City, Plan
from benchmarks.processes import ROOT, measure
from benchmarks.startup import compare_starts
from benchmarks.sweep_table import sweeps

MEMORY_LIMIT_MB = 4_000.0
HELP_LIMIT = 1.0 / 3.0
BALLOTS_TARGET = 20.0
PEERS = ROOT / ".venv-peers"
STARSIM_SKIPPED = "Starsim is skipped: it is not in .venv-peers; `make bench` puts it there."

Result = dict[str, Any]


@cache
def city_run(city: City, weeks: int) -> Result:
    """The fastest of a city's runs."""
    say(f"a city {city.times:g} times Rafsanjan, {weeks} weeks, {city.runs} run(s)")
    values = city_values(city.times, city.neighbourhoods)
    runs = [measure("engine.run_city", values=values, weeks=weeks) for _ in range(city.runs)]
    return min(runs, key=lambda run: run["run_seconds"])


def seconds_per_resident_week(run: Result) -> float:
    """What one resident costs in one week."""
    return float(run["run_seconds"] / (run["weeks"] * run["residents"]))


def fitted_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The b of cost = a · sizeᵇ, by least squares of the logs."""
    return statistics.linear_regression([math.log(size) for size in sizes], [math.log(cost) for cost in costs]).slope


def bytes_per_resident(smaller: Result, larger: Result) -> float:
    """What each further resident adds to the peak memory: what Python and the packages hold falls out."""
    return float(1e6 * (larger["peak_mb"] - smaller["peak_mb"]) / (larger["residents"] - smaller["residents"]))


def engine(plan: Plan) -> Table:
    """The engine by size, beside the object-per-agent model."""
    objects = {}
    for residents in plan.objects:
        say(f"object per agent, {residents:,} residents, {plan.objects_weeks} weeks")
        runs_of = [
            measure("engine.run_objects", residents=residents, weeks=plan.objects_weeks)
            for _ in range(plan.objects_runs)
        ]
        objects[residents] = min(runs_of, key=lambda run: run["seconds"])
    first = objects[plan.objects[0]]["seconds"]
    rows: list[tuple[str, ...]] = [
        (
            f"object per agent, {plan.objects_weeks} weeks",
            f"about {residents:,}",
            short(first / run["seconds"]),
            "",
            short(run["seconds"] * 1e9),
            short(run["seconds"] * residents * 1e3),
            short(run["peak_mb"]),
        )
        for residents, run in objects.items()
    ]
    runs = [city_run(city, plan.weeks) for city in plan.cities]
    divided = city_run(plan.divided, plan.weeks)
    largest = city_run(plan.largest, plan.largest_weeks)
    named = [(f"engine, {run['weeks']} weeks", run) for run in runs]
    named.append((f"engine, {plan.weeks} weeks, {plan.divided.neighbourhoods} neighbourhoods", divided))
    named.append((f"engine, {plan.largest_weeks} weeks", largest))
    for name, run in named:
        each = seconds_per_resident_week(run)
        cells = (first / each, run["build_seconds"], each * 1e9, each * run["residents"] * 1e3, run["peak_mb"])
        rows.append((name, f"{run['residents']:,}", *map(short, cells)))
    sizes, costs = [run["residents"] for run in runs], [run["run_seconds"] for run in runs]
    header = (
        "model",
        "residents",
        "times as fast as object per agent",
        "build, s",
        "ns per resident-week",
        "ms per week",
        "peak MB",
    )
    notes = (
        f"The time of {plan.weeks} weeks grows with the residents to the power {fitted_exponent(sizes, costs):.2f} "
        f"(least squares of the logs over {len(sizes)} sizes, {sizes[0]:,} to {sizes[-1]:,}); "
        f"between the two largest, {fitted_exponent(sizes[-2:], costs[-2:]):.2f}.",
        f"Before, each process loads what is compiled, and runs {TINY_WEEKS} weeks of a tiny city: "
        f"{short(runs[0]['load_seconds'])} s, not counted above.",
        f"Between the two largest, each resident adds {short(bytes_per_resident(*runs[-2:]))} bytes to the peak.",
        f"{largest['residents']:,} residents need {largest['peak_mb'] / 1e3:.2f} GB at the peak; the limit of "
        f"{MEMORY_LIMIT_MB / 1e3:g} GB is {kept(largest['peak_mb'] < MEMORY_LIMIT_MB)}.",
    )
    return Table("engine", header, rows, notes)


def phases(plan: Plan) -> Table:
    """Which of the nine phases costs what."""
    runs = [city_run(city, plan.weeks) for city in plan.shown]
    parts = {f"`{phase}`": [run["phase_seconds"][phase] for run in runs] for phase in PHASES}
    parts["Mesa's clock"] = [run["run_seconds"] - sum(run["phase_seconds"].values()) for run in runs]
    rows = []
    for name, seconds in parts.items():
        shares = [part / run["run_seconds"] for part, run in zip(seconds, runs, strict=True)]
        each = [share * 1e9 * seconds_per_resident_week(run) for share, run in zip(shares, runs, strict=True)]
        rows.append((name, *[f"{share:.1%}" for share in shares], *map(short, each)))
    sizes = [f"{run['residents']:,}" for run in runs]
    header = (
        "phase",
        *[f"share of the week, {size} residents" for size in sizes],
        *[f"ns per resident-week, {size}" for size in sizes],
    )
    return Table("phases", header, rows)


def limit(plan: Plan) -> Table:
    """A week beside one copy of the state."""
    rows = []
    for run in [city_run(city, plan.weeks) for city in plan.cities]:
        week = run["run_seconds"] / run["weeks"]
        cells = (week / run["copy_seconds"], run["state_bytes"] / 1e6, run["copy_seconds"] * 1e3, week * 1e3)
        rows.append((f"{run['residents']:,}", *map(short, cells)))
    header = ("residents", "a week costs as many copies of the state", "state, MB", "copy, ms", "week, ms")
    return Table("limit", header, rows)


def start(plan: Plan) -> Table:
    """How soon the command line answers, beside the import of Mesa."""
    say(f"starting the command line, {plan.starts} time(s)")
    seconds = compare_starts(plan.starts)
    mesa = seconds["python -c 'import mesa'"]
    rows = [(f"`{command}`", short(median / mesa), short(median * 1e3)) for command, median in seconds.items()]
    share = seconds["mahalle --help"] / mesa
    note = f"The limit of a third for `mahalle --help` is {kept(share <= HELP_LIMIT)}."
    return Table("start", ("command", "ratio to importing Mesa", "ms, median"), rows, (note,))


def peers(plan: Plan) -> Table:
    """Other frameworks on a like task, with as many people as two of our cities."""
    rows, notes, version = [], [], ""
    for city in plan.shown[:2]:
        own = city_run(city, plan.weeks)
        values, people, steps = city_values(city.times), own["residents"], plan.peer_steps
        say(f"peers, {people:,} people")
        week = {"steps": own["weeks"], "people": people, "seconds": own["run_seconds"], "peak_mb": own["peak_mb"]}
        cases = {
            "Mahalle: the whole week, nine phases": week,
            "Mahalle: averaging over ties alone": measure("engine.run_averaging", values=values, steps=steps),
            "Mesa: averaging over ties": measure("mesa_peers.run_averaging", people=people, steps=steps),
            "Mesa: SIR": measure("mesa_peers.run_spread", people=people, steps=steps),
        }
        if (PEERS / "ready").exists():
            found = measure("starsim_peer.run_spread", PEERS / "bin" / "python", people=people, steps=steps)
            cases["Starsim: SIR"], version = found, found["versions"]
        for name, case in cases.items():
            ill = f"{case['ever_ill']:.0%}" if "ever_ill" in case else ""
            ratio, each = _cost(case) / _cost(week), _cost(case) * 1e9
            rows.append((name, f"{people:,}", short(ratio), short(each), short(case["peak_mb"]), ill))
        notes.append(_like_for_like(people, cases))
    if version:
        notes.append(f"{version}, in a separate environment (`benchmarks/peers.txt`).")
    else:
        say(STARSIM_SKIPPED)
        notes.append(STARSIM_SKIPPED)
    header = ("model: task", "people", "time, our whole week = 1", "ns per agent-step", "peak MB", "ever ill")
    return Table("peers", header, rows, tuple(notes))


def ballots(plan: Plan) -> Table:
    """Counting one election by Equal Shares, beside pabutools."""
    voters, projects = plan.ballots
    say(f"{voters:,} ballots over {projects} projects")
    found = measure("ballots.run_ballots", voters=voters, projects=projects, runs=plan.ballots_runs)
    rows, ratios = [], []
    for completion, name in (("none", "Equal Shares alone"), ("add1", "with Add1 and what is left by votes")):
        case = found[completion]
        ratios.append(case["pabutools_seconds"] / case["seconds"])
        seconds = (short(case["seconds"] * 1e3), short(case["pabutools_seconds"] * 1e3))
        rows.append((name, f"{voters:,}", str(projects), short(ratios[-1]), *seconds, str(case["winners"])))
    target = kept(min(ratios) >= BALLOTS_TARGET)
    note = (
        f"Both elect the same projects. The target of {BALLOTS_TARGET:g} times is {target}. "
        f"{found['versions']}, which counts in exact fractions as we do."
    )
    header = ("count", "ballots", "projects", "times as fast as pabutools", "ms", "pabutools, ms", "winners")
    return Table("ballots", header, rows, (note,))


def _cost(case: Result) -> float:
    return float(case["seconds"] / (case["steps"] * case["people"]))


def _like_for_like(people: int, cases: dict[str, Result]) -> str:
    """One sentence on the tasks that are the same."""
    averaging = _cost(cases["Mesa: averaging over ties"]) / _cost(cases["Mahalle: averaging over ties alone"])
    sentence = f"At {people:,} people, averaging takes Mesa {short(averaging)} times as long as Mahalle"
    if "Starsim: SIR" in cases:
        spread = _cost(cases["Mesa: SIR"]) / _cost(cases["Starsim: SIR"])
        sentence += f", and SIR takes Mesa {short(spread)} times as long as Starsim"
    return f"{sentence}."


TABLES: MappingProxyType[str, Callable[[Plan], Table]] = MappingProxyType(
    {
        "engine": engine,
        "phases": phases,
        "limit": limit,
        "start": start,
        "sweeps": sweeps,
        "peers": peers,
        "ballots": ballots,
    }
)
"""Every table by its name in the README, in its order."""
