"""Real files against their official results, where MAHALLE_PABULIB names a folder of them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.errors import ConfigError
from sim.pabulib import Election, read_election
from sim.rules.voting import greedy
from sim.tally import count

FOLDER = os.environ.get("MAHALLE_PABULIB")

OUR_RULES = {"greedy": "greedy", "greedy-threshold": "greedy"}
OUR_RULES |= dict.fromkeys(("equalshares/add1", "equalshares/add1-comparison"), "equal_shares")
"""Official rules that are ours; others stop at the first project that does not fit, or exclude one by another."""


def decided_by_ties(election: Election, official: NDArray[np.int64]) -> bool:
    """Whether greedy gives the official winners once ties of score go to them."""
    result = count(election, "greedy")
    kept = np.flatnonzero(~result.below_threshold)
    place = np.argsort(np.lexsort((election.costs[kept], official[kept] != 1)))
    found = greedy(election.costs[kept], result.scores[kept], election.budget, tie_break=place)
    return bool(np.array_equal(found, official[kept] == 1)) and not (official[result.below_threshold] == 1).any()


@pytest.mark.skipif(not FOLDER, reason="MAHALLE_PABULIB names no folder of .pb files")
def test_real_files_give_their_official_winners() -> None:
    """Every file is read; of those counted by a rule of ours, 98 % agree, ties left aside (the rest are named)."""
    files = sorted(Path(str(FOLDER)).rglob("*.pb"))
    assert files, f"no .pb files under {FOLDER}"
    verdicts: Counter[str] = Counter()
    for file in files:
        try:
            election = read_election(file)
        except ConfigError as fault:
            verdicts["not read"] += 1
            print(fault)
            continue
        rule = OUR_RULES.get(election.meta.get("rule", ""))
        official = election.official()
        result = count(election, "equal_shares" if rule == "equal_shares" else "greedy")
        assert result.spent <= election.budget, file
        stated = [cell if cell.isdecimal() else "" for cell in election.column("score")]
        if any(cell and float(cell) != score for cell, score in zip(stated, result.scores, strict=True)):
            verdicts["other scores"] += 1
            print(f"{file.name}: other scores ({election.vote_type})")
        if rule is None or official is None:
            verdicts["another rule, or no official result"] += 1
        elif np.array_equal(result.winners, official == 1):
            verdicts["same"] += 1
        elif rule == "greedy" and decided_by_ties(election, official):
            verdicts["same but for ties"] += 1
            print(f"{file.name}: decided by ties")
        else:
            verdicts["other"] += 1
            print(f"{file.name}: other winners ({election.meta['rule']})")
    print(dict(verdicts))
    agreeing = verdicts["same"] + verdicts["same but for ties"]
    assert verdicts["not read"] <= 0.01 * len(files)
    assert verdicts["other scores"] <= 0.01 * len(files)
    assert agreeing >= 0.98 * (agreeing + verdicts["other"])
