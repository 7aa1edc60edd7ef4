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
from experiments.languages import texts_of, which, written
from sim.outcome import Language
from sim.pabulib import THRESHOLD, TOTALS, Election, read_election
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

    of, with_winner = result.voters_with_choice, result.voters_with_winner
    return {
        "file": election.source,
        "vote_type": election.vote_type,
        "rule": result.rule.replace("_", "-"),
        "completion": result.completion,
        "budget": election.budget,
        "spent": result.spent,
        "projects": len(order),
        "voters": len(election.points) if election.has_ballots else None,
        **listed("winner", result.winners),
        **listed("loser", ~result.winners),
        "winners_without_votes": ids(result.winners & (result.votes == 0)),
        "lost_by_tie": None if result.lost_by_tie is None else ids(result.lost_by_tie),
        "voters_with_choice": of,
        "voters_with_winner": with_winner,
        "voters_with_winner_share": None if of is None or with_winner is None else with_winner / max(1, of),
        "vote_gini": result.vote_gini,
        "threshold": election.number(THRESHOLD),
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


def as_json(file: Path, rule: str, completion: str, language: Language = "en") -> str:
    """The record as JSON, which is the same in all languages.

    Raises:
        ConfigError: the file is not a usable election.
    """
    return safe_json(json.dumps(_counted(file, rule, completion), indent=2, ensure_ascii=False)) + "\n"


def as_page(file: Path, rule: str, completion: str, language: Language = "en") -> str:
    """The record for people; names of projects and columns of the file are as the file has them.

    Raises:
        ConfigError: the file is not a usable election.
    """
    found, text = _counted(file, rule, completion), texts_of(_TEXTS, language)
    how = text(found["rule"]) + (text("completion", how=text(found["completion"])) if found["completion"] else "")
    word = "vote" if found["vote_type"] in ("approval", "choose-1", TOTALS) else "point"
    share = found["spent"] / found["budget"] if found["budget"] else 0.0

    def line(key: str, value: str) -> str:
        return f"{text(key):<20} {value}" if language == "en" else f"{text(key)}: {value}"

    def number(value: float, form: str = ",d") -> str:
        return written(format(value, form), language)

    def voters() -> str:
        if found["voters"] is None:
            return text("not known")
        of, with_winner = number(found["voters_with_choice"]), number(found["voters_with_winner"])
        return text("of voters", share=number(found["voters_with_winner_share"], ".1%"), with_winner=with_winner, of=of)

    winners = {"winners": number(len(found["winners"])), "projects": number(found["projects"])}
    projects = counted(found["projects"], "project", language)
    lines = [
        text("file of totals", file=found["file"], projects=projects)
        if found["voters"] is None
        else text(
            "file",
            file=found["file"],
            ballots=counted(found["voters"], "ballot", language),
            kind=text(found["vote_type"]) if found["vote_type"] in _TEXTS else found["vote_type"],
            projects=projects,
        ),
        line("rule", how),
        line("budget", _amount(found["budget"], language)),
        line("spent", f"{_amount(found['spent'], language)} ({number(share, '.1%')})"),
        line("winners", text("of projects", **winners)),
        line("voters", voters()),
        line("gini", number(found["vote_gini"], ".3f")),
    ]
    lines += [line(key, value) for key, value in _notes(found, word, language)]
    lines += [line(key, value) for key, value in _official_lines(found["official"], language)]
    for what in ("winner", "loser"):
        listed = [f"  {line}" for line in _project_lines(found, what, word, language)]
        lines += [text(what), *(listed or [f"  {text('nothing')}"])]
    return safe("\n".join(lines)) + "\n"


def _notes(found: Mapping[str, Any], word: str, language: Language) -> list[tuple[str, str]]:
    """What a reader of the winners should know: who could not win, who won without votes, who lost by a tie."""
    text, comma = texts_of(_TEXTS, language), which((", ", "، "), language)
    notes = []
    if found["below_threshold"]:
        low = text("below 0")
        if found["threshold"] is not None:
            low = text("below", threshold=counted(found["threshold"], word, language))
        notes.append(("could not win", f"{comma.join(found['below_threshold'])}: {low}"))
    if found["winners_without_votes"]:
        notes.append(("without a vote", f"{comma.join(found['winners_without_votes'])}: {text('money was left')}"))
    if found["lost_by_tie"]:
        notes.append(("by a tie", f"{comma.join(found['lost_by_tie'])}: {text(f'tie of {word}s')}"))
    return notes


def counted(number: float, word: str, language: Language = "en") -> str:
    """A number and its word: 1 vote, 2 votes."""
    text = texts_of(_TEXTS, language)
    return text(f"one {word}" if number == 1 else f"{word}s", number=_amount(number, language))


def rule_in_words(rule: str, language: Language = "en") -> str:
    """The name of a rule of counting, `greedy` or `equal_shares`, in a table."""
    return texts_of(_TEXTS, language)(rule.replace("_", "-"))


def _counted(file: Path, rule: str, completion: str) -> Record:
    refuse_unless_election(file)
    election = read_election(file)
    chosen = cast(Literal["greedy", "equal_shares"], rule.replace("-", "_"))
    return record(election, count(election, chosen, cast(Completion, completion)))


def _project_lines(found: Mapping[str, Any], what: str, word: str, language: Language) -> list[str]:
    columns = (f"{what}s", f"{what}_scores", f"{what}_costs", f"{what}_names")
    rows = zip(*(found[column] for column in columns), strict=True)
    cells = [
        (name, counted(score, word, language), _amount(cost, language), title) for name, score, cost, title in rows
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    return [
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {' '.join(title.split())[:60]}".rstrip()
        for a, b, c, title in cells
    ]


def _official_lines(said: Mapping[str, Any] | None, language: Language) -> list[tuple[str, str]]:
    text, comma = texts_of(_TEXTS, language), which((", ", "، "), language)
    if said is None:
        return [("official", text("not said"))]
    rule = text("official rule", rule=said["rule"]) if said["rule"] else ""
    lines = [("official", text("same winners" if said["same_winners"] else "other winners") + rule)]
    if not said["same_winners"]:
        lines += [("only counted", comma.join(said["only_counted"]))] * bool(said["only_counted"])
        lines += [("only official", comma.join(said["only_official"]))] * bool(said["only_official"])
    if said["special"]:
        lines.append(("special", text("see the comment", cases=comma.join(said["special"]))))
    return lines


def _amount(value: float, language: Language = "en") -> str:
    return written(f"{value:,.2f}".removesuffix(".00"), language)


_TEXTS: dict[str, tuple[str, str]] = {
    "file": ("{file}: {ballots} ({kind}) over {projects}", "{file}: {ballots} ({kind}) درباره {projects}"),
    "file of totals": (
        "{file}: votes for {projects}, as totals, without ballots",
        "{file}: رأی‌های {projects}، تنها به صورت جمع و بدون برگ‌های رأی",
    ),
    "not known": (
        "not known: the file has totals of votes, but no ballots",
        "نامعلوم: پرونده تنها جمع رأی‌ها را دارد، نه برگ‌های رأی را",
    ),
    "approval": ("approval", "تأییدی"),
    "choose-1": ("choose-1", "انتخاب یک پروژه"),
    "cumulative": ("cumulative", "توزیع امتیاز"),
    "scoring": ("scoring", "امتیازدهی"),
    "ordinal": ("ordinal", "رتبه‌ای"),
    "one ballot": ("{number} ballot", "{number} برگ رأی"),
    "ballots": ("{number} ballots", "{number} برگ رأی"),
    "one project": ("{number} project", "{number} پروژه"),
    "projects": ("{number} projects", "{number} پروژه"),
    "one vote": ("{number} vote", "{number} رأی"),
    "votes": ("{number} votes", "{number} رأی"),
    "one point": ("{number} point", "{number} امتیاز"),
    "points": ("{number} points", "{number} امتیاز"),
    "rule": ("rule", "قاعده"),
    "greedy": ("greedy", "بیشترین رأی"),
    "equal-shares": ("equal-shares", "روش سهم‌های برابر"),
    "completion": (", completion {how}", "، تکمیل: {how}"),
    "add1": ("add1", "افزایش گام‌به‌گام بودجه"),
    "none": ("none", "بدون تکمیل"),
    "budget": ("budget", "بودجه"),
    "spent": ("spent", "هزینه‌شده"),
    "winners": ("winners", "برندگان"),
    "of projects": ("{winners} of {projects}", "{winners} از {projects}"),
    "voters": ("voters with a winner", "رأی‌دهندگان دارای پروژه برنده"),
    "of voters": ("{with_winner} of {of} ({share})", "{with_winner} از {of} ({share})"),
    "gini": ("Gini of votes", "جینی رأی‌ها"),
    "could not win": ("could not win", "نمی‌توانست برنده شود"),
    "below 0": ("below 0 points", "کمتر از ۰ امتیاز"),
    "below": ("below {threshold}", "کمتر از {threshold}"),
    "without a vote": ("won without a vote", "برنده بدون رأی"),
    "money was left": ("money was left", "بودجه باقی مانده بود"),
    "by a tie": ("lost by a tie", "بازنده با رأی برابر"),
    "tie of votes": (
        "as many votes as a winner; the cheaper, then the earlier in the file goes first",
        "به اندازه یک برنده رأی دارد؛ ارزان‌تر، و سپس آن که در پرونده جلوتر است، مقدم است",
    ),
    "tie of points": (
        "as many points as a winner; the cheaper, then the earlier in the file goes first",
        "به اندازه یک برنده امتیاز دارد؛ ارزان‌تر، و سپس آن که در پرونده جلوتر است، مقدم است",
    ),
    "official": ("official", "نتیجه رسمی"),
    "not said": (
        "the file does not say who won (column selected)",
        "پرونده نمی‌گوید کدام برنده شد (ستون selected)",
    ),
    "official rule": (" (rule: {rule})", " (قاعده: {rule})"),
    "same winners": ("the same winners", "همان برندگان"),
    "other winners": ("other winners", "برندگانی دیگر"),
    "only counted": ("  only counted here", "  تنها در این شمارش"),
    "only official": ("  only official", "  تنها در نتیجه رسمی"),
    "special": ("  special cases", "  موارد ویژه"),
    "see the comment": ("{cases}: see the file's comment", "{cases}: توضیح پرونده را ببینید"),
    "winner": ("won", "برنده"),
    "loser": ("lost", "بازنده"),
    "nothing": ("nothing", "هیچ"),
}

FORMATS = MappingProxyType({"text": as_page, "json": as_json})
