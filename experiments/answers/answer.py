"""The answer that a comparison gives: for each policy what changes, for whom, at which cost, and how sure that is.

It is data as the page's contract has it (web/src/contract.ts), with all sentences in English and Persian; the brief and
`mahalle compare` print the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from experiments.answers.asked import CURVES, FINDINGS
from experiments.answers.certainty import LEVELS, Evidence, certainty_of, flips_of
from experiments.answers.changes import changes_of
from experiments.answers.construction import construction_of, do_the_same, has_councils
from experiments.answers.findings import (
    FEWEST_PAIRS,
    Difference,
    as_data,
    beside_its_level,
    difference_in,
    sentence_of,
)
from experiments.answers.groups import groups_of, losers_and_gainers, maps_of, who_wears_out
from experiments.answers.money import money_of
from experiments.answers.texts import Text, begun, both, joined, outcome_title, plain, said, shown
from experiments.contrasts.cautions import level_in_words
from experiments.contrasts.comparison import Comparison
from experiments.councils import saying_nothing
from experiments.languages import which
from sim.config import Config
from sim.outcome import LOWEST
from sim.policies import Label

Source = Literal["stored", "live", "run"]

_SOURCES: dict[Source, tuple[str, str]] = {
    "stored": ("stored: {pairs} pairs of runs", "ذخیره‌شده: {pairs} جفت اجرا"),
    "live": ("live: {pairs} of {wanted} pairs of runs", "اجرای زنده: {pairs} از {wanted} جفت اجرا"),
    "run": ("{pairs} pairs of runs", "{pairs} جفت اجرا"),
}
RANKED = ("trust_in_municipality", "participation_rate", "service_level", "below_floor_share")
"""Outcomes whose single pairs are counted, and whose words are tried under other assumptions."""

_HEADLINE = ("{balance} Compared with “{base}”: {parts}.", "{balance} در مقایسه با «{base}»: {parts}.")
_BALANCES: dict[tuple[bool, bool], tuple[str, str]] = {
    (True, True): (
        "Mixed: some outcomes are worse and some better.",
        "نتیجه دوگانه است: برخی پیامدها بدتر و برخی بهتر می‌شود.",
    ),
    (True, False): (
        "Some outcomes are worse, none is clearly better.",
        "برخی پیامدها بدتر می‌شود و هیچ‌یک آشکارا بهتر نمی‌شود.",
    ),
    (False, True): (
        "Some outcomes are better, none is clearly worse.",
        "برخی پیامدها بهتر می‌شود و هیچ‌یک آشکارا بدتر نمی‌شود.",
    ),
    (False, False): ("No outcome is clearly worse or better.", "هیچ پیامدی آشکارا بدتر یا بهتر نمی‌شود."),
}
"""What the headline begins with: whether something is worse, and whether something is better."""

_WITH_DIRECTION = ("{outcome} ({way})", "{outcome} ({way})")
_RISING: dict[bool, tuple[str, str]] = {True: ("rises", "افزایش"), False: ("falls", "کاهش")}
_PARTS: dict[str, tuple[str, str]] = {
    "worse": ("worse: {outcomes}", "بدتر: {outcomes}"),
    "may be worse": ("may be worse: {outcomes}", "شاید بدتر: {outcomes}"),
    "better": ("better: {outcomes}", "بهتر: {outcomes}"),
    "may be better": ("may be better: {outcomes}", "شاید بهتر: {outcomes}"),
    "changed": ("changed, with no better end: {outcomes}", "تغییر می‌کند، بی‌آنکه بهتر یا بدتر شمرده شود: {outcomes}"),
    "none": ("little or no difference: {outcomes}", "تفاوت ناچیز: {outcomes}"),
    "unknown": ("the model cannot tell: {outcomes}", "مدل پاسخ روشنی ندارد: {outcomes}"),
}
"""Parts of the headline, losses first."""

_TOO_EARLY = ("Too few pairs of runs so far to say anything.", "شمار جفت‌های اجرا هنوز برای پاسخ کم است.")
_ALIKE = (
    "This policy sets the same as the baseline in every week, so there is nothing to compare.",
    "این سیاست در همه هفته‌ها همان تنظیم‌های مبنا را دارد؛ پس چیزی برای مقایسه نیست.",
)
_WORSE = (
    "{outcome}: worse than the baseline, by however little, in {worse} of {pairs} pairs of runs that differ only in "
    "luck.",
    "{outcome}: از {pairs} جفت اجرا که فقط در رخدادهای تصادفی فرق دارند، در {worse} جفت، هرچند اندک، بدتر از مبناست.",
)
_NEVER_WORSE = (
    "{outcome}: worse than the baseline in none of {pairs} pairs of runs that differ only in luck.",
    "{outcome}: در هیچ‌یک از {pairs} جفت اجرا که فقط در رخدادهای تصادفی فرق دارند بدتر از مبنا نیست.",
)
_CURVE = (
    "{outcome}: difference from the baseline over {weeks} weeks; at the end {difference} {unit} ({interval}).",
    "{outcome}: تفاوت با مبنا در {weeks} هفته؛ در پایان {difference} {unit} ({interval}).",
)
_BANDS = (
    "Bands and intervals are {level} confidence intervals over pairs of runs with the same luck.{looks} They do not "
    "say how far the model is from the real city.",
    "نوارها و بازه‌ها، بازه‌های اطمینان {level} بر پایه جفت‌هایی از اجرا با تصادف یکسان است.{looks} نمی‌گوید مدل تا چه "
    "اندازه از شهر واقعی دور است.",
)
_LOOKS = (
    " So high a level is a correction for {looks} looks, at each of which the runs might have stopped: 95 % hold for "
    "all of them together.",
    " این سطح بالاتر، تصحیحی است برای {looks} بار بررسی که در هر یک ممکن بود اجراها پایان یابد: برای همه با هم ۹۵٪ "
    "برقرار است.",
)
CAUTIONS: tuple[tuple[str, str], ...] = (
    (
        "There are many intervals and no correction for their number: without any effect, one in twenty 95 % intervals "
        "excludes 0 by chance.",
        "شمار بازه‌ها زیاد است و برای آن تصحیحی نشده است: حتی اگر هیچ اثری نباشد، بر اثر تصادف از هر بیست بازه ۹۵٪ یکی "
        "صفر را در بر ندارد.",
    ),
    (
        "All of this is what the model does under its assumptions, not what a city did.",
        "همه این‌ها رفتار مدل با فرض‌های آن است، نه آنچه در شهری رخ داده است.",
    ),
)


_STOPPED = (
    "The runs stopped early, because one of those compared was ahead of all others, by however little: this favours "
    "the leader, and differences are overestimated.",
    "اجراها زودتر پایان یافت، زیرا یکی از گزینه‌ها، هرچند اندک، از همه پیش بود: این به سود گزینه پیشتاز است و تفاوت‌ها "
    "بزرگ‌تر از واقع برآورد می‌شود.",
)


def answer_of(
    found: Comparison,
    *,
    source: Source,
    titles: Mapping[str, Text],
    evidence: Mapping[str, Evidence] | None = None,
    pairs: int | None = None,
    wanted: int | None = None,
) -> dict[str, Any]:
    """The answer that a comparison gives: `Answer` of the page's contract.

    Args:
        found: the comparison; its runs may be under way.
        source: where it comes from.
        titles: of each policy, the base included.
        evidence: of each policy, what is known besides its runs.
        pairs: how many pairs of runs are complete; as many as the comparison has if None.
        wanted: how many pairs there will be; as many as there are if None.
    """
    if pairs is None:
        pairs = min(found.pairs.values(), default=0) * found.sweep.experiment.places
    known = evidence or {}
    answers = [_policy(found, name, titles, known.get(name, known.get("", Evidence()))) for name in found.policies]
    counts = {"pairs": shown(pairs, 0), "wanted": shown(wanted if wanted is not None else pairs, 0)}
    answer = {
        "source": source,
        "source_text": said(_SOURCES[source], **counts),
        "pairs": pairs,
        "wanted": wanted if wanted is not None else pairs,
        "week": int(found.contrasts.week.max()) if len(found.contrasts) else 0,
        "base": {"title": titles[found.base]},
        "policies": answers,
        "level": level_in_words(found.sweep.experiment),
        "cautions": [_bands(found), *(said(one) for one in (*CAUTIONS, *([_STOPPED] if found.settled else [])))],
    }
    return dict(plain(answer))


def _bands(found: Comparison) -> Text:
    none: Text = {"en": "", "fa": ""}
    looks = said(_LOOKS, looks=shown(found.looks, 0)) if found.looks > 1 else none
    return said(_BANDS, level=level_in_words(found.sweep.experiment), looks=looks)


def differences_of(found: Comparison, policy: str) -> pd.DataFrame:
    """Rows of one policy with the level under the base.

    Returns:
        the columns of `experiments.contrasts.contrasts` and ``base_level``; without intervals below `FEWEST_PAIRS`.
    """
    rows = found.contrasts
    rows = rows[rows.policy == policy].drop(columns="base")
    levels = found.means
    levels = levels[levels.policy == found.base][["outcome", "week", "group", "mean"]].rename(columns={"mean": "base"})
    rows = rows.merge(levels, on=["outcome", "week", "group"], how="left")
    few = rows.replications * (rows.sample_rows if "sample_rows" in rows else 1) < FEWEST_PAIRS
    ends = ["low", "high", "simultaneous_low", "simultaneous_high"]
    rows.loc[few, ends] = float("nan")
    return rows


def _policy(found: Comparison, policy: str, titles: Mapping[str, Text], evidence: Evidence) -> dict[str, Any]:
    rows = differences_of(found, policy)
    ends = _ends(found, rows)
    unsaid = saying_nothing(FINDINGS) if found.councilless else ()
    last = rows[rows.week == rows.week.max()]
    city = last[(last.group == "") & last.outcome.isin(FINDINGS)]
    findings = {
        str(row["outcome"]): difference_in(row, ends, found.money)
        for row in sorted(city.to_dict("records"), key=lambda row: FINDINGS.index(row["outcome"]))
        if row["outcome"] not in unsaid
    }
    groups = groups_of(last, ends, found.money)
    losers, gainers, text = losers_and_gainers(groups)
    base, own = (_config(found, name) for name in (found.base, policy))
    lines = headline_lines(list(findings.values()), do_the_same(base, own))
    tried = [outcome_title(name) for name in RANKED]
    ranking = _ranking(found, last, findings, ends)
    return {
        "title": titles[policy],
        "changes": changes_of(base, own),
        "headline": headline_of(lines, titles[found.base]),
        "headline_lines": lines,
        "findings": [_finding(one, evidence) for one in findings.values()],
        "losers": losers,
        "gainers": gainers,
        "groups": groups,
        "groups_text": text,
        "worn_out": who_wears_out(findings.get("exits"), councils=has_councils(base)),
        "curves": _curves(rows, ends, found.money),
        "maps": maps_of(last, ends, found.geography),
        "money": money_of(findings),
        "worse": _worse(city, ends),
        "flips": flips_of(evidence, tried),
        "certainty": certainty_of(ranking, evidence.about(ranking.outcome, RANKED)) if ranking is not None else None,
        "construction": construction_of(base, own),
    }


def headline_of(lines: Sequence[Text], base: Text) -> Text:
    """The lines of a headline in one sentence.

    Args:
        lines: of `headline_lines`.
        base: title of the baseline.
    """
    balance, *parts = lines
    if not parts:
        return balance
    text = both(lambda language: which(("; ", "؛ "), language).join(part[language] for part in parts))
    return said(_HEADLINE, base=base, parts=text, balance=balance)


def headline_lines(findings: Sequence[Difference], alike: bool = False) -> list[Text]:
    """What changes, in lines: the balance, then losses, gains, and what the model cannot tell.

    Args:
        findings: of one policy.
        alike: whether the policy does what the baseline does.
    """
    if alike:
        return [said(_ALIKE)]
    if not any(one.low == one.low for one in findings):
        return [said(_TOO_EARLY)]
    parts = []
    for verdict, words in _PARTS.items():
        own = [_named(one) for one in findings if one.verdict == verdict]
        if own:
            parts.append(said(words, outcomes=joined(own)))
    return [_balance(findings), *parts]


def _balance(findings: Sequence[Difference]) -> Text:
    """Whether there is something worse, something better, or both, by the words that settle."""
    worse, better = (any(one.verdict == verdict for one in findings) for verdict in ("worse", "better"))
    return said(_BALANCES[worse, better])


def _named(one: Difference) -> Text:
    """An outcome in the headline: where a low value is the better one, with its direction, or it could be misread."""
    title = outcome_title(one.outcome)
    if one.better == LOWEST and one.verdict not in ("none", "unknown"):
        return said(_WITH_DIRECTION, outcome=title, way=said(_RISING[one.difference > 0.0]))
    note = beside_its_level(one)
    return said(_WITH_DIRECTION, outcome=title, way=note) if note["en"] else title


def _finding(one: Difference, evidence: Evidence) -> dict[str, Any]:
    title = outcome_title(one.outcome)
    own = {"outcome": one.outcome, "title": title, "unit": one.unit, "sentence": sentence_of(one)}
    level = certainty_of(one, evidence.about(one.outcome, RANKED))["level"]
    return {**own, **as_data(one), "certainty": said(LEVELS[level])}


def _ranking(
    found: Comparison, last: pd.DataFrame, findings: Mapping[str, Difference], ends: Mapping[str, str | None]
) -> Difference | None:
    """The difference that ranks, which need not be among the findings; else the first finding; None without any."""
    own = last[(last.group == "") & (last.outcome == found.ranked_by)]
    if found.ranked_by not in findings and len(own):
        return difference_in(own.iloc[0].to_dict(), ends, found.money)
    return findings.get(found.ranked_by, next(iter(findings.values()), None))


def _ends(found: Comparison, rows: pd.DataFrame) -> dict[str, str | None]:
    ends = found.ends_of(dict.fromkeys(rows.outcome))
    return {outcome: ends.get(outcome) for outcome in dict.fromkeys(rows.outcome)}


def _config(found: Comparison, policy: str) -> Config:
    experiment = found.sweep.experiment
    return experiment.config_of(next(point for point in experiment.points if point.policy == policy), 0)


def _curves(rows: pd.DataFrame, ends: Mapping[str, str | None], money: Label) -> list[dict[str, Any]]:
    curves = []
    for outcome in CURVES:
        own = rows[(rows.outcome == outcome) & (rows.group == "")].sort_values("week")
        if own.empty:
            continue
        at_end = own.iloc[-1].to_dict()
        found = difference_in(at_end, ends, money)
        numbers = found.numbers
        title = outcome_title(outcome)
        text = said(
            _CURVE,
            outcome=begun(title),
            weeks=shown(float(at_end["week"]), 0),
            unit=found.unit,
            **{name: numbers[name] for name in ("difference", "interval")},
        )
        curves.append({
            "outcome": outcome, "weeks": own.week.tolist(), "base": own.base.tolist(),
            "policy": (own.base + own.difference).tolist(), "difference": own.difference.tolist(),
            "low": own.low.tolist(), "high": own.high.tolist(), "text": text,
        })  # fmt: skip
    return curves


def _worse(city: pd.DataFrame, ends: Mapping[str, str | None]) -> list[Text]:
    """In how many pairs a policy is worse than the baseline, of outcomes with a better end."""
    lines = []
    for outcome in RANKED:
        own = city[city.outcome == outcome]
        if own.empty or ends.get(outcome) is None or own.replications.iloc[0] < FEWEST_PAIRS:
            continue
        if "sample_rows" in own and own.sample_rows.iloc[0] > 1:
            continue  # its shares are of places, not of pairs
        pairs = int(own.replications.iloc[0])
        title = outcome_title(outcome)
        worse = round(float(own.share_worse.iloc[0]) * pairs)
        words = _WORSE if worse else _NEVER_WORSE
        lines.append(said(words, outcome=begun(title), worse=shown(worse, 0), pairs=shown(pairs, 0)))
    return lines
