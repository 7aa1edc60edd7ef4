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
Codes = NDArray[np.int8]

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
            inside = min(max(level[i], 1e-6), 1.0 - 1e-6)
            level[i] = inside / (inside + (1.0 - inside) * _growth(-gained))


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


@compiled
def see_peers(
    donor: Integers,
    role: Integers,
    neighbourhood: Integers,
    mayor: int,
    sex: Codes,
    cohort: Codes,
    evidence: float,
    found: Floats,
) -> None:
    """Write where a youth, and where a woman, holds a mayor's seat: evidence for youths, and for women.

    Args:
        donor, role, neighbourhood: of all seats; holders outside the sample are as their donors, vacant seats have -1.
        mayor: code of the role.
        sex, cohort: of all residents, (N,).
        evidence: of either peer, log odds.
        found: by neighbourhood, sex and whether a youth (0) or not (1), written, (M, 2, 2).
    """
    young, woman = np.zeros(found.shape[0], np.bool_), np.zeros(found.shape[0], np.bool_)
    for seat in range(donor.size):
        if role[seat] == mayor and donor[seat] >= 0:
            young[neighbourhood[seat]] |= cohort[donor[seat]] == 0
            woman[neighbourhood[seat]] |= sex[donor[seat]] == 1
    for b in range(found.shape[0]):
        for own in range(2):
            found[b, own, 0] = evidence * young[b] + evidence * (woman[b] and own == 1)
            found[b, own, 1] = evidence * (woman[b] and own == 1)
