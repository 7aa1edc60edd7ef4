"""The start of a run: the state that a long status quo leaves behind, so that nothing drifts for no cause.

Trust at week 0 is given (drawn, or read from a file). Part of it is disposition, part evidence of what was lived.
Evidence is drawn from the distribution it has after a long status quo, given the trust it is part of: its mean and
variance follow in closed form from how often residents turn to the municipality, what comes of it, what of the
municipality's works they notice and what of its pledges and scandals they hear. What is left of trust is disposition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.books import FADE
from sim.kernels import trust as passes
from sim.phases.participation import MEETING_SPREAD
from sim.phases.trust import TRUST, is_anchored
from sim.policies import Policy
from sim.quadrature import hermite_nodes
from sim.rules.awareness import relevance
from sim.rules.capture import MOST_LEAK, discovery_probability
from sim.rules.civic import initiative
from sim.rules.contacts import answered_chance, answered_last, contact_rate
from sim.rules.expectation import usual_expectation
from sim.rules.knowledge import as_shares, need
from sim.rules.listing import listed_in_the_long_run
from sim.rules.participation import burnout_probability, leaning, probability
from sim.rules.trust import evidence, kept_per_week, log_odds, service_evidence, stubbornness_from, trust_after
from sim.usual_works import ServiceMemory, fate_of_works, mean_square_of_sizes, works_per_week

if TYPE_CHECKING:
    from sim.city import City
    from sim.columns import Table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_EVIDENCE = 0.8
"""Largest share of the variance of trust that is taken to be evidence: some disposition is always left."""


@dataclass(frozen=True)
class Stream:
    """Experiences of one kind that residents make week after week.

    Attributes:
        per_week: how many a resident makes, (N,) or a number.
        evidence: of each, log odds, (N,) or a number.
        told: signed weight of each that is told to others, (N,) or a number.
        uneven: mean square of these over the square of the mean, where they differ from one to the next.
    """

    per_week: Floats | float
    evidence: Floats | float
    told: Floats | float
    uneven: Floats | float = 1.0


def begin_life(city: City, of_luck: ServiceMemory) -> None:
    """Draw who turns to the municipality how often, with which answer; then part trust into disposition and evidence.

    Everything is drawn with the place: a city starts alike under every luck and policy.

    Args:
        of_luck: what luck with services has left behind, (M, 6).
    """
    residents, behaviour = city.residents, city.config.behaviour
    count, contacts, traits = len(residents), behaviour.contacts, city.traits
    residents.contact_rate = contact_rate(contacts.per_year, contacts.spread, traits.normal("contact rate", 0, count))
    deprivation = standard_scores(city.geography.deprivation[residents.neighbourhood])
    residents.answered_chance = answered_chance(
        contacts.answered_share,
        contacts.answered_spread,
        traits.normal("answers", 0, count),
        contacts.answered_deprivation_slope,
        deprivation,
    )
    residents.answered_last = traits.uniform("answered before", 0, count) < usual_contacts(city)[1]
    participation = behaviour.participation
    residents.initiative = initiative(
        residents.propensity, participation.base_propensity, participation.propensity_spread, contacts.spread
    )
    residents.listed = traits.uniform("listed at the start", 0, count) < usually_listed(city)
    city.usually_broken = fate_of_works(city).broken
    residents.usual_performance = perceived(city, city.usual_services)
    heard = spread_of_expectation(city) * traits.normal("pledges heard", 0, count)
    expected = usual_expectation_of(city) + heard + perceived(city, of_luck.expected)
    residents.expectation = np.clip(expected + behaviour.expectation.initial_gap, 0.0, 1.0)
    nothing = np.zeros(count)
    city.usual_evidence = (nothing, nothing, nothing)
    if is_anchored(city):
        residents.evidence_of_municipality = residents.evidence_of_council = residents.evidence_of_people = nothing
        took_part_lately(city)
    else:
        mean, variance = usual_evidence(city)
        shared = shared_by_neighbours(city)
        own = np.maximum(0.0, variance - shared[residents.neighbourhood])
        level = log_odds(residents.trust_in_municipality)
        of_services = lived_with_services(city, of_luck, heard)
        of_services -= of_services.mean()
        drawn = city.config.city.population.data_file is None
        narrow = narrowed(city, level, of_services) if drawn else level
        further = beyond_trust(city, narrow, own)
        if drawn:
            moved = narrow - level + of_services + further
            residents.trust_in_municipality = trust_after(residents.trust_in_municipality, moved)
        lived = evidence_given_trust(city, narrow, own, "municipality", shared, left_by_formative_years(city))
        unless_known(residents, "evidence_of_municipality", mean + lived + of_services + further)
        unless_known(residents, "evidence_of_council", nothing)
        took_part_lately(city)  # by the trust they have now
        mean_of_people, variance = usual_evidence_of_people(city)
        level = log_odds(residents.trust_in_people)
        lived = evidence_given_trust(city, level, variance, "people", left=left_by_formative_years(city))
        unless_known(residents, "evidence_of_people", mean_of_people + lived)
        city.usual_evidence = (mean, nothing, mean_of_people)
    begin_feelings(city)
    if is_anchored(city) or behaviour.influence.rule != "news":
        anchored = behaviour.anchored_trust
        city.innate_trust = tuple(residents[name].copy() for name in TRUST)
        city.stubbornness = tuple(
            stubbornness_from(innate, anchored.stubbornness_mean, anchored.stubbornness_of_extremes)
            for innate in city.innate_trust
        )


def standard_scores(values: Floats) -> Floats:
    """Values less their mean, over their standard deviation; 0 where all are alike; shape kept."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0.0 else np.zeros_like(values)


