"""Social ties: households, circles of neighbours, friends across the city; in compressed rows, to and from NetworkX."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.cautions import caution
from sim.own_people.columns import numbered
from sim.own_ties import PEOPLE, OwnEdges, read_edges
from sim.parameters import Effect, Parameters, parameter

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers, Streams

KINDS = ("household", "neighbourhood", "city_wide", "bridging")
"""Kinds of tie, by code; where a pair is tied twice the lower code stays."""

HOUSEHOLD, NEIGHBOURHOOD, CITY_WIDE, BRIDGING = range(4)
ROOM = 4
"""Free slots a resident has for bridging ties."""

LONELY = 0.5
"""Share of residents without ties above which a file of ties is cautioned about [assumption]."""

SAMPLE = 2_000
"""Residents whose local clustering is measured."""

type Pairs = tuple[Integers, Integers]

_WINDOW = 2  # further neighbours live within this many circles of one's place in the order
_ATTEMPTS = 20  # rounds of drawing again for pairs that were tied already; small towns may run out of pairs


class NetworkParameters(Parameters):
    """How many ties residents have, of which kinds, and with whom."""

    mean_degree: float = parameter(
        10.0,
        "Mean number of ties of a resident, of all kinds.",
        unit="ties",
        source="range 6-15: sympathy groups and core discussion networks widened to acquaintances one listens to",
        tag="range",
        effect=Effect("network.mean_degree", 1, reduce="first"),
        range=(6.0, 15.0),
    )
    city_wide_share: float = parameter(
        0.15,
        "Share of ties that go to random residents of the whole city: kin elsewhere, work, school.",
        unit="share",
        source="range 0.1-0.2; at 0 neighbourhoods are islands",
        tag="range",
        effect=Effect("network.city_wide_share", 1, reduce="first"),
        range=(0.0, 0.5),
    )
    circle_size: int = parameter(
        8,
        "Residents in a social circle of neighbours.",
        unit="residents",
        source="ours, after social circles (Hamill and Gilbert 2009)",
        tag="assumption",
        effect=Effect(
            "network.clustering",
            1,
            low=3,
            high=8,
            reduce="first",
            why="larger circles hold more of one's ties; from about 8 on the mean degree caps them, and they thin out",
        ),
        range=(3, 20),
    )
    circle_density: float = parameter(
        0.8,
        "Share of the pairs of a circle that are tied; lowered where the mean degree would be exceeded.",
        unit="share",
        source="ours: gives clustering within the range 0.2-0.5",
        tag="assumption",
        effect=Effect("network.clustering", 1, reduce="first", why="friends of a dense circle know each other"),
        range=(0.0, 1.0),
    )
    homophily_age: float = parameter(
        0.6,
        "Correlation of age with the order in which neighbours are cut into circles.",
        unit="correlation",
        source="ours: age sorts ties strongly (McPherson, Smith-Lovin and Cook 2001)",
        tag="assumption",
        effect=Effect("network.age_assortativity", 1, reduce="first"),
        range=(0.0, 1.0),
    )
    homophily_attendance: float = parameter(
        0.4,
        "Correlation of attendance at the hub with the order in which neighbours are cut into circles.",
        unit="correlation",
        source="ours: religious practice sorts ties (McPherson, Smith-Lovin and Cook 2001)",
        tag="assumption",
        effect=Effect("network.attendance_assortativity", 1, reduce="first"),
        range=(0.0, 1.0),
    )
    file: str | None = parameter(
        None,
        "GraphML or an edge list of residents' numbers, instead of a drawn network.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
    )


class Ties:
    """Undirected ties in compressed rows, with room for a few new (bridging) ties a resident.

    Row i uses the slots `starts[i]` to `starts[i] + degree[i] - 1`; a free slot holds N. Bridging ties stand in the
    order in which they came.

    Attributes:
        starts: int64 (N,), first slot of each row.
        degree: int32 (N,), ties of each resident.
        neighbours: int32 (slots,), the resident at the other end.
        kind: int8 (slots,), codes of `KINDS`.
        bridging_count: bridging ties there are.
        count: ties there are, of all kinds.
        bonding_count: ties within households, and of neighbours of one cell (`watch`); no run changes them.
        across_count: ties across generations (`watch`).
    """

    def __init__(
        self, starts: Integers, degree: NDArray[np.int32], neighbours: NDArray[np.int32], kind: NDArray[np.int8]
    ) -> None:
        self.starts, self.degree, self.neighbours, self.kind = starts, degree, neighbours, kind
        self.bridging_count = int(np.count_nonzero(kind == BRIDGING)) // 2
        self.count = int(degree.sum()) // 2
        self.bonding_count = self.across_count = 0
        self._generation = np.zeros(len(self), dtype=np.int8)
        self._adder: scipy.sparse.csr_array | None = None

    @classmethod
    def from_edges(cls, residents: int, first: NDArray[Any], second: NDArray[Any], kind: NDArray[Any]) -> Ties:
        """Build from pairs of rows and codes of kinds, each (ties,); double and self ties are dropped.

        Raises:
            ValueError: a row outside 0 to residents - 1, or an unknown code.
        """
        keys, codes = _pair_keys(first, second, residents), np.asarray(kind, dtype=np.int64)
        ends = np.concatenate([first, second])
        if ends.size and (ends.min() < 0 or ends.max() >= residents or codes.min() < 0 or codes.max() >= len(KINDS)):
            raise ValueError(f"ties need rows from 0 to {residents - 1} and codes from 0 to {len(KINDS) - 1}")
        keyed = np.sort((keys * len(KINDS) + codes)[np.asarray(first) != second])  # a pair's lowest code comes first
        keys, codes = np.divmod(keyed, len(KINDS))
        once = np.diff(keys, prepend=-1) > 0
        low, high = np.divmod(keys[once], residents)
        ends_twice = np.concatenate([low, high]).astype(np.int32), np.concatenate([high, low]).astype(np.int32)
        coordinates = (np.tile(codes[once].astype(np.int8), 2), ends_twice)
        packed = scipy.sparse.coo_array(coordinates, shape=(residents, residents)).tocsr()
        return cls._with_room(packed.indptr.astype(np.int64), packed.indices, packed.data)

    @classmethod
    def _with_room(cls, bounds: Integers, neighbours: NDArray[np.int32], kind: NDArray[np.int8]) -> Ties:
        residents = bounds.size - 1
        degree = np.diff(bounds)
        slots = np.arange(neighbours.size) + np.repeat(ROOM * np.arange(residents), degree)
        roomy_neighbours = np.full(neighbours.size + ROOM * residents, residents, dtype=np.int32)
        roomy_kind = np.full(roomy_neighbours.size, -1, dtype=np.int8)
        roomy_neighbours[slots], roomy_kind[slots] = neighbours, kind
        return cls(bounds[:-1] + ROOM * np.arange(residents), degree.astype(np.int32), roomy_neighbours, roomy_kind)

    def __len__(self) -> int:
        return self.starts.size

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_adder": None}  # it reads `neighbours` in place: a copy must make its own

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        held = self.starts.nbytes + self.degree.nbytes + self.neighbours.nbytes + self.kind.nbytes
        return held if self._adder is None else held + self._adder.data.nbytes + self._adder.indptr.nbytes

    def random_tie(self, rows: Integers, uniforms: Floats) -> Integers:
        """One random tie of each row, int64 (n,), -1 for a resident without any; `uniforms` (n,) in [0, 1)."""
        degree = self.degree[rows]
        chosen = self.neighbours[self.starts[rows] + (uniforms * degree).astype(np.int64)]
        return np.where(degree > 0, chosen, -1).astype(np.int64)

    def mean_over_ties(self, values: NDArray[Any], rows: Integers | None = None) -> Floats:
        """Mean of `values` (N,) over the ties of each resident, or of `rows` (n,); one without ties gets his own."""
        if rows is None:
            sums, degree, own = self._sum_over_ties(values), self.degree, values
        else:
            slots, degree = self.slots(rows)
            sums, own = np.zeros(degree.size), values[rows]
            tied = degree > 0
            if slots.size:
                begins = (np.cumsum(degree) - degree)[tied]
                sums[tied] = np.add.reduceat(values[self.neighbours[slots]], begins, dtype=np.float64)
        return np.where(degree > 0, sums / np.maximum(degree, 1), own).astype(np.float64)

    def slots(self, rows: Integers) -> tuple[Integers, NDArray[np.int32]]:
        """Used slots of some rows (n,), row after row, and how many each row has (n,)."""
        degree = self.degree[rows]
        begins = np.cumsum(degree, dtype=np.int64) - degree
        return np.arange(int(degree.sum())) + np.repeat(self.starts[rows] - begins, degree), degree

    def edges(self) -> tuple[Integers, Integers, NDArray[np.int8]]:
        """Every tie once: rows of both ends, the first below the second, and codes of kinds; each (ties,)."""
        used = self.neighbours < len(self)
        rows, columns = np.repeat(np.arange(len(self)), self.degree), self.neighbours[used]
        once = rows < columns
        return rows[once], columns[once].astype(np.int64), self.kind[used][once]

    def matrix(self) -> scipy.sparse.csr_array:
        """1.0 where two residents are tied, float64 (N, N), symmetric."""
        bounds = np.concatenate([[0], np.cumsum(self.degree, dtype=np.int64)])
        used = self.neighbours[self.neighbours < len(self)]
        return scipy.sparse.csr_array((np.ones(used.size), used, bounds), shape=(len(self), len(self)))

    def add_bridging(self, first: Sequence[int] | Integers, second: Sequence[int] | Integers) -> int:
        """Tie pairs of rows, in order, that are not tied yet, and return how many were.

        A resident without room lets go of his or her oldest bridging tie.
        """
        from sim.kernels import ties as passes  # here: reading a config needs no compiler

        first, second = (np.ascontiguousarray(rows, dtype=np.int64) for rows in (first, second))
        added, forgotten, across = passes.tie(
            self.starts, self.degree, self.neighbours, self.kind, BRIDGING, first, second, self._generation
        )
        self.bridging_count += added - forgotten
        self.count += added - forgotten
        self.across_count += across
        return added

    def watch(self, cell: Integers, generation: NDArray[np.int8]) -> None:
        """Count bonding ties and ties across generations, and keep the count of the latter from now on.

        Args:
            cell: of each resident, (N,): neighbours of one cell are bonded.
            generation: of each resident, (N,); a tie is across generations if the product of both is 2.
        """
        from sim.kernels import ties as passes

        self._generation = generation
        self.bonding_count, self.across_count = passes.count_ties(
            self.starts, self.degree, self.neighbours, self.kind, (HOUSEHOLD, NEIGHBOURHOOD), cell, generation
        )

    def _sum_over_ties(self, values: NDArray[Any]) -> Floats:
        """Sum over ties by a sparse product that reads `neighbours` in place; free slots read the 0 after the end."""
        if self._adder is None:
            bounds = np.append(self.starts, self.neighbours.size).astype(np.int32)
            ones = np.ones(self.neighbours.size)
            self._adder = scipy.sparse.csr_array((ones, self.neighbours, bounds), shape=(len(self), len(self) + 1))
        return np.asarray(self._adder @ np.append(values, 0.0))


def build_ties(
    parameters: NetworkParameters,
    neighbourhood: NDArray[Any],
    household: NDArray[Any],
    age: Floats,
    attendance: Floats,
    streams: Streams,
    base: Path | None = None,
) -> Ties:
    """Draw the ties of a city, or read them from the user's file.

    Households are cliques; neighbours are sorted by age, attendance and chance, and cut into circles; what the mean
    degree leaves goes to neighbours near in that order and, as `city_wide_share` says, to anyone in the city.

    Args:
        parameters: how many ties, of which kinds.
        neighbourhood: whole numbers (N,), ascending.
        household: whole numbers (N,).
        age: years, (N,).
        attendance: share, (N,).
        streams: keyed draws; those of residents follow the streams' order, if they have one.
        base: folder that the file's path is relative to.

    Raises:
        ConfigError: a faulty file.
    """
    if parameters.file is not None:
        people = digest_of(neighbourhood, household, age, attendance)
        return _read(parameters.file, neighbourhood, household, people, base)
    residents = neighbourhood.size
    wanted = round(parameters.mean_degree * residents / 2)
    circles = Circles(
        neighbourhood, _order(parameters, neighbourhood, age, attendance, streams), parameters.circle_size
    )
    home = _pair_keys(*household_pairs(household), residents)
    nearby = max(0, round(wanted * (1.0 - parameters.city_wide_share)) - home.size)
    close = _pair_keys(*_circle_pairs(circles, household, parameters.circle_density, nearby, streams), residents)
    none = np.zeros(0, dtype=np.int64)
    of_ties = type(streams)(streams.seed)  # keyed by the number of a tie: there are more of these than of residents
    further = _draw_pairs(nearby - close.size, residents, circles.proposer(household, of_ties), none)

    def anyone(draws: Integers) -> Pairs:
        first, second = (of_ties.integers(f"network.city_wide.{end}", 0, draws, residents) for end in ("a", "b"))
        return first, second

    # all that is missing, so that the mean degree is met in a neighbourhood too small for its share of ties as well
    known = np.concatenate([home, close, further])
    wide = _draw_pairs(wanted - known.size, residents, anyone, np.sort(known))
    kind = np.repeat([HOUSEHOLD, NEIGHBOURHOOD, CITY_WIDE], [home.size, close.size + further.size, wide.size])
    return Ties.from_edges(residents, *np.divmod(np.concatenate([known, wide]), residents), kind)


def household_pairs(household: NDArray[Any]) -> Pairs:
    """All pairs of rows of one household, two arrays (pairs,)."""
    order = np.argsort(household, kind="stable")
    members = household[order]
    starts = np.arange(household.size)
    found: list[Pairs] = []
    step = 1
    while starts.size:  # those with a fellow member `step` places on
        starts = starts[starts + step < household.size]
        starts = starts[members[starts] == members[starts + step]]
        found.append((order[starts], order[starts + step]))
        step += 1
    return _joined(found)


class Circles:
    """The residents of each neighbourhood in a row, alike beside alike, cut into circles of equal size.

    Args:
        neighbourhood: whole numbers (N,), ascending.
        order: rows (N,), neighbourhood after neighbourhood.
        size: residents in a circle, on average.
    """

    def __init__(self, neighbourhood: NDArray[Any], order: Integers, size: int) -> None:
        self.order, self.size = order, size
        begins = np.flatnonzero(np.diff(neighbourhood, prepend=neighbourhood[:1] - 1))
        people = np.diff(begins, append=neighbourhood.size)
        self.begin, self.people = np.repeat(begins, people), np.repeat(people, people)
        number = np.maximum(1, np.rint(people / size)).astype(np.int64)
        within = (np.arange(order.size) - self.begin) * np.repeat(number, people) // self.people
        self.circle = within + np.repeat(np.cumsum(number) - number, people)

    def pairs(self, step: int) -> Pairs:
        """Rows of the pairs of circle mates that are `step` places apart."""
        places = np.flatnonzero(self.circle[step:] == self.circle[:-step])
        return self.order[places], self.order[places + step]

    def proposer(self, household: NDArray[Any], streams: Streams) -> Callable[[Integers], Pairs]:
        """A function that draws pairs near in the order, beyond circle and household."""

        def propose(draws: Integers) -> Pairs:
            place = streams.integers("network.further.place", 0, draws, self.order.size)
            distance = 1 + streams.integers("network.further.distance", 0, draws, _WINDOW * self.size)
            distance = np.where(streams.uniform("network.further.side", 0, draws) < 0.5, distance, -distance)
            begin, people = self.begin[place], self.people[place]
            other = place + distance
            outside = (other < begin) | (other >= begin + people)
            other = np.where(outside, place - distance, other)
            other = begin + (other - begin) % people  # a neighbourhood smaller than the window is a ring
            first, second = self.order[place], self.order[other]
            usable = (self.circle[place] != self.circle[other]) & (household[first] != household[second])
            return first[usable], second[usable]

        return propose


def structure(ties: Ties, age: Floats, attendance: Floats) -> dict[str, float]:
    """Mean degree, local clustering (of an even sample), share of city-wide ties, and assortativities over ties."""
    count = int(ties.degree.sum(dtype=np.int64))
    return {
        "mean_degree": count / max(len(ties), 1),
        "clustering": _clustering(ties, np.linspace(0, len(ties) - 1, min(SAMPLE, len(ties))).astype(np.int64)),
        "city_wide_share": float(np.count_nonzero(ties.kind == CITY_WIDE)) / max(count, 1),
        "age_assortativity": _assortativity(ties, age),
        "attendance_assortativity": _assortativity(ties, attendance),
    }


def digest_of(neighbourhood: NDArray[Any], household: NDArray[Any], age: NDArray[Any], attendance: NDArray[Any]) -> str:
    """A digest of the people that ties are drawn for, row by row: a file of ties belongs to people with this digest.

    Args:
        neighbourhood, household, age, attendance: as `build_ties` takes them, (N,).
    """
    found = hashlib.blake2b(digest_size=16)
    homes = numbered(np.asarray(household, dtype=np.int64))  # who lives together counts, not what the home is called
    for column in (neighbourhood, homes, age, attendance):
        found.update(np.ascontiguousarray(column, dtype=np.int64).data)
    return found.hexdigest()


def to_networkx(
    ties: Ties, node_attributes: Mapping[str, NDArray[Any] | Sequence[Any]], people: str = "", first_id: int = 1
) -> nx.Graph[int]:
    """The network with residents' numbers (row + `first_id`) as nodes, their attributes, and each tie's `kind`.

    Args:
        ties: the ties.
        node_attributes: by name, a value a resident, (N,).
        people: digest of the people (`digest_of`), which the graph keeps as an attribute.
        first_id: number of the first resident.
    """
    columns = {name: np.asarray(values).tolist() for name, values in node_attributes.items()}
    graph: nx.Graph[int] = nx.Graph()
    if people:
        graph.graph[PEOPLE] = people
    for row in range(len(ties)):
        graph.add_node(row + first_id, **{name: values[row] for name, values in columns.items()})
    for one, other, code in zip(*(part.tolist() for part in ties.edges()), strict=True):
        graph.add_edge(one + first_id, other + first_id, kind=KINDS[code])
    return graph


def write_ties(path: Path, ties: Ties, people: str) -> None:
    """Write ties as an edge list, which `city.network.file` takes: digest of the people, a header, one line per tie.

    Args:
        path: the file.
        ties: the ties.
        people: digest of the people they belong to (`digest_of`).

    Raises:
        OSError: it cannot be written.
    """
    first, second, kind = ties.edges()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {PEOPLE}: {people}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("resident", "resident", "kind"))
        kinds = np.array(KINDS)[kind].tolist()
        writer.writerows(zip((first + 1).tolist(), (second + 1).tolist(), kinds, strict=True))


def read_ties(path: str | Path, residents: int, base: Path | None = None) -> Ties:
    """Read ties between residents 1 to `residents` from GraphML or an edge list; without a kind, among neighbours.

    Raises:
        ConfigError: a faulty file, with the line.
    """
    own = read_edges(path, base, residents, KINDS)
    return Ties.from_edges(residents, own.first, own.second, np.where(own.kind < 0, NEIGHBOURHOOD, own.kind))


def _read(path: str, neighbourhood: NDArray[Any], household: NDArray[Any], people: str, base: Path | None) -> Ties:
    own = read_edges(path, base, neighbourhood.size, KINDS)
    near = np.where(neighbourhood[own.first] == neighbourhood[own.second], NEIGHBOURHOOD, CITY_WIDE)
    guessed = np.where(household[own.first] == household[own.second], HOUSEHOLD, near)
    if problem := contradiction(own, neighbourhood, household, people):
        caution(f"{own.source}: {problem}")
    ties = Ties.from_edges(neighbourhood.size, own.first, own.second, np.where(own.kind < 0, guessed, own.kind))
    alone = np.count_nonzero(ties.degree == 0)
    if alone > LONELY * len(ties):
        caution(f"{own.source}: leaves {alone:,} of {len(ties):,} residents without any tie: is it complete?")
    return ties


def contradiction(own: OwnEdges, neighbourhood: NDArray[Any], household: NDArray[Any], people: str) -> str:
    """How a file of ties contradicts the residents, in words; empty if it does not.

    Args:
        own: the file's ties.
        neighbourhood, household: of the residents, (N,).
        people: their digest (`digest_of`).
    """
    apart = []
    for kind, unit, group in ((HOUSEHOLD, "households", household), (NEIGHBOURHOOD, "neighbourhoods", neighbourhood)):
        first, second = own.first[own.kind == kind], own.second[own.kind == kind]
        across = int(np.count_nonzero(group[first] != group[second]))
        if across:
            apart.append(f"{across:,} of its {first.size:,} ties of the kind {KINDS[kind]} join two {unit}")
    if own.people and own.people != people:
        return "; ".join(["was written for other people: its numbers mean other residents now", *apart])
    return f"does not fit the residents: {'; '.join(apart)}" if apart else ""


def _order(
    parameters: NetworkParameters, neighbourhood: NDArray[Any], age: Floats, attendance: Floats, streams: Streams
) -> Integers:
    """Rows by neighbourhood, then by a mixture of age, attendance and chance, each as a normal score."""
    by_age, by_attendance = parameters.homophily_age, parameters.homophily_attendance
    chance = np.sqrt(max(0.0, 1.0 - by_age**2 - by_attendance**2))
    key = chance * streams.normal("network.order", 0, age.size)
    key += by_age * _normal_scores(age + 1e-3 * streams.uniform("network.order.age", 0, age.size))
    key += by_attendance * _normal_scores(attendance + 1e-6 * streams.uniform("network.order.attendance", 0, age.size))
    return np.argsort(64.0 * neighbourhood + key, kind="stable")  # scores stay within 16, so neighbourhoods stay apart


def _normal_scores(values: Floats) -> Floats:
    """Standard normal quantiles of the ranks."""
    scores = np.empty(values.size)
    scores[np.argsort(values, kind="stable")] = ndtri((np.arange(values.size) + 0.5) / values.size)
    return scores


def _circle_pairs(circles: Circles, household: NDArray[Any], density: float, most: int, streams: Streams) -> Pairs:
    """Pairs of circle mates, each tied with probability `density`, lower if there would be more than `most`."""
    candidates: list[Pairs] = []
    while (pairs := circles.pairs(len(candidates) + 1))[0].size:
        apart = household[pairs[0]] != household[pairs[1]]
        candidates.append((pairs[0][apart], pairs[1][apart]))
    possible = sum(first.size for first, _ in candidates)
    density = min(density, most / max(possible, 1))
    found: list[Pairs] = []
    for step, (first, second) in enumerate(candidates, 1):
        tied = streams.uniform(f"network.circle.{step}", 0, first) < density
        found.append((first[tied], second[tied]))
    return _joined(found)


def _draw_pairs(wanted: int, residents: int, propose: Callable[[Integers], Pairs], known: Integers) -> Integers:
    """Keys of `wanted` different pairs that are not among the sorted keys `known`; fewer if there are too few pairs.

    Each attempt draws as many as are missing, so that none is ever thrown away for being one too many.
    """
    found: list[Integers] = []
    missing, drawn = wanted, 0
    for _ in range(_ATTEMPTS):
        if missing <= 0:
            break
        first, second = propose(np.arange(drawn, drawn + missing))
        keys = np.sort(_pair_keys(first, second, residents)[first != second])
        keys = keys[np.diff(keys, prepend=-1) > 0]
        for taken in (known, *found):
            if taken.size:
                keys = keys[taken[np.minimum(np.searchsorted(taken, keys), taken.size - 1)] != keys]
        found.append(keys)
        drawn, missing = drawn + missing, missing - keys.size
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _pair_keys(first: NDArray[Any], second: NDArray[Any], residents: int) -> Integers:
    low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second)
    return np.asarray(low * residents + high)


def _joined(pairs: list[Pairs]) -> Pairs:
    first, second = zip((np.zeros(0, dtype=np.int64),) * 2, *pairs, strict=True)
    return np.concatenate(first), np.concatenate(second)


def _clustering(ties: Ties, sample: Integers) -> float:
    """Mean share of the pairs of a resident's ties that are tied to each other; 0 for one with fewer than two."""
    slots, degree = ties.slots(sample)
    friends, place = np.unique(ties.neighbours[slots], return_inverse=True)
    friend_slots, friend_degree = ties.slots(friends.astype(np.int64))
    their_friends = ties.neighbours[friend_slots]
    row, column = np.repeat(np.arange(friends.size), friend_degree), np.searchsorted(friends, their_friends)
    among = np.isin(their_friends, friends)
    mine = _ones(np.repeat(np.arange(sample.size), degree), place, (sample.size, friends.size))
    theirs = _ones(row[among], column[among], (friends.size, friends.size))
    closed = np.asarray((mine @ theirs).multiply(mine).sum(axis=1))
    pairs = degree.astype(np.float64) * (degree - 1)
    return float(np.mean(closed / np.maximum(pairs, 1.0)))


def _ones(rows: Integers, columns: Integers, shape: tuple[int, int]) -> scipy.sparse.csr_array:
    return scipy.sparse.csr_array((np.ones(rows.size), (rows, columns)), shape=shape)


def _assortativity(ties: Ties, values: Floats) -> float:
    """Pearson correlation of a value over ties; 0 where it does not vary."""
    degree = ties.degree.astype(np.float64)
    centred = values - (degree @ values) / max(degree.sum(), 1.0)
    variance = degree @ centred**2
    return float((degree * centred) @ ties.mean_over_ties(centred) / variance) if variance > 0 else 0.0
