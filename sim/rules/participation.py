"""Participation: who hears of an occasion, who is asked, who comes, and who burns out."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter
from sim.registry import Registry

Floats = NDArray[np.float64]

ACTIVE_WEEKS = 4
"""Residents who took part with others in the last four weeks count as active."""

PARTICIPATION_RULES: Registry[int] = Registry("rule of participation", "logit", "threshold", "conditional_cooperation")
"""Rules by which those who heard of an occasion decide: codes, bound beside `sim.kernels.participation.come`."""

OCCASIONS = ("hearing", "programme", "volunteering", "ballot", "gathering")


class ParticipationParameters(Parameters):
    """Why people come, in logits unless said otherwise."""

    rule: Annotated[str, PARTICIPATION_RULES] = parameter(
        "logit",
        "Structural alternative: own logit; Granovetter's thresholds over active ties; or conditional cooperation.",
        unit="",
        source="Verba, Schlozman and Brady 1995; Granovetter 1978; Ostrom 2000",
        tag="assumption",
        effect=Effect("participation_rate", +1, low="logit", high="conditional_cooperation", reduce="mean"),
    )
    base_propensity: float = parameter(
        -4.6,
        "Mean leaning to come to an occasion one has heard of.",
        unit="logit",
        range=(-8.0, -2.0),
        source="calibrated to 85-97 % who never or rarely take part",
        tag="assumption",
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    propensity_spread: float = parameter(
        1.5,
        "Standard deviation of that leaning between residents.",
        unit="logit",
        range=(1.0, 2.0),
        source="participation inequality 90-9-1; without spread everybody comes or nobody does",
        tag="range",
        effect=Effect(
            "participation_rate", +1, reduce="mean", why="in the lower tail of a logistic, spread raises the mean"
        ),
    )
    programme_offset: float = parameter(
        0.8,
        "How much easier a cultural programme is than a hearing.",
        unit="logit",
        range=(-1.0, 3.0),
        source="attendance at local cultural events is several times that of meetings",
        tag="assumption",
        effect=Effect("programme_attendance", +1),
    )
    volunteering_offset: float = parameter(
        -0.6,
        "How much easier volunteering on works is than a hearing.",
        unit="logit",
        range=(-2.0, 1.0),
        source="volunteering takes more time than attending",
        tag="assumption",
        effect=Effect("volunteers", +1, reduce="mean"),
    )
    ballot_offset: float = parameter(
        1.6,
        "How much easier voting is than coming to a hearing.",
        unit="logit",
        range=(0.0, 4.0),
        source="4-14 % vote in neighbourhood ballots (Warsaw, Krakow, Katowice; Tehran 2019)",
        tag="range",
        effect=Effect("turnout", +1, when={"policy.choice.rule": "ballot_equal_shares"}, reduce="mean"),
    )
    resources_weight: float = parameter(
        1.0,
        "Weight of education, time and money.",
        unit="logit",
        range=(0.0, 3.0),
        source="direction: civic voluntarism model (Verba, Schlozman and Brady 1995); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participants_resources", +1, reduce="mean", why="those who come are then better off"),
    )
    trust_weight: float = parameter(
        1.0,
        "Weight of trust above the city's starting mean.",
        unit="logit",
        range=(0.0, 4.0),
        source="direction: trust and participation go together a little (Levi and Stoker 2000); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participants_trust", +1, reduce="mean", why="those who come then trust more than others"),
    )
    asked_weight: float = parameter(
        1.2,
        "Weight of having been asked in person.",
        unit="logit",
        range=(0.0, 3.0),
        source="direction: being asked raises volunteering (Musick and Wilson 2008); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    habit_weight: float = parameter(
        3.0,
        "Weight of habit.",
        unit="logit",
        range=(0.0, 5.0),
        source="having taken part raises taking part by 5-20 points (Gerber, Green and Shachar 2003)",
        tag="range",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    belonging_weight: float = parameter(
        0.8,
        "Weight of belonging above the city's starting mean.",
        unit="logit",
        range=(0.0, 3.0),
        source="direction: place attachment and participation (Manzo and Perkins 2006); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participants_belonging", +1, reduce="mean"),
    )
    skill_weight: float = parameter(
        0.8,
        "Weight of civic skill.",
        unit="logit",
        range=(0.0, 3.0),
        source="direction: civic skills (Verba, Schlozman and Brady 1995); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    fatigue_weight: float = parameter(
        3.0,
        "Weight of fatigue, against taking part.",
        unit="logit",
        range=(0.0, 6.0),
        source="those who burnt out stay away for months",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", -1, when={"behaviour.burnout.base_hazard_per_week": 0.02}, reduce="mean"),
    )
    attender_access: float = parameter(
        0.4,
        "How much easier an occasion at the hub is for those who go there.",
        unit="logit",
        range=(0.0, 1.5),
        source="familiar places lower the threshold",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate[attendance=attender]", +1, reduce="mean"),
    )
    standing_barrier: float = parameter(
        1.0,
        "How much harder it is for migrants without standing, where the policy gives them none.",
        unit="logit",
        range=(0.0, 3.0),
        source="non-citizens take part less in local affairs",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate[standing=without_standing]", -1, reduce="mean"),
    )
    asking_rate_per_week: float = parameter(
        0.2,
        "Probability that an active resident asks a random tie in a week.",
        unit="per week",
        range=(0.0, 1.0),
        source="cascades are small; pass-through in households at most 0.6 (Fieldhouse 2016)",
        tag="range",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    council_asks_per_week: float = parameter(
        4.0,
        "Residents that a council asks in a week.",
        unit="people per council and week",
        range=(0.0, 20.0),
        source="about thirty members who each ask somebody every two months",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    mayor_asks_per_week: float = parameter(
        2.0,
        "Residents that a neighbourhood mayor asks in a week, mostly of his or her own generation.",
        unit="people per mayor and week",
        range=(0.0, 20.0),
        source="assumed, of each of the two young neighbourhood mayors that a neighbourhood has",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    own_generation_share: float = parameter(
        0.7,
        "Share of a mayor's invitations that go to his or her own generation.",
        unit="share",
        range=(0.0, 1.0),
        source="age homophily of acquaintance (McPherson, Smith-Lovin and Cook 2001)",
        tag="assumption",
        effect=Effect(
            "participation_rate[cohort=youth]",
            +1,
            when={"behaviour.participation.mayor_asks_per_week": 20.0},
            reduce="mean",
        ),
    )
    ballot_reach: float = parameter(
        0.5,
        "Probability of hearing of a ballot in one's neighbourhood from its publicity.",
        unit="share",
        range=(0.05, 1.0),
        source="about half know of participatory budgeting in cities that hold it",
        tag="assumption",
        effect=Effect("turnout", +1, when={"policy.choice.rule": "ballot_equal_shares"}, reduce="mean"),
    )
    visit_reach: float = parameter(
        0.1,
        "Probability of hearing of a visit of the mayor to one's neighbourhood.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("participation_rate", +1, when={"policy.authority.mode": "top_down"}, reduce="mean"),
    )
    voting_age: int = parameter(
        16,
        "Age from which residents vote.",
        unit="years",
        range=(12, 21),
        source="Polish participatory budgets: mostly no limit or 16; Iranian councils: 18",
        tag="range",
        effect=Effect(
            "participation_rate[cohort=youth]", -1, when={"policy.choice.rule": "ballot_equal_shares"}, reduce="mean"
        ),
    )
    member_attendance: float = parameter(
        0.7,
        "Probability that a council member comes to a meeting.",
        unit="share",
        range=(0.2, 1.0),
        source="quorum practice",
        tag="assumption",
        effect=Effect("participation_rate", +1, reduce="mean"),
    )
    threshold_mean: float = parameter(
        0.25,
        "Mean threshold: the share of active ties at which one joins (threshold rule only).",
        unit="share",
        range=(0.02, 0.6),
        source="Granovetter 1978",
        tag="assumption",
        effect=Effect("participation_rate", -1, when={"behaviour.participation.rule": "threshold"}, reduce="mean"),
    )
    threshold_spread: float = parameter(
        0.15,
        "Standard deviation of thresholds (threshold rule only).",
        unit="share",
        range=(0.02, 0.4),
        source="Granovetter 1978: the spread decides, not the mean",
        tag="assumption",
        effect=Effect("participation_rate", +1, when={"behaviour.participation.rule": "threshold"}, reduce="mean"),
    )
    conditional_slope: float = parameter(
        4.0,
        "Weight of the share of active ties (conditional cooperation only).",
        unit="logit",
        range=(0.0, 10.0),
        source="direction: many people cooperate if others do (Fischbacher, Gächter and Fehr 2001); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "participation_rate", +1, when={"behaviour.participation.rule": "conditional_cooperation"}, reduce="mean"
        ),
    )


class Weights(NamedTuple):
    """The weights of `ParticipationParameters` in the leaning to come, by the same names: what compiled passes take."""

    resources_weight: float
    trust_weight: float
    asked_weight: float
    habit_weight: float
    belonging_weight: float
    skill_weight: float
    fatigue_weight: float

    @classmethod
    def of(cls, parameters: ParticipationParameters) -> Weights:
        """The weights among some parameters."""
        return cls(*(getattr(parameters, name) for name in cls._fields))


class OfOneRule(NamedTuple):
    """Parameters that one rule of participation alone reads, by the same names: what compiled passes take."""

    conditional_slope: float

    @classmethod
    def of(cls, parameters: ParticipationParameters) -> OfOneRule:
        """Those among some parameters."""
        return cls(*(getattr(parameters, name) for name in cls._fields))


class BurnoutParameters(Parameters):
    """Why volunteers and members leave."""

    base_hazard_per_week: float = parameter(
        0.008,
        "Weekly probability of leaving at usual load, recognition and share of broken pledges (h0).",
        unit="per week",
        range=(0.0, 0.03),
        source="over a third of volunteers leave within a year (CNCS 2006-2007)",
        tag="source",
        null=0.0,
        effect=Effect("exits", +1),
    )
    usual_load: float = parameter(
        0.3,
        "Habit of taking part at which the base hazard holds.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed: habit of one who takes part every third week",
        tag="assumption",
        effect=Effect("exits", -1),
    )
    usual_recognition: float = parameter(
        0.5,
        "Recognition at which the base hazard holds.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed: an engaged host without a mayor, or the reverse",
        tag="assumption",
        effect=Effect("exits", +1),
    )
    load_weight: float = parameter(
        1.0,
        "Weight of habit of taking part, as load, in the log hazard.",
        unit="log",
        range=(0.0, 3.0),
        source="direction: burnout grows with load (Maslach and Leiter 2016); size assumed",
        tag="assumption",
        effect=Effect(
            "exits", +1, when={"behaviour.burnout.usual_load": 0.0}, why="it speaks of load beyond the usual one"
        ),
    )
    unmet_weight: float = parameter(
        1.0,
        "Weight, in the log hazard, of the neighbourhood's share of pledges broken beyond the usual one.",
        unit="log",
        range=(0.0, 3.0),
        source="unmet effort drives out volunteers",
        tag="assumption",
        effect=Effect("exits", +1, when={"policy.pledges.optimism": 0.7, "policy.funding.payment_reliability": 0.3}),
    )
    recognition_weight: float = parameter(
        0.6,
        "Weight of recognition, the engagement of facilitator and mayor, against leaving.",
        unit="log",
        range=(0.0, 3.0),
        source="recognition keeps volunteers (Hager and Brudney 2004)",
        tag="assumption",
        effect=Effect("exits", -1),
    )
    recovery_per_week: float = parameter(
        0.02,
        "Weekly fading of fatigue.",
        unit="per week",
        range=(0.005, 0.1),
        source="half gone within eight months",
        tag="assumption",
        effect=Effect("fatigue", -1),
    )


class Hazard(NamedTuple):
    """The parameters of `BurnoutParameters` in the probability of leaving, by the same names."""

    base_hazard_per_week: float
    usual_load: float
    usual_recognition: float
    load_weight: float
    unmet_weight: float
    recognition_weight: float

    @classmethod
    def of(cls, parameters: BurnoutParameters) -> Hazard:
        """Those among some parameters."""
        return cls(*(getattr(parameters, name) for name in cls._fields))


def leaning(
    propensity: Floats,
    weights: ParticipationParameters | Weights,
    resources: Floats,
    trust: Floats,
    asked: Floats,
    habit: Floats,
    belonging: Floats,
    skill: Floats,
    fatigue: Floats,
    access: Floats,
) -> Floats:
    """Leaning to come to an occasion one has heard of, on the logit scale.

    propensity + b_r r + b_t (T - T̄0) + b_a asked + b_h h + b_b (B - B̄0) + b_k k - b_f f + access.

    Args:
        propensity: own leaning, logit, (n,).
        weights: the parameter group.
        resources, trust, belonging: deviations from the city's starting mean, (n,).
        asked: 1 if asked in person, else 0, (n,).
        habit, skill, fatigue: shares, (n,).
        access: sum of access terms, logit, (n,).

    Returns:
        (n,) logits. Source: Verba, Schlozman and Brady 1995.
    """
    return (
        propensity
        + weights.resources_weight * resources
        + weights.trust_weight * trust
        + weights.asked_weight * asked
        + weights.habit_weight * habit
        + weights.belonging_weight * belonging
        + weights.skill_weight * skill
        - weights.fatigue_weight * fatigue
        + access
    )


def probability(leaning: Floats, offset: Floats | float) -> Floats:
    """Probability of coming: σ(leaning + how easy the kind of occasion is), σ(x) = 1 / (1 + exp(-x)); shape kept."""
    comes: Floats = 1.0 / (1.0 + np.exp(-(leaning + offset)))
    return comes


def joins_by_threshold(active_share: Floats, threshold: Floats) -> NDArray[np.bool_]:
    """Granovetter's rule: joins if the share of active ties has reached the threshold; shapes equal."""
    return active_share >= threshold


