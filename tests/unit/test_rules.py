"""Every rule by numbers worked out by hand, its bounds by random inputs, and its shapes."""

import importlib
import inspect
import math
import pkgutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.rules
from sim.rules import (
    allocation,
    awareness,
    capture,
    choice,
    civic,
    contacts,
    delivery,
    expectation,
    feelings,
    influence,
    knowledge,
    learning,
    listing,
    participation,
    returns,
    selection,
    services,
    shares,
    trust,
    voting,
)

ROUNDING = 1e-12

share = st.floats(0.0, 1.0)
some_shares = st.lists(share, min_size=1, max_size=20).map(np.array)
seeded = settings(derandomize=True, deadline=None, max_examples=60)


def close(value, expected):
    return np.asarray(value) == pytest.approx(np.asarray(expected), abs=ROUNDING)


# --- By hand ----------------------------------------------------------------------------------------------------------

PEOPLE = np.array([100.0, 300.0])


def test_per_head():
    assert close(allocation.per_head(PEOPLE), [0.25, 0.75])  # 100 and 300 of 400


def test_by_need():
    # 100 · 0.6 = 60 and 300 · 0.2 = 60
    assert close(allocation.by_need(PEOPLE, np.array([0.6, 0.2])), [0.5, 0.5])
    assert close(allocation.by_need(PEOPLE, np.zeros(2)), [0.25, 0.75])  # nobody needs anything: per head


def test_by_participation():
    # active 100 · 0.3 = 30 and 300 · 0.1 = 30: half of (1/4, 3/4) plus half of (1/2, 1/2)
    assert close(allocation.by_participation(PEOPLE, np.array([0.3, 0.1])), [0.375, 0.625])
    assert close(allocation.by_participation(PEOPLE, np.zeros(2)), [0.25, 0.75])


def test_by_favour():
    assert close(allocation.by_favour(PEOPLE, np.array([3.0, 1.0])), [0.5, 0.5])  # 300 and 300


def test_contact_rate():
    # 0.52 a year is 0.01 a week; ln 3 up, three times as often, with the mean kept; never more than once a week
    standard = np.array([0.0, 1.0])
    assert close(contacts.contact_rate(0.52, 0.0, standard), [0.01, 0.01])
    assert close(contacts.contact_rate(0.52, math.log(3.0), standard), [0.005, 0.015])
    assert close(contacts.contact_rate(52.0, math.log(3.0), standard), [0.5, 1.0])


def test_contact_rate_has_the_mean_asked_for():
    # However few there are and however heavy the tail is.
    for people in (3, 50, 5_000):
        rates = contacts.contact_rate(0.15, 1.5, np.random.default_rng(people).standard_normal(people))
        assert 52.0 * rates.mean() == pytest.approx(0.15, rel=1e-12)
        assert people < 50 or np.log(rates).std() == pytest.approx(1.5, rel=0.3)


def test_answered_chance():
    # logit 0.6 = ln 1.5; ln 2 more makes the odds 3, and ln 4 less for deprivation 3/4
    standard, deprivation = np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0])
    found = contacts.answered_chance(0.6, math.log(2.0), standard, math.log(4.0), deprivation)
    assert close(found, [0.6, 0.75, 0.75 / 1.75])


def test_answered_last():
    # q = 0.6, r = 1.5: 0.6 / (0.6 + 1.5 · 0.4); at r = 1 the chance itself
    assert close(contacts.answered_last(np.array([0.6]), 1.5), [0.5])
    assert close(contacts.answered_last(np.array([0.6]), 1.0), [0.6])


def test_relevance():
    # 3/6 is one half: a need of average weight counts half; from 1/3 on a need counts in full
    assert close(awareness.relevance(np.array([0.0, 1 / 6, 1 / 3, 0.9])), [0.0, 0.5, 1.0, 1.0])


CAPTURE = capture.CaptureParameters(audit_effect=0.3, publication_effect=0.2)


def test_remaining_share():
    assert capture.remaining_share(False, False, CAPTURE) == 1.0
    assert close(capture.remaining_share(True, False, CAPTURE), 0.7)
    assert close(capture.remaining_share(True, True, CAPTURE), 0.7 * 0.8)


def test_leak_rate():
    assert close(capture.leak_rate(0.1, 0.5), 0.05)
    assert close(capture.leak_rate(0.1, 0.5, 2.0), 0.1)
    assert capture.leak_rate(0.3, 1.0, 4.0) == 0.9  # 1.2, but a tenth of the money arrives


def test_capture_probability():
    assert close(capture.capture_probability(0.2, np.array([0.0, 0.5, 1.0]), 0.5), [0.0, 0.05, 0.1])


def test_discovery_probability():
    # 5.2 a year are 0.1 a week where a tenth leaks; where 0.2 leak and audit doubles it, four times that
    assert close(capture.discovery_probability(np.array([0.1]), 5.2, 1.0), [0.1])
    assert close(capture.discovery_probability(np.array([0.2]), 5.2, 2.0), [0.4])
    assert capture.discovery_probability(np.float64(0.9), 52.0, 6.0) == 1.0


def test_proposal_probabilities():
    agenda = np.array([0.4, 0.2, 0.2, 0.1, 0.1, 0.0])
    # squares 16, 4, 4, 1, 1, 0 of 26; a focus of 0 forgets the agenda
    assert close(choice.proposal_probabilities(agenda, 2.0), np.array([16, 4, 4, 1, 1, 0]) / 26)
    assert close(choice.proposal_probabilities(agenda, 0.0), np.full(6, 1 / 6))


def test_project_costs():
    # spread 0.4: the median is mean · exp(-0.08), one deviation up is mean · exp(0.4 - 0.08)
    expected = [2.0 * math.exp(-0.08), 2.0 * math.exp(0.32)]
    assert close(choice.project_costs(np.array([0.0, 1.0]), 2.0, 0.4), expected)
    assert close(choice.project_costs(np.array([-2.0, 3.0]), 2.0, 0.0), [2.0, 2.0])