def usual_acts(city: City) -> Floats:
    """Weekly probability that each resident takes part with others under the status quo, (N,).

    From civic life alone: help, and gatherings heard of by publicity.
    """
    residents, civic = city.residents, city.config.behaviour.civic
    comes = civic.gathering_reach * probability(residents.propensity, civic.gathering_offset)
    return np.minimum(1.0, (civic.help_per_year * residents.initiative + civic.gatherings_per_year * comes) / 52.0)


def took_part_lately(city: City) -> None:
    """Draw when each resident last took part before week 0, with others and in anything, and the habit that is left.

    Whoever acts with the probability a in a week acted last g weeks ago with a (1 - a)^g. Of habit, with its step r,
    (1 - r)^g (r + (1 - r) a) is then left, on average.
    """
    residents, behaviour, traits = city.residents, city.config.behaviour, city.traits
    acts, rate, count = acts_in_full(city), behaviour.learning.habit_rate, len(residents)
    alone = usual_contacts(city)[0] + behaviour.civic.petitions_per_year / 52.0 * residents.initiative
    weeks = weeks_since(acts, traits.uniform("took part before", 0, count))
    either = np.minimum(weeks, weeks_since(np.minimum(1.0, alone), traits.uniform("acted alone before", 0, count)))
    residents.last_act_week, residents.last_part_week = -weeks, -either
    residents.habit = np.where(acts > 0.0, (1.0 - rate) ** weeks * (rate + (1.0 - rate) * acts), 0.0)


