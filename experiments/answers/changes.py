"""What a policy does otherwise than its baseline: levers with both values and their weeks, and shocks."""

from __future__ import annotations

from typing import Any

from experiments.answers.texts import Text, both, said
from experiments.languages import which, written
from experiments.lever_values import shock_in_words, with_unit
from experiments.timelines import weeks_of_change
from experiments.titles import title_of
from sim.config import Config
from sim.outcome import Language
from sim.policies import Shock, in_force
from sim.reading import flatten

MOST_CHANGES = 6
"""Changes that are told; how many more there are is said."""

_CHANGES = ("Changed: {changes}.", "تغییرها: {changes}.")
_LEVER = ("{lever}: {value}{weeks} (baseline: {base})", "{lever}: {value}{weeks} (در مبنا: {base})")
_OTHERWISE = ("{lever}: otherwise{weeks}", "{lever}: به گونه‌ای دیگر{weeks}")
_FROM = (" from week {start} on", " از هفته {start} به بعد")
_FROM_TO = (" in weeks {start} to {end}", " از هفته {start} تا {end}")
_SHOCK = ("{shock}: in week {week} (baseline: no)", "{shock}: در هفته {week} (در مبنا: خیر)")
_NO_SHOCK = ("{shock}: no (baseline: in week {week})", "{shock}: خیر (در مبنا: در هفته {week})")
_MORE = ("and {number} more", "و {number} تغییر دیگر")


def changes_of(base: Config, policy: Config) -> Text:
    """What differs between two cities' levers and shocks, in a sentence; empty if nothing does.

    Args:
        base: the city under the baseline, with its timeline.
        policy: under the policy.
    """
    changes = [*_levers(base, policy), *_shocks(base, policy)]
    if not changes:
        return {"en": "", "fa": ""}
    told = changes[:MOST_CHANGES]
    more = len(changes) - len(told)
    if more:
        told.append(said(_MORE, number=both(lambda language: written(str(more), language))))
    return said(_CHANGES, changes=both(lambda language: which(("; ", "؛ "), language).join(c[language] for c in told)))


def _levers(base: Config, policy: Config) -> list[Text]:
    """Each lever for each run of weeks in which it has two values, in the order of weeks."""
    last = policy.run.weeks
    weeks = weeks_of_change((*base.timeline, *policy.timeline), last - 1)
    under: dict[str, tuple[int, Any, Any]] = {}  # lever: since when it differs, and how
    found: list[tuple[int, int, str, Any, Any]] = []
    for week in [*weeks, last]:
        now = {} if week == last else _apart(base, policy, week)
        for key in [key for key in under if now.get(key) != under[key][1:]]:
            start, one, other = under.pop(key)
            found.append((start, week, key, one, other))
        under |= {key: (week, *values) for key, values in now.items() if key not in under}
    return [_in_words(policy, *each) for each in sorted(found, key=lambda each: each[0])]


def _apart(base: Config, policy: Config, week: int) -> dict[str, tuple[Any, Any]]:
    """Levers that differ in a week: their values under the baseline and under the policy."""
    one, other = (
        flatten(in_force(city.policy, city.timeline, week).model_dump(mode="json")) for city in (base, policy)
    )
    return {key: (one.get(key), other.get(key)) for key in other if one.get(key) != other.get(key)}


def _in_words(city: Config, start: int, end: int, lever: str, one: Any, other: Any) -> Text:
    key = f"policy.{lever}"
    plain = not any(isinstance(value, list) and value and isinstance(value[0], dict) for value in (one, other))

    def weeks(language: Language) -> str:
        if end < city.run.weeks:
            return which(_FROM_TO, language).format(
                start=written(str(start), language), end=written(str(end - 1), language)
            )
        return which(_FROM, language).format(start=written(str(start), language)) if start else ""

    return said(
        _LEVER if plain else _OTHERWISE,
        lever=both(lambda language: title_of(key, language)),
        value=both(lambda language: with_unit(key, other, city, language)),
        base=both(lambda language: with_unit(key, one, city, language)),
        weeks=both(weeks),
    )


def _shocks(base: Config, policy: Config) -> list[Text]:
    """Shocks of one city that the other does not have."""
    one, other = ([shock for timed in city.timeline for shock in timed.shocks] for city in (base, policy))
    return [
        *(_shock(_SHOCK, shock) for shock in other if shock not in one and shock.week <= policy.run.weeks),
        *(_shock(_NO_SHOCK, shock) for shock in one if shock not in other and shock.week <= policy.run.weeks),
    ]


def _shock(words: tuple[str, str], shock: Shock) -> Text:
    return said(
        words,
        shock=both(lambda language: shock_in_words(shock.kind, shock.blamed, language)),
        week=both(lambda language: written(str(shock.week), language)),
    )
