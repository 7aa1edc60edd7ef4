"""Offices: which seats there are, and who fills them: chosen by somebody's judgement, by the lot, or by voters."""

from __future__ import annotations

from collections import Counter

from sim.agents.resident import ROLES
from tests.docking import rules

DECIDING = ("council", "liaison", "womens_council")
COHORTS_OF = {
    "any": ("youth", "young_adult", "adult", "elder"),
    "youth": ("youth",),
    "younger": ("youth", "young_adult"),
    "older": ("adult", "elder"),
}
GOLDEN_RATIO = 0.6180339887498949
MOST_CANDIDATES = 64  # room for candidates in the numbering of draws


class Seat:
    """A seat of a council, or of a mayoralty, and the resident whose traits fill it (`donor`).

    At a scale below 1 the agents are a sample of the residents. Then only the seats in the sample are held by agents
    themselves, who spend time, learn and burn out; the others are held by residents outside the sample, with the
    traits of an agent.
    """

    def __init__(self, ordinal, neighbourhood, role, sex, generation, selection, scale):
        self.key = neighbourhood.number * 1_000 + ROLES.index(role) * 100 + ordinal  # of its draws
        self.neighbourhood = neighbourhood
        self.role, self.sex, self.generation, self.selection = role, sex, generation, selection
        self.in_sample = self.key * GOLDEN_RATIO % 1.0 < scale
        self.donor = None

    @property
    def decides(self):
        return self.role in DECIDING

    @property
    def kind(self):
        """Candidates for seats of one kind stand against each other in an election."""
        return self.role, self.sex, self.generation

    def is_open_to(self, resident, migrants):
        return (
            self.sex in ("any", resident.sex)
            and resident.cohort in COHORTS_OF[self.generation]
            and (migrants or resident.standing == "citizen")
        )


SELECTIONS = {
    "facilitator": ["facilitator"],
    "municipality": ["municipality"],
    "elected": ["elected"],
    "sortition": ["sortition"],
    "mixed": ["facilitator", "elected"],
}
"""Methods that a council's seats take in turn, by the policy's selection."""


def plan_of_seats(policy):
    """The seats of each neighbourhood under a policy: role, sex and generation each is kept for, how it is filled."""
    council, mayor = policy.council, policy.mayor
    own = council.size + council.liaisons
    generation = {"elders": ["older"] * own, "youth": ["younger"] * own, "mixed": ["older", "younger"] * own}
    roles = ["council"] * council.size + ["liaison"] * council.liaisons
    seats = [[role, "any", kept_for] for role, kept_for in zip(roles, generation[council.composition], strict=False)]
    for seat in seats[: round(council.quota_women * own)]:
        seat[1] = "woman"
    for place in range(round(council.quota_youth * own)):
        seats[own - 1 - place][2] = "youth"
    seats += [["womens_council", "woman", "any"] for _ in range(council.womens_council)]
    seats += [["teen_manager", "any", "youth"] for _ in range(council.teen_managers)]
    for place, seat in enumerate(seats):
        methods = SELECTIONS[council.selection]
        seat.append(methods[place % len(methods)])
    if mayor.kind != "none":
        seats += [["mayor", "any", "youth" if mayor.kind == "youth" else "older", mayor.selection]] * mayor.seats
    return [tuple(seat) for seat in seats]


def on_council(plan):
    return [seat for seat in plan if seat[0] != "mayor"]


def of_mayors(plan):
    return [seat for seat in plan if seat[0] == "mayor"]


def lay_out(model, keep=()):
    """Give every neighbourhood seats after the policy's plan; who holds a seat of a role in `keep` stays in it."""
    plan = plan_of_seats(model.policy)
    for home in model.neighbourhoods:
        holders = {seat.key: seat.donor for seat in getattr(home, "seats", []) if seat.role in keep}
        so_far = Counter()
        home.seats = []
        for seat in plan:
            home.seats.append(Seat(so_far[seat[0]], home, *seat, model.parameters.run.scale))
            so_far[seat[0]] += 1
            home.seats[-1].donor = holders.get(home.seats[-1].key)
    model.note_members()


def council_seats(home):
    return [seat for seat in home.seats if seat.role != "mayor"]


def mayors_seats(home):
    return [seat for seat in home.seats if seat.role == "mayor"]


def number_of_contest(kind):
    """Number of the contest for seats of a kind; contests are held one after the other."""
    role, sex, generation = kind
    return 100 * ROLES.index(role) + (20 if sex == "woman" else 0) + list(COHORTS_OF).index(generation)


def is_elected(home):
    """Whether any of the council's seats is elected."""
    return any(seat.selection == "elected" for seat in council_seats(home))


# -------------------------------------------------------------------- filling seats


