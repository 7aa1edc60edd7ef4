"""Keyed randomness: a draw depends on (seed, stream name, week, entity) and on nothing else.

Two runs that differ in policy alone share every draw the policy does not touch (common random numbers), and a
resident's draws depend neither on how many others drew before nor on how many processes ran. NumPy's Philox is
counter-based but can only be read in sequence by its Generator; rules that concern few residents would pay for all.
So the counter is hashed here instead: a 64-bit entity key plus a 64-bit stream key, through the finaliser of
SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), which reads any entity's
draw at the same price.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.errors import ConfigError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(bits) for bits in (30, 27, 31, 11))
_UNIT = 2.0**-53


class Streams:
    """Independent streams of draws, each read by name, week and entity.

    Args:
        seed: any integer from 0 to 2**63 - 1; 0 is a seed like any other.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self._seed_bytes = self.seed.to_bytes(16, "little", signed=True)
        self._entity_keys = np.zeros(0, dtype=np.uint64)
        self._fixed = False

    def in_order(self, order: Integers) -> Streams:
        """The same streams for entities that were sorted: entity k here is entity `order[k]` there."""
        sorted_streams = Streams(self.seed)
        sorted_streams._entity_keys = _keys_of(np.ascontiguousarray(order, dtype=np.int64))
        sorted_streams._fixed = True
        return sorted_streams

    def of_seed(self, seed: int) -> Streams:
        """Streams of another seed for the same entities, in the same order if these are in one."""
        other = Streams(seed)
        if self._fixed:
            other._entity_keys, other._fixed = self._entity_keys, True
        return other

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._entity_keys.nbytes

    def uniform(self, stream: str, week: int, entities: int | Integers) -> Floats:
        """Uniform draws in [0, 1).

        Args:
            stream: the stream's name.
            week: the week, or 0 for draws made while building.
            entities: a count n, for entities 0 to n - 1, or the entities' numbers, any shape.

        Returns:
            float64, shape (n,) or that of `entities`.
        """
        key = self.key(stream, week)
        if type(entities) is np.ndarray and entities.ndim == 1 and entities.dtype == np.int64:
            if entities.flags.c_contiguous:  # as nearly always: what follows takes longer than the draws of a few
                if self._fixed:
                    return _uniform_of_rows(self._entity_keys, entities, key)
                return _uniform_of_numbers(entities, key)
        elif isinstance(entities, int | np.integer):
            return _uniform(self.keys(int(entities)), key)
        asked = np.asarray(entities, dtype=np.int64)
        numbers = np.ascontiguousarray(asked).reshape(-1)
        if self._fixed:
            return _uniform_of_rows(self._entity_keys, numbers, key).reshape(asked.shape)
        return _uniform_of_numbers(numbers, key).reshape(asked.shape)

    def normal(self, stream: str, week: int, entities: int | Integers) -> Floats:
        """Standard normal draws, by inversion, so that each entity uses exactly one uniform."""
        return np.asarray(ndtri(inside(self.uniform(stream, week, entities))))

    def integers(self, stream: str, week: int, entities: int | Integers, bound: int | Integers) -> Integers:
        """Whole numbers from 0 to bound - 1 (`bound` at least 1, a number or one an entity)."""
        return np.asarray(self.uniform(stream, week, entities) * bound, dtype=np.int64)

    def chosen(self, stream: str, week: int, rows: Integers, probability: float | Floats) -> Integers:
        """Those of some rows whose uniform draw is below a probability, in their order.

        Args:
            stream, week: as for `uniform`.
            rows: numbers of entities, (n,).
            probability: a number, or one a row, (n,).

        Raises:
            ValueError: `probability` has another shape.
        """
        if np.ndim(probability) and np.shape(probability) != rows.shape:
            raise ValueError(f"{rows.size} rows need as many probabilities, not {np.shape(probability)}")
        if not self._fixed:
            return rows[self.uniform(stream, week, rows) < probability]
        each = np.full(rows.shape, probability, np.float64)
        return _chosen(self._entity_keys, np.ascontiguousarray(rows, np.int64), self.key(stream, week), each)

    def generator(self, stream: str, week: int = 0) -> np.random.Generator:
        """A NumPy Generator (Philox) for draws that have no entity, such as a point pattern."""
        return np.random.Generator(np.random.Philox(key=int(self.key(stream, week))))

    def key(self, stream: str, week: int) -> np.uint64:
        """The key of a stream in a week; with those of entities, what compiled passes draw from (`draw`)."""
        return _key_of_stream(self._seed_bytes, stream, week)

    def keys(self, count: int) -> Keys:
        """The keys of entities 0 to count - 1, (count,).

        Raises:
            ValueError: fewer were put in order.
        """
        if count > self._entity_keys.size:
            if self._fixed:
                raise ValueError(f"only {self._entity_keys.size} entities were put in order, not {count}")
            self._entity_keys = _keys_of(np.arange(count))
        return self._entity_keys[:count]


