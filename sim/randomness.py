"""Keyed randomness: a draw depends on (seed, stream name, week, entity) and on nothing else.

Two runs that differ in policy alone share every draw the policy does not touch (common random numbers), and a
resident's luck depends neither on how many others drew before nor on how many processes ran. NumPy's Philox is
counter-based but can only be read in sequence by its Generator; rules that concern few residents would pay for all.
So the counter is hashed here instead: a 64-bit entity key plus a 64-bit stream key, through the finaliser of
SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), which reads any entity's
draw at the same price.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# Arrays of no dimension: NumPy takes them into a function faster than its scalars, and most draws concern few entities.
_MIX_1, _MIX_2 = np.array(0xBF58476D1CE4E5B9, np.uint64), np.array(0x94D049BB133111EB, np.uint64)
_S30, _S27, _S31, _S11 = (np.array(bits, np.uint64) for bits in (30, 27, 31, 11))
_UNIT = np.array(2.0**-53)
_CHUNK = 16_384  # entities a pass: small enough that all passes stay in the second-level cache


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
        sorted_streams._entity_keys = _mix(np.asarray(order).astype(np.uint64) * _GOLDEN)
        sorted_streams._fixed = True
        return sorted_streams

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
        if isinstance(entities, int | np.integer):
            keys = self._keys(int(entities))[: int(entities)]
        else:
            asked = np.asarray(entities, dtype=np.int64)
            keys = self._entity_keys.take(asked) if self._fixed else _mix(asked.astype(np.uint64) * _GOLDEN)
        return _to_unit(keys, self._stream_key(stream, week))

    def normal(self, stream: str, week: int, entities: int | Integers) -> Floats:
        """Standard normal draws, by inversion, so that each entity uses exactly one uniform."""
        return np.asarray(ndtri(inside(self.uniform(stream, week, entities))))

    def integers(self, stream: str, week: int, entities: int | Integers, bound: int | Integers) -> Integers:
        """Whole numbers from 0 to bound - 1 (`bound` at least 1, a number or one an entity)."""
        return np.asarray(self.uniform(stream, week, entities) * bound, dtype=np.int64)

    def generator(self, stream: str, week: int = 0) -> np.random.Generator:
        """A NumPy Generator (Philox) for draws that have no entity, such as a point pattern."""
        return np.random.Generator(np.random.Philox(key=int(self._stream_key(stream, week))))

    def _stream_key(self, stream: str, week: int) -> np.uint64:
        digest = hashlib.blake2b(f"{stream}@{week}".encode(), key=self._seed_bytes, digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))

    def _keys(self, count: int) -> NDArray[np.uint64]:
        if count > self._entity_keys.size:
            if self._fixed:
                raise ValueError(f"only {self._entity_keys.size} entities were put in order, not {count}")
            self._entity_keys = _mix(np.arange(count, dtype=np.uint64) * _GOLDEN)
        return self._entity_keys


def inside(uniform: Floats) -> Floats:
    """Draws from [0, 1) moved into (0, 1) by the least that does, for quantiles that are infinite at the ends."""
    return np.asarray(uniform * (1.0 - 2.0**-53) + 2.0**-54)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser, in place."""
    shifted = np.right_shift(z, _S30)
    np.bitwise_xor(z, shifted, z)
    np.multiply(z, _MIX_1, z)
    np.right_shift(z, _S27, shifted)
    np.bitwise_xor(z, shifted, z)
    np.multiply(z, _MIX_2, z)
    np.right_shift(z, _S31, shifted)
    return np.bitwise_xor(z, shifted, z)


def _to_unit(keys: NDArray[np.uint64], stream_key: np.uint64) -> Floats:
    if keys.size <= _CHUNK:
        mixed = _mix(np.add(keys, stream_key))
        return np.asarray(np.multiply(np.right_shift(mixed, _S11, mixed), _UNIT))
    out = np.empty(keys.shape, dtype=np.float64)
    flat, out_flat = keys.reshape(-1), out.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        mixed = _mix(flat[part] + stream_key)
        np.multiply(np.right_shift(mixed, _S11, mixed), _UNIT, out_flat[part])
    return out