def conditional_probability(own: Floats, active_share: Floats, slope: float) -> Floats:
    """Conditional cooperation: σ(logit + slope · share of active ties), `own` on the logit scale (Ostrom 2000)."""
    cooperates: Floats = 1.0 / (1.0 + np.exp(-(own + slope * active_share)))
    return cooperates


def beyond_usual(broken: Floats, kept: Floats, usual: float) -> Floats:
    """Share of pledges broken beyond the usual one: (broken + usual) / (broken + kept + 1) - usual; shapes equal.

    One usual pledge is added, so that little is concluded from few.

    Args:
        broken, kept: pledges lately.
        usual: share broken under a long status quo.
    """
    return (broken + usual) / (broken + kept + 1.0) - usual


def burnout_probability(
    parameters: BurnoutParameters | Hazard, load: Floats | float, unmet: Floats, recognition: Floats
) -> Floats:
    """Weekly probability of leaving: min(1, h0 exp(b_l (load - usual) + b_u unmet - b_r (recognition - usual))).

    Load and recognition are shares; unmet is the share of pledges broken less the usual one. Shapes are equal.
    """
    exponent = (
        parameters.load_weight * (load - parameters.usual_load)
        + parameters.unmet_weight * unmet
        - parameters.recognition_weight * (recognition - parameters.usual_recognition)
    )
    return np.minimum(1.0, parameters.base_hazard_per_week * np.exp(exponent))