def weeks_since(chance: Floats, uniform: Floats) -> Integers:
    """Whole weeks since what happens in a week with a probability last did, at most 1000, from uniform draws; (N,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        weeks = np.floor(np.log1p(-uniform) / np.log1p(-chance))
    return np.where(chance <= 0.0, 1000.0, np.minimum(weeks, 1000.0)).astype(np.int64)


def usual_pledges(city: City) -> tuple[Floats, Floats]:
    """Pledges kept and broken lately in each neighbourhood after a long status quo, (M,) each: r φ / (1 - φ)."""
    fate, begun = fate_of_works(city), works_per_week(city) * FADE / (1.0 - FADE)
    return begun * fate.on_time, begun * fate.broken


def begin_feelings(city: City) -> None:
    """Part hope and belonging, which are given, into disposition and evidence.

    Hope is drawn person by person, without what neighbours have lived together: hope that is drawn moves by it, and
    hope that is read has it already.
    """
    residents, shared = city.residents, hope_shared_by_neighbours(city)
    level = log_odds(residents.hope)
    mean, variance = usual_evidence_of_hope(city)
    if city.config.city.population.data_file is None:
        common = np.sqrt(shared) * city.place_streams.normal("evidence of neighbours, hope", 0, shared.size)
        common = (common - np.average(common, weights=city.rows.per_neighbourhood))[residents.neighbourhood]
        residents.hope = trust_after(residents.hope, common)
        unless_known(residents, "evidence_of_hope", mean + common + evidence_given_trust(city, level, variance, "hope"))
    else:
        unless_known(residents, "evidence_of_hope", mean + evidence_given_trust(city, level, variance, "hope", shared))
    level = log_odds(residents.belonging)
    mean, variance = usual_evidence_of_belonging(city)
    unless_known(residents, "evidence_of_belonging", mean + evidence_given_trust(city, level, variance, "belonging"))


def unless_known(residents: Table, name: str, drawn: Floats) -> None:
    """Give residents the evidence drawn for them, (N,), but those whose file tells it: theirs is in the column."""
    residents[name][...] = np.where(np.isnan(residents[name]), drawn, residents[name])


def usual_evidence_of_hope(city: City) -> tuple[Floats, Floats]:
    """Mean and variance of each resident's evidence for hope after a long status quo, (N,) each.

    From contacts, and from the municipality's works that are finished, late or not: they come as evenly as the money,
    so luck is in which are noticed and whose needs they meet. Nobody mentors, and nobody is in office.
    """
    behaviour, residents = city.config.behaviour, city.residents
    hope, aware, capture = behaviour.hope, behaviour.awareness, behaviour.capture
    step = hope.evidence_per_experience * hope.contact_weight
    per_week, _ = usual_contacts(city)
    mean = step * per_week * (2.0 * residents.answered_chance - 1.0)
    squared = step**2 * per_week - mean**2
    fate = fate_of_works(city)
    begun, noticed = works_per_week(city)[residents.neighbourhood], aware.finished_work * (fate.on_time + fate.late)
    meets, met_squared = _needs_met(city)
    captured, left = capture.municipal_capture, 1.0 - capture.private_share
    step = hope.evidence_per_experience * hope.delivery_weight
    of_a_work = noticed * step * (1.0 - captured + captured * left) * meets
    mean = mean + begun * of_a_work
    met_squared = met_squared * mean_square_of_sizes(city)
    squared = squared + begun * (noticed * step**2 * (1.0 - captured + captured * left**2) * met_squared - of_a_work**2)
    kept = kept_per_week(hope.half_life_weeks)
    return mean / (1.0 - kept), squared / (1.0 - kept**2)


def hope_shared_by_neighbours(city: City) -> Floats:
    """Variance of the evidence for hope that neighbours share after a long status quo, (M,).

    Works come as evenly as the money, and their evidence goes by their cost. So it is luck which works fail, which
    needs they meet, and how long ago the last was: of jumps J at intervals in proportion to them, E[J³] / E[J] / 12.
    """
    behaviour, fate = city.config.behaviour, fate_of_works(city)
    hope, square = behaviour.hope, mean_square_of_sizes(city)
    step = hope.evidence_per_experience * hope.delivery_weight * behaviour.awareness.finished_work
    wanted = as_shares(need(city.mean_need_weights, city.usual_services))
    meets = city.rows.mean_by_neighbourhood(relevance(city.residents.need_weights))
    mean, squared = (wanted * meets).sum(axis=1), (wanted * meets**2).sum(axis=1)
    finished = fate.on_time + fate.late
    rate = works_per_week(city) * finished * square / (1.0 - kept_per_week(hope.half_life_weeks) ** 2)
    return np.asarray(step**2 * (rate * (squared - finished * mean**2) + mean**2 * square**3 / 12.0))


def usual_evidence_of_belonging(city: City) -> tuple[Floats, Floats]:
    """Mean and variance of each resident's evidence for belonging after a long status quo, (N,) each.

    From taking part with others, of which there is a week in a week at most; councils' works there are none.
    """
    belonging, acts = city.config.behaviour.belonging, acts_in_full(city)
    step, kept = belonging.evidence_per_experience * belonging.meeting_weight, kept_per_week(belonging.half_life_weeks)
    mean, square = what_meetings_say(city.config.behaviour.trust.meeting_quality)
    return step * acts * mean / (1.0 - kept), step**2 * (acts * square - (acts * mean) ** 2) / (1.0 - kept**2)


def what_meetings_say(quality: float) -> tuple[float, float]:
    """Mean of 2s - 1, and of its square, of the signals s of meetings."""
    nodes, weights = hermite_nodes(40)
    signed = 2.0 * np.clip(quality + MEETING_SPREAD * nodes, 0.0, 1.0) - 1.0
    return float(signed @ weights / weights.sum()), float(signed**2 @ weights / weights.sum())


def acts_in_full(city: City) -> Floats:
    """Weekly probability that each resident takes part with others in the status quo, (N,).

    Help, gatherings and visits of the city's mayor, by the logit rule, with the habit that goes with them. People hear
    of gatherings by publicity or because their hosts ask them; that a tie asks is left out, being rare, and so is
    what the hub makes easier or harder: a city starts alike with any hub. Nearer than `usual_acts`, by a tenth, which
    would be a drift of belonging.
    """
    residents, behaviour, usual = city.residents, city.config.behaviour, Policy()
    civic, participation, count = behaviour.civic, behaviour.participation, city.neighbourhoods
    access = -participation.standing_barrier * residents.standing
    resources, trust, belongs = (
        residents[name] - residents[name].mean() for name in ("resources", "trust_in_municipality", "belonging")
    )
    listed = usually_listed(city)
    people = np.bincount(residents.neighbourhood, minlength=count)
    on_list = np.bincount(residents.neighbourhood, listed, minlength=count)
    asks, from_list = participation.council_asks_per_week * city.config.run.scale, behaviour.list.share_of_asking
    each = asks * (1.0 - from_list) / people
    each_listed = np.divide(asks * from_list, on_list, out=np.zeros(count), where=on_list > 0.0)
    asked = -np.expm1(-(each[residents.neighbourhood] + each_listed[residents.neighbourhood] * listed))
    helps = np.minimum(1.0, civic.help_per_year / 52.0 * residents.initiative)
    visits = usual.authority.visits_per_year / 52.0 / count
    acts, nothing = helps, np.zeros(len(residents))
    for _ in range(3):
        own = leaning(
            residents.propensity,
            participation,
            resources=resources,
            trust=trust,
            asked=nothing,
            habit=acts,
            belonging=belongs,
            skill=residents.civic_skill,
            fatigue=nothing,
            access=access,
        )
        comes = asked * probability(own + participation.asked_weight, civic.gathering_offset)
        comes += (1.0 - asked) * civic.gathering_reach * probability(own, civic.gathering_offset)
        goes = civic.gatherings_per_year / 52.0 * comes + visits * participation.visit_reach * probability(own, 0.0)
        acts = 1.0 - (1.0 - helps) * (1.0 - np.minimum(1.0, goes))
    return acts


def usually_listed(city: City) -> Floats:
    """Probability that each resident is on the list after a long status quo, (N,).

    Who acts with a has the habit a; recognition and the share of broken pledges are usual.
    """
    behaviour, burnout = city.config.behaviour, city.config.behaviour.burnout
    acts, nothing = usual_acts(city), np.zeros(len(city.residents))
    leaves = burnout_probability(burnout, acts, nothing, nothing + burnout.usual_recognition)
    return listed_in_the_long_run(acts, behaviour.list.listing_probability, leaves)


def perceived(city: City, levels: Floats) -> Floats:
    """What residents see of levels by neighbourhood and category, (M, 6), by their needs, (N,)."""
    seen = np.empty(len(city.residents))
    passes.perceive(city.rows.first, np.ascontiguousarray(levels), city.residents.need_weights, seen)
    return seen


def lived_with_services(city: City, of_luck: ServiceMemory, heard: Floats) -> Floats:
    """Evidence about the municipality from luck with services and with pledges heard before week 0, (N,) log odds.

    Args:
        of_luck: what luck with services has left behind.
        heard: by how much expectation differs for the pledges one has heard, x, (N,). It keeps ψ = 1 - ρ a week, and
            leaves -γ x a week.
    """
    behaviour, count = city.config.behaviour, len(city.residents)
    kept, stays = kept_per_week(behaviour.trust.half_life_weeks), 1.0 - behaviour.expectation.adaptation_per_week
    gamma = behaviour.expectation.disconfirmation_weight
    given = -gamma * stays / (1.0 - stays * kept)
    square = (gamma**2 - 2.0 * kept * gamma * given) / (1.0 - kept**2)
    rest = np.sqrt(max(0.0, square - given**2)) * spread_of_expectation(city)
    of_pledges = given * heard + rest * city.traits.normal("lived with pledges", 0, count)
    return np.asarray(behaviour.trust.service_evidence_per_week * (perceived(city, of_luck.lived) + of_pledges))


def beyond_trust(city: City, level: Floats, variance: Floats) -> Floats:
    """Evidence of those who live more with the municipality than the spread of trust holds, (N,) log odds.

    They are few: what the middle resident lives counts as held, even where that is more.

    Args:
        level: trust in log odds, (N,).
        variance: of evidence in the long run, within neighbourhoods, (N,).
    """
    more = np.maximum(0.0, variance - max(MOST_EVIDENCE * _spread_within(city, level), float(np.median(variance))))
    return np.asarray(np.sqrt(more) * city.traits.normal("evidence beyond trust", 0, len(city.residents)))


def narrowed(city: City, level: Floats, further: Floats) -> Floats:
    """Trust in log odds, (N,), so much narrower within neighbourhoods that with `further` it is as wide as it was."""
    spread, of_further = _spread_within(city, level), _spread_within(city, further)
    means = city.rows.mean_by_neighbourhood(level[:, None])[city.residents.neighbourhood, 0]
    return np.asarray(means + (level - means) * np.sqrt(max(0.0, 1.0 - of_further / spread) if spread > 0.0 else 0.0))


def _spread_within(city: City, values: Floats) -> float:
    """Variance of residents' values, (N,), about the mean of their neighbourhood."""
    means = city.rows.mean_by_neighbourhood(values[:, None])[city.residents.neighbourhood, 0]
    return float(((values - means) ** 2).mean())


