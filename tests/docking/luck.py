"""Keyed luck, read one draw at a time: the same draw for the same (seed, stream, week, entity), whoever asks, whenever.

The draws are the engine's own (`sim.randomness`), so that both models meet the same luck; only the way of reading
them is plain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.randomness import Streams


class Luck:
    """Draws for single entities.

    Args:
        streams: the keyed streams.
        everybody: how many entities there are, where nearly all of them ask each week (residents): their draws are then
            made together and kept for a while, which saves time and changes nothing.
    """

    def __init__(self, streams: Streams, everybody: int = 0) -> None:
        self._streams = streams
        self._everybody = everybody
        self._together = lru_cache(maxsize=64)(self._draw_for_everybody)

    def uniform(self, stream: str, week: int, entity: int) -> float:
        """A number in [0, 1)."""
        if self._everybody:
            return self._together("uniform", stream, week)[entity]
        return float(self._streams.uniform(stream, week, np.array([entity]))[0])

    def normal(self, stream: str, week: int, entity: int) -> float:
        """A standard normal number."""
        if self._everybody:
            return self._together("normal", stream, week)[entity]
        return float(self._streams.normal(stream, week, np.array([entity]))[0])

    def integer(self, stream: str, week: int, entity: int, bound: int) -> int:
        """A whole number from 0 to bound - 1."""
        return int(self.uniform(stream, week, entity) * bound)

    def _draw_for_everybody(self, kind: str, stream: str, week: int) -> list[float]:
        return getattr(self._streams, kind)(stream, week, self._everybody).tolist()
