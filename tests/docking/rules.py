"""The rules of the model, each in a plain line or two, compared with the engine's in some of their calls.

`textbook(engine_rule)` sets a plain function beside one of `sim.rules`: it is called with numbers (or short lists, one
number a category or a neighbourhood) and works out its own answer. Of the first calls, and of some later ones, it also
asks the engine's rule the same question, and refuses to go on if the two differ: so a wrong rule is named, and not only
the resident whose trust it moved. That the other answers agree shows in the paths of the two models.

The docstrings of `sim.rules` say what each rule means and where it comes from.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.rules import (
    allocation,
    awareness,
    capture,
    choice,
    delivery,
    expectation,
    feelings,
    influence,
    knowledge,
    learning,
    participation,
    returns,
    selection,
    services,
    trust,
)
from tests.docking.arithmetic import as_share, logistic

checking = SimpleNamespace(on=True)
"""Switched off only to measure the speed of the plain rules alone."""


FIRST, EVERY = 300, 13
"""Calls of each rule that are compared: so many from the beginning, and then each one of so many."""


class RuleDisagreesError(AssertionError):
    """A rule of `sim.rules` gives another answer than its textbook form."""

    def __init__(self, rule: Callable[..., Any], engine: Any, textbook: Any) -> None:
        self.rule, self.engine, self.textbook = f"{rule.__module__}.{rule.__name__}", engine, textbook
        super().__init__(f"{self.rule} gives {engine}; by the textbook it is {textbook}")


def textbook(engine_rule: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a plain rule compare answers of its own with those of the engine's rule."""

    def decorate(plain_rule: Callable[..., Any]) -> Callable[..., Any]:
        calls = itertools.count()

        @functools.wraps(plain_rule)
        def rule(*values: Any, **named: Any) -> Any:
            own = plain_rule(*values, **named)
            call = next(calls)
            if not checking.on or (call >= FIRST and call % EVERY):
                return own
            answer = engine_rule(
                *[_as_array(value) for value in values], **{name: _as_array(value) for name, value in named.items()}
            )
            answer = answer.tolist() if isinstance(answer, np.ndarray | np.generic) else answer
            if not _alike(own, answer):
                raise RuleDisagreesError(engine_rule, answer, own)
            return own

        return rule

    return decorate


def _as_array(value: Any) -> Any:
    return np.array(value) if isinstance(value, list) else value


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(_alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, bool):
        return one == bool(other)
    return abs(one - other) <= 1e-12 * (1.0 + abs(one))


# ---------------------------------------------------------------- trust, expectation, influence


@textbook(trust.log_odds)
def log_odds(share):
    inside = min(1.0 - 1e-6, max(1e-6, share))
    return math.log(inside / (1.0 - inside))


@textbook(trust.evidence)
def evidence(signal, weight, evidence_per_experience, loss_to_gain_ratio):
    signed = evidence_per_experience * weight * (2.0 * signal - 1.0)
    return signed if signed >= 0.0 else loss_to_gain_ratio * signed


@textbook(trust.kept_per_week)
def kept_per_week(half_life_weeks):
    return 2.0 ** (-1.0 / half_life_weeks)


@textbook(trust.trust_after)
def trust_after(trust, change):
    inside = min(1.0 - 1e-6, max(1e-6, trust))
    return logistic(math.log(inside / (1.0 - inside)) + change)


@textbook(trust.formative_shift)
def formative_shift(lived, usual, rate_per_week):
    return rate_per_week * (lived - usual)


@textbook(trust.service_evidence)
def service_evidence(performance, usual, expectation, disconfirmation_weight, per_week):
    better_than_usual, better_than_expected = performance - usual, performance - expectation
    return per_week * (better_than_usual + disconfirmation_weight * better_than_expected)


@textbook(trust.experience)
def experience(trust, signal, gain_rate, loss_to_gain_ratio):
    rate = gain_rate if signal > trust else min(1.0, loss_to_gain_ratio * gain_rate)
    return trust + rate * (signal - trust)


@textbook(trust.anchor)
def anchor(trust, innate, stubbornness, rate_per_week):
    return trust + rate_per_week * stubbornness * (innate - trust)


@textbook(trust.stubbornness_from)
def stubbornness_from(innate, mean, of_extremes):
    return min(0.95, max(0.0, mean + of_extremes * abs(2.0 * innate - 1.0)))


@textbook(trust.voice_signal)
def voice_signal(rung, heard, rule="rung"):
    ignored = 0.0 if rule == "response" else rung
    return 1.0 if heard else ignored


@textbook(expectation.satisfaction)
def satisfaction(performance, expectation, disconfirmation_weight):
    return as_share(performance + disconfirmation_weight * (performance - expectation))


@textbook(expectation.adapt)
def adapt(expectation, performance, adaptation_per_week):
    return expectation + adaptation_per_week * (performance - expectation)


@textbook(expectation.raise_by_pledge)
def raise_by_pledge(expectation, pledge_rise):
    return expectation + pledge_rise * (1.0 - expectation)


