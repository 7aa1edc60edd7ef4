"""Compiled passes over ties: new ones, and those given up for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_rule

Integers = NDArray[np.int64]
Codes = NDArray[np.int8]


@compiled
def tie(
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    kind: Codes,
    bridging: int,
    first: Integers,
    second: Integers,
    generation: Codes,
) -> tuple[int, int, int]:
    """Tie pairs of rows, in order, that are not tied yet; who has no room lets go of his or her oldest bridging tie.

    Args:
        starts, degree, neighbours, kind: the ties (`sim.network.Ties`), changed in place.
        bridging: code of the kind of tie.
        first, second: rows of the pairs, (pairs,).
        generation: of each resident, (N,); a tie is across generations if the product of both is 2.

    Returns:
        ties added, ties given up for them, and by how many there are more across generations.

    Raises:
        ValueError: there are not as many firsts as seconds, or ties without room for more, or tied on one side only.
        IndexError: a row is not there.
    """
    if first.size != second.size:
        raise ValueError("pairs need as many firsts as seconds")
    added = given_up = across = 0
    for pair in range(first.size):
        if min(first[pair], second[pair]) < 0 or max(first[pair], second[pair]) >= starts.size:
            raise IndexError("no such resident")
        if first[pair] == second[pair] or _slot_of(starts, degree, neighbours, first[pair], second[pair]) >= 0:
            continue
        for row, other in ((first[pair], second[pair]), (second[pair], first[pair])):
            end = starts[row + 1] if row + 1 < starts.size else neighbours.size
            if starts[row] + degree[row] == end:
                oldest = starts[row]
                while oldest < end and kind[oldest] != bridging:
                    oldest += 1
                if oldest == end:
                    raise ValueError("no room for bridging ties")
                let_go = np.int64(neighbours[oldest])
                mirrored = _slot_of(starts, degree, neighbours, let_go, row)
                if mirrored < 0:
                    raise ValueError("tied on one side only")
                _free(starts, degree, neighbours, kind, row, oldest)
                _free(starts, degree, neighbours, kind, let_go, mirrored)
                given_up += 1
                across -= generation[row] * generation[let_go] == 2
            neighbours[starts[row] + degree[row]], kind[starts[row] + degree[row]] = other, bridging
            degree[row] += 1
        added += 1
        across += generation[first[pair]] * generation[second[pair]] == 2
    return added, given_up, across


@compiled
def count_ties(
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    kind: Codes,
    close: tuple[int, int],
    cell: Integers,
    generation: Codes,
) -> tuple[int, int]:
    """Bonding ties, and ties across generations.

    Args:
        starts, degree, neighbours, kind: the ties (`sim.network.Ties`).
        close: codes of ties within households, which bond all, and of neighbours, which bond those of one cell.
        cell, generation: of each resident, (N,); a tie is across generations if the product of both is 2.
    """
    household, neighbourhood = close
    bonding = across = 0
    for row in range(starts.size):
        for slot in range(starts[row], starts[row] + degree[row]):
            other = neighbours[slot]
            if other > row:
                alike = kind[slot] == neighbourhood and cell[row] == cell[other]
                bonding += kind[slot] == household or alike
                across += generation[row] * generation[other] == 2
    return bonding, across


@compiled_rule
def _slot_of(
    starts: Integers, degree: NDArray[np.int32], neighbours: NDArray[np.int32], row: int, neighbour: int
) -> int:
    """Slot in which a row is tied to a neighbour, -1 if it is not."""
    for slot in range(starts[row], starts[row] + degree[row]):
        if neighbours[slot] == neighbour:
            return slot
    return -1


@compiled_rule
def _free(
    starts: Integers, degree: NDArray[np.int32], neighbours: NDArray[np.int32], kind: Codes, row: int, slot: int
) -> None:
    """Free a slot of a row; later ties move up."""
    last = starts[row] + degree[row] - 1
    for k in range(slot, last):
        neighbours[k], kind[k] = neighbours[k + 1], kind[k + 1]
    neighbours[last], kind[last] = starts.size, -1
    degree[row] -= 1