def test_project_costs_have_the_mean_they_are_given():
    normal = np.random.default_rng(1).standard_normal(400_000)
    costs = choice.project_costs(normal, 1.6, 0.5)
    # standard error of a lognormal's mean: 1.6 sqrt(exp(0.25) - 1) / sqrt(n) = 0.0013
    assert costs.mean() == pytest.approx(1.6, abs=5 * 0.0013)


DELIVERY = delivery.DeliveryParameters(volunteer_effect=0.1, mayor_effect=0.5, usual_leader_skill=0.3)


def test_assistance_of_team():
    quality, capacity, floor = np.full(3, 0.8), np.full(3, 5.0), 0.4
    # not spread thin: 0.4 + 0.6 · 0.8; twice too thin: 0.4 + 0.6 · 0.8 · 0.5; nobody to serve: as if one
    assert close(delivery.assistance_of_team(quality, capacity, np.array([5.0, 10.0, 0.0]), floor), [0.88, 0.64, 0.88])


def test_speed():
    # 0.5 · (1 + 0.1 · 2) · (1 + 0.5 · (0.5 - 0.3)) / 20 = 0.5 · 1.2 · 1.1 / 20
    assert close(delivery.speed(20.0, np.array([0.5]), np.array([2.0]), np.array([0.5]), DELIVERY), [0.033])
    # the usual leader neither speeds up nor slows down
    assert close(delivery.speed(20.0, np.array([1.0]), np.array([0.0]), np.array([0.3]), DELIVERY), [0.05])


def test_paid_share():
    wanted, account = np.array([2.0, 6.0, 5.0, 0.0]), np.array([0, 0, 1, 2])
    # account 0 holds 4 of 8, account 1 more than is wanted, nobody wants anything of account 2
    assert close(delivery.paid_share(wanted, account, np.array([4.0, 9.0, 0.0])), [0.5, 0.5, 1.0, 1.0])
    assert close(delivery.paid_share(np.array([1.0]), np.array([0]), np.array([-3.0])), [0.0])


def test_satisfaction():
    # 0.5 + 0.8 · (0.5 - 0.6); 0.9 + 0.8 · 0.4 is cut at 1; 0.1 - 0.8 · 0.5 at 0
    performance, expected = np.array([0.5, 0.9, 0.1]), np.array([0.6, 0.5, 0.6])
    assert close(expectation.satisfaction(performance, expected, 0.8), [0.42, 1.0, 0.0])


def test_adapt():
    assert close(expectation.adapt(np.array([0.6]), np.array([0.5]), 0.1), [0.59])


def test_usual_expectation():
    # a pledge heard every tenth week, κ = 0.05, ρ = 0.01: lift 0.5, (0.4 + 0.5) / 1.5; without pledges, performance
    assert close(expectation.usual_expectation(np.array([0.4]), np.array([0.1]), 0.05, 0.01), [0.6])
    assert close(expectation.usual_expectation(np.array([0.4]), np.array([0.0]), 0.05, 0.01), [0.4])
    # and there the weekly fall by adaptation, 0.01 · 0.2, is the weekly rise by pledges
    assert close(0.1 * 0.05 * (1.0 - 0.6), 0.01 * (0.6 - 0.4))


def test_raise_by_pledge():
    assert close(expectation.raise_by_pledge(np.array([0.5, 1.0]), 0.04), [0.52, 1.0])


def test_hearsay():
    own, heard = np.array([0.5, 0.5, 0.5]), np.array([0.7, 0.3, 0.9])
    # 0.1 · (1 - 0.25) · ±0.2; the third is further away than 0.3
    assert close(influence.hearsay(own, heard, np.full(3, 0.25), 0.1, 0.3), [0.015, -0.015, 0.0])


def test_hearsay_convinces_at_the_bound_itself():
    assert influence.hearsay(np.float64(0.25), np.float64(0.5), np.float64(0.0), 0.5, 0.25) == 0.125


def test_repulsion():
    # within the bound as hearsay; beyond it 0.1 · 0.75 · -(0.4) · 4 · 0.5 · 0.5 = -0.03
    own, heard = np.array([0.5, 0.5]), np.array([0.7, 0.9])
    assert close(influence.repulsion(own, heard, np.full(2, 0.25), 0.1, 0.3), [0.015, -0.03])
    assert influence.repulsion(np.float64(1.0), np.float64(0.1), np.float64(0.0), 0.5, 0.3) == 0.0  # nowhere to go


def test_averaging():
    assert close(influence.averaging(np.array([0.2]), np.array([0.6]), np.array([0.5]), 0.1), [0.02])


def test_need():
    weights, levels = np.array([[0.5, 0.5]]), np.array([[0.2, 1.0]])
    assert close(knowledge.need(weights, levels), [[0.4, 0.0]])


def test_as_shares():
    assert close(knowledge.as_shares(np.array([[1.0, 3.0], [0.0, 0.0]])), [[0.25, 0.75], [0.5, 0.5]])


def test_need_match():
    needed = np.array([[1.0, 1.0], [1.0, 1.0]])
    # half of all money where a quarter is needed, and so on: 1 - ½ (¼ + ¼ + ¼ + ¼)
    assert close(knowledge.need_match(np.array([[5.0, 5.0], [0.0, 0.0]]), needed), 0.5)
    assert knowledge.need_match(3.0 * needed, needed) == 1.0
    assert math.isnan(knowledge.need_match(0.0 * needed, needed))


def test_habit_step():
    assert close(learning.habit_step(np.array([0.5, 0.5]), np.array([1.0, 0.0]), 0.1), [0.55, 0.45])


def test_mentor_quality():
    # 6 hours for 4 youths are 1.5 each: 1.5 / 2; with nobody active as if one
    assert close(learning.mentor_quality(np.array([6.0, 1.5, 0.0]), np.array([4.0, 0.0, 3.0]), 0.5), [0.75, 0.75, 0.0])


def test_skill_gain():
    assert close(learning.skill_gain(np.array([0.2]), 0.1, np.array([0.5])), [0.24])  # 0.2 + 0.05 · 0.8


def test_skill_decay():
    assert close(learning.skill_decay(np.array([0.5]), np.array([0.1]), 0.01), [0.496])  # 0.5 - 0.01 · 0.4


def test_mastery():
    assert close(feelings.mastery(np.array([0.2]), np.array([0.5])), [0.3])