@textbook(awareness.relevance)
def relevance(weight_of_category):
    return min(1.0, 3.0 * weight_of_category)


@textbook(influence.hearsay)
def hearsay(trust, heard, stubbornness, convergence, confidence_bound):
    near = abs(heard - trust) <= confidence_bound
    return convergence * (1.0 - stubbornness) * (heard - trust) if near else 0.0


@textbook(influence.repulsion)
def repulsion(trust, heard, stubbornness, convergence, confidence_bound):
    near = abs(heard - trust) <= confidence_bound
    pull = heard - trust if near else -(heard - trust) * 4.0 * trust * (1.0 - trust)
    return as_share(trust + convergence * (1.0 - stubbornness) * pull) - trust


@textbook(influence.averaging)
def averaging(trust, mean_of_ties, stubbornness, weight):
    return weight * (1.0 - stubbornness) * (mean_of_ties - trust)


# ---------------------------------------------------------------- participation and learning


@textbook(participation.leaning)
def leaning(propensity, weights, *, resources, trust, asked, habit, belonging, skill, fatigue, access):
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


@textbook(participation.probability)
def probability(leaning, offset):
    return logistic(leaning + offset)


@textbook(participation.joins_by_threshold)
def joins_by_threshold(active_share, threshold):
    return active_share >= threshold


@textbook(participation.conditional_probability)
def conditional_probability(own, active_share, slope):
    return logistic(own + slope * active_share)


@textbook(participation.beyond_usual)
def beyond_usual(broken, kept, usual):
    return (broken + usual) / (broken + kept + 1.0) - usual


@textbook(participation.burnout_probability)
def burnout_probability(parameters, load, unmet, recognition):
    strain = parameters.load_weight * (load - parameters.usual_load) + parameters.unmet_weight * unmet
    relief = parameters.recognition_weight * (recognition - parameters.usual_recognition)
    return min(1.0, parameters.base_hazard_per_week * math.exp(strain - relief))


@textbook(learning.habit_step)
def habit_step(habit, acted, habit_rate):
    return habit + habit_rate * (acted - habit)


@textbook(learning.mentor_quality)
def mentor_quality(hours, active_youths, hours_for_half):
    per_youth = hours / max(1.0, active_youths)
    return per_youth / (per_youth + hours_for_half)


@textbook(learning.skill_gain)
def skill_gain(skill, skill_rate, mentor):
    return skill + skill_rate * mentor * (1.0 - skill)


@textbook(learning.skill_decay)
def skill_decay(skill, initial, decay_per_week):
    return skill - decay_per_week * (skill - initial)


@textbook(feelings.mastery)
def mastery(before, after):
    return after - before


# ---------------------------------------------------------------- services, needs, works


@textbook(services.deliver)
def deliver(services, gain):
    return 1.0 - (1.0 - services) * math.exp(-gain)


@textbook(services.perceived_performance)
def perceived_performance(need_weights, services):
    return sum(weight * service for weight, service in zip(need_weights, services, strict=True))


@textbook(services.project_gain)
def project_gain(relative_cost, gain_per_typical_project, private_share):
    return -math.log(1.0 - gain_per_typical_project) * relative_cost * (1.0 - private_share)


@textbook(services.decay)
def decay(services, decay_per_year):
    return services * (1.0 - decay_per_year) ** (1.0 / 52.0)


@textbook(services.worn)
def worn(decay_per_year, wear):
    return 1.0 - (1.0 - decay_per_year) ** wear


@textbook(knowledge.need)
def need(mean_weights, services):
    return [weight * (1.0 - service) for weight, service in zip(mean_weights, services, strict=True)]


@textbook(knowledge.as_shares)
def as_shares(values):
    total = sum(values)
    return [value / total if total > 0.0 else 1.0 / len(values) for value in values]


@textbook(delivery.assistance_of_team)
def assistance_of_team(quality, capacity, served, floor):
    return floor + (1.0 - floor) * quality * min(1.0, capacity / max(1.0, served))


@textbook(delivery.speed)
def speed(base_duration_weeks, assistance, volunteers_per_thousand, leader_skill, parameters):
    help_of_volunteers = 1.0 + parameters.volunteer_effect * volunteers_per_thousand
    leadership = max(0.1, 1.0 + parameters.mayor_effect * (leader_skill - parameters.usual_leader_skill))
    return assistance * help_of_volunteers * leadership / base_duration_weeks


@textbook(delivery.paid_share)
def paid_share(wanted, account, balance):
    shares = []
    for number in account:
        total = sum(want for want, same in zip(wanted, account, strict=True) if same == number)
        shares.append(as_share(balance[number] / total) if total > 0.0 else 1.0)
    return shares


# ---------------------------------------------------------------- choice, capture, allocation


@textbook(choice.proposal_probabilities)
def proposal_probabilities(agenda, focus):
    weights = [max(1e-12, weight) ** focus for weight in agenda]
    return [weight / sum(weights) for weight in weights]


@textbook(choice.project_costs)
def project_cost(normal, mean, spread):
    return mean * math.exp(spread * normal - 0.5 * spread**2)