class Left(NamedTuple):
    """What formative years have done, beside the variance v of evidence without them, (N,) each.

    Attributes:
        variance: of evidence, over v: what has become disposition is evidence no more.
        covariance: of evidence and disposition, over v.
    """

    variance: Floats
    covariance: Floats


def evidence_given_trust(
    city: City,
    level: Floats,
    variance: Floats,
    of_what: str,
    shared: Floats | float = 0.0,
    left: Left | None = None,
) -> Floats:
    """Draw evidence at the start beyond its mean, given trust, (N,) log odds.

    Disposition and evidence are independent in the long run, but for what evidence has left in formative years (their
    covariance c). So one's own evidence has the share β = (v + c) / (variance of trust within neighbourhoods) in how
    trust differs from its neighbourhood's mean: β (L - L_b) + rest. What neighbours share, and the mean of what each
    of a few residents has lived, have a share in how the neighbourhood differs from the city.

    Args:
        level: L, trust in log odds, (N,).
        variance: v of one's own evidence in the long run, without formative years, (N,).
        of_what: name of the draws.
        shared: variance of evidence that neighbours share, (M,).
        left: what formative years have done.
    """
    neighbourhood, people = city.residents.neighbourhood, city.rows.per_neighbourhood
    spread = _spread_within(city, level)
    held = np.minimum(MOST_EVIDENCE * spread, variance)
    covariance = np.zeros_like(held) if left is None else held * left.covariance
    held = held if left is None else held * left.variance
    means = city.rows.mean_by_neighbourhood(np.column_stack([level, held + covariance]))
    standard = city.traits.normal(f"evidence of {of_what}", 0, len(city.residents))
    own = _given(level - means[neighbourhood, 0], spread, held, standard, covariance)
    of_mean = means[:, 1] / people
    in_own = np.minimum(1.0, means[:, 1] / spread) if spread > 0.0 else np.zeros(people.size)
    standard = city.place_streams.normal(f"evidence of neighbours, {of_what}", 0, people.size)
    between = means[:, 0] - np.average(means[:, 0], weights=people)
    wide = float(np.average(between**2, weights=people))
    together = _given(between, wide, in_own * of_mean + shared, standard, (1.0 - in_own) * of_mean)
    return np.asarray(own + together[neighbourhood])


