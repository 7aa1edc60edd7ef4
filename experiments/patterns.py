"""The 28 patterns by which the model is judged, and the verdict of one run on each (measured in `measuring`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from experiments import measuring
from experiments.measuring import Measured, NotTestable
from experiments.results import Run

PatternTag = Literal["claimed", "press", "source", "assumption"]


@dataclass(frozen=True)
class Accept:
    """The range in which a value must lie; None is no bound.

    Attributes:
        low, high: bounds.
        unit: share, count, weeks, ratio or change.
        open: whether the bounds themselves are outside.
    """

    low: float | None = None
    high: float | None = None
    unit: Literal["share", "count", "weeks", "ratio", "change", "index"] = "share"
    open: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range; NaN and infinite values never do."""
        if not math.isfinite(value):
            return False
        above = self.low is None or (value > self.low if self.open else value >= self.low)
        below = self.high is None or (value < self.high if self.open else value <= self.high)
        return above and below

    def show(self, value: float) -> str:
        """A value in the range's unit."""
        if value != value:
            return "none"
        if self.unit == "share":
            return f"{100.0 * value:.3g} %"
        if self.unit in ("count", "weeks"):
            return f"{value:,.0f}"
        if self.unit == "change":
            return "0" if value == 0.0 else f"{value:+.3f}" if abs(value) >= 0.01 else f"{value:+.4f}"
        return f"{value:.3g}"

    def __str__(self) -> str:
        """Such as "0.7 % to 1.2 %", "under 20 %", "above 0"."""
        if self.low is not None and self.high is not None:
            both = (self.show(self.low), self.show(self.high))
            return both[0] if self.low == self.high else " to ".join(both)
        if self.low is not None:
            return f"{'above' if self.open else 'at least'} {self.show(self.low)}"
        return f"{'under' if self.open else 'at most'} {self.show(self.high)}" if self.high is not None else "any"


@dataclass(frozen=True)
class Pattern:
    """One pattern: the empirical regularity, and how to measure it in a run.

    Attributes:
        number: as in the model's specification.
        what: the regularity, in words.
        accept: accepted ranges by part.
        tag: kind of evidence.
        source: where the regularity is reported.
        measure: values by part from one run; raises `NotTestable` if the pattern is not testable in that run.
        fitted: whether calibration uses it, and defaults of the policy were set to it.
        in_view: whether some defaults were chosen with its published range known, though no search was run on it.
        inconclusive_if_unmet: the reason why a run can show it but never refute it; empty if a run can refute it.
        reported: whether it is an initial condition, which is reported and not counted.
    """

    number: int
    what: str
    accept: Mapping[str, Accept]
    tag: PatternTag
    source: str
    measure: Callable[[Run], Measured]
    fitted: bool = False
    in_view: bool = False
    inconclusive_if_unmet: str = ""
    reported: bool = False

    @property
    def group(self) -> str:
        """Which of `GROUPS` it belongs to."""
        if self.reported:
            return REPORTED
        return FITTED if self.fitted else IN_VIEW if self.in_view else NOT_LOOKED_AT


NOT_LOOKED_AT = "not considered when defaults were chosen"
IN_VIEW = "published range known when defaults were chosen"
FITTED = "claims that defaults were set to, and that calibration may fit"
REPORTED = "initial conditions, reported and not counted"
GROUPS = (NOT_LOOKED_AT, IN_VIEW, FITTED, REPORTED)
"""Groups by strength of evidence, strongest first; meeting a pattern of a group after the first is weak evidence."""


@dataclass(frozen=True)
class Verdict:
    """The verdict of a run on a pattern: met, not met, or None with the reason."""

    pattern: Pattern
    met: bool | None
    value: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    def as_row(self) -> dict[str, object]:
        """The verdict as `summary.json` holds it."""
        pattern = self.pattern
        return {
            "number": pattern.number,
            "what": pattern.what,
            "tag": pattern.tag,
            "source": pattern.source,
            "fitted": pattern.fitted,
            "in_view": pattern.in_view,
            "accept": {part: str(accept) for part, accept in pattern.accept.items()},
            "bounds": {part: [accept.low, accept.high] for part, accept in pattern.accept.items()},
            "value": dict(self.value) or None,
            "shown": {part: pattern.accept[part].show(value) for part, value in self.value.items()},
            "met": self.met,
            "reason": self.reason,
        }


def evaluate(run: Run) -> list[Verdict]:
    """The verdict of one run on every pattern, by number."""
    return [judge(pattern, run) for pattern in PATTERNS]


