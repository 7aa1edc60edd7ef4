"""A city and the policies on its timeline in words: which are in force in which weeks."""

from __future__ import annotations

from collections.abc import Iterable

from experiments.languages import texts_of, which, written
from experiments.titles import title_of
from sim.config import Config
from sim.outcome import Language
from sim.policies import TimedPolicy


def heading(config: Config, language: Language = "en") -> str:
    """The city and the policies on its timeline, by their titles."""
    city = config.city.title
    title = city.en if language == "en" else city.fa or city.en
    policies = dict.fromkeys(named(item, language) for item in config.timeline)
    return which((", ", "، "), language).join([title, *policies])


def timeline_of(config: Config, language: Language = "en") -> list[str]:
    """Which policies are in force in which weeks, and levers that several of them set: there the last one holds."""
    text, timed = texts_of(_TEXTS, language), config.timeline
    lines = [f"{named(item, language)}: {_weeks(item, language)}" for item in timed]
    for place, later in enumerate(timed):
        for earlier in timed[:place]:
            both = [key for key in later.set if key in earlier.set]
            if both and earlier.start < _end(later) and later.start < _end(earlier):
                keys = both if language == "en" else [title_of(f"policy.{key}", language) for key in both]
                names = {"later": named(later, language), "earlier": named(earlier, language)}
                lines.append(text("both", keys=which((", ", "، "), language).join(keys), **names))
    return lines


def weeks_of_change(timeline: Iterable[TimedPolicy], last: int) -> list[int]:
    """Week 0, and every week up to the last one in which something on a timeline begins or ends; ascending."""
    ends = {week for timed in timeline for week in (timed.start, timed.end) if week is not None}
    return sorted({0, *(week for week in ends if week <= last)})


def named(item: TimedPolicy, language: Language = "en") -> str:
    """What a policy on the timeline is called."""
    title = item.title.en if language == "en" else item.title.fa or item.title.en
    return title or texts_of(_TEXTS, language)("untitled")


def _end(item: TimedPolicy) -> float:
    return float("inf") if item.end is None else item.end


def _weeks(item: TimedPolicy, language: Language) -> str:
    text, start = texts_of(_TEXTS, language), written(str(item.start), language)
    if item.end == item.start + 1:
        return text("week", start=start)
    if item.end is not None:
        return text("weeks", start=start, end=written(str(item.end - 1), language))
    return text("from week", start=start) if item.start else text("beginning")


_TEXTS: dict[str, tuple[str, str]] = {
    "untitled": ("a timed policy", "سیاستی زمان‌دار"),
    "both": (
        "{keys}: as in {later}, not as in {earlier}, while both last",
        "{keys}: مانند «{later}» و نه «{earlier}»، تا زمانی که هر دو برقرار است",
    ),
    "week": ("week {start}", "هفته {start}"),
    "weeks": ("weeks {start} to {end}", "هفته {start} تا {end}"),
    "from week": ("from week {start} on", "از هفته {start} به بعد"),
    "beginning": ("from the beginning", "از آغاز"),
}
