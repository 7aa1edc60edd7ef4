"""The levers of a policy, and named differences between policies with a start and an end; the default does nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.parameters import Effect, Parameters, parameter
from sim.reading import flatten, merge, nest
from sim.registry import Registry
from sim.rules.allocation import ALLOCATIONS
from sim.rules.choice import CHOICES
from sim.rules.selection import COUNCIL_SELECTIONS, MAYOR_SELECTIONS

HUB_KINDS = ("mosque", "school", "community_centre", "health_centre", "online")
HUBS: Registry[str] = Registry("kind of hub", *HUB_KINDS)
"""Kinds of hub: each is the name of a profile in `city.hubs`, and no rule looks at it."""

for _kind in HUB_KINDS:
    HUBS.bind(_kind)(_kind)

HubKind = Annotated[str, HUBS]

ROLLOUT_ORDERS: Registry[Callable[[Any], Any]] = Registry(
    "order of roll-out", "at_once", "random", "need_first", "easy_first"
)
"""Orders in which neighbourhoods have their turn: the city in, numbers of neighbourhoods out, (M,)."""

SHOCKS: Registry[Callable[[Any, Any, Any], None]] = Registry(
    "shock", "facilitator_replaced", "team_withdrawn", "scandal", "flood"
)
"""What strikes: the city, the neighbourhoods struck and the shock itself in."""

CLAIMED = "speech of 8 November 2025 and local press"


class Label(Parameters):
    """A name or text in two languages."""

    en: str = parameter("", "English text.", unit="", source="author", tag="assumption", effect=None)
    fa: str = parameter("", "Persian text.", unit="", source="author", tag="assumption", effect=None)


class AuthorityPolicy(Parameters):
    """Who decides and carries out."""

    mode: Literal["top_down", "consultation", "delegated"] = parameter(
        "delegated",
        "Whether the municipality decides alone (no councils), asks councils, or leaves them a share of the budget.",
        unit="",
        source=CLAIMED,
        tag="claimed",
        effect=Effect("council_projects_finished", +1, low="top_down", high="delegated"),
    )
    delegated_share: float = parameter(
        0.5,
        "Share of the works budget that goes to neighbourhoods with a council, where the mode is delegated.",
        unit="share",
        range=(0.0, 1.0),
        source="a credit for each neighbourhood whose use residents decide; amount not given (istarnews 2023)",
        tag="assumption",
        effect=Effect("council_projects_finished", +1),
    )
    visits_per_year: float = parameter(
        17.0,
        "Public visits of the city's mayor to neighbourhoods in a year, to any of them alike, council or none.",
        unit="per year",
        range=(0.0, 520.0),
        source="news.rafsanjan.ir, 31 May 2023: 26 visits in about 19 months",
        tag="claimed",
        effect=Effect("participation_rate", +1, when={"policy.authority.mode": "top_down"}, reduce="mean"),
    )
    veto: Literal["none", "facilitator", "municipality"] = parameter(
        "none",
        "Who may strike projects that a council chose.",
        unit="",
        source="claimed: guidance and supervision by the imam, supervision by the central municipality",
        tag="assumption",
        effect=Effect("projects_vetoed", +1, low="none", high="facilitator"),
    )


class HubPolicy(Parameters):
    """Where the programme lives."""

    kinds: tuple[HubKind, ...] = parameter(
        ("mosque",),
        "Hubs of each neighbourhood, none to several; the first is the host of hearings.",
        unit="",
        source=CLAIMED,
        tag="claimed",
        lax=True,
        effect=Effect("participation_rate", +1, low=(), high=("mosque",), reduce="mean"),
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.kinds)) != len(self.kinds):
            raise ValueError("the same hub stands twice in the list")
        return self


class CouncilPolicy(Parameters):
    """How councils are made up."""

    selection: Annotated[str, COUNCIL_SELECTIONS] = parameter(
        "facilitator",
        "Who selects the members: the hub's facilitator, the municipality, voters, the lot, or facilitator and voters "
        "half and half.",
        unit="",
        source="press: members were appointed around the imam; no ballot was described",
        tag="claimed",
        effect=Effect("council_resources", +1, low="sortition", high="municipality", reduce="mean"),
    )
    composition: Literal["elders", "youth", "mixed"] = parameter(
        "elders",
        "Generation of the council's own seats.",
        unit="",
        source="claimed: trusted elders, with youths and teenagers in bodies of their own",
        tag="claimed",
        effect=Effect("council_youth_share", +1, low="elders", high="youth"),
    )
    size: int = parameter(
        5,
        "Seats of the council itself.",
        unit="seats",
        range=(1, 30),
        source="press, February 2024",
        tag="claimed",
        effect=Effect("council_members", +1, low=3, high=15),
    )
    liaisons: int = parameter(
        1,
        "Liaisons with the municipality.",
        unit="seats",
        range=(0, 5),
        source="press, February 2024",
        tag="claimed",
        effect=Effect("council_members", +1),
    )
    womens_council: int = parameter(
        4,
        "Seats of the women's council.",
        unit="seats",
        range=(0, 15),
        source="press, April 2024; number set so that a neighbourhood has about thirty people",
        tag="claimed",
        effect=Effect("council_women_share", +1),
    )
    teen_managers: int = parameter(
        18,
        "Teen managers.",
        unit="seats",
        range=(0, 40),
        source="press, April 2024: 940 in 50 neighbourhoods",
        tag="claimed",
        effect=Effect("council_youth_share", +1),
    )
    quota_women: float = parameter(
        0.0,
        "Least share of women among the council's own seats and the liaisons.",
        unit="share",
        range=(0.0, 0.5),
        source="no quota was described",
        tag="assumption",
        effect=Effect("council_women_share", +1),
    )
    quota_youth: float = parameter(
        0.0,
        "Least share of residents born in 1380 (2001) or later among the council's own seats and the liaisons.",
        unit="share",
        range=(0.0, 1.0),
        source="no quota was described",
        tag="assumption",
        effect=Effect("council_youth_share", +1),
    )
    standing_for_migrants: bool = parameter(
        False,
        "Whether migrants without standing may sit, vote and be heard like citizens.",
        unit="",
        source="nothing was said of migrants",
        tag="assumption",
        effect=Effect("participation_rate[standing=without_standing]", +1, low=False, high=True, reduce="mean"),
    )
    term_weeks: int = parameter(
        156,
        "Weeks after which all seats are filled again.",
        unit="weeks",
        range=(26, 520),
        source="no term was described",
        tag="assumption",
        effect=Effect("seats_filled", -1, low=26, high=520),
    )
    hearing_interval_weeks: int = parameter(
        4,
        "Weeks between two hearings.",
        unit="weeks",
        range=(1, 26),
        source="monthly meetings",
        tag="assumption",
        effect=Effect("hearings", -1, low=2, high=13),
    )


class MayorPolicy(Parameters):
    """Neighbourhood mayors."""

    kind: Literal["none", "elder", "youth"] = parameter(
        "youth",
        "Whether there is a neighbourhood mayor, and of which generation.",
        unit="",
        source=CLAIMED,
        tag="claimed",
        effect=Effect("hope[cohort=youth]", +1, low="elder", high="youth"),
    )
    selection: Annotated[str, MAYOR_SELECTIONS] = parameter(
        "appointed",
        "Whether neighbourhood mayors are appointed after a contest, chosen by the council, or elected.",
        unit="",
        source="press, April 2024: a contest",
        tag="claimed",
        effect=Effect("mayor_skill", +1, low="elected", high="appointed", why="a contest looks at skill alone"),
    )
    seats: int = parameter(
        2,
        "How many neighbourhood mayors each neighbourhood has at a time; the city's mayor is not among them.",
        unit="seats",
        range=(1, 4),
        source="press, April 2024: 46 women and 48 men in 50 neighbourhoods",
        tag="claimed",
        effect=Effect("neighbourhood_mayors", +1, low=1, high=4),
    )
    from_week: int = parameter(
        131,
        "First week in which neighbourhood mayors are chosen.",
        unit="weeks",
        range=(0, 1040),
        source="press: youth mayors started on 28 April 2024, week 135",
        tag="claimed",
        effect=Effect("neighbourhood_mayors", -1, low=0, high=1040, reduce="mean"),
    )


class AllocationPolicy(Parameters):
    """How money is divided between neighbourhoods."""

    rule: Annotated[str, ALLOCATIONS] = parameter(
        "per_head",
        "Key by which money, delegated or not, is divided between neighbourhoods.",
        unit="",
        source="'a credit for each neighbourhood'; no key was given",
        tag="assumption",
        effect=Effect("service_gini", -1, low="by_favour", high="by_need"),
    )


class ChoicePolicy(Parameters):
    """How projects are chosen within a neighbourhood."""

    rule: Annotated[str, CHOICES] = parameter(
        "council_majority",
        "Who ranks the proposals: a needs formula, the council's majority, the council under the facilitator's veto, a "
        "residents' ballot counted greedily or by Equal Shares, the lot, or the municipality.",
        unit="",
        source="claimed: the decision lies with the people; press: appointed councils, no ballot described",
        tag="claimed",
        effect=Effect("attended", +1, low="council_majority", high="ballot_equal_shares", reduce="mean"),
    )


class AccountabilityPolicy(Parameters):
    """What keeps spenders honest."""

    audit: bool = parameter(
        False,
        "Whether books are audited, the municipality's too.",
        unit="",
        source="nothing was said",
        tag="assumption",
        effect=Effect("money_leaked", -1, low=False, high=True),
    )
    publication: bool = parameter(
        False,
        "Whether books are published, the municipality's too.",
        unit="",
        source="nothing was said",
        tag="assumption",
        effect=Effect("money_leaked", -1, low=False, high=True),
    )
    defined_duties: bool = parameter(
        True,
        "Whether a council's duties are written down.",
        unit="",
        source="press: councils, liaisons, mayors and teen managers have named tasks",
        tag="assumption",
        effect=Effect("money_leaked", -1, low=False, high=True),
    )
    pledge_tracking: bool = parameter(
        False,
        "Whether pledges and their dates are on public record.",
        unit="",
        source="nothing was said",
        tag="assumption",
        effect=Effect(
            "trust_in_council",
            -1,
            low=False,
            high=True,
            when={"policy.pledges.optimism": 0.7},
            why="where pledges are too optimistic, a record makes broken ones known",
        ),
    )


class SupportPolicy(Parameters):
    """What help neighbourhoods get."""

    kind: Literal["team", "training", "none"] = parameter(
        "team",
        "Municipal teams, training alone, or neither.",
        unit="",
        source=CLAIMED,
        tag="claimed",
        effect=Effect("council_projects_finished", +1, low="none", high="team"),
    )
    neighbourhoods_per_team: int = parameter(
        5,
        "Neighbourhoods that a team is spread over.",
        unit="neighbourhoods",
        range=(1, 100),
        source="number of teams not given",
        tag="assumption",
        effect=Effect("council_projects_finished", -1, low=5, high=50),
    )


class FundingPolicy(Parameters):
    """How steady the money is; a cut or an end is a timed policy that sets `level`."""

    level: float = parameter(
        1.0,
        "Share of the delegated budget that is really made available; below 1 after a cut, 0 after its end.",
        unit="share",
        range=(0.0, 1.0),
        source="stable, cut or ended",
        tag="assumption",
        effect=Effect("council_projects_finished", +1),
    )
    payment_reliability: float = parameter(
        0.85,
        "Probability that instalments due are paid at a date of payment; else they wait for the next.",
        unit="share",
        range=(0.05, 1.0),
        source="no figure was given; delays are usual",
        tag="assumption",
        effect=Effect("construction_projects_late", -1),
    )
    instalment_interval_weeks: int = parameter(
        4,
        "Weeks between two dates of payment.",
        unit="weeks",
        range=(1, 52),
        source="monthly",
        tag="assumption",
        effect=Effect("money_delegated_paid", -1, low=1, high=52, reduce="mean"),
    )


class PledgePolicy(Parameters):
    """What is promised, and how loudly."""

    optimism: float = parameter(
        0.0,
        "How much shorter than its expected duration a project is promised to take.",
        unit="share",
        range=(-1.0, 0.8),
        source="0 is an honest date; the planning fallacy (Buehler, Griffin and Ross 1994) is about 0.2",
        tag="assumption",
        effect=Effect("construction_projects_late", +1),
    )
    loudness: float = parameter(
        0.3,
        "Share of a neighbourhood's residents who hear of a pledge made there.",
        unit="share",
        range=(0.0, 1.0),
        source="about a third follow local news",
        tag="assumption",
        effect=Effect("expectation", +1),
    )


class Milestone(Parameters):
    """A point of the roll-out: by this week, this share of neighbourhoods has had its turn."""

    week: int = parameter(
        0, "Week of the milestone.", unit="weeks", range=(0, 5200), source="press", tag="claimed", effect=None
    )
    share: float = parameter(
        1.0,
        "Share of neighbourhoods whose turn has come by then.",
        unit="share",
        range=(0.0, 1.0),
        source="press",
        tag="claimed",
        effect=None,
    )


class RolloutPolicy(Parameters):
    """In which order, and when, neighbourhoods get their councils."""

    order: Annotated[str, ROLLOUT_ORDERS] = parameter(
        "need_first",
        "Whether all neighbourhoods start at the first milestone, or in random order, worst-served first, or "
        "best-served first.",
        unit="",
        source="press, May 2023: well-served neighbourhoods 'needed none'",
        tag="claimed",
        effect=Effect(
            "councils",
            +1,
            low="random",
            high="at_once",
            when={"policy.rollout.milestones": ({"week": 0, "share": 0.0}, {"week": 80, "share": 1.0})},
            reduce="mean",
        ),
    )
    milestones: tuple[Milestone, ...] = parameter(
        (Milestone(week=14, share=0.0), Milestone(week=80, share=0.6), Milestone(week=128, share=1.0)),
        "Points between which the roll-out advances evenly.",
        unit="",
        source="press: city divided in late 2021; 30 of 50 in May 2023 (week 84); all 50 by April 2024 (week 135)",
        tag="claimed",
        effect=Effect(
            "councils",
            +1,
            low=({"week": 0, "share": 0.0}, {"week": 60, "share": 0.5}),
            high=({"week": 0, "share": 1.0},),
            when={"policy.rollout.order": "need_first"},
        ),
        lax=True,
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        weeks = [point.week for point in self.milestones]
        shares = [point.share for point in self.milestones]
        if not weeks:
            raise ValueError("at least one milestone is needed")
        if weeks != sorted(set(weeks)) or shares != sorted(shares):
            raise ValueError("milestones must have rising weeks, and shares that do not fall")
        return self


class ProgrammePolicy(Parameters):
    """Cultural, artistic and educational programmes."""

    per_year: float = parameter(
        19.0,
        "Programmes that a council plans in a year; those are held for which the host finds time.",
        unit="per council and year",
        range=(0.0, 52.0),
        source="claimed: 1,500 programmes by November 2025",
        tag="claimed",
        effect=Effect("programmes_held", +1),
    )


class Shock(Parameters):
    """Something that happens to a share of the neighbourhoods in one week; of size 0 nothing happens."""

    kind: Annotated[str, SHOCKS] = parameter(
        "scandal",
        "A facilitator replaced by one whose engagement, credibility and inclusiveness are lower by the size; a team "
        "that loses that share of its capacity; a scandal of that weight for trust; a flood that takes that share of "
        "roads and drainage.",
        unit="",
        source="flood of July 2022; the rest are scenarios",
        tag="assumption",
        effect=None,
    )
    week: int = parameter(
        0, "Week in which it happens.", unit="weeks", range=(0, 5200), source="scenario", tag="assumption", effect=None
    )
    size: float = parameter(
        0.5, "How strong it is.", unit="share", range=(0.0, 1.0), source="scenario", tag="assumption", effect=None
    )
    share_of_neighbourhoods: float = parameter(
        1.0,
        "Share of neighbourhoods it happens to, drawn by lot.",
        unit="share",
        range=(0.0, 1.0),
        source="scenario",
        tag="assumption",
        effect=None,
    )
    blamed: Literal["council", "municipality"] = parameter(
        "municipality", "Whom a scandal concerns.", unit="", source="scenario", tag="assumption", effect=None
    )


def _by_dotted_key(levers: Any) -> Any:
    """Accept nested groups as well as dotted keys, each lever once."""
    if not isinstance(levers, dict):
        return levers
    flat = flatten(levers)
    leaves = sum(len(flatten({key: value})) for key, value in levers.items())
    if leaves != len(flat):
        raise ValueError("a lever is given twice, once by its dotted key and once in its group")
    return flat


def _starts_before_it_ends[P: (Change, TimedPolicy)](change: P) -> P:
    if change.end is not None and change.end <= change.start:
        raise ValueError(f"end (week {change.end}) must come after start (week {change.start})")
    return change


def _start() -> Any:
    return parameter(
        0, "First week in force.", unit="weeks", range=(0, 5200), source="scenario", tag="assumption", effect=None
    )


def _end() -> Any:
    return parameter(
        None,
        "First week no longer in force; nothing means never.",
        unit="weeks",
        range=(0, 5200),
        source="scenario",
        tag="assumption",
        effect=None,
    )


def _levers() -> Any:
    return Field(default_factory=dict, description="Levers by dotted key under `policy`, and their values.")


class Change(Parameters):
    """Levers that a policy sets in some weeks."""

    start: int = _start()
    end: int | None = _end()
    set: dict[str, Any] = _levers()

    _by_dotted_key = field_validator("set", mode="before")(_by_dotted_key)
    _starts_before_it_ends = model_validator(mode="after")(_starts_before_it_ends)


class TimedPolicy(Parameters):
    """A named difference: levers that change from one week to another, and shocks on the way."""

    title: Label = Label()
    description: Label = Label()
    start: int = _start()
    end: int | None = _end()
    set: dict[str, Any] = _levers()
    shocks: tuple[Shock, ...] = Field(default=(), strict=False, description="What happens besides.")
    later: tuple[Change, ...] = Field(
        default=(),
        strict=False,
        exclude_if=lambda later: not later,  # as on every timeline, which holds the parts
        description="What the policy sets in other weeks; later ones count over earlier ones.",
    )

    _by_dotted_key = field_validator("set", mode="before")(_by_dotted_key)
    _starts_before_it_ends = model_validator(mode="after")(_starts_before_it_ends)

    def parts(self) -> tuple[TimedPolicy, ...]:
        """The policy as the timeline of a city has it: itself, then each of `later` by its title."""
        if not self.later:
            return (self,)
        later = (TimedPolicy(title=self.title, start=one.start, end=one.end, set=one.set) for one in self.later)
        return (self.model_copy(update={"later": ()}), *later)


class Policy(Parameters):
    """All levers."""

    authority: AuthorityPolicy = AuthorityPolicy()
    hub: HubPolicy = HubPolicy()
    council: CouncilPolicy = CouncilPolicy()
    mayor: MayorPolicy = MayorPolicy()
    allocation: AllocationPolicy = AllocationPolicy()
    choice: ChoicePolicy = ChoicePolicy()
    accountability: AccountabilityPolicy = AccountabilityPolicy()
    support: SupportPolicy = SupportPolicy()
    funding: FundingPolicy = FundingPolicy()
    pledges: PledgePolicy = PledgePolicy()
    rollout: RolloutPolicy = RolloutPolicy()
    programmes: ProgrammePolicy = ProgrammePolicy()


def changed(policy: Policy, levers: Mapping[str, Any]) -> Policy:
    """The policy with some levers set; dotted keys; nothing set gives an equal policy.

    Raises:
        pydantic.ValidationError: an unknown lever, or a value that is not allowed.
    """
    return type(policy).model_validate(merge(policy.model_dump(), nest(levers)))  # levers of extensions included


def in_force(policy: Policy, timed: tuple[TimedPolicy, ...], week: int) -> Policy:
    """The policy in force in a week: the base, then each timed difference in its order, later ones over earlier."""
    for difference in timed:
        if difference.set and difference.start <= week and (difference.end is None or week < difference.end):
            policy = changed(policy, difference.set)
    return policy


class Timeline:
    """The policy and the shocks of each week of a run."""

    def __init__(self, policy: Policy, timed: tuple[TimedPolicy, ...]) -> None:
        self.timed = timed
        ends = (difference.end for difference in timed if difference.end is not None)
        self._weeks = sorted({0, *(difference.start for difference in timed), *ends})
        self._policies = [in_force(policy, timed, week) for week in self._weeks]

    @property
    def ways_of_choosing(self) -> set[str]:
        """Names of the ways of choosing projects that the policies of the run set."""
        return {policy.choice.rule for policy in self._policies}

    def policy_in(self, week: int) -> Policy:
        """The policy in force in a week: the same object as long as none comes or goes."""
        return self._policies[bisect_right(self._weeks, week) - 1]

    def shocks_in(self, week: int) -> list[tuple[int, Shock]]:
        """Shocks of a week, each with its number among those of its kind, which keys its lot."""
        every = [shock for difference in self.timed for shock in difference.shocks if shock.week == week]
        kinds = [shock.kind for shock in every]
        return [(kinds[:place].count(shock.kind), shock) for place, shock in enumerate(every)]
