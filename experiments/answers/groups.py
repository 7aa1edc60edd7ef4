"""Who loses and who gains: groups of residents, and neighbourhoods by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments.answers.asked import BY_GROUP, ON_MAPS, kind_of
from experiments.answers.findings import Difference, Verdict, as_data, difference_in, sentence_of
from experiments.answers.texts import Text, begun, both, joined, outcome_title, said, shown
from experiments.contrasts.arms import better_end
from experiments.contrasts.geography import is_neighbourhood, number_of
from experiments.contrasts.shown import sort_groups
from experiments.languages import group_in_words, which
from experiments.units import TOMAN
from experiments.words import Effect
from sim.config import Config
from sim.neighbourhoods import Geography
from sim.outcome import LOWEST
from sim.policies import Label

KINDS: dict[str, tuple[str, str]] = {
    "sex": ("men and women", "جنسیت"),
    "cohort": ("ages", "سن"),
    "attendance": ("going to the hub", "رفتن به کانون"),
    "standing": ("legal standing", "وضعیت اقامت"),
    "deprivation": ("neighbourhoods by deprivation", "محله‌ها بر پایه محرومیت"),
}
"""Kinds of groups in words."""

NAMED = 3
"""Neighbourhoods, and groups, that a sentence names at most."""

LOSING = ("worse", "may be worse")
GAINING = ("better", "may be better")

_NOBODY_LOSES = (
    "No group is shown to be worse off by as much as matters in: {outcomes}. The group that gains least or loses "
    "most: {last}.{unknown}",
    "در این پیامدها زیان مهمی برای هیچ گروهی دیده نشد: {outcomes}. گروهی که کمتر از همه سود می‌برد یا بیش از همه زیان "
    "می‌بیند: {last}.{unknown}",
)
_LAST = (
    "{group} ({outcome}: {difference} {unit}, {interval})",
    "{group} ({outcome}: {difference} {unit}، از {interval})",
)
_SOME_LOSE = (
    "Of {all} differences (one for each group and outcome): {counts}.",
    "از {all} تفاوت (برای هر گروه و هر پیامد یکی): {counts}.",
)
_SOME: dict[str, tuple[str, str]] = {
    "worse": ("{number} worse", "{number} تفاوت بدتر"),
    "may be worse": ("{number} may be worse", "{number} تفاوت شاید بدتر"),
    "better": ("{number} better", "{number} تفاوت بهتر"),
    "may be better": ("{number} may be better", "{number} تفاوت شاید بهتر"),
}
"""Differences by verdict, losses first; a verdict that none has is left out."""

_UNKNOWN = (
    " For {unknown} of {all} differences between groups the model cannot tell.",
    " درباره {unknown} تفاوت از {all} تفاوت گروه‌ها مدل پاسخ روشنی ندارد.",
)
_WEAR_OUT = (
    "{sentence} Whoever burns out loses, too.",
    "{sentence} هر کس دچار فرسودگی شود نیز زیان می‌بیند.",
)
_NONE_TO_WEAR_OUT = (
    " The baseline has no councils, so nobody can burn out there.",
    " در مبنا شورایی نیست؛ پس در آن کسی دچار فرسودگی نمی‌شود.",
)
_UNTOLD = ("Too few pairs of runs to tell groups apart.", "شمار جفت‌های اجرا برای مقایسه گروه‌ها کم است.")


def groups_of(rows: pd.DataFrame, ends: dict[str, str | None], money: Label = TOMAN) -> list[dict[str, Any]]:
    """Every group and outcome as `GroupFinding` of the page's contract, in the order in which they are shown.

    Args:
        rows: of one policy at the last week: outcome, group, base, difference, low, high.
        ends: better end of each outcome.
        money: the city's unit of money.
    """
    order = {group: place for place, group in enumerate(sort_groups(list(dict.fromkeys(rows.group))))}
    own = rows[rows.group.map(kind_of).astype(bool) & rows.outcome.isin(BY_GROUP)]
    found = []
    for row in sorted(own.to_dict("records"), key=lambda row: (BY_GROUP.index(row["outcome"]), order[row["group"]])):
        found.append(group_finding(difference_in(row, ends, money), row["group"]))
    return found


def group_finding(difference: Difference, group: str) -> dict[str, Any]:
    """One group and outcome."""
    name, kind = group_title(group), kind_of(group)
    title = said(("{outcome}, {group}", "{outcome}، {group}"), outcome=outcome_title(difference.outcome), group=name)
    return {
        "outcome": difference.outcome,
        "title": outcome_title(difference.outcome),
        "unit": difference.unit,
        "sentence": sentence_of(difference, title),
        "group": group,
        "group_title": name,
        "kind": kind,
        "kind_title": both(lambda language: which(KINDS[kind], language)),
        "in_leasts": difference.in_leasts,
        **as_data(difference),
    }


_PEOPLE: dict[str, tuple[str, str]] = {
    "attendance=attender": ("people who go to the hub", "کسانی که به کانون می‌روند"),
    "attendance=non_attender": ("people who do not go to the hub", "کسانی که به کانون نمی‌روند"),
    **{
        f"deprivation={name}": (f"{name} deprived fifth of neighbourhoods", f"{persian} محله‌ها")
        for name, persian in (("least", "برخوردارترین پنجک"), ("less", "پنجک برخوردار"), ("more", "پنجک محروم"),
                              ("most", "محروم‌ترین پنجک"))
    },
    "deprivation=middle": ("middle fifth of neighbourhoods by deprivation", "پنجک میانی محله‌ها از نظر محرومیت"),
}  # fmt: skip
"""Groups whose names in tables do not stand in a sentence."""


def group_title(group: str) -> Text:
    """A group in words, as it stands in a sentence."""
    if group in _PEOPLE:
        return said(_PEOPLE[group])
    return both(lambda language: group_in_words(group, language))


def losers_and_gainers(groups: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Text]:
    """Groups for the worse and for the better, certain ones first and then by size; and a sentence about them."""
    losers, gainers = (_sorted(groups, verdicts) for verdicts in (LOSING, GAINING))
    if groups and all(one["low"] != one["low"] for one in groups):
        return losers, gainers, dict(zip(("en", "fa"), _UNTOLD, strict=True))
    if losers:
        verdicts = Counter(one["verdict"] for one in groups)
        counts = [said(words, number=shown(verdicts[name], 0)) for name, words in _SOME.items() if verdicts[name]]
        return losers, gainers, said(_SOME_LOSE, all=shown(len(groups), 0), counts=joined(counts))
    ranked = [one for one in groups if one["verdict"] != "changed" and one["difference"] == one["difference"]]
    if not ranked:
        return losers, gainers, {"en": "", "fa": ""}
    outcomes = [outcome_title(outcome) for outcome in dict.fromkeys(one["outcome"] for one in ranked)]
    last = min(ranked, key=_gain)
    name = said(_LAST, group=last["group_title"], outcome=last["title"], unit=last["unit"],
                **{name: last["shown"][name] for name in ("difference", "interval")})  # fmt: skip
    unknown = sum(one["verdict"] == "unknown" for one in ranked)
    untold: Text = {"en": "", "fa": ""}
    if unknown:
        untold = said(_UNKNOWN, unknown=shown(unknown, 0), all=shown(len(ranked), 0))
    return losers, gainers, said(_NOBODY_LOSES, outcomes=joined(outcomes), last=name, unknown=untold)


def who_wears_out(exits: Difference | None, *, councils: bool) -> Text:
    """That volunteers and members burn out, where more of them do or may; empty otherwise.

    They are no group of residents, so that no list of groups holds them.

    Args:
        exits: the difference of `exits`; None if nobody asked for it.
        councils: whether there are any under the baseline.
    """
    if exits is None or exits.effect not in (Effect.RISES, Effect.MAY_RISE):
        return {"en": "", "fa": ""}
    none = said(_NONE_TO_WEAR_OUT) if not councils and exits.base == 0.0 else {"en": "", "fa": ""}
    told = said(_WEAR_OUT, sentence=sentence_of(exits))
    return both(lambda language: told[language] + none[language])


def _gain(one: dict[str, Any]) -> float:
    """How much a group gains, in least differences that matter; below 0 where it loses."""
    worse = better_end(one["outcome"], councilless=False) == LOWEST
    return float(one["in_leasts"]) * (-1.0 if (one["difference"] > 0.0) == worse else 1.0)


def _sorted(groups: Sequence[dict[str, Any]], verdicts: tuple[str, str]) -> list[dict[str, Any]]:
    own = [one for one in groups if one["verdict"] in verdicts]
    return sorted(own, key=lambda one: (verdicts.index(one["verdict"]), -one["in_leasts"]))


# ---------------------------------------------------------------- neighbourhoods

_ON_A_MAP = (
    "{outcome}: by their intervals, of {all} neighbourhoods: {counts}.{names}",
    "{outcome}: بر پایه بازه‌ها، از {all} محله: {counts}.{names}",
)
_COUNTED: dict[str, tuple[str, str]] = {
    "worse": ("{number} worse off", "{number} محله بدتر می‌شود"),
    "may be worse": ("{number} perhaps worse off", "{number} محله شاید بدتر شود"),
    "better": ("{number} better off", "{number} محله بهتر می‌شود"),
    "may be better": ("{number} perhaps better off", "{number} محله شاید بهتر شود"),
    "changed": ("{number} changed", "{number} محله تغییر می‌کند"),
    "none": ("{number} with little or no difference", "در {number} محله تفاوت ناچیز است"),
    "unknown": (
        "{number} with an interval too wide to tell",
        "درباره {number} محله بازه پهن‌تر از آن است که پاسخ روشنی بدهد",
    ),
}
"""Neighbourhoods by verdict, losses first; a verdict that no neighbourhood has is left out."""

_NONE_TOLD = (
    "{outcome}: the model can tell for none of {all} neighbourhoods: all intervals are too wide.",
    "{outcome}: درباره هیچ‌یک از {all} محله پاسخ روشنی نداریم؛ همه بازه‌ها بیش از اندازه پهن است.",
)
_DRAWN = (
    "The neighbourhoods are made by the model: their names are labels and say nothing about a real neighbourhood.",
    "این محله‌ها ساخته مدل‌اند: نام‌ها تنها برچسب‌اند و درباره محله واقعی چیزی نمی‌گویند.",
)
_GIVEN = ("The neighbourhoods are those of the city's own file.", "محله‌ها از پرونده خود شهر است.")

_LARGEST_LOSSES = (" Largest losses: {names}.", " بیشترین زیان: {names}.")
_NO_INTERVALS = ("{outcome}: too few pairs of runs to tell neighbourhoods apart.",
                 "{outcome}: شمار جفت‌های اجرا برای مقایسه محله‌ها کم است.")  # fmt: skip


def maps_of(rows: pd.DataFrame, ends: dict[str, str | None], geography: Geography | None) -> list[dict[str, Any]]:
    """Change by neighbourhood for each outcome; empty where neighbourhoods differ between runs.

    Intervals are simultaneous for all neighbourhoods of an outcome (Bonferroni), so that extremes may be picked.

    Args:
        rows: of one policy at the last week: outcome, group, base, difference, simultaneous_low, simultaneous_high.
        ends: better end of each outcome.
        geography: the neighbourhoods, for their names.
    """
    if geography is None:
        return []
    own = rows[rows.group.map(is_neighbourhood).astype(bool)]
    return [map_of(outcome, own[own.outcome == outcome], ends.get(outcome), geography) for outcome in ON_MAPS]


def map_of(outcome: str, rows: pd.DataFrame, end: str | None, geography: Geography) -> dict[str, Any]:
    """Change by neighbourhood of one outcome.

    Args:
        outcome: its name.
        rows: of its neighbourhoods at one week, as `maps_of` takes them.
        end: the better end of the outcome.
        geography: the neighbourhoods, for their names.
    """
    places: list[dict[str, Any]] = []
    for row in sorted(rows.to_dict("records"), key=lambda row: number_of(row["group"])):
        low, high = row["simultaneous_low"], row["simultaneous_high"]
        found = Difference(outcome, row["base"], row["difference"], low, high, end)
        numbers = found.numbers
        places.append({
            "number": number_of(row["group"]), "difference": found.difference, "low": low, "high": high,
            "verdict": _of_one(found), "shown": {name: numbers[name] for name in ("difference", "interval")},
        })  # fmt: skip
    return {"outcome": outcome, "places": places, "text": _in_words(outcome, places, end, geography)}


def _of_one(found: Difference) -> Verdict:
    """What is said of a single neighbourhood: no more than that it is open where its interval holds 0 and is wide.

    The simultaneous interval of one of fifty is wide. One that reaches from a large loss just beyond 0 would be called
    "may be worse" by the rule of words, and a list of such neighbourhoods would read as a list of losers.
    """
    settled = found.verdict == "none" or found.low > 0.0 or found.high < 0.0
    return found.verdict if settled else "unknown"


def _in_words(outcome: str, places: list[dict[str, Any]], end: str | None, geography: Geography) -> Text:
    title = outcome_title(outcome)
    if not places or places[0]["low"] != places[0]["low"]:
        return said(_NO_INTERVALS, outcome=begun(title))
    verdicts = Counter(place["verdict"] for place in places)
    if verdicts["unknown"] == len(places):
        return said(_NONE_TOLD, outcome=begun(title), all=shown(len(places), 0))
    worse = [place for place in places if place["verdict"] == "worse"]
    sign = 1.0 if end == "lowest" else -1.0
    named = sorted(worse, key=lambda place: -sign * place["difference"])[:NAMED]
    names = [said(("{name} ({by})", "{name} ({by})"), name=place_name(geography, place["number"]),
                  by=place["shown"]["difference"]) for place in named]  # fmt: skip
    losses: Text = said(_LARGEST_LOSSES, names=joined(names)) if names else {"en": "", "fa": ""}
    counted = {verdict: verdicts[verdict] for verdict in _COUNTED if verdicts[verdict]}
    return said(
        _ON_A_MAP,
        outcome=begun(title),
        all=shown(len(places), 0),
        counts=joined([said(_COUNTED[verdict], number=shown(count, 0)) for verdict, count in counted.items()]),
        names=losses,
    )


def map_is_given(city: Config) -> bool:
    """Whether the neighbourhoods are those of a file; otherwise the model draws them."""
    own = city.city.neighbourhoods
    return own.data_file is not None or own.polygons_file is not None


def map_note(city: Config) -> Text:
    """What the neighbourhoods that are named have to do with real ones."""
    return said(_GIVEN if map_is_given(city) else _DRAWN)


def place_name(geography: Geography, number: int) -> Text:
    """A neighbourhood's name."""
    persian = geography.names_fa[number] if geography.names_fa else ""
    return {"en": geography.names[number], "fa": persian or geography.names[number]}
