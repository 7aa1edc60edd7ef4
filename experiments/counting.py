"""What `mahalle count` says of an election: a record for programs, or a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

import numpy as np

from experiments.escaping import safe, safe_json
from experiments.kinds import refuse_unless_election
from sim.pabulib import Election, read_election
from sim.tally import Completion, Count, count

Record = dict[str, Any]


def record(election: Election, result: Count) -> Record:
    """The result as plain data; winners and losers are ids, most votes or points first, the cheaper of equals."""
    order = np.lexsort((np.arange(len(election.ids)), election.costs, -result.scores))
    names = election.column("name")

    def listed(what: str, those: Any) -> Record:
        found = [j for j in order if those[j]]
        return {
            f"{what}s": [election.ids[j] for j in found],
            f"{what}_names": [names[j] for j in found],
            f"{what}_scores": [float(result.scores[j]) for j in found],
            f"{what}_costs": [float(election.costs[j]) for j in found],
        }

    def ids(those: Any) -> list[str]:
        return [election.ids[j] for j in order if those[j]]

    return {
        "file": election.source,
        "vote_type": election.vote_type,
        "rule": result.rule.replace("_", "-"),
        "completion": result.completion,
        "budget": election.budget,
        "spent": result.spent,
        "projects": len(order),
        "voters": len(election.points),
        **listed("winner", result.winners),
        **listed("loser", ~result.winners),
        "winners_without_votes": ids(result.winners & (result.votes == 0)),
        "lost_by_tie": None if result.lost_by_tie is None else ids(result.lost_by_tie),
        "voters_with_choice": result.voters_with_choice,
        "voters_with_winner": result.voters_with_winner,
        "voters_with_winner_share": result.voters_with_winner / max(1, result.voters_with_choice),
        "vote_gini": result.vote_gini,
        "threshold": election.number("min_project_score_threshold"),
        "below_threshold": ids(result.below_threshold),
        "official": official(election, result),
    }


def official(election: Election, result: Count) -> Record | None:
    """How the winners compare with column `selected`; None where the file does not say who won.

    Only 1 counts as won. 2 and 3 stand for cases that the file's comment explains; they are listed.
    """
    selected = election.official()
    if selected is None:
        return None
    won = selected == 1

    def ids(mask: Any) -> list[str]:
        return [election.ids[j] for j in np.flatnonzero(mask)]

    return {
        "rule": election.meta.get("rule", ""),
        "winners": ids(won),
        "spent": float(election.costs[won].sum()),
        "same_winners": bool(np.array_equal(won, result.winners)),
        "only_counted": ids(result.winners & ~won),
        "only_official": ids(won & ~result.winners),
        "special": ids(selected > 1),
    }


def as_json(file: Path, rule: str, completion: str) -> str:
    """The record as JSON.

    Raises:
        ConfigError: the file is not a usable election.
    """
    return safe_json(json.dumps(_counted(file, rule, completion), indent=2, ensure_ascii=False)) + "\n"


def as_page(file: Path, rule: str, completion: str) -> str:
    """The record for people.

    Raises:
        ConfigError: the file is not a usable election.
    """
    found = _counted(file, rule, completion)
    how = found["rule"] + (f", completion {found['completion']}" if found["completion"] else "")
    word = "vote" if found["vote_type"] in ("approval", "choose-1") else "point"
    share = found["spent"] / found["budget"] if found["budget"] else 0.0
    lines = [
        f"{found['file']}: {counted(found['voters'], 'ballot')} ({found['vote_type']}) over "
        f"{counted(found['projects'], 'project')}",
        f"rule                 {how}",
        f"budget               {_amount(found['budget'])}",
        f"spent                {_amount(found['spent'])} ({share:.1%})",
        f"winners              {len(found['winners'])} of {found['projects']}",
        f"voters with a winner {found['voters_with_winner']:,} of {found['voters_with_choice']:,} "
        f"({found['voters_with_winner_share']:.1%})",
        f"Gini of votes        {found['vote_gini']:.3f}",
    ]
    notes = _notes(found, word)
    winners = [f"  {line}" for line in _project_lines(found, "winner", word)]
    losers = [f"  {line}" for line in _project_lines(found, "loser", word)]
    lines += [*notes, *_official_lines(found["official"])]
    return safe("\n".join([*lines, "won", *(winners or ["  nothing"]), "lost", *(losers or ["  nothing"])])) + "\n"


def _notes(found: Mapping[str, Any], word: str) -> list[str]:
    """What a reader of the winners should know: who could not win, who won without votes, who lost by a tie."""
    notes = []
    if found["below_threshold"]:
        low = "below 0 points" if found["threshold"] is None else f"below {counted(found['threshold'], word)}"
        notes.append(f"could not win        {', '.join(found['below_threshold'])}: {low}")
    if found["winners_without_votes"]:
        notes.append(f"won without a vote   {', '.join(found['winners_without_votes'])}: money was left")
    if found["lost_by_tie"]:
        why = f"as many {word}s as a winner; the cheaper, then the earlier in the file goes first"
        notes.append(f"lost by a tie        {', '.join(found['lost_by_tie'])}: {why}")
    return notes


def counted(number: float, word: str) -> str:
    """A number and its word: 1 vote, 2 votes."""
    return f"{_amount(number)} {word}{'' if number == 1 else 's'}"


def _counted(file: Path, rule: str, completion: str) -> Record:
    if file.suffix in (".yaml", ".yml"):
        refuse_unless_election(file)
    election = read_election(file)
    chosen = cast(Literal["greedy", "equal_shares"], rule.replace("-", "_"))
    return record(election, count(election, chosen, cast(Completion, completion)))


def _project_lines(found: Mapping[str, Any], what: str, word: str) -> list[str]:
    columns = (f"{what}s", f"{what}_scores", f"{what}_costs", f"{what}_names")
    rows = zip(*(found[column] for column in columns), strict=True)
    cells = [(name, counted(score, word), _amount(cost), title) for name, score, cost, title in rows]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    return [
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {' '.join(title.split())[:60]}".rstrip()
        for a, b, c, title in cells
    ]


def _official_lines(said: Mapping[str, Any] | None) -> list[str]:
    if said is None:
        return ["official             the file does not say who won (column selected)"]
    rule = f" (rule: {said['rule']})" if said["rule"] else ""
    if said["same_winners"]:
        lines = [f"official             the same winners{rule}"]
    else:
        lines = [f"official             other winners{rule}"]
        lines += [f"  only counted here  {', '.join(said['only_counted'])}"] * bool(said["only_counted"])
        lines += [f"  only official      {', '.join(said['only_official'])}"] * bool(said["only_official"])
    return lines + [f"  special cases      {', '.join(said['special'])}: see the file's comment"] * bool(
        said["special"]
    )


def _amount(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")


FORMATS = MappingProxyType({"text": as_page, "json": as_json})
