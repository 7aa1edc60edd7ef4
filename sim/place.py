"""A place: map, services, people and ties of a city, drawn once from `run.place_seed`, independently of `run.seed`.

Replications of an experiment have one place and different seeds, so the runs of a sweep share it: `Foundations` builds
each part once and hands it out again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections import OrderedDict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.cautions import caution
from sim.columns import Table
from sim.neighbourhoods import Geography, build_geography
from sim.network import Ties, build_ties, digest_of
from sim.population import People, draw_residents
from sim.randomness import Floats, Streams

if TYPE_CHECKING:
    from sim.config import Config

Key = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Place:
    """A city before week 0: the same for every seed and every policy.

    Attributes:
        geography: neighbourhoods, their outlines and their services at the start.
        people: the residents, and how far a file of people was spread over them.
        ties: the social network.
        streams: keyed draws of the place, of neighbourhoods and institutions.
    """

    geography: Geography
    people: People
    ties: Ties
    streams: Streams


class Foundations:
    """The geographies, residents and ties last used, for cities that differ in what these do not depend on.

    Given to ``City(config, foundations=…)``. Each part is found again by the values of all that its builder reads, its
    own files' contents included, and handed out as a copy where a run may write: a city with foundations is, to the
    bit, the one without. At ten ties each, one city's parts hold some 350 bytes a resident, besides the copies that
    every city owns anyway. A copied or pickled cache starts empty.

    Args:
        size: how many of each part are kept, those used last; with 0 everything is built again.

    Raises:
        ValueError: a negative size.
    """

    def __init__(self, size: int = 2) -> None:
        if size < 0:
            raise ValueError(f"size must be at least 0, not {size}")
        self.size = size
        self._geographies: OrderedDict[Key, tuple[Geography, bytes]] = OrderedDict()
        self._residents: OrderedDict[Key, People] = OrderedDict()
        self._ties: OrderedDict[Key, Ties] = OrderedDict()

    def __reduce__(self) -> tuple[type[Foundations], tuple[int]]:
        return type(self), (self.size,)  # to send it to another process would cost more than to build there

    @property
    def held(self) -> int:
        """How many populations are kept."""
        return len(self._residents)

    @property
    def nbytes(self) -> int:
        """Bytes of the residents and ties kept; geographies are small."""
        residents = sum(people.nbytes for people in self._residents.values())
        return residents + sum(ties.nbytes for ties in self._ties.values())

    def geography(self, build: Callable[..., Geography], config: Config, streams: Streams) -> Geography:
        """What ``build(parameters, population, streams, base)`` returns; the caller may change it.

        Args:
            build: `build_geography`, or what stands in for it.
            config: its neighbourhoods and its population.
            streams: of the place.

        Raises:
            ConfigError: as `build` does; nothing is kept then.
        """
        parameters, people, base = config.city.neighbourhoods, config.city.population.total, Path(config.base_folder)
        files = _contents(base, parameters.data_file, parameters.polygons_file)
        if not self.size or files is None:
            return build(parameters, people, streams, base)

        def built() -> tuple[Geography, bytes]:
            geography = build(parameters, people, streams, base)
            return geography, pickle.dumps(geography.adjacency)

        key = (build, repr(parameters), people, streams.seed, files)
        kept, adjacency = _recall(self._geographies, key, self.size, built)
        return replace(
            kept,
            population=kept.population.copy(),
            deprivation=kept.deprivation.copy(),
            services=kept.services.copy(),
            x=kept.x.copy(),
            y=kept.y.copy(),
            adjacency=pickle.loads(adjacency),  # its own copy() may change the order of neighbours, deepcopy is slow
        )

    def residents(
        self,
        draw: Callable[[Config, Geography, Streams], People],
        config: Config,
        geography: Geography,
        streams: Streams,
    ) -> People:
        """What ``draw(config, geography, streams)`` returns; the caller may change its table.

        Args:
            draw: `draw_residents`, or what stands in for it.
            config, geography, streams: as `draw_residents` takes them.

        Raises:
            ConfigError: as `draw` does; nothing is kept then.
        """
        files = _contents(Path(config.base_folder), config.city.population.data_file)
        if not self.size or files is None:
            return draw(config, geography, streams)
        where = _digest(geography.population, geography.deprivation)
        own = (geography.names, geography.names_fa, geography.population_is_given) if files[0] is not None else ()
        key = (draw, _read_of_residents(config), where, own, streams.seed, files)
        kept = _recall(self._residents, key, self.size, lambda: draw(config, geography, streams))
        for shared in (kept.number, kept.population, *(() if kept.education is None else (kept.education,))):
            shared.flags.writeable = False
        return replace(kept, table=deepcopy(kept.table))  # streams in order never change

    def ties(self, build: Callable[..., Ties], config: Config, residents: Table, streams: Streams) -> Ties:
        """What ``build(parameters, neighbourhood, …, base)`` returns; ties may be added, `starts` cannot be written.

        Args:
            build: `build_ties`, or what stands in for it.
            config: its network.
            residents: who is to be tied.
            streams: of the place, not put in order: only their seed is looked at.

        Raises:
            ConfigError: as `build` does; nothing is kept then.
        """
        parameters, base = config.city.network, Path(config.base_folder)
        people = people_of(residents, config)
        files = _contents(base, parameters.file)
        if not self.size or files is None:
            return build(parameters, *people, streams, base)
        kept = _recall(
            self._ties,
            (build, repr(parameters), _digest(*people), streams.seed, files),
            self.size,
            lambda: build(parameters, *people, streams, base),
        )
        kept.starts.flags.writeable = False  # shared by all cities
        return Ties(kept.starts, kept.degree.copy(), kept.neighbours.copy(), kept.kind.copy())


def build_place(config: Config, kept: Foundations) -> Place:
    """The place of a config, which the caller may change.

    Args:
        config: `city`, `run.place_seed`, `run.scale` and what people are like at the start are looked at.
        kept: parts of earlier places, used again where they would come out the same.

    Raises:
        ConfigError: a faulty file of the user's own, or fewer people than neighbourhoods.
    """
    streams = Streams(config.run.place_seed)
    geography = kept.geography(build_geography, config, streams)
    people = kept.residents(draw_residents, config, geography, streams)
    for text in people.cautions:
        caution(text)
    ties = kept.ties(build_ties, config, people.table, streams)
    return Place(_with_population(geography, people.population), people, ties, streams)


def _with_population(geography: Geography, population: NDArray[np.int64]) -> Geography:
    """A geography with the populations that its people give it."""
    if population is geography.population or np.array_equal(population, geography.population):
        return geography
    for node, people in enumerate(population.tolist()):
        geography.adjacency.nodes[node]["population"] = people
    return replace(geography, population=population.copy())


def people_of(residents: Table, config: Config) -> tuple[NDArray[Any], NDArray[Any], Floats, Floats]:
    """What ties depend on: neighbourhood, household, age in years and attendance (0 or 1) of residents, each (N,)."""
    return (
        residents.neighbourhood.astype(np.int64),
        residents.household.astype(np.int64),
        (config.city.start_year_solar_hijri - residents.birth_year).astype(np.float64),
        (residents.attendance == 0).astype(np.float64),
    )


def people_digest_of(config: Config) -> str:
    """A digest of the people of a config's place, by which a file of ties is known to be theirs (`network.digest_of`).

    Raises:
        ConfigError: as for `build_place`.
    """
    streams = Streams(config.run.place_seed)
    return digest_of(*people_of(draw_residents(config, geography_of(config), streams).table, config))


def geography_of(config: Config) -> Geography:
    """The neighbourhoods of a config's place, without its people.

    Raises:
        ConfigError: a faulty file of the user's own, or fewer people than neighbourhoods.
    """
    return Foundations(0).geography(build_geography, config, Streams(config.run.place_seed))


def _recall[Part](kept: OrderedDict[Key, Part], key: Key, size: int, make: Callable[[], Part]) -> Part:
    """The part kept under a key, or made and kept now; of more than `size` the one unused for longest goes."""
    if key not in kept:
        kept[key] = make()
    kept.move_to_end(key)
    while len(kept) > size:
        kept.popitem(last=False)
    return kept[key]


def _read_of_residents(config: Config) -> str:
    """All that `draw_residents` reads of a config, as text (0.0 and -0.0 are equal, but not to the bit)."""
    city, behaviour = config.city, config.behaviour
    hub = getattr(city.hubs, city.customary_hub)
    participation, learning, trust = behaviour.participation, behaviour.learning, behaviour.trust
    read = (
        config.run.scale,
        city.population,
        city.start_year_solar_hijri,
        (hub.attender_share_men, hub.attender_share_women, hub.youth_factor),
        behaviour.services.need_divergence,
        (participation.base_propensity, participation.propensity_spread),
        (participation.threshold_mean, participation.threshold_spread),
        (learning.initial_belonging, learning.initial_hope, learning.initial_skill),
        behaviour.belonging.residence_slope,
        (trust.deprivation_slope, trust.hub_selection, trust.initial_spread),
        (trust.initial_trust_in_municipality, trust.initial_trust_in_council, trust.initial_trust_in_people),
    )
    return repr(read)


def _contents(base: Path | None, *names: str | None) -> tuple[bytes | None, ...] | None:
    """A digest of each file (None for one not named), or None if one cannot be read: its reader then says why."""
    digests: list[bytes | None] = []
    for name in names:
        if name is None:
            digests.append(None)
            continue
        path = Path(name) if base is None else base / name
        try:
            if not os.path.isfile(path):  # reading a pipe might never end
                return None
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, hashlib.blake2b).digest())
        except (OSError, ValueError):
            return None
    return tuple(digests)


def _digest(*arrays: NDArray[Any]) -> bytes:
    """A digest of the types, shapes and values of some arrays."""
    found = hashlib.blake2b()
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.digest()


__all__ = ["Foundations", "Place", "build_place", "geography_of", "people_digest_of", "people_of"]