def left_by_formative_years(city: City) -> Left:
    """What formative years have done to evidence and disposition until week 0.

    In them evidence keeps k = φ (1 - r) a week, and the share r of it goes to the disposition. After n such weeks, from
    the age of the youngest, its variance is v_n = v (a + (1 - a) k^2n) with a = (1 - φ²) / (1 - k²), and the covariance
    Σ k^(n - j) r v_j. In m weeks since, variance goes back by φ^2m, and the covariance fades by φ^m.
    """
    formative = city.config.behaviour.formative
    kept = kept_per_week(city.config.behaviour.trust.half_life_weeks)
    keeps = kept * (1.0 - formative.rate_per_week)
    age = city.config.city.start_year_solar_hijri - city.residents.birth_year
    since = kept ** (52.0 * np.maximum(0, age - formative.until_age))
    fades = keeps ** (52.0 * np.maximum(0, np.minimum(age, formative.until_age) - age.min()))
    settled = (1.0 - kept**2) / (1.0 - keeps**2)
    variance = settled + (1.0 - settled) * fades**2
    summed = (settled * keeps + (1.0 - settled) * fades) * (1.0 - fades) / (1.0 - keeps)
    return Left(1.0 + (variance - 1.0) * since**2, formative.rate_per_week * summed * since)