def test_years_of_stay():
    assert close(feelings.years_of_stay(np.array([12.0, 20.0, 33.0, 60.0, 85.0])), [0.0, 0.0, 13.0, 40.0, 40.0])


def test_shifted():
    # two alike, moved apart by 2: logits -1 and 1, whose mean share is 1/2 by symmetry
    assert close(
        feelings.shifted(np.array([0.5, 0.5]), np.array([0.0, 2.0])), [1.0 / (1.0 + np.e), np.e / (1.0 + np.e)]
    )
    rng = np.random.default_rng(1)
    share, shift = rng.random(500), rng.normal(0.0, 2.0, 500)
    moved = feelings.shifted(share, shift)
    assert moved.mean() == pytest.approx(share.mean(), abs=1e-12)
    apart = trust.log_odds(moved) - trust.log_odds(share) - shift
    assert apart == pytest.approx(np.full(500, apart[0]), abs=1e-9)
    assert feelings.shifted(share, np.zeros(500)) is share


WEIGHTS = participation.ParticipationParameters(
    resources_weight=1.0,
    trust_weight=2.0,
    asked_weight=1.5,
    habit_weight=3.0,
    belonging_weight=0.5,
    skill_weight=0.25,
    fatigue_weight=4.0,
)


def test_leaning():
    one = np.ones(1)
    # -4 + 0.1 - 0.4 + 1.5 + 1.5 + 0.1 + 0.05 - 1.0 - 0.3
    value = participation.leaning(
        -4.0 * one,
        WEIGHTS,
        resources=0.1 * one,
        trust=-0.2 * one,
        asked=one,
        habit=0.5 * one,
        belonging=0.2 * one,
        skill=0.2 * one,
        fatigue=0.25 * one,
        access=-0.3 * one,
    )
    assert close(value, [-2.45])


def test_probability():
    # logit of 3/4 is ln 3
    assert close(participation.probability(np.array([0.0, math.log(3.0)]), 0.0), [0.5, 0.75])
    assert close(participation.probability(np.array([-1.0]), 1.0), [0.5])


def test_joins_by_threshold():
    active, threshold = np.array([0.3, 0.29, 0.0, 0.0]), np.array([0.3, 0.3, -0.1, 0.1])
    assert participation.joins_by_threshold(active, threshold).tolist() == [True, False, True, False]


def test_conditional_probability():
    # -1 + 4 · 0.25 = 0
    assert close(participation.conditional_probability(np.array([-1.0]), np.array([0.25]), 4.0), [0.5])


def test_burnout_probability():
    parameters = participation.BurnoutParameters(
        base_hazard_per_week=0.01, load_weight=1.0, unmet_weight=2.0, recognition_weight=0.5
    )
    half = np.array([0.5])
    # exponent (0.5 - 0.3) + 1.0 - 0.5 (0.5 - 0.5) = 1.2
    assert close(participation.burnout_probability(parameters, half, half, half), [0.01 * math.exp(1.2)])
    assert participation.burnout_probability(parameters, np.float64(99.0), 0.5, 0.5) == 1.0
    # at usual load and recognition, with nothing unmet, it is the base hazard
    assert close(participation.burnout_probability(parameters, np.array([0.3]), 0.0 * half, half), [0.01])


def test_beyond_usual():
    # (3 + 0.4) / (3 + 1 + 1) - 0.4; nothing known: nothing beyond the usual; all kept: less than usual
    found = participation.beyond_usual(np.array([3.0, 0.0, 0.0]), np.array([1.0, 0.0, 3.0]), 0.4)
    assert close(found, [0.28, 0.0, -0.3])


def test_initiative():
    # z = 1 and -1 with s = ln 3 / 2: three times as often, 1 on average
    assert close(civic.initiative(np.array([-3.0, -6.0]), -4.5, 1.5, 0.5 * math.log(3.0)), [1.5, 0.5])
    assert close(civic.initiative(np.array([-3.0, -6.0]), -4.5, 0.0, 2.0), [1.0, 1.0])  # z is 0


def test_listed_in_the_long_run():
    # 0.2 · 0.5 / (0.2 · 0.5 + 0.1)
    zero = np.zeros(1)
    assert close(listing.listed_in_the_long_run(np.array([0.2]), 0.5, np.array([0.1])), [0.5])
    assert close(listing.listed_in_the_long_run(np.array([0.2]), 0.5, zero), [1.0])
    assert close(listing.listed_in_the_long_run(zero, 0.5, zero), [0.0])


def test_most_candidates():
    # 0.01 · 2,600 / 11 = 2.4; over 30 seats less than one, and one may stand; over 2 seats 13, of 8 considered
    eligible = np.array([2_600.0, 2_600.0, 2_600.0])
    assert selection.most_candidates(0.01, eligible, np.array([11, 30, 2]), 8).tolist() == [2, 1, 8]


def test_standardised():
    assert close(selection.standardised(np.array([3.0, 5.0]), 4.0, 2.0), [-0.5, 0.5])
    assert close(selection.standardised(np.array([5.0]), 4.0, 0.0), [1.0])


def test_gumbel():
    # -ln(-ln u): u = exp(-1) gives 0, u = exp(-e) gives -1
    assert close(selection.gumbel(np.array([math.exp(-1.0), math.exp(-math.e)])), [0.0, -1.0])
    assert np.isfinite(selection.gumbel(np.array([0.0, 1.0 - 2.0**-52]))).all()


def test_gumbel_is_finite_for_the_largest_draw_there_is():
    assert np.isfinite(selection.gumbel(np.array([1.0 - 2.0**-53]))).all()


def test_choosing_the_highest_score_plus_gumbel_is_choosing_in_proportion_to_its_exponential():
    score = np.log(np.array([0.6, 0.3, 0.1]))
    noise = selection.gumbel(np.random.default_rng(2).random((200_000, 3)))
    won = np.bincount((score + noise).argmax(axis=1), minlength=3) / 200_000
    assert won == pytest.approx([0.6, 0.3, 0.1], abs=5 * 0.0011)  # standard error sqrt(0.24 / 200,000)


