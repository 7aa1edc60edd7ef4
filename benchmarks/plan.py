"""What is measured, at full size and in the quick try-out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """A city of so many times the residents of Rafsanjan, measured in so many runs, of which the fastest counts."""

    times: float
    runs: int = 1
    neighbourhoods: int | None = None


@dataclass(frozen=True)
class Plan:
    """Sizes and lengths of all cases.

    Attributes:
        cities: of one kind and growing size; cost against size is fitted over them.
        divided: the largest of them with ten times as many neighbourhoods.
        weeks: length of all these runs.
        shown: the cities among them whose phases are shown; the first two give the peers their sizes.
        objects: residents of the object-per-agent model; the ratios are to the first.
        objects_weeks: length of its runs.
        objects_runs: how many, of which the fastest counts.
        largest, largest_weeks: the city whose peak memory is compared with the limit.
        peer_steps: steps of each peer.
        starts: how often each command is started.
        sweep: scale, weeks and replications of the design of sweeps.
        sweep_rounds: how often each way of doing it is taken, in turn, of which the fastest counts.
        tiny_runs: a few and many runs, between which the memory of the sweep's own process is compared.
        ballots: voters and projects of the election that is counted.
        ballots_runs: how often we count it, of which the fastest counts; pabutools counts it once.
    """

    cities: tuple[City, ...]
    divided: City
    weeks: int
    shown: tuple[City, ...]
    objects: tuple[int, ...]
    objects_weeks: int
    objects_runs: int
    largest: City
    largest_weeks: int
    peer_steps: int
    starts: int
    sweep: tuple[float, int, int]
    sweep_rounds: int
    tiny_runs: tuple[int, int]
    ballots: tuple[int, int]
    ballots_runs: int


SMALL, WHOLE, TENFOLD = City(0.1, runs=5), City(1.0, runs=3), City(10.0)

FULL = Plan(
    cities=(SMALL, City(0.3, runs=3), WHOLE, City(3.0), TENFOLD),
    divided=City(10.0, neighbourhoods=500),
    weeks=260,
    shown=(SMALL, WHOLE, TENFOLD),
    objects=(2_000, 12_000),
    objects_weeks=52,
    objects_runs=3,
    largest=City(12.3),
    largest_weeks=26,
    peer_steps=52,
    starts=11,
    sweep=(0.1, 104, 16),
    sweep_rounds=1,
    tiny_runs=(100, 10_000),
    ballots=(10_000, 100),
    ballots_runs=5,
)

TINY, SMALLER = City(0.005), City(0.02)

QUICK = Plan(
    cities=(TINY, SMALLER),
    divided=City(0.02, neighbourhoods=60),
    weeks=6,
    shown=(TINY, SMALLER),
    objects=(500,),
    objects_weeks=3,
    objects_runs=1,
    largest=City(0.02),
    largest_weeks=2,
    peer_steps=5,
    starts=1,
    sweep=(0.005, 4, 2),
    sweep_rounds=1,
    tiny_runs=(10, 20),
    ballots=(300, 12),
    ballots_runs=1,
)