def seed_from(rng: Any) -> int:
    """A seed from an integer, or one drawn from a generator or a seed sequence.

    Raises:
        ConfigError: a negative number.
    """
    if isinstance(rng, int | np.integer):
        if rng < 0:
            raise ConfigError(f"must be a whole number of at least 0, not {rng}", key="rng")
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**31))


@lru_cache(maxsize=2**15)  # enough for a run of some years: other policies with the same seed use them again
def _key_of_stream(seed: bytes, stream: str, week: int) -> np.uint64:
    digest = hashlib.blake2b(f"{stream}@{week}".encode(), key=seed, digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def inside(uniform: Floats) -> Floats:
    """Draws from [0, 1) moved into (0, 1) by the least that does, for quantiles that are infinite at the ends."""
    return np.asarray(uniform * (1.0 - 2.0**-53) + 2.0**-54)


@compiled_rule
def _mix(z: np.uint64) -> np.uint64:
    """SplitMix64's finaliser."""
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@compiled_rule
def key_of(number: int) -> np.uint64:
    """The key of an entity by its number."""
    key: np.uint64 = _mix(np.uint64(number) * _GOLDEN)
    return key


@compiled_rule
def draw(entity_key: np.uint64, stream_key: np.uint64) -> float:
    """The uniform draw in [0, 1) of one entity in one stream and week."""
    return float(_mix(entity_key + stream_key) >> _S11) * _UNIT


@compiled_over_all
def _keys_of(numbers: Integers) -> Keys:
    keys = np.empty(numbers.size, np.uint64)
    for place in range(numbers.size):
        keys[place] = key_of(numbers[place])
    return keys


@compiled_over_all
def _uniform(keys: Keys, stream_key: np.uint64) -> Floats:
    drawn = np.empty(keys.size)
    for place in range(keys.size):
        drawn[place] = draw(keys[place], stream_key)
    return drawn


@compiled
def _uniform_of_rows(keys: Keys, rows: Integers, stream_key: np.uint64) -> Floats:
    drawn = np.empty(rows.size)
    for place in range(rows.size):
        row = rows[place]
        if row < 0 or row >= keys.size:
            raise IndexError("no such entity")
        drawn[place] = draw(keys[row], stream_key)
    return drawn


@compiled
def _chosen(keys: Keys, rows: Integers, stream_key: np.uint64, probability: Floats) -> Integers:
    chosen = np.empty(rows.size + 1, np.int64)
    found = 0
    for place in range(rows.size):  # without a branch, which no processor could foresee: a miss is overwritten
        row = rows[place]
        if row < 0 or row >= keys.size:
            raise IndexError("no such entity")
        chosen[found] = row
        found += draw(keys[row], stream_key) < probability[place]
    return chosen[:found]


@compiled_over_all
def _uniform_of_numbers(numbers: Integers, stream_key: np.uint64) -> Floats:
    drawn = np.empty(numbers.size)
    for place in range(numbers.size):
        drawn[place] = draw(key_of(numbers[place]), stream_key)
    return drawn