PICKING = selection.SelectionParameters(
    weight_of_attendance=2.0,
    weight_of_resources=1.0,
    weight_of_skill=3.0,
    women_candidacy_barrier=1.5,
    sortition_resources=0.4,
)
TRAITS = {"attendance": 1.0, "resources": 2.0, "skill": -1.0, "propensity": 0.25, "trust": 0.5}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("facilitator", 2.0 * 1.0 + 0.5 * 1.0 * 2.0 + 0.5 * 0.5),
        ("municipality", 1.0 * 2.0 + 0.5 * 3.0 * -1.0 + 0.5),
        ("elected", 0.25 + 0.5 * 1.0 * 2.0 + 0.5 * 3.0 * -1.0),
        ("sortition", 0.4 * 2.0),
    ],
)
def test_member_score(method, expected):
    traits = {name: np.array([value]) for name, value in TRAITS.items()}
    assert close(selection.member_score(method, PICKING, **traits, barred=np.zeros(1)), [expected])
    barrier = 0.0 if method in ("sortition", "elected") else 1.5  # the lot bars nobody, and who stands is drawn
    assert close(selection.member_score(method, PICKING, **traits, barred=np.ones(1)), [expected - barrier])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("appointed", 2.0 * 3.0 * -1.0),
        ("council", 3.0 * -1.0 + 0.5 * 2.0 * 1.0),
        ("elected", 0.5 * 3.0 * -1.0 + 0.5 * 1.0 * 2.0 + 0.5 * 0.25),
    ],
)
def test_mayor_score(method, expected):
    traits = {name: np.array([TRAITS[name]]) for name in ("attendance", "resources", "skill")}
    assert close(selection.mayor_score(method, PICKING, **traits, standing_out=np.array([0.25])), [expected])


def test_unknown_ways_of_selecting_are_refused():
    traits = {name: np.zeros(1) for name in TRAITS}
    with pytest.raises(KeyError, match="no method of selecting members is called 'crown'"):
        selection.member_score("crown", PICKING, **traits, barred=np.zeros(1))
    traits = {name: np.zeros(1) for name in ("attendance", "resources", "skill", "standing_out")}
    with pytest.raises(KeyError, match="no selection of mayors is called 'crown'"):
        selection.mayor_score("crown", PICKING, **traits)


def test_plurality():
    preferences = np.array([[1.0, 0.0, 5.0], [3.0, 2.0, 1.0], [0.0, 4.0, 9.0]])  # votes: 2, 0, 2
    assert selection.plurality(preferences, 2).tolist() == [2, 0]
    assert selection.plurality(np.eye(3), 2).tolist() == [0, 1]  # a tie goes to the lower position
    assert selection.plurality(preferences, 9).size == 3


def test_perceived_performance():
    weights = np.array([[0.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1.0]])
    levels = np.array([0.2, 0.4, 0, 0, 0, 0.6])
    assert close(services.perceived_performance(weights.T, levels), [0.3, 0.6])  # 0.1 + 0.2
    assert close(services.perceived_performance(weights[0], levels), 0.3)


def test_deliver():
    # a log gap of ln 2 halves what is missing: 1 - 0.6 / 2
    assert close(services.deliver(np.array([0.4]), np.array([math.log(2.0)])), [0.7])
    assert close(services.deliver(np.array([0.4]), np.array([0.0])), [0.4])


def test_project_gain():
    # a typical project that closes a fifth: -ln 0.8; half the cost, half the gain; half of it private, half again
    gain = services.project_gain(np.array([1.0, 0.5, 0.5]), 0.2, np.array([0.0, 0.0, 0.5]))
    assert close(gain, -math.log(0.8) * np.array([1.0, 0.5, 0.25]))
    # so that the level after it is S + g (1 - S): 0.5 + 0.2 · 0.5
    assert close(services.deliver(np.array([0.5]), gain[:1]), [0.6])


def test_decay():
    level = np.array([0.5])
    for _ in range(52):
        level = services.decay(level, 0.1)
    assert close(level, [0.45])  # a tenth in a year


def test_worn():
    # half as fast, or not at all, where things wear less: the root of 0.81 is 0.9
    assert close(services.worn(0.19, np.array([1.0, 0.5, 0.0])), [0.19, 0.1, 0.0])


def test_log_odds():
    assert close(trust.log_odds(np.array([0.5, 0.75, 0.2])), [0.0, math.log(3.0), -math.log(4.0)])
    most = math.log((1.0 - 1e-6) / 1e-6)
    assert trust.log_odds(np.array([0.0, 1.0, -1.0, 2.0])) == pytest.approx([-most, most, -most, most], abs=1e-9)


def test_evidence():
    # wholly good, wholly bad, half good, saying nothing; κ = 0.2, λ = 2, m = 1.5
    signals = np.array([1.0, 0.0, 0.75, 0.5])
    assert close(trust.evidence(signals, 1.5, 0.2, 2.0), [0.3, -0.6, 0.15, 0.0])
    assert close(trust.evidence(0.0, np.array([0.0, 1.0]), 0.2, 1.0), [0.0, -0.2])


def test_kept_per_week():
    assert trust.kept_per_week(1.0) == 0.5
    assert trust.kept_per_week(78.0) ** 78 == pytest.approx(0.5, abs=ROUNDING)


def test_trust_after():
    # odds of 3/2 doubled are 3, halved 3/4; nothing gained, nothing moved; 0 and 1 are not quite reached
    assert close(trust.trust_after(np.array([0.6, 0.6, 0.6]), math.log(2.0) * np.array([1, -1, 0])), [0.75, 3 / 7, 0.6])
    assert close(trust.trust_after(np.array([0.0, 1.0]), np.zeros(2)), [1e-6, 1.0 - 1e-6])


def test_formative_shift():
    # a tenth of what goes beyond the usual; towards the disposition when less was lived than usual
    assert close(trust.formative_shift(np.array([0.5, 0.1]), 0.3, 0.1), [0.02, -0.02])


def test_service_evidence():
    # 0.01 · ((0.6 - 0.5) + 0.8 · (0.6 - 0.7))
    level = np.array([0.6])
    assert close(trust.service_evidence(level, np.array([0.5]), np.array([0.7]), 0.8, 0.01), [0.01 * (0.1 - 0.08)])
    assert close(trust.service_evidence(level, level, level, 0.8, 0.01), [0.0])


