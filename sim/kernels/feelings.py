"""Compiled passes of phase 7: hope and belonging, which follow what is lived and fade."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.randomness import Keys, draw
from sim.rules.awareness import relevance
from sim.rules.trust import trust_after

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_after = compiled_rule(trust_after)
_relevance = compiled_rule(relevance)
_C2, _C3, _C4, _C5, _C6, _C7 = 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040


@compiled_rule
def _growth(x: float) -> float:
    """The exponential of a small number, by a series for its 16th root: to 12 digits up to 1, which none comes near."""
    y = 0.0625 * x
    root = 1.0 + y * (1.0 + y * (_C2 + y * (_C3 + y * (_C4 + y * (_C5 + y * (_C6 + y * _C7))))))
    root *= root
    root *= root
    root *= root
    return root * root


@compiled_over_all
def fade(level: Floats, lived: Floats, first: Integers, common: Floats, lost: float) -> None:
    """Let a week pass over the memory of all: earlier evidence fades, and some gain evidence in common.

    Args:
        level: hope or belonging, (N,), written.
        lived: evidence so far, (N,), written.
        first: first row of each span of residents, and N, (spans + 1,).
        common: evidence that all of a span gain, (spans,).
        lost: share of earlier evidence that is forgotten.
    """
    for span in range(common.size):
        _fade_some(level[first[span] : first[span + 1]], lived[first[span] : first[span + 1]], common[span], lost)


@compiled_over_all
def _fade_some(level: Floats, lived: Floats, gained: float, lost: float) -> None:
    """T' = T / (T + (1 - T) exp(-change)) for a span, without a branch and without a call: several go at a time."""
    for i in range(level.size):
        change = gained - lost * lived[i]
        lived[i] += change
        inside = min(max(level[i], 1e-6), 1.0 - 1e-6)
        level[i] = inside / (inside + (1.0 - inside) * _growth(-change))


@compiled
def see_work(
    first: int,
    last: int,
    keys: Keys,
    stream_key: np.uint64,
    chance: float,
    need_weights: Floats,
    evidence: float,
    level: Floats,
    lived: Floats,
) -> None:
    """A work is finished: those of its neighbourhood who notice it gain evidence, by how much it meets their needs.

    Args:
        first, last: their rows, from `first` to before `last`.
        keys, stream_key, chance: of the draw.
        need_weights: of the work's category, (N,).
        evidence: log odds, for those whose needs it meets in full.
        level, lived: hope, and evidence so far, (N,), written.
    """
    for i in range(first, last):
        if draw(keys[i], stream_key) < chance:
            gained = evidence * _relevance(need_weights[i])
            lived[i] += gained
            level[i] = _after(level[i], gained)


@compiled
def gain(rows: Integers, evidence: Floats, level: Floats, lived: Floats) -> None:
    """Some residents, (n,), gain evidence, log odds, (n,); one may be among them more than once.

    Args:
        level, lived: hope or belonging, and evidence so far, (N,), written.

    Raises:
        ValueError: there is not as much evidence as rows.
    """
    if evidence.size != rows.size:
        raise ValueError("evidence for each row is needed")
    for k in range(rows.size):
        lived[rows[k]] += evidence[k]
        level[rows[k]] = _after(level[rows[k]], evidence[k])