def _given(
    deviation: Floats, spread: float, variance: Floats, standard: Floats, covariance: Floats | float = 0.0
) -> Floats:
    """A part of a deviation d, (n,), given the whole: β d + √(v - β² s) z.

    Args:
        deviation: d.
        spread: variance of the whole, s.
        variance: v of the part, at most the share `MOST_EVIDENCE` of s, (n,).
        standard: normal draws, z, (n,).
        covariance: c of the part with the rest of the whole, (n,): β = (v + c) / s, at most √(v / s).
    """
    if spread == 0.0:
        return np.zeros_like(deviation)
    held = np.minimum(MOST_EVIDENCE * spread, variance)
    share = np.minimum(np.sqrt(held / spread), (held + covariance) / spread)
    return np.asarray(share * deviation + np.sqrt(np.maximum(0.0, held - share**2 * spread)) * standard)


def usual_evidence_of_people(city: City) -> tuple[Floats, Floats]:
    """Mean and variance of each resident's evidence about people after a long status quo, (N,) each."""
    behaviour, acts = city.config.behaviour, acts_in_full(city)
    trust, politics, kept = behaviour.trust, behaviour.politics, kept_per_week(behaviour.trust.half_life_weeks)
    mean, square = what_meetings_say(trust.meeting_quality)
    step = trust.evidence_per_experience * trust.meeting_weight
    events = min(1.0, politics.personal_events_per_year / 52.0) * politics.personal_event_size_in_people**2
    squared = events + acts * step**2 * square - (acts * step * mean) ** 2
    return acts * step * mean / (1.0 - kept), squared / (1.0 - kept**2)


