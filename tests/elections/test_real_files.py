"""Real files against their official results, where MAHALLE_PABULIB names a folder of them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.errors import ConfigError
from sim.pabulib import Election, parse_election, read_election
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


def without_one_project(election: Election, official: NDArray[np.int64]) -> str | None:
    """The loser without which greedy gives the official winners, if there is one: a city has set it aside."""
    result = count(election, "greedy")
    for project in np.flatnonzero(result.winners & (official != 1)):
        kept = np.flatnonzero(~result.below_threshold & (np.arange(official.size) != project))
        found = np.zeros(official.size, dtype=np.bool_)
        found[kept] = greedy(election.costs[kept], result.scores[kept], election.budget)
        if np.array_equal(found, official == 1):
            return election.ids[project]
    return None


def test_a_project_set_aside_after_the_vote_is_found() -> None:
    """A is dear and first; set aside, it lets B and C in. D, without votes left for it, explains nothing."""
    file = """META\nkey;value\nbudget;10\nvote_type;approval\nrule;greedy
PROJECTS\nproject_id;cost;selected\nA;8;0\nB;6;1\nC;4;1\nD;1;{d}
VOTES\nvoter_id;vote\n1;A,B\n2;A,B,C\n3;A,B,C\n4;A,D\n"""
    found = {d: parse_election(file.format(d=d)) for d in (0, 1)}
    assert without_one_project(found[0], np.asarray(found[0].official())) == "A"
    assert without_one_project(found[1], np.asarray(found[1].official())) is None


@pytest.mark.skipif(not FOLDER, reason="MAHALLE_PABULIB names no folder of .pb files")
def test_real_files_give_their_official_winners() -> None:
    """Every file is read; of those counted by a rule of ours, 98 % agree, ties left aside (the rest are named).

    A file in which a city has set one project aside does not count as agreeing.
    """
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
        elif rule == "greedy" and (aside := without_one_project(election, official)) is not None:
            verdicts["same but for one project set aside"] += 1
            print(f"{file.name}: the official winners, were {aside} not on the list")
        else:
            verdicts["other"] += 1
            print(f"{file.name}: other winners ({election.meta['rule']})")
    print(dict(verdicts))
    agreeing = verdicts["same"] + verdicts["same but for ties"]
    assert verdicts["not read"] <= 0.01 * len(files)
    assert verdicts["other scores"] <= max(1, 0.01 * len(files))  # a file may state another score than its votes
    assert agreeing >= 0.98 * (agreeing + verdicts["other"] + verdicts["same but for one project set aside"])