def fill_council_seats(home, seats, by_vote=False):
    """Fill some council seats of a neighbourhood: all by judgement; the elected ones by last week's vote, if there was
    one, and else by co-opting.
    """
    model = home.model
    running = {seat: candidates_for(seat) for seat in seats}
    scores = {seat: [member_score(seat, candidate, luck) for candidate, luck in running[seat]] for seat in seats}
    candidates = {seat: [candidate for candidate, _ in running[seat]] for seat in seats}
    appoint_the_best(home, seats, candidates, scores)
    model.totals["seats_filled"] += sum(1 for seat in seats if seat.donor is not None)
    if by_vote:
        elected = [seat for seat in seats if seat.selection == "elected"]
        for seat in elected:
            seat.donor = None
        for kind in sorted({seat.kind for seat in elected}, key=number_of_contest):
            hold_election(home, [seat for seat in elected if seat.kind == kind], candidates, scores)


def fill_mayoralty(home, seats, by_vote=False):
    """Fill some mayors' seats of a neighbourhood; returns whether anybody could be chosen."""
    running = {seat: candidates_for(seat) for seat in seats}
    candidates = {seat: [candidate for candidate, _ in running[seat]] for seat in seats}
    scores = {}
    for place, seat in enumerate(seats):
        luck = [luck for _, luck in running[seat]]
        scores[seat] = mayor_scores(home, seat, candidates[seat], luck)
        if by_vote:
            standing = places_of_those_who_stand(seat, scores[seat])
            candidates[seat] = [candidates[seat][at] for at in standing]
            scores[seat] = [scores[seat][at] for at in standing]
        if by_vote and home.voters() and candidates[seat]:
            votes = votes_for_mayor(home, f"vote for mayor {place}", candidates[seat])
            scores[seat] = [score + 1e3 * vote for score, vote in zip(scores[seat], votes, strict=True)]
    appoint_the_best(home, seats, candidates, scores)
    chosen = [seat.donor for seat in seats if seat.donor is not None]
    home.model.totals["seats_filled"] += len(chosen)
    if chosen:
        home.mayor.take_office(chosen, home.model.policy.mayor.seats)
    return bool(chosen)


def candidates_for(seat):
    """People considered for a seat, drawn by lot from those it is open to, each with the selector's luck in judging.

    For an elected seat open to both sexes, women stand less often than men: draws go on until enough people do.
    """
    model = seat.neighbourhood.model
    migrants = model.policy.council.standing_for_migrants
    pool = [resident for resident in seat.neighbourhood.residents if seat.is_open_to(resident, migrants)]
    selection, nominates = model.behaviour.selection, seat.selection == "elected" and seat.sex == "any"
    candidates = []
    for place in range(MOST_CANDIDATES if nominates else selection.candidates_per_seat):
        if not pool or len(candidates) == selection.candidates_per_seat:
            break
        number = seat.key * MOST_CANDIDATES + place
        person = pool[int(model.luck.uniform("candidates", model.week, number) * len(pool))]
        if nominates and person.sex == "woman":
            stands = model.luck.uniform("nomination", model.week, number) < selection.women_nomination_ratio
            if not stands:
                continue
        judgement = rules.gumbel(model.luck.uniform("judgement", model.week, number))
        candidates.append((person, judgement * selection.luck))
    return candidates