def shared_by_neighbours(city: City) -> Floats:
    """Variance of the evidence about the municipality that neighbours share after a long status quo, (M,).

    A work, or a leak that comes to light, reaches many of them at once, on average by m: Σ rate m² / (1 - φ²).
    What is told of them stays among neighbours, but for a part that is left out here.
    """
    behaviour, residents = city.config.behaviour, city.residents
    trust, aware, capture, influence = behaviour.trust, behaviour.awareness, behaviour.capture, behaviour.influence
    fate, kappa, ratio = fate_of_works(city), trust.evidence_per_experience, trust.loss_to_gain_ratio
    told = influence.telling_rate_per_week * influence.hearsay_weight if influence.rule == "news" else 0.0
    heard = Policy().pledges.loudness * aware.broken_pledge

    def reaches(share: float, signal: float, weight: float) -> float:
        """Mean evidence of an experience that a share has, with what is told of it."""
        own = float(evidence(np.float64(signal), weight, kappa, ratio))
        return share * (own + kappa * weight * (2.0 * signal - 1.0) * told / (1.0 - told))

    breach = reaches(heard, 0.0, trust.project_weight * (1.0 + trust.broken_pledge_extra_weight))
    squared = (fate.broken - fate.late) * breach**2
    for share, visible in (
        (1.0 - capture.municipal_capture, 1.0),
        (capture.municipal_capture, 1.0 - capture.private_share),
    ):
        in_time = reaches(aware.finished_work, visible, trust.project_weight)
        late = reaches(aware.finished_work, trust.late_completion_signal * visible, trust.project_weight) + breach
        squared += share * (fate.on_time * in_time**2 + fate.late * late**2)
    wanted = as_shares(need(city.mean_need_weights, city.usual_services))
    meets = city.rows.mean_by_neighbourhood(relevance(residents.need_weights))
    per_week = works_per_week(city) * squared * mean_square_of_sizes(city) * (wanted * meets**2).sum(axis=1)
    scandals = _scandals(city)
    per_week += float(np.max(scandals.per_week)) * aware.scandal * float(np.max(np.square(scandals.evidence)))
    return per_week / (1.0 - kept_per_week(trust.half_life_weeks) ** 2)


def usual_evidence(city: City) -> tuple[Floats, Floats]:
    """Mean and variance of each resident's evidence about the municipality after a long status quo, (N,) each.

    Evidence that comes at random and fades by φ a week has the mean Σ rate · step / (1 - φ) and the variance
    Σ rate · step² / (1 - φ²), for contacts, of which there is one a week at most, less (Σ rate · step)². Talk adds to
    it: of all that is told in the city everybody hears an equal share.
    """
    behaviour, count = city.config.behaviour, len(city.residents)
    trust, influence, politics = behaviour.trust, behaviour.influence, behaviour.politics
    kept = kept_per_week(trust.half_life_weeks)
    contacts = _contacts(city)
    streams = [*contacts, *_works(city), _scandals(city)]
    per_week, squared = np.zeros(count), -np.square(sum(stream.per_week * stream.evidence for stream in contacts))
    for stream in streams:
        per_week += stream.per_week * stream.evidence
        squared += stream.per_week * stream.evidence**2 * stream.uneven
    if influence.rule == "news":
        told = influence.telling_rate_per_week * influence.hearsay_weight
        signed = sum(float(np.mean(stream.per_week * stream.told)) for stream in streams)
        strength = sum(float(np.mean(stream.per_week * np.square(stream.told) * stream.uneven)) for stream in streams)
        per_week += trust.evidence_per_experience * signed * told / (1.0 - told)
        again = told * influence.hearsay_weight
        squared += trust.evidence_per_experience**2 * strength * again / (1.0 - again)
    squared += politics.personal_events_per_year / 52.0 * politics.personal_event_size**2
    usual = city.residents.usual_performance
    per_week += service_evidence(
        usual,
        usual,
        usual_expectation_of(city),
        behaviour.expectation.disconfirmation_weight,
        trust.service_evidence_per_week,
    )
    return per_week / (1.0 - kept), squared / (1.0 - kept**2)


def spread_of_expectation(city: City) -> Floats:
    """Standard deviation of each resident's expectation, for some hear more pledges than others, (N,).

    With h pledges heard in a week the variance is h (κ (1 - X))² / (1 - (1 - ρ)²).
    """
    expected = city.config.behaviour.expectation
    heard = works_per_week(city)[city.residents.neighbourhood] * Policy().pledges.loudness
    rise = expected.pledge_rise * (1.0 - usual_expectation_of(city))
    memory = 1.0 - (1.0 - expected.adaptation_per_week) ** 2
    return np.asarray(np.sqrt(heard / memory) * rise) if memory > 0.0 else np.zeros_like(rise)