def judge(pattern: Pattern, run: Run) -> Verdict:
    """The verdict of one run on one pattern: met only if every part lies in its range."""
    try:
        values = pattern.measure(run)
    except NotTestable as untold:
        return Verdict(pattern, None, reason=str(untold))
    unlike = [part for part, accept in pattern.accept.items() if part in values and not accept.holds(values[part])]
    if unlike and pattern.inconclusive_if_unmet:
        return Verdict(pattern, None, values, pattern.inconclusive_if_unmet)
    return Verdict(pattern, not unlike, values, "outside the range: " + ", ".join(unlike) if unlike else "")


KINDS_OF_TRUST = ("municipality", "council", "people")
ABOVE_0 = Accept(low=0.0, unit="change", open=True)


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        1,
        "council members and neighbourhood mayors, of residents",
        {"share of residents": Accept(0.007, 0.012)},
        "claimed",
        "speech of 8 November 2025: over 1,500 active in 50 neighbourhoods",
        measuring.office_holders,
        fitted=True,
    ),
    Pattern(
        2,
        "roll-out, worst-served first",
        {
            "councils at week 84": Accept(28, 32, "count"),
            "councils at week 135": Accept(50, 50, "count"),
            "first week with a mayor": Accept(131, 139, "weeks"),
            "services at the start, with less without a council at week 84": Accept(high=0.0, unit="change", open=True),
        },
        "press",
        "rafsanjanfarda.ir 3675; khanehkheshti.com/213557",
        measuring.rollout,
        fitted=True,
    ),
    Pattern(
        3,
        "construction projects and programmes by week 215",
        {"council projects finished": Accept(150, 250, "count"), "programmes held": Accept(1125, 1875, "count")},
        "claimed",
        "speech of 8 November 2025: over 200 and 1,500; ± 25 %",
        measuring.delivered,
        fitted=True,
    ),
    Pattern(
        4,
        "turnout where residents vote",
        {"mean turnout": Accept(0.04, 0.14)},
        "source",
        "Warsaw, Krakow, Katowice; Tehran's neighbourhood councils 2019",
        measuring.turnout,
        in_view=True,
    ),
    Pattern(
        5,
        "participation inequality in a year",
        {"never or rarely": Accept(0.85, 0.97), "sometimes": Accept(0.03, 0.14), "core": Accept(0.003, 0.03)},
        "source",
        "90-9-1 rule",
        measuring.participation_levels,
        in_view=True,
    ),
    Pattern(
        6,
        "women among voters, and among candidates without a quota",
        {"of voters": Accept(0.35, 0.62), "of candidates": Accept(0.05, 0.30)},
        "source",
        "Tehran 2019; Polish ballots",
        measuring.women_in_elections,
        in_view=True,
    ),
    Pattern(
        7,
        "turnout of 18-25s over that of all who may vote, in open ballots",
        {"ratio": Accept(0.25, 1.0, "ratio")},
        "source",
        "Pabulib: Ochota 2019, Żoliborz 2022, Łódź 2022 (0.65 to 0.98, by Poland's ages); the low end is ours",
        measuring.young_voters,
    ),
    Pattern(
        8,
        "inequality of votes over the projects of a ballot of 20 and more",
        {"Gini": Accept(0.30, 0.48, "index")},
        "source",
        "114 Pabulib elections",
        measuring.needs("ballots of 20 projects and more are needed"),
    ),
    Pattern(
        9,
        "proposed projects that are funded",
        {"share funded": Accept(0.25, 0.45)},
        "source",
        "Pabulib elections",
        measuring.funded,
    ),
    Pattern(
        10,
        "voters without a winning project under the greedy rule",
        {"share of voters": Accept(0.11, 0.44)},
        "source",
        "Pabulib elections",
        measuring.voters_without_winner,
    ),
    Pattern(
        11,
        "Equal Shares instead of greedy: more voters with a winner, more equal",
        {"more voters with a winner": ABOVE_0, "fall of the Gini of money a voter": ABOVE_0},
        "source",
        "Pabulib elections",
        measuring.needs("ballots are needed, counted by both rules"),
    ),
    Pattern(
        12,
        "trust falls faster than it rises",
        {"direct experience": Accept(1.3, 3.0, "ratio"), "hearsay": Accept(0.9, 1.1, "ratio")},
        "source",
        "Slovic 1993; replication 2023",
        measuring.needs("runs with good and with bad news are needed"),
        in_view=True,
    ),
    Pattern(
        13,
        "residents with extreme trust move least",
        {f"extreme move less: trust in {kind}": Accept(low=0.0, open=True) for kind in KINDS_OF_TRUST},
        "source",
        "White 2004",
        measuring.needs("residents must be followed one by one"),
    ),
    Pattern(
        14,
        "residents who say at the start that most people can be trusted",
        {"share of residents": Accept(high=0.20, open=True)},
        "source",
        "World Values Survey",
        measuring.trusting_people,
        reported=True,
    ),
    Pattern(
        15,
        "voice raises satisfaction while the projects chosen barely change",
        {"rise of trust in the council": ABOVE_0, "works of another kind": Accept(high=0.10)},
        "source",
        "Olken 2010; the bound of 10 % is ours",
        measuring.needs("two runs are needed, with and without voice"),
        in_view=True,
    ),
    Pattern(
        16,
        "having taken part raises taking part next time",
        {"rise": Accept(0.05, 0.20)},
        "source",
        "studies of habit",
        measuring.needs("two runs are needed, with and without a first act"),
        in_view=True,
    ),
    Pattern(
        17,
        "volunteers leaving in a year",
        {"exits a year": Accept(0.25, 0.40)},
        "source",
        "studies of volunteering",
        measuring.exits,
        in_view=True,
    ),
    Pattern(
        18,
        "effects grow over years, and vanish where teams give no assistance",
        {
            "rise of the effect a year": ABOVE_0,
            "effect with assistance": ABOVE_0,
            "effect with assistance less without": ABOVE_0,
            "effect left without assistance": Accept(high=0.25),
        },
        "source",
        "Beuermann and Amelina; Touchton and Wampler; that a quarter may be left is ours",
        measuring.needs("three runs are needed: no programme, with teams, without"),
        in_view=True,
    ),
    Pattern(
        19,
        "cascades are small: pass-through within a household",
        {"pass-through": Accept(high=0.6)},
        "source",
        "Fieldhouse 2016",
        measuring.needs("two runs are needed, with and without asking some residents"),
    ),
    Pattern(
        20,
        "services improve while support falls",
        {
            "change of services": Accept(low=0.0, unit="change", open=True),
            "change of trust in the municipality": Accept(high=0.0, unit="change", open=True),
        },
        "source",
        "De Kadt and Lieberman",
        measuring.services_and_support,
        inconclusive_if_unmet="it need only be possible, which one run without it does not refute",
    ),
    Pattern(
        21,
        "participation grows in an S and saturates",
        {
            "growth": Accept(low=0.0, unit="change", open=True),
            "AIC of a line less that of a logistic": Accept(low=2.0, unit="index", open=True),
            "middle of the logistic, share of the run": Accept(0.05, 0.90),
            "last year's change over its noise": Accept(-2.0, 2.0, "ratio"),
            "core": Accept(high=0.05, open=True),
        },
        "source",
        "Porto Alegre; that a difference of 2 in AIC counts, Burnham and Anderson 2002",
        measuring.growth_of_participation,
    ),
    Pattern(
        22,
        "trust clusters in space",
        {"Moran's I": Accept(low=0.0, unit="index", open=True)},
        "assumption",
        "ours",
        measuring.clustering,
    ),
    Pattern(
        23,
        "a shock to trust in the municipality returns over years, not weeks",
        {"left after a year": Accept(0.25, 0.85), "left after four years": Accept(high=0.40, open=True)},
        "source",
        "Devine and Valgarðsson 2023; rally effects last months",
        measuring.needs("two runs are needed, with and without a shock"),
        in_view=True,
    ),
    Pattern(
        24,
        "persons keep their rank in trust over years, in answers to one survey item",
        {"over two years": Accept(0.35, 0.60, "index"), "over four years": Accept(0.35, 0.60, "index")},
        "source",
        "panels of the US General Social Survey, items on confidence in institutions (computed)",
        measuring.needs("residents must be asked more than once"),
        in_view=True,
    ),
    Pattern(
        25,
        "what services do to trust lasts as long as the services do",
        {"fourth year over the largest": Accept(low=0.5)},
        "assumption",
        "ours",
        measuring.needs("two runs are needed, with and without better services"),
        in_view=True,
    ),
    Pattern(
        26,
        "a contact that was answered is repeated",
        {"more who come again": Accept(0.2, 1.0)},
        "source",
        "Sjoberg, Mellon and Peixoto: a first report that was fixed, + 57 %",
        measuring.needs("two runs are needed, with and without answers"),
        in_view=True,
    ),
    Pattern(
        27,
        "having voted in a neighbourhood raises voting later",
        {"rise": Accept(0.02, 0.15)},
        "source",
        "participatory budgeting in New York: + 8.4 points; Coppock and Green: about 10",
        measuring.needs("two runs are needed, with and without a first vote"),
    ),
    Pattern(
        28,
        "people take part without a programme, in a year",
        {"share of adults": Accept(0.02, 0.15)},
        "source",
        "surveys of volunteering and contacting; in Iran one found more: 16 % volunteering in 2019 (n = 500)",
        measuring.needs("a run without councils is needed"),
        in_view=True,
    ),
)
"""By number; 1 to 3 may be fitted, the others are only reported."""