def places_of_those_who_stand(seat, scores):
    """Places, among those considered, of those who stand in an election: the best, as many as nominations allow."""
    home, selection = seat.neighbourhood, seat.neighbourhood.model.behaviour.selection
    migrants = home.model.policy.council.standing_for_migrants
    eligible = sum(1 for resident in home.residents if migrants or resident.standing == "citizen") / home.model.scale
    of_mayors = seat.role == "mayor"
    together = mayors_seats(home) if of_mayors else council_seats(home)
    elected = sum(1 for other in together if other.selection == "elected")
    considered = selection.candidates_per_seat
    considered = considered if of_mayors else max(1, considered // 2)
    most = rules.most_candidates(selection.nomination_share, eligible, elected, considered)
    ranked = sorted(range(len(scores)), key=lambda place: -scores[place])
    return sorted(ranked[:most])


def trait(resident, name):
    """A trait in standard deviations of the city at the start."""
    return rules.standardised(getattr(resident, name), *resident.model.spread_of[name])


def member_score(seat, candidate, luck):
    """How much whoever selects leans to a candidate; women are held back where no seat is kept for them."""
    barred = 1.0 if candidate.sex == "woman" and seat.sex != "woman" else 0.0
    return luck + rules.member_score(
        seat.selection,
        candidate.model.behaviour.selection,
        attendance=trait(candidate, "attendance_propensity"),
        resources=trait(candidate, "resources"),
        skill=trait(candidate, "civic_skill"),
        propensity=trait(candidate, "propensity"),
        trust=trait(candidate, "trust_in_municipality"),
        barred=barred,
    )


def mayor_scores(home, seat, candidates, luck):
    """Scores of candidates for mayor; where the talent pool reaches into a neighbourhood, only its members count."""
    model = home.model
    threshold = model.behaviour.learning.talent_threshold
    is_talent = [candidate.civic_skill >= threshold for candidate in candidates]
    scores = []
    for place, candidate in enumerate(candidates):
        score = luck[place] + rules.mayor_score(
            seat.selection,
            model.behaviour.selection,
            attendance=trait(candidate, "attendance_propensity"),
            resources=trait(candidate, "resources"),
            skill=trait(candidate, "civic_skill"),
            standing_out=trait(candidate, "propensity"),
        )
        if model.policy.mayor.kind == "youth" and any(is_talent) and not is_talent[place]:
            score -= 1e6
        scores.append(score)
    return scores


def appoint_the_best(home, seats, candidates, scores):
    """Give each seat in turn to its best candidate who is still free.

    Nobody sits twice. At a scale below 1 an agent may lend traits to as many seats as residents it stands for, but
    holds one itself at most.
    """
    most = max(1, round(1.0 / home.model.parameters.run.scale))
    others = [seat for seat in home.seats if seat not in seats and seat.donor is not None]
    used = Counter(seat.donor for seat in others)
    holders = {seat.donor for seat in others if seat.in_sample}
    for seat in seats:
        ranked = sorted(range(len(candidates[seat])), key=lambda place, seat=seat: -scores[seat][place])
        seat.donor = None
        for place in ranked:
            candidate = candidates[seat][place]
            if used[candidate] < most and not (seat.in_sample and candidate in holders):
                seat.donor = candidate
                used[candidate] += 1
                if seat.in_sample:
                    holders.add(candidate)
                break


# -------------------------------------------------------------------- elections


def hold_election(home, seats, candidates, scores):
    """Voters choose among those who stand for the seats of one kind: a single vote each, the most voted win.

    Of those considered for a seat, the half that leans most to standing stands, or fewer where nominations are rare;
    but not who holds a seat already (below scale 1: as many as the residents an agent stands for).
    """
    model = home.model
    most = max(1, round(1.0 / model.parameters.run.scale))
    held = Counter(seat.donor for seat in home.seats)
    field = set()
    for seat in seats:
        field |= {candidates[seat][place] for place in places_of_those_who_stand(seat, scores[seat])}
    field = sorted((candidate for candidate in field if held[candidate] < most), key=lambda candidate: candidate.row)
    if not field:
        return
    if seats[0].sex == "any":
        model.totals["candidates"] += len(field)
        model.totals["candidates_women"] += sum(candidate.sex == "woman" for candidate in field)
    voters = home.voters()
    if voters:
        contest = f"vote {number_of_contest(seats[0].kind)}"
        preferences = [preferences_of(voter, contest, field) for voter in voters]
        winners = [field[place] for place in rules.plurality(preferences, len(seats))]
    else:
        winners = sorted(field, key=lambda candidate: -appeal_of(candidate))[: len(seats)]
    give_seats(home, seats, winners)


def give_seats(home, seats, winners):
    """Winners take their seats, most votes first; who already holds a seat of the sample gets one outside it."""
    holders = {seat.donor for seat in home.seats if seat.in_sample}
    for seat in seats:
        for winner in winners:
            if not (seat.in_sample and winner in holders):
                seat.donor = winner
                winners.remove(winner)
                if seat.in_sample:
                    holders.add(winner)
                break


def appeal_of(candidate):
    """What voters like in a candidate whoever they are: means and skill."""
    weights = candidate.model.behaviour.selection
    resources, skill = trait(candidate, "resources"), trait(candidate, "civic_skill")
    return 0.5 * (weights.weight_of_resources * resources + weights.weight_of_skill * skill)


def preferences_of(voter, contest, field):
    """How much a voter likes each candidate: appeal, own sex and cohort, and luck."""
    leaning = voter.model.behaviour.selection.own_group_vote
    liking = []
    for place, candidate in enumerate(field):
        own = (voter.sex == candidate.sex) + (voter.cohort == candidate.cohort)
        liking.append(appeal_of(candidate) + leaning * own + rules.gumbel(voter.draw(f"{contest} {place}")))
    return liking


def votes_for_mayor(home, contest, field):
    """Votes for each candidate of one seat, a single vote each."""
    votes = [0 for _ in field]
    for voter in home.voters():
        liking = preferences_of(voter, contest, field)
        votes[liking.index(max(liking))] += 1
    return votes