def usual_expectation_of(city: City) -> Floats:
    """What residents have come to expect of services, (N,): what they get, and what the municipality's pledges add."""
    expected = city.config.behaviour.expectation
    heard = works_per_week(city)[city.residents.neighbourhood] * Policy().pledges.loudness
    return usual_expectation(
        city.residents.usual_performance, heard, expected.pledge_rise, expected.adaptation_per_week
    )


def _contacts(city: City) -> list[Stream]:
    """Contacts that are answered, and contacts that are not."""
    residents, contacts = city.residents, city.config.behaviour.contacts
    per_week, _ = usual_contacts(city)
    answered = per_week * residents.answered_chance
    return [
        _stream(city, answered, 1.0, contacts.weight),
        _stream(city, per_week - answered, 0.0, contacts.weight),
    ]


def usual_contacts(city: City) -> tuple[Floats, Floats]:
    """Contacts a week in the long run, and the share of time in which the last one was answered, (N,) each.

    There is one contact a week at most, whether the last one was answered or not.
    """
    residents, ratio = city.residents, city.config.behaviour.contacts.repeat_ratio
    seldom, often = np.minimum(1.0, residents.contact_rate), np.minimum(1.0, residents.contact_rate * ratio)
    more = np.divide(often, seldom, out=np.full_like(often, ratio), where=seldom > 0.0)
    share = answered_last(residents.answered_chance, more)
    return share * often + (1.0 - share) * seldom, share


def _needs_met(city: City) -> tuple[Floats, Floats]:
    """Mean of how much a work of the municipality meets each resident's needs, and mean of its square, (N,) each."""
    residents = city.residents
    wanted = as_shares(need(city.mean_need_weights, city.usual_services))  # by category, (M, 6)
    relevant, chosen = relevance(residents.need_weights), wanted[residents.neighbourhood]
    return np.einsum("nc,nc->n", relevant, chosen), np.einsum("nc,nc,nc->n", relevant, relevant, chosen)


def _works(city: City) -> list[Stream]:
    """The municipality's works that are noticed, on time or late, and its pledges that are heard and broken."""
    behaviour, residents, practice = city.config.behaviour, city.residents, Policy().pledges
    trust, aware, capture = behaviour.trust, behaviour.awareness, behaviour.capture
    fate = fate_of_works(city)
    begun = works_per_week(city)[residents.neighbourhood]
    noticed, heard = begun * aware.finished_work, begun * practice.loudness * aware.broken_pledge
    meets, squared = _needs_met(city)
    weight, uneven = trust.project_weight * meets, mean_square_of_sizes(city) * squared / meets**2
    streams = [_stream(city, heard * fate.broken, 0.0, weight * (1.0 + trust.broken_pledge_extra_weight), uneven)]
    for share, visible in (
        (1.0 - capture.municipal_capture, 1.0),
        (capture.municipal_capture, 1.0 - capture.private_share),
    ):
        streams += [
            _stream(city, noticed * fate.on_time * share, visible, weight, uneven),
            _stream(city, noticed * fate.late * share, trust.late_completion_signal * visible, weight, uneven),
        ]
    return streams


def _scandals(city: City) -> Stream:
    """Leaks of the municipality that come to light, and are heard of; nobody tells them on."""
    behaviour = city.config.behaviour
    leak = min(MOST_LEAK, behaviour.capture.municipal_leak)
    found = float(discovery_probability(leak, behaviour.capture.discovery_per_year, 1.0))
    step = behaviour.trust.evidence_per_experience * behaviour.awareness.scandal_weight * min(1.0, 10.0 * leak)
    return Stream(found * behaviour.awareness.scandal, -step, 0.0)


def _stream(
    city: City, per_week: Floats, signal: float, weight: Floats | float, uneven: Floats | float = 1.0
) -> Stream:
    trust = city.config.behaviour.trust
    step = evidence(np.float64(signal), weight, trust.evidence_per_experience, trust.loss_to_gain_ratio)
    return Stream(per_week, step, np.asarray((2.0 * signal - 1.0) * np.asarray(weight)), uneven)