def test_experience():
    # up by 0.1 · 0.6; down by 2 · 0.1 · 0.4; where the signal says what one thinks, not at all
    assert close(trust.experience(np.array([0.4, 0.4, 0.4]), np.array([1.0, 0.0, 0.4]), 0.1, 2.0), [0.46, 0.32, 0.4])
    assert trust.experience(0.4, 0.0, 0.8, 3.0) == 0.0  # at most the whole gap is lost


def test_anchor():
    assert close(trust.anchor(np.array([0.5]), np.array([0.3]), np.array([0.5]), 0.1), [0.49])  # 0.1 · 0.5 · -0.2


def test_stubbornness_from():
    innate = np.array([0.5, 1.0, 0.0, 0.75])
    assert close(trust.stubbornness_from(innate, 0.25, 0.4), [0.25, 0.65, 0.65, 0.45])
    assert close(trust.stubbornness_from(np.array([1.0]), 0.6, 0.4), [0.95])


def test_voice_signal():
    assert close(trust.voice_signal(0.2, np.array([True, False])), [1.0, 0.2])
    assert close(trust.voice_signal(0.9, np.array([True, False]), "response"), [1.0, 0.0])


def test_greedy():
    # 9 votes take 6 of 10; 8 votes cost 5 and are skipped; 2 votes cost 4
    assert voting.greedy([6, 5, 4], [9, 8, 2], 10).tolist() == [True, False, True]


def test_equal_shares():
    # Three voters with 4 each. Two approve A (6): 3 each. The third alone cannot pay B (6) with 4.
    ballots = np.array([[True, False], [True, False], [False, True]])
    assert voting.equal_shares([6, 6], ballots, 12, completion="none").tolist() == [True, False]


def test_approvals_from_utilities():
    # mean 0.5: two lie above it, of whom one may be approved
    assert voting.approvals_from_utilities([[0.9, 0.8, 0.2, 0.1]], 3).tolist() == [[True, True, False, False]]
    assert voting.approvals_from_utilities([[0.9, 0.8, 0.2, 0.1]], 1).tolist() == [[True, False, False, False]]


def test_gini():
    assert close(voting.gini([1, 1, 1]), 0.0)
    assert close(voting.gini([0, 0, 3]), 2 / 3)  # ((2·3 - 3 - 1) · 3) / (3 · 3)


def test_equal_shares_of_points():
    # Both voters can pay 2 of 4. At rho = 1/4 each pays 2 for the project with 2 points; the other would need 1/2.
    points = np.array([[2, 1], [2, 1]])
    assert voting.equal_shares_of_points([4.0, 4.0], points, 4.0, completion="none").tolist() == [True, False]
    alone = np.array([[3, 0], [0, 1]])  # one supporter alone cannot pay 4 from 2
    assert voting.equal_shares_of_points([4.0, 4.0], alone, 4.0, completion="none").tolist() == [False, False]


def test_elect_by_shares():
    ballots = np.array([[True, False], [True, True]])
    assert shares.elect_by_shares([4, 4], ballots, 4, 1, [0, 1], "none") == [0]
    assert shares.elect_by_shares([4, 2], ballots, 4, 1, [0, 1], "none") == [0]  # two pay less each than one alone


def test_share_without_winner():
    ballots = np.array([[True, False], [False, True], [False, True], [False, True]])
    assert close(voting.share_without_winner(ballots, np.array([True, False])), 0.75)


def public_rules():
    """Name of every public function of every module of rules."""
    found = set()
    for info in pkgutil.iter_modules(sim.rules.__path__):
        module = importlib.import_module(f"sim.rules.{info.name}")
        for name, item in vars(module).items():
            if inspect.isfunction(item) and item.__module__ == module.__name__ and not name.startswith("_"):
                found.add(name)
    return found


def test_every_rule_has_a_test_of_its_name_here():
    assert {f"test_{name}" for name in public_rules()} <= globals().keys()


# --- What sharing power returns ---------------------------------------------------------------------------------------


def test_price():
    delegated = np.array([True, False])
    assert close(returns.price(np.array([2.0, 2.0]), delegated, 0.25), [1.5, 2.0])
    assert (returns.price(np.array([2.0, 0.3]), delegated, 0.0) == [2.0, 0.3]).all()


def test_part_of_account():
    # Of 100 a third off the price leaves 75, of which residents pay a fifth.
    assert close(returns.part_of_account(0.25, 0.2), 0.6)
    assert returns.part_of_account(0.0, 0.0) == 1.0


def test_level_built():
    before, gain = np.array([0.5, 0.5, 0.5]), np.array([0.4, 0.4, 0.0])
    after = services.deliver(before, gain)
    rise = 0.5 * (1.0 - np.exp(-0.4))
    assert close(returns.level_built(after, before, gain, np.array([0.4, 0.1, 0.0])), [rise, rise / 4.0, 0.0])


def test_left_of_built():
    # In a year 0.1 · (1 - 0.3) of the level is lost; more than there is cannot have been built.
    left = np.array([0.4, 0.9])
    for _ in range(52):
        left = returns.left_of_built(left, np.array([0.5, 0.6]), 0.1, 0.3)
    assert close(left[0], 0.4 * 0.93)
    assert close(returns.left_of_built(0.9, 0.6, 0.1, 0.3), 0.6 * 0.93 ** (1.0 / 52.0))


def test_kept_by_upkeep():
    kept = returns.kept_by_upkeep(np.array([0.4, 0.9]), np.array([0.5, 0.6]), 0.1, 0.3)
    assert close(kept, np.array([0.4, 0.6]) * (0.93 ** (1.0 / 52.0) - 0.9 ** (1.0 / 52.0)))
    assert returns.kept_by_upkeep(0.4, 0.5, 0.1, 0.0) == 0.0
    # With decay, what is left of all services is what is left of the others and of those that councils built.
    level = services.decay(0.5, 0.1) + returns.kept_by_upkeep(0.4, 0.5, 0.1, 0.3)
    assert close(level, services.decay(0.1, 0.1) + returns.left_of_built(0.4, 0.5, 0.1, 0.3))


