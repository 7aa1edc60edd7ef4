"""The engine over whole runs, beside the object-per-agent model: time, phases, memory, and the limit set by copying."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.processes import peak_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sim
    from sim.phase import Phase

CONFIG = "configs/cities/rafsanjan.yaml"
POPULATION, BUDGET = 162_000, 300.0
PHASES = (
    "advance_programme",
    "pay_instalments",
    "gather_at_hubs",
    "hold_hearings",
    "deliver_works",
    "take_part",
    "learn",
    "update_trust",
    "measure",
)
"""Names of the phases of `City`, in order."""

COPIES = 20
TINY, TINY_WEEKS = 0.001, 40


def city_values(times: float, neighbourhoods: int | None = None) -> dict[str, Any]:
    """Keys for a city of so many times the residents of Rafsanjan, with as much money a head."""
    if times <= 1.0:
        values: dict[str, Any] = {"run.scale": times}
    else:
        values = {
            "city.population.total": round(times * POPULATION),
            "city.finance.works_budget_per_year": times * BUDGET,
        }
    return values if neighbourhoods is None else values | {"city.neighbourhoods.count": neighbourhoods}


def run_city(values: dict[str, Any], weeks: int) -> dict[str, Any]:
    """Build a city and run it, tables recorded; then copy as many bytes as its state holds.

    A tiny city runs first, so that loading what is compiled, which each process does once, is timed by itself.
    """
    import sim

    began = time.perf_counter()
    sim.City(CONFIG, rng=1, **{"run.scale": TINY}).run(TINY_WEEKS)
    load_seconds = time.perf_counter() - began
    config = sim.load_config(CONFIG, values={**values, "run.weeks": weeks})
    began = time.perf_counter()
    city = sim.City(config, rng=1)
    build_seconds = time.perf_counter() - began
    with phases_timed(city) as phase_seconds:
        began = time.perf_counter()
        city.run()
        run_seconds = time.perf_counter() - began
    peak = peak_mb()
    return {
        "residents": len(city.residents),
        "weeks": weeks,
        "load_seconds": load_seconds,
        "build_seconds": build_seconds,
        "run_seconds": run_seconds,
        "phase_seconds": phase_seconds,
        "peak_mb": peak,
        "state_bytes": state_bytes(city),
        "copy_seconds": seconds_to_copy(state_bytes(city)),
    }


@contextmanager
def phases_timed(city: sim.City) -> Iterator[dict[str, float]]:
    """Wrap the phases of a city, and add up the seconds spent in each, by name."""
    seconds = {phase.name: 0.0 for phase in city.phases}

    def timed(phase: Phase) -> Callable[[sim.City], None]:
        def wrapper(city: sim.City) -> None:
            began = time.perf_counter()
            phase(city)
            seconds[phase.name] += time.perf_counter() - began

        return wrapper

    with patch.object(city, "phases", tuple(map(timed, city.phases))):
        yield seconds


def state_bytes(city: sim.City) -> int:
    """Bytes of all columns of the residents and of their ties."""
    return city.residents.nbytes + city.ties.nbytes


def seconds_to_copy(size: int) -> float:
    """Least time in which NumPy copies so many bytes from one array into another."""
    import numpy as np

    source, target = np.ones(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
    times = []
    for _ in range(COPIES):
        began = time.perf_counter()
        np.copyto(target, source)
        times.append(time.perf_counter() - began)
    return min(times)


def run_objects(residents: int, weeks: int) -> dict[str, Any]:
    """The object-per-agent model of the docking tests, on a city of about so many residents."""
    from tests.docking.model import seconds_per_resident_week

    return {"seconds": seconds_per_resident_week(residents, weeks), "peak_mb": peak_mb()}


def run_averaging(values: dict[str, Any], steps: int) -> dict[str, Any]:
    """One rule of the engine alone: everybody moves towards the mean of all ties, every step."""
    import sim
    from sim.rules.influence import averaging
    from sim.rules.trust import stubbornness_from

    city = sim.City(sim.load_config(CONFIG, values=values), rng=1)
    trust = city.residents.trust_in_people
    stubbornness = stubbornness_from(trust, 0.25, 0.4)
    began = time.perf_counter()
    for _ in range(steps):
        trust += averaging(trust, city.ties.mean_over_ties(trust), stubbornness, 0.1)
    seconds = time.perf_counter() - began
    return {"people": len(trust), "steps": steps, "seconds": seconds, "peak_mb": peak_mb()}