@textbook(capture.remaining_share)
def remaining_share(audit, publication, parameters):
    left_by_audit = 1.0 - parameters.audit_effect if audit else 1.0
    left_by_publication = 1.0 - parameters.publication_effect if publication else 1.0
    return left_by_audit * left_by_publication


@textbook(capture.leak_rate)
def leak_rate(base, left, factor=1.0):
    return min(0.9, base * left * factor)


@textbook(capture.capture_probability)
def capture_probability(base, elite_share, left):
    return as_share(base * elite_share * left)


@textbook(capture.discovery_probability)
def discovery_probability(leak, per_year, factor):
    return min(1.0, per_year / 52.0 * factor * leak / 0.1)


def _weighted(population, weights):
    total = sum(people * weight for people, weight in zip(population, weights, strict=True))
    return [people * weight / total for people, weight in zip(population, weights, strict=True)] if total else None


@textbook(allocation.per_head)
def per_head(population):
    return _weighted(population, [1.0] * len(population))


@textbook(allocation.by_need)
def by_need(population, need_per_head):
    return _weighted(population, need_per_head) or _weighted(population, [1.0] * len(population))


@textbook(allocation.by_participation)
def by_participation(population, participation_rate):
    head = _weighted(population, [1.0] * len(population))
    active = _weighted(population, participation_rate) or head
    return [0.5 * one + 0.5 * other for one, other in zip(head, active, strict=True)]


@textbook(allocation.by_favour)
def by_favour(population, closeness):
    return _weighted(population, closeness)


# ---------------------------------------------------------------- what sharing power returns


@textbook(returns.price)
def price(cost, delegated, price_reduction):
    return cost * (1.0 - price_reduction) if delegated else cost


@textbook(returns.part_of_account)
def part_of_account(price_reduction, contribution_share):
    discounted = 1.0 - price_reduction
    return discounted - contribution_share * discounted


@textbook(returns.level_built)
def level_built(services, before, gain, gain_of_councils):
    return (services - before) * gain_of_councils / gain if gain > 0.0 else 0.0


@textbook(returns.left_of_built)
def left_of_built(built, services, decay_per_year, upkeep_gain):
    lost_in_a_year = decay_per_year - upkeep_gain * decay_per_year
    return min(built, services) * (1.0 - lost_in_a_year) ** (1.0 / 52.0)


@textbook(returns.kept_by_upkeep)
def kept_by_upkeep(built, services, decay_per_year, upkeep_gain):
    usual = (1.0 - decay_per_year) ** (1.0 / 52.0)
    kept_up = (1.0 - decay_per_year + upkeep_gain * decay_per_year) ** (1.0 / 52.0)
    return min(built, services) * kept_up - min(built, services) * usual


@textbook(returns.approach)
def approach(level, target, half_life_weeks):
    left = 0.5 ** (1.0 / half_life_weeks)
    return target + left * (level - target)


# ---------------------------------------------------------------- who is chosen for office


@textbook(selection.standardised)
def standardised(value, mean, spread):
    return (value - mean) / (spread or 1.0)


@textbook(selection.gumbel)
def gumbel(uniform):
    inside = uniform * (1.0 - 2.0**-53) + 2.0**-54  # never quite 0 or 1
    return -math.log(-math.log(inside))


METHODS = ("facilitator", "municipality", "elected", "sortition")
WAYS_TO_MAYOR = ("appointed", "council", "elected")


@textbook(selection.member_score)
def member_score(selection, parameters, *, attendance, resources, skill, propensity, trust, barred):
    weight = parameters
    if selection == "sortition":
        return weight.sortition_resources * resources
    score = {
        "facilitator": weight.weight_of_attendance * attendance
        + 0.5 * weight.weight_of_resources * resources
        + 0.5 * trust,
        "municipality": weight.weight_of_resources * resources + 0.5 * weight.weight_of_skill * skill + trust,
        "elected": propensity + 0.5 * weight.weight_of_resources * resources + 0.5 * weight.weight_of_skill * skill,
    }[selection]
    return score if selection == "elected" else score - weight.women_candidacy_barrier * barred


@textbook(selection.mayor_score)
def mayor_score(selection, parameters, *, attendance, resources, skill, standing_out):
    weight = parameters
    return {
        "appointed": 2.0 * weight.weight_of_skill * skill,
        "council": weight.weight_of_skill * skill + 0.5 * weight.weight_of_attendance * attendance,
        "elected": 0.5 * weight.weight_of_skill * skill
        + 0.5 * weight.weight_of_resources * resources
        + 0.5 * standing_out,
    }[selection]


@textbook(selection.most_candidates)
def most_candidates(nomination_share, eligible, seats, considered):
    a_seat = math.floor(nomination_share * eligible / max(1, seats) + 1e-9)
    return min(considered, max(1, a_seat))


@textbook(selection.plurality)
def plurality(preferences, seats):
    votes = [0] * len(preferences[0])
    for liking in preferences:
        votes[liking.index(max(liking))] += 1
    return sorted(range(len(votes)), key=lambda candidate: -votes[candidate])[:seats]