def test_approach():
    level = 0.2
    for _ in range(26):
        level = returns.approach(level, 1.0, 26.0)
    assert close(level, 0.6)
    assert returns.approach(0.0, 0.0, 26.0) == 0.0


# --- Scalars and shapes -----------------------------------------------------------------------------------------------

ELEMENTWISE = {
    "relevance": lambda x: awareness.relevance(x),
    "capture_probability": lambda x: capture.capture_probability(0.3, x, 0.7),
    "discovery_probability": lambda x: capture.discovery_probability(x, 0.5, 2.0),
    "answered_chance": lambda x: contacts.answered_chance(0.6, 0.8, x, 0.2, x),
    "answered_last": lambda x: contacts.answered_last(x, 1.57),
    "project_costs": lambda x: choice.project_costs(x, 1.6, 0.5),
    "assistance_of_team": lambda x: delivery.assistance_of_team(x, 2.0 * x, 3.0 * x, 0.35),
    "speed": lambda x: delivery.speed(30.0, x, x, x, DELIVERY),
    "satisfaction": lambda x: expectation.satisfaction(x, 1.0 - x, 0.8),
    "adapt": lambda x: expectation.adapt(x, 1.0 - x, 0.01),
    "raise_by_pledge": lambda x: expectation.raise_by_pledge(x, 0.04),
    "usual_expectation": lambda x: expectation.usual_expectation(x, 0.1 * x, 0.04, 0.01),
    "hearsay": lambda x: influence.hearsay(x, 1.0 - x, x, 0.3, 0.5),
    "repulsion": lambda x: influence.repulsion(x, 1.0 - x, x, 0.3, 0.5),
    "averaging": lambda x: influence.averaging(x, 1.0 - x, x, 0.3),
    "need": lambda x: knowledge.need(x, x),
    "habit_step": lambda x: learning.habit_step(x, 1.0, 0.04),
    "mentor_quality": lambda x: learning.mentor_quality(x, 3.0 * x, 0.5),
    "skill_gain": lambda x: learning.skill_gain(x, 0.02, x),
    "skill_decay": lambda x: learning.skill_decay(x, 0.1, 0.002),
    "mastery": lambda x: feelings.mastery(x, 0.5 + 0.5 * x),
    "years_of_stay": lambda x: feelings.years_of_stay(80.0 * x),
    "leaning": lambda x: participation.leaning(
        x, WEIGHTS, resources=x, trust=x, asked=x, habit=x, belonging=x, skill=x, fatigue=x, access=x
    ),
    "probability": lambda x: participation.probability(x, 0.8),
    "joins_by_threshold": lambda x: participation.joins_by_threshold(x, 0.5),
    "conditional_probability": lambda x: participation.conditional_probability(-x, x, 4.0),
    "burnout_probability": lambda x: participation.burnout_probability(participation.BurnoutParameters(), x, x, x),
    "beyond_usual": lambda x: participation.beyond_usual(x, x, 0.4),
    "listed_in_the_long_run": lambda x: listing.listed_in_the_long_run(x, 0.3, 0.1 * x),
    "most_candidates": lambda x: selection.most_candidates(0.01, 3_000.0 * x, 0.0 * x + 3.0, 8),
    "price": lambda x: returns.price(x, x > 0.5, 0.25),
    "level_built": lambda x: returns.level_built(x, 0.5 * x, x, 0.3 * x),
    "left_of_built": lambda x: returns.left_of_built(x, 1.0 - x, 0.1, 0.3),
    "kept_by_upkeep": lambda x: returns.kept_by_upkeep(x, 1.0 - x, 0.1, 0.3),
    "standardised": lambda x: selection.standardised(x, 0.5, 0.2),
    "gumbel": lambda x: selection.gumbel(x),
    "member_score": lambda x: selection.member_score(
        "facilitator", PICKING, attendance=x, resources=x, skill=x, propensity=x, trust=x, barred=x
    ),
    "mayor_score": lambda x: selection.mayor_score(
        "elected", PICKING, attendance=x, resources=x, skill=x, standing_out=x
    ),
    "deliver": lambda x: services.deliver(x, x),
    "project_gain": lambda x: services.project_gain(x, 0.2, x),
    "decay": lambda x: services.decay(x, 0.1),
    "worn": lambda x: services.worn(0.1, x),
    "log_odds": lambda x: trust.log_odds(x),
    "evidence": lambda x: trust.evidence(x, 2.0 * x, 0.2, 2.0),
    "trust_after": lambda x: trust.trust_after(x, 0.1 * x),
    "formative_shift": lambda x: trust.formative_shift(x, 0.3, 0.001),
    "service_evidence": lambda x: trust.service_evidence(x, 1.0 - x, x, 0.8, 0.0125),
    "experience": lambda x: trust.experience(x, 0.5, 0.1 * x, 2.0),
    "anchor": lambda x: trust.anchor(x, 1.0 - x, x, 0.15),
    "stubbornness_from": lambda x: trust.stubbornness_from(x, 0.25, 0.4),
    "voice_signal": lambda x: trust.voice_signal(x, True),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_rules_take_numbers_as_well_as_arrays_and_keep_the_shape(name):
    rule, values = ELEMENTWISE[name], np.linspace(0.05, 0.95, 12)
    together = rule(values)
    assert together.shape == (12,)
    assert rule(values.reshape(3, 4)).tolist() == together.reshape(3, 4).tolist()
    one_by_one = [float(rule(float(value))) for value in values]
    assert one_by_one == pytest.approx(together.astype(np.float64).tolist(), abs=1e-15)
    assert rule(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_rules_leave_their_arguments_as_they_were(name):
    values = np.linspace(0.05, 0.95, 12)
    ELEMENTWISE[name](values)
    assert values.tolist() == np.linspace(0.05, 0.95, 12).tolist()


# --- Bounds -----------------------------------------------------------------------------------------------------------


def within_the_unit_interval(values):
    return bool((np.asarray(values) >= 0.0).all() and (np.asarray(values) <= 1.0).all())


some_evidence = st.floats(-8.0, 8.0)


@seeded
@given(some_shares)
def test_log_odds_are_finite_and_undone_by_the_logistic(level):
    odds = trust.log_odds(level)
    assert np.isfinite(odds).all()
    assert 1.0 / (1.0 + np.exp(-odds)) == pytest.approx(np.clip(level, 1e-6, 1.0 - 1e-6), abs=ROUNDING)


@seeded
@given(share, st.floats(0.0, 3.0), st.floats(0.05, 0.5), st.floats(1.0, 3.0))
def test_bad_evidence_outweighs_as_good_evidence_by_the_ratio(signal, weight, per_experience, ratio):
    one = float(trust.evidence(signal, weight, per_experience, ratio))
    opposite = float(trust.evidence(1.0 - signal, weight, per_experience, ratio))
    assert min(one, opposite) == pytest.approx(-ratio * max(one, opposite), abs=1e-12)
    assert abs(one) <= ratio * per_experience * weight + ROUNDING


@seeded
@given(some_shares, some_evidence)
def test_trust_is_a_share_and_rises_with_what_is_gained(before, gained):
    after = trust.trust_after(before, gained)
    assert within_the_unit_interval(after)
    assert (trust.trust_after(before, gained + 0.1) > after).all()
    assert trust.log_odds(after) == pytest.approx(np.clip(trust.log_odds(before) + gained, -13.8, 13.8), abs=0.05)


@seeded
@given(st.floats(0.02, 0.49), st.floats(0.01, 0.5), st.sampled_from([-1.0, 1.0]))
def test_the_same_evidence_moves_extreme_trust_less_than_middling_trust(extreme, gained, sign):
    # σ(L + g) - σ(L) towards the middle grows with the slope T (1 - T) on the way: least far out.
    def moved(level):
        return abs(float(trust.trust_after(np.float64(level), sign * gained)) - level)

    assert moved(0.5) > moved(extreme if sign < 0.0 else 1.0 - extreme)
    most = math.tanh(gained / 4.0)  # that any level can move
    assert max(moved(extreme), moved(1.0 - extreme)) <= most + ROUNDING


@seeded
@given(some_shares, share, share, st.floats(1.0, 3.0))
def test_experience_moves_towards_the_signal_and_never_past_it(before, signal, rate, ratio):
    after = trust.experience(before, signal, rate, ratio)
    assert within_the_unit_interval(after)
    low, high = np.minimum(before, signal), np.maximum(before, signal)
    assert (after >= low - ROUNDING).all()
    assert (after <= high + ROUNDING).all()


@seeded
@given(st.floats(0.001, 0.4), share, st.floats(0.001, 0.3), st.floats(1.0, 3.0))
def test_direct_experience_loses_faster_than_it_gains_by_the_ratio(gap, place, rate, ratio):
    before = gap + place * (1.0 - 2.0 * gap)
    gained = trust.experience(before, before + gap, rate, ratio) - before
    lost = before - trust.experience(before, before - gap, rate, ratio)
    # g gap up, λ g gap down, as long as λ g is at most 1: their ratio is λ
    assert lost == pytest.approx(ratio * gained, abs=1e-12)


@seeded
@given(some_shares, share, share, st.floats(0.0, 0.3))
def test_the_anchor_pulls_towards_the_innate_level(before, innate, stubborn, rate):
    after = trust.anchor(before, innate, stubborn, rate)
    assert within_the_unit_interval(after)
    assert (np.abs(after - innate) <= np.abs(before - innate) + ROUNDING).all()


@seeded
@given(some_shares, share, share)
def test_stubbornness_is_a_share_and_least_in_the_middle(innate, mean, extra):
    stubborn = trust.stubbornness_from(innate, mean, extra)
    assert within_the_unit_interval(stubborn)
    assert stubborn.max() <= 0.95
    assert (stubborn >= trust.stubbornness_from(np.full(innate.size, 0.5), mean, extra)).all()


@seeded
@given(share, st.booleans())
def test_voice_is_a_share_and_worth_more_when_heard(rung, heard):
    signal = trust.voice_signal(rung, heard)
    assert within_the_unit_interval(signal)
    assert signal <= trust.voice_signal(rung, True)


@seeded
@given(some_shares, share, share, st.floats(0.0, 0.5), share)
def test_talk_keeps_trust_a_share(own, heard, stubborn, convergence, bound):
    assert within_the_unit_interval(own + influence.hearsay(own, heard, stubborn, convergence, bound))
    assert within_the_unit_interval(own + influence.repulsion(own, heard, stubborn, convergence, bound))


def test_repulsion_keeps_trust_a_share_over_the_whole_range_of_convergence():
    # Without a bound: 0.25 - 0.5 · 0.75 · 4 · 0.25 · 0.75 = -0.031
    own = np.linspace(0.0, 1.0, 101)
    for heard in (0.0, 1.0):
        assert within_the_unit_interval(own + influence.repulsion(own, heard, np.zeros(101), 0.5, 0.05))


@seeded
@given(share, share, share, st.floats(0.0, 0.5), share)
def test_hearsay_is_symmetric(own, heard, stubborn, convergence, bound):
    there = influence.hearsay(own, heard, stubborn, convergence, bound)
    back = influence.hearsay(heard, own, stubborn, convergence, bound)
    assert there == pytest.approx(-back, abs=1e-15)
    assert abs(there) <= abs(heard - own)


@seeded
@given(some_shares, share, share, share)
def test_averaging_stays_between_own_and_mean(own, mean, stubborn, weight):
    after = own + influence.averaging(own, mean, stubborn, weight)
    assert (after >= np.minimum(own, mean) - ROUNDING).all()
    assert (after <= np.maximum(own, mean) + ROUNDING).all()


@seeded
@given(some_shares, share, st.floats(0.0, 2.0), st.floats(0.001, 0.05), st.floats(0.0, 0.15))
def test_expectation_and_satisfaction_stay_shares(performance, expected, weight, rate, rise):
    assert within_the_unit_interval(expectation.satisfaction(performance, expected, weight))
    assert within_the_unit_interval(expectation.adapt(expected, performance, rate))
    assert within_the_unit_interval(expectation.raise_by_pledge(performance, rise))
    assert (expectation.raise_by_pledge(performance, rise) >= performance).all()


@seeded
@given(some_shares, share, st.floats(0.0, 0.3), st.floats(0.0, 0.02))
def test_habit_and_skill_stay_shares(values, other, rate, small_rate):
    for result in (
        learning.habit_step(values, 1.0, rate),
        learning.habit_step(values, 0.0, rate),
        learning.skill_gain(values, rate, other),
        learning.skill_decay(values, other, small_rate),
    ):
        assert within_the_unit_interval(result)
    assert (learning.skill_gain(values, rate, other) >= values).all()


@seeded
@given(st.floats(0.0, 1e4), st.floats(0.0, 1e4), st.floats(0.05, 5.0))
def test_mentoring_is_a_share_that_grows_with_hours_and_falls_with_youths(hours, youths, half):
    quality = learning.mentor_quality(hours, youths, half)
    assert 0.0 <= quality < 1.0
    assert learning.mentor_quality(hours + 1.0, youths, half) >= quality
    assert learning.mentor_quality(hours, youths + 1.0, half) <= quality


@seeded
@given(some_shares, st.floats(0.0, 10.0), st.floats(0.0, 0.2), st.floats(0.0, 5.0))
def test_services_stay_shares(levels, gain, rate, wear):
    assert within_the_unit_interval(services.deliver(levels, gain))
    assert (services.deliver(levels, gain) >= levels - ROUNDING).all()
    assert within_the_unit_interval(services.decay(levels, services.worn(rate, np.full(levels.size, wear))))
    assert (services.decay(levels, services.worn(rate, np.full(levels.size, wear))) <= levels).all()


@seeded
@given(st.floats(-50.0, 50.0), st.floats(-5.0, 5.0), share, st.floats(0.0, 10.0))
def test_probabilities_of_coming_are_shares_and_rise_with_what_eases(own, offset, active, slope):
    assert within_the_unit_interval(participation.probability(own, offset))
    assert participation.probability(own, offset + 1.0) >= participation.probability(own, offset)
    conditional = participation.conditional_probability(own, active, slope)
    assert within_the_unit_interval(conditional)
    assert conditional >= participation.conditional_probability(own, 0.0, slope)


@seeded
@given(share, share, share, st.floats(0.0, 0.02), st.floats(0.0, 3.0))
def test_burnout_is_a_probability_and_recognition_lowers_it(load, unmet, recognition, base, weight):
    parameters = participation.BurnoutParameters(
        base_hazard_per_week=base, load_weight=weight, unmet_weight=weight, recognition_weight=weight
    )
    chance = participation.burnout_probability(parameters, load, unmet, recognition)
    assert within_the_unit_interval(chance)
    assert chance <= participation.burnout_probability(parameters, load, unmet, 0.0)


@seeded
@given(some_shares, share, st.booleans(), st.booleans(), st.floats(1.0, 6.0))
def test_leaks_and_capture_are_shares_and_accountability_lowers_them(elite, base, audit, publication, factor):
    left = capture.remaining_share(audit, publication, CAPTURE)
    assert 0.0 < left <= 1.0
    assert within_the_unit_interval(capture.leak_rate(base, left, factor))
    assert within_the_unit_interval(capture.capture_probability(base, elite, left))
    assert (capture.capture_probability(base, elite, left) <= capture.capture_probability(base, elite, 1.0)).all()
    assert within_the_unit_interval(capture.discovery_probability(elite, base, factor))


@seeded
@given(
    st.lists(st.tuples(st.floats(1.0, 1e6), share), min_size=1, max_size=12).map(np.array),
    st.sampled_from(["per_head", "by_need", "by_participation", "by_favour"]),
)
def test_money_is_divided_to_the_last_part(rows, rule):
    people, other = rows[:, 0], rows[:, 1]
    arguments = {"per_head": (people,), "by_favour": (people, 0.1 + other)}.get(rule, (people, other))
    shares = getattr(allocation, rule)(*arguments)
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)
    assert (shares >= 0.0).all()


@seeded
@given(st.lists(share, min_size=6, max_size=6).map(np.array), st.floats(0.0, 5.0))
def test_proposals_follow_a_distribution(agenda, focus):
    chances = choice.proposal_probabilities(agenda, focus)
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert (chances >= 0.0).all()


@seeded
@given(
    st.lists(st.tuples(st.floats(0.0, 100.0), st.integers(0, 2)), min_size=1, max_size=12),
    st.lists(st.floats(0.0, 50.0), min_size=3, max_size=3).map(np.array),
)
def test_no_account_pays_more_than_it_holds(wants, balance):
    wanted, account = np.array([want for want, _ in wants]), np.array([number for _, number in wants])
    shares = delivery.paid_share(wanted, account, balance)
    assert within_the_unit_interval(shares)
    paid = np.bincount(account, wanted * shares, minlength=3)
    assert (paid <= balance * (1.0 + 1e-12)).all()


@seeded
@given(share, st.floats(0.0, 20.0), st.floats(0.0, 50.0), share)
def test_assistance_lies_between_the_floor_and_full_help(quality, capacity, served, floor):
    helped = delivery.assistance_of_team(quality, capacity, served, floor)
    assert floor - ROUNDING <= helped <= 1.0 + ROUNDING
    assert helped >= delivery.assistance_of_team(quality, capacity, served + 1.0, floor) - ROUNDING


@seeded
@given(share, st.floats(0.0, 100.0), share)
def test_works_never_go_backwards_and_volunteers_help(assistance, volunteers, skill):
    pace = delivery.speed(30.0, assistance, volunteers, skill, delivery.DeliveryParameters(mayor_effect=2.0))
    assert pace >= 0.0
    assert delivery.speed(30.0, assistance, volunteers + 1.0, skill, DELIVERY) >= delivery.speed(
        30.0, assistance, volunteers, skill, DELIVERY
    )


matrix = st.lists(st.lists(share, min_size=3, max_size=3), min_size=1, max_size=5).map(np.array)


@seeded
@given(matrix, matrix)
def test_shares_sum_to_one_and_matches_are_shares(rows, others):
    assert knowledge.as_shares(rows).sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-12)
    size = min(len(rows), len(others))
    match = knowledge.need_match(rows[:size], others[:size])
    assert math.isnan(match) or -ROUNDING <= match <= 1.0
    assert within_the_unit_interval(knowledge.need(rows, 1.0 - rows))
