"""Breaks the engine on purpose, one change at a time, and shows that docking notices each.

    python tests/docking/mutations.py              all of them, as a table; exit code 1 if any goes unnoticed
    python tests/docking/mutations.py sign index   those whose name contains one of the words

Each change is made to a copy of `sim/` and `tests/docking/` in a temporary folder. A text that is to be replaced and is
not found exactly once stops everything: then the engine was rewritten, and the change must be, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.copies import carry_compiled

ROOT = Path(__file__).resolve().parents[2]
DIFFERS = 3  # what `tests.docking.comparison` exits with when it finds a difference
AT_ONCE = 2

DEFAULTS = "defaults"
SAMPLE = "defaults, a sample of residents"
CONSULTATION = "consultation with loud and early dates"
ELECTIONS = "elections, and ballots by Equal Shares"
QUOTAS = "sortition with quotas, a mixed council, and standing for migrants"
NO_HUB = "no hub and no support, the municipality selects"
TWO_HUBS = "school and online hubs, training, greedy ballots"
REPULSION = "conditional cooperation and repulsion"
AUDIT = "audit, publication and tracking, duties undefined"
ENDED = "budget cut, programme ended and begun again"
SHOCKS = "every shock"
LEVERS = "levers moved on the way"
STRONG = "strong contacts, a short memory, formative years, and everything is told"
WITHIN = "talk of levels within a bound"
FEW = "elections of few, for which many stand"
BUSY = "a busy civic life, and most asking goes to the list"
QUIET = "a busy civic life without a programme"
ANSWERS = "voice counts by the answer, and councils have three quarters of the credit"
FIRST = "the first version's trust"
FIRST_TOLD = "the first version's trust, where news is told"


@dataclass(frozen=True)
class Mutation:
    """One wrong change: a text of one file replaced by another, and the setting under which it must be noticed."""

    name: str
    file: str
    old: str
    new: str
    setting: str = DEFAULTS


MUTATIONS = (
    # ---------------------------------------------------------------- civic life, the list, nominations
    Mutation(
        "civic: gatherings take place only where there is a council",
        "sim/phases/participation.py",
        'city.streams.uniform("gathering", city.week, city.neighbourhoods) < gatherings,',
        'councils.convened & (city.streams.uniform("gathering", city.week, city.neighbourhoods) < gatherings),',
        QUIET,
    ),
    Mutation(
        "civic: a gathering is as easy as a hearing",
        "sim/phases/participation.py",
        '"gathering": city.config.behaviour.civic.gathering_offset',
        '"gathering": 0.0',
        QUIET,
    ),
    Mutation(
        "civic: of a gathering nobody is told",
        "sim/phases/participation.py",
        'occasions["gathering"], civic.gathering_reach)',
        'occasions["gathering"], 0.0)',
        QUIET,
    ),
    Mutation(
        "civic: hosts of gatherings ask nobody",
        "sim/phases/participation.py",
        '        *asked_by_hosts(city, listed, occasions["gathering"]),\n',
        "",
        QUIET,
    ),
    Mutation(
        "civic: who helps is who is above the rate of petitions, not below that of help",
        "sim/kernels/participation.py",
        "helps = draw(keys[i], stream_key) < help_rate * initiative[i]",
        "helps = draw(keys[i], stream_key) >= petition_rate * initiative[i]",
        BUSY,
    ),
    Mutation(
        "civic: everybody has the same initiative",
        "sim/kernels/participation.py",
        "draw(keys[i], stream_key) < either * initiative[i]",
        "draw(keys[i], stream_key) < either",
        BUSY,
    ),
    Mutation(
        "civic: help is no taking part with others",
        "sim/phases/participation.py",
        "now.acted = city.rows.distinct(*now.came.values(), now.helpers)",
        "now.acted = city.rows.distinct(*now.came.values())",
        BUSY,
    ),
    Mutation(
        "civic: a petition is an act with others",
        "sim/phases/participation.py",
        "now.acted = city.rows.distinct(*now.came.values(), now.helpers)",
        "now.acted = city.rows.distinct(*now.came.values(), now.helpers, now.petitioners)",
        BUSY,
    ),
    Mutation(
        "civic: contacts are no participation",
        "sim/phases/participation.py",
        "city.rows.distinct(now.acted, now.petitioners, now.contacts)",
        "city.rows.distinct(now.acted, now.petitioners)",
    ),
    Mutation(
        "civic: participation is measured by acts with others",
        "sim/cells.py",
        "            residents.last_part_week,\n",
        "            residents.last_act_week,\n",
    ),
    Mutation(
        "civic: complaints bring money where it is divided by participation",
        "sim/phases/budgets.py",
        "active = city.residents.last_act_week",
        "active = city.residents.last_part_week",
        BUSY,
    ),
    Mutation(
        "civic: those who complain ask their ties",
        "sim/phases/participation.py",
        "        city.residents.last_act_week,\n        city.week - ACTIVE_WEEKS,\n",
        "        city.residents.last_part_week,\n        city.week - ACTIVE_WEEKS,\n",
    ),
    Mutation(
        "list: all asking of councils is at random",
        "sim/phases/participation.py",
        'asked_from_list(city, listed, f"{name} from the list", neighbourhoods, rate * from_list)',
        'asked_from_list(city, listed, f"{name} from the list", neighbourhoods, 0.0)',
        BUSY,
    ),
    Mutation(
        "list: mayors ask at random as many as without a list",
        "sim/phases/participation.py",
        "    at_random = rate * (1.0 - from_list)\n",
        "    at_random = rate\n",
        BUSY,
    ),
    Mutation(
        "list: index of the neighbourhood whose list is asked, shifted by one",
        "sim/phases/listing.py",
        "passes.ask(neighbourhoods, neighbourhoods, rate, *listed, how_many, whom)",
        "passes.ask(neighbourhoods, (neighbourhoods + 1) % city.neighbourhoods, rate, *listed, how_many, whom)",
        BUSY,
    ),
    Mutation(
        "list: nobody leaves it",
        "sim/phases/listing.py",
        "    residents.listed[leaving] = 0\n",
        "",
        BUSY,
    ),
    Mutation(
        "list: who burns out stays on it",
        "sim/phases/listing.py",
        "    residents.listed[now.exits] = 0\n",
        "",
        BUSY,
    ),
    Mutation(
        "list: those who leave it may be put on it again in the same week",
        "sim/phases/listing.py",
        "    put_on_list(city, now.acted)\n    residents.listed[leaving] = 0\n",
        "    residents.listed[leaving] = 0\n    put_on_list(city, now.acted)\n",
        BUSY,
    ),
    Mutation(
        "list: petitioners are put on it, too",
        "sim/phases/listing.py",
        "put_on_list(city, now.acted)",
        "put_on_list(city, now.took_part)",
        BUSY,
    ),
    Mutation(
        "list: it is left by the luck of burning out",
        "sim/phases/listing.py",
        'city.luck.key("leaves the list", city.week)',
        'city.luck.key("burnout", city.week)',
        BUSY,
    ),
    Mutation(
        "burnout: the base hazard holds without load",
        "sim/rules/participation.py",
        "parameters.load_weight * (load - parameters.usual_load)",
        "parameters.load_weight * load",
    ),
    Mutation(
        "burnout: sign of the usual recognition",
        "sim/rules/participation.py",
        "(recognition - parameters.usual_recognition)",
        "(recognition + parameters.usual_recognition)",
    ),
    Mutation(
        "nomination: men are held back, not women",
        "sim/selection.py",
        "city.residents.sex[drawn] == 0)",
        "city.residents.sex[drawn] == 1)",
        ELECTIONS,
    ),
    Mutation(
        "nomination: for seats kept for women, too",
        "sim/selection.py",
        '(city.institutions.seats.selection[seats] == "elected") & (city.institutions.seats.sex[seats] < 0)',
        'city.institutions.seats.selection[seats] == "elected"',
        ELECTIONS,
    ),
    Mutation(
        "nomination: women who do not stand are not replaced",
        "sim/selection.py",
        "drawn_for = _numbers(city, seats[standing], _MOST_CANDIDATES)",
        "drawn_for = _numbers(city, seats[standing], selection.candidates_per_seat)",
        ELECTIONS,
    ),
    Mutation(
        "nomination: it is as common as there are people considered",
        "sim/selection.py",
        "np.where(place < most[:, None], candidates, -1)",
        "np.where(place < considered, candidates, -1)",
        ELECTIONS,
    ),
    Mutation(
        "nomination: agents stand, and not the residents they stand for",
        "sim/selection.py",
        "eligible = size[city.rows.pools.number(b, -1, ANY)] / city.scale",
        "eligible = size[city.rows.pools.number(b, -1, ANY)] * 1.0",
        FEW,
    ),
    Mutation(
        "nomination: members and mayors are counted together",
        "sim/selection.py",
        '(np.array(table.plan.selection) == "elected") & ((table.plan.role == MAYOR) == mayors)',
        'np.array(table.plan.selection) == "elected"',
        FEW,
    ),
    Mutation(
        "nomination: migrants without standing count among those who may stand",
        "sim/selection.py",
        "    _, _, size = city.rows.pools.gathered(city.policy.council.standing_for_migrants)\n",
        "    _, _, size = city.rows.pools.gathered(True)\n",
        FEW,
    ),
    Mutation(
        "nomination: women are barred from elected seats a second time",
        "sim/rules/selection.py",
        "    return propensity + 0.5 * p.weight_of_resources",
        '    return propensity - p.women_candidacy_barrier * _["barred"] + 0.5 * p.weight_of_resources',
        ELECTIONS,
    ),
    # ---------------------------------------------------------------- rules
    Mutation(
        "trust: losses and gains change places",
        "sim/rules/trust.py",
        "    gain = np.maximum(gap, 0.0) * gain_rate\n    loss = np.minimum(gap, 0.0) * ",
        "    gain = np.minimum(gap, 0.0) * gain_rate\n    loss = np.maximum(gap, 0.0) * ",
        FIRST,
    ),
    Mutation(
        "hearsay: sign of the pull",
        "sim/rules/influence.py",
        "    gap = heard - trust\n    heeds = np.abs(gap) <= confidence_bound\n    return",
        "    gap = trust - heard\n    heeds = np.abs(gap) <= confidence_bound\n    return",
        WITHIN,
    ),
    Mutation(
        "repulsion: the factor that keeps trust a share is missing",
        "sim/rules/influence.py",
        "away = -gap * 4.0 * trust * (1.0 - trust)",
        "away = -gap",
        REPULSION,
    ),
    Mutation(
        "participation: sign of fatigue",
        "sim/rules/participation.py",
        "- weights.fatigue_weight * fatigue",
        "+ weights.fatigue_weight * fatigue",
    ),
    Mutation(
        "awareness: a missing ceiling, relevance above 1",
        "sim/rules/awareness.py",
        "np.minimum(1.0, 3.0 * weights_of_category)",
        "3.0 * weights_of_category",
    ),
    Mutation(
        "services: decay by the month instead of the week",
        "sim/rules/services.py",
        "(1.0 - decay_per_year) ** (1.0 / 52.0)",
        "(1.0 - decay_per_year) ** (1.0 / 12.0)",
    ),
    Mutation(
        "services: they wear alike in all neighbourhoods",
        "sim/phases/delivery.py",
        "services.decay_per_year, city.wear)",
        "services.decay_per_year, city.wear / city.wear)",
    ),
    Mutation(
        "delivery: sign of the volunteers' effect",
        "sim/rules/delivery.py",
        "(1.0 + parameters.volunteer_effect * volunteers_per_thousand)",
        "(1.0 - parameters.volunteer_effect * volunteers_per_thousand)",
    ),
    Mutation(
        "allocation: by need, but not per head",
        "sim/rules/allocation.py",
        "weights = population * need_per_head",
        "weights = need_per_head",
        NO_HUB,
    ),
    # ---------------------------------------------------------------- indices
    Mutation(
        "trust: index of the neighbourhood that hears of a pledge, shifted by one",
        "sim/phases/trust.py",
        "    b = city.projects.neighbourhood[project]\n    first",
        "    b = (city.projects.neighbourhood[project] + 1) % city.neighbourhoods\n    first",
    ),
    Mutation(
        "learning: index of the neighbourhood whose mentors teach, shifted by one",
        "sim/phases/learning.py",
        "mentor[residents.neighbourhood[acted]]",
        "mentor[(residents.neighbourhood[acted] + 1) % mentor.size]",
    ),
    Mutation(
        "hubs: index of the facilitator, the second hub's replaced by the first's",
        "sim/phases/hubs.py",
        "own = slice(place * city.neighbourhoods, (place + 1) * city.neighbourhoods)",
        "own = slice(0, city.neighbourhoods)",
        TWO_HUBS,
    ),
    Mutation(
        "shocks: index of a category, a flood takes parks and not drains",
        "sim/phases/programme.py",
        '("roads", "waste")',
        '("roads", "green")',
        SHOCKS,
    ),
    Mutation(
        "seats: index of the sampled seats, shifted by one",
        "sim/seats.py",
        "(self.key * _GOLDEN_RATIO)",
        "((self.key + 1) * _GOLDEN_RATIO)",
        SAMPLE,
    ),
    Mutation(
        "ties: the newest bridging tie is forgotten, not the oldest",
        "sim/kernels/ties.py",
        "                while oldest < end and kind[oldest] != bridging:\n                    oldest += 1\n",
        "                oldest = end - 1\n",
    ),
    # ---------------------------------------------------------------- order and time
    Mutation(
        "trust: what is told is of this week, not of last week",
        "sim/phases/trust.py",
        "    tell_news(city)\n    perceive_services(city)\n    hear_pledges(city)\n    experience_works(city)\n",
        "    perceive_services(city)\n    hear_pledges(city)\n    experience_works(city)\n    tell_news(city)\n",
    ),
    Mutation(
        "trust: by the first rule others are heard as they are now, not as they were last week",
        "sim/phases/trust.py",
        "    rows, changes = hear_others(city, trust, city.stubbornness)\n    tell_news(city)\n    perceive",
        "    perceive_services(city)\n    rows, changes = hear_others(city, trust, city.stubbornness)\n"
        "    tell_news(city)\n    perceive",
        FIRST,
    ),
    Mutation(
        "influence: last week's luck",
        "sim/phases/trust.py",
        'city.luck.key("talk", city.week)',
        'city.luck.key("talk", city.week - 1)',
        WITHIN,
    ),
    Mutation(
        "own life: last week's luck",
        "sim/phases/trust.py",
        'city.luck.key("own life", city.week)',
        'city.luck.key("own life", city.week - 1)',
    ),
    Mutation(
        "own life with people: as large as with the municipality",
        "sim/phases/trust.py",
        "passes.happen(city.gained[2], rate, politics.personal_event_size_in_people, keys, key)",
        "passes.happen(city.gained[2], rate, politics.personal_event_size, keys, key)",
    ),
    Mutation(
        "politics: last week's luck",
        "sim/phases/trust.py",
        'city.streams.normal("national politics", city.week, 1)',
        'city.streams.normal("national politics", city.week - 1, 1)',
    ),
    Mutation(
        "expectation: adapts before it is compared with services",
        "sim/kernels/trust.py",
        "performance[i], usual[i], expectation[i], disconfirmation_weight, evidence_per_week",
        "performance[i], usual[i], _adapt(expectation[i], performance[i], adaptation), disconfirmation_weight,"
        " evidence_per_week",
    ),
    # ---------------------------------------------------------------- evidence, memory and news
    Mutation(
        "evidence: gains weigh more than losses",
        "sim/rules/trust.py",
        "np.maximum(signed, 0.0) + loss_to_gain_ratio * np.minimum(signed, 0.0)",
        "loss_to_gain_ratio * np.maximum(signed, 0.0) + np.minimum(signed, 0.0)",
    ),
    Mutation(
        "evidence: signals do not run from bad to good, but from nothing to good",
        "sim/rules/trust.py",
        "evidence_per_experience * weight * (2.0 * signal - 1.0)",
        "evidence_per_experience * weight * signal",
    ),
    Mutation(
        "memory: the evidence of the week fades at once",
        "sim/kernels/trust.py",
        "gained[i] + common - lost * lived[i]",
        "(1.0 - lost) * (gained[i] + common) - lost * lived[i]",
    ),
    Mutation(
        "memory: the evidence of the week is gained again and again",
        "sim/kernels/trust.py",
        "gained[i] = change if is_far else 0.0",
        "gained[i] = change",
    ),
    Mutation(
        "memory: trust moves against a small change",
        "sim/kernels/trust.py",
        "x = -change\n",
        "x = change\n",
    ),
    Mutation(
        "memory: the series of a small change is cut off after three terms",
        "sim/kernels/trust.py",
        "(_C2 + x * (_C3 + x * (_C4 + x * (_C5 + x * (_C6 + x * _C7)))))",
        "(_C2 + x * _C3)",
    ),
    Mutation(
        "memory: trust moves against a large change",
        "sim/rules/trust.py",
        "np.exp(-change)",
        "np.exp(change)",
        STRONG,
    ),
    Mutation(
        "memory: trust forgets, and evidence does not",
        "sim/kernels/trust.py",
        "        lived[i] += change\n",
        "        lived[i] += gained[i] + common\n",
    ),
    Mutation(
        "memory: half is forgotten in the square of the half-life",
        "sim/rules/trust.py",
        "0.5 ** (1.0 / half_life_weeks)",
        "0.5 ** (1.0 / half_life_weeks**2)",
    ),
    Mutation(
        "formative years: sign of the shift",
        "sim/rules/trust.py",
        "rate_per_week * (lived - usual)",
        "rate_per_week * (usual - lived)",
        STRONG,
    ),
    Mutation(
        "formative years: what becomes disposition stays evidence as well",
        "sim/kernels/trust.py",
        "            old[i] -= shift\n",
        "",
        STRONG,
    ),
    Mutation(
        "formative years: what one is used to leaves a mark, too",
        "sim/kernels/trust.py",
        "_formative_shift(old[i], used_to[k], formative_rate)",
        "_formative_shift(old[i], 0.0, formative_rate)",
    ),
    Mutation(
        "formative years: they last a year longer",
        "sim/phases/trust.py",
        "city.residents.birth_year > year - formative.until_age",
        "city.residents.birth_year >= year - formative.until_age",
    ),
    Mutation(
        "formative years: nobody grows older",
        "sim/phases/trust.py",
        "city.config.city.start_year_solar_hijri + city.week // 52",
        "city.config.city.start_year_solar_hijri",
        STRONG,
    ),
    Mutation(
        "formative years: who is young is looked up once and for all",
        "sim/phases/trust.py",
        "if city.formative_rows[0] != year:",
        "if city.formative_rows[0] < 0:",
        STRONG,
    ),
    Mutation(
        "politics: only every other resident hears of national politics",
        "sim/kernels/trust.py",
        "gained[i] + common - lost",
        "gained[i] + common * (i % 2) - lost",
    ),
    Mutation(
        "politics: national politics moves trust in councils, too",
        "sim/phases/trust.py",
        "np.array([national_politics(city), 0.0, 0.0])",
        "np.array([national_politics(city)] * 2 + [0.0])",
    ),
    Mutation(
        "politics: the national mood does not fade",
        "sim/phases/trust.py",
        "kept_per_week(city.config.behaviour.trust.half_life_weeks) * city.national_mood + news",
        "city.national_mood + news",
    ),
    Mutation(
        "own life: good and bad events change places",
        "sim/kernels/trust.py",
        "((lot < 0.5 * rate) - 1.0 * (0.5 * rate <= lot < rate))",
        "(1.0 * (0.5 * rate <= lot < rate) - (lot < 0.5 * rate))",
    ),
    Mutation(
        "own life: it moves trust by the first rule, too",
        "sim/phases/trust.py",
        "        passes.settle(",
        "        live_ones_own_life(city)\n        trust[0][:] += city.gained[0]\n        passes.settle(",
        FIRST,
    ),
    Mutation(
        "contacts: who was not answered comes again more readily",
        "sim/kernels/participation.py",
        "(repeat_ratio if answered_last[i] else 1.0)",
        "(1.0 if answered_last[i] else repeat_ratio)",
    ),
    Mutation(
        "contacts: that one was answered is not remembered",
        "sim/phases/contacts.py",
        "    residents.answered_last[now.contacts] = now.answered\n",
        "",
        STRONG,
    ),
    Mutation(
        "contacts: whether they are answered is drawn with the place",
        "sim/phases/contacts.py",
        'luck.uniform("answered", ',
        'city.traits.uniform("answered", ',
    ),
    Mutation(
        "contacts: nobody tells what came of one",
        "sim/phases/trust.py",
        "now.answered.astype(np.float64), weight, told=True)",
        "now.answered.astype(np.float64), weight)",
    ),
    Mutation(
        "news: told with the weight that losses have",
        "sim/kernels/trust.py",
        "news[i] += weight[k] * (2.0 * signal[k] - 1.0)",
        "news[i] += weight[k] * (2.0 * signal[k] - 1.0) * (loss_to_gain_ratio if signal[k] < 0.5 else 1.0)",
    ),
    Mutation(
        "news: losses weigh more in hearsay, too",
        "sim/phases/trust.py",
        "weight, told=True, as_heavy_up_as_down=True)",
        "weight, told=True)",
    ),
    Mutation(
        "news: hearsay weighs as much as an experience of one's own",
        "sim/phases/trust.py",
        "influence.hearsay_weight * np.abs(signed[about])",
        "np.abs(signed[about])",
    ),
    Mutation(
        "news: bad news is heard as good",
        "sim/phases/trust.py",
        "(signed[about] > 0.0)",
        "(signed[about] != 0.0)",
    ),
    Mutation(
        "news: of the council is taken for news of the municipality",
        "sim/phases/trust.py",
        'name.removeprefix("news_of_")',
        '"municipality"',
    ),
    Mutation(
        "news: nothing is ever forgotten",
        "sim/kernels/trust.py",
        "        for i in having:\n            some[i] = 0.0\n",
        "",
    ),
    Mutation(
        "news: what was not told is told later",
        "sim/kernels/trust.py",
        "        for i in having:\n            some[i] = 0.0\n",
        "        for i in having:\n            some[i] *= draw(keys[i], key_of_whether) >= rate\n",
    ),
    Mutation(
        "news: what was heard is not told again",
        "sim/phases/trust.py",
        "weight, told=True, as_heavy_up_as_down=True)",
        "weight, as_heavy_up_as_down=True)",
    ),
    Mutation(
        "news: what was heard at the hub is told",
        "sim/phases/trust.py",
        "undergo(city, kind, rows, signal, share * weight, as_heavy_up_as_down=True)",
        "undergo(city, kind, rows, signal, share * weight, told=True, as_heavy_up_as_down=True)",
        ANSWERS,
    ),
    Mutation(
        "news: the draw that decides also picks the tie",
        "sim/kernels/trust.py",
        "draw(keys[i], key_of_whom) * degree[i]",
        "draw(keys[i], key_of_whether) * degree[i]",
    ),
    Mutation(
        "levels: a change of the level is taken for log odds",
        "sim/kernels/trust.py",
        "_log_odds(level + change[kind, k]) - _log_odds(level)",
        "change[kind, k]",
        WITHIN,
    ),
    Mutation(
        "first rule: the pull is to the level of somebody else",
        "sim/kernels/trust.py",
        "_anchor(column[i], level[i], ",
        "_anchor(column[i], level[i - 1], ",
        FIRST,
    ),
    Mutation(
        "first rule: a step may go beyond its signal",
        "sim/kernels/trust.py",
        "np.minimum(1.0, step * weight[k])",
        "step * weight[k]",
        FIRST_TOLD,
    ),
    # ---------------------------------------------------------------- place and luck
    Mutation(
        "facilitators: drawn with the luck and not with the place",
        "sim/institutions.py",
        "hub.profile.spread * city.place_streams.normal(",
        "hub.profile.spread * city.streams.normal(",
    ),
    Mutation(
        "hubs: who goes where is drawn with the luck",
        "sim/institutions.py",
        "kind == city.config.city.customary_hub, place, city.traits",
        "kind == city.config.city.customary_hub, place, city.luck",
        TWO_HUBS,
    ),
    Mutation(
        "talk: drawn with the place and not with the luck",
        "sim/phases/trust.py",
        'city.luck.key("talk", city.week)',
        'city.traits.key("talk", city.week)',
        WITHIN,
    ),
    # ---------------------------------------------------------------- compiled passes
    Mutation(
        "kernels: two services of another neighbourhood",
        "sim/kernels/trust.py",
        "levels[b, 0], levels[b, 1]",
        "levels[b - 1, 0], levels[b - 1, 1]",
    ),
    Mutation(
        "kernels: the draw that picks a tie is not uniform",
        "sim/kernels/trust.py",
        "np.int64(lots[k] / contact_rate * degree[i])",
        "np.int64(lots[k] * degree[i])",
        WITHIN,
    ),
    Mutation(
        "kernels: index of those who heard something, shifted by one",
        "sim/kernels/trust.py",
        "column[rows[k]] += change[kind, k]",
        "column[rows[k] - 1] += change[kind, k]",
        FIRST,
    ),
    # ---------------------------------------------------------------- hope, belonging, social capital, generations
    Mutation(
        "hope: a young mayor gives hope to those who are no youths",
        "sim/kernels/feelings.py",
        "found[b, own, 1] = evidence * (",
        "found[b, own, 1] = evidence * (young[b] or ",
    ),
    Mutation(
        "hope: a man in office is a peer of women",
        "sim/kernels/feelings.py",
        "woman[neighbourhood[seat]] |= sex[donor[seat]] == 1",
        "woman[neighbourhood[seat]] |= sex[donor[seat]] == 0",
    ),
    Mutation(
        "hope: no answer takes nothing",
        "sim/phases/feelings.py",
        "step * (2.0 * now.answered - 1.0)",
        "step * now.answered",
    ),
    Mutation(
        "hope: of a captured work all counts",
        "sim/phases/feelings.py",
        " - behaviour.capture.private_share * projects.captured[project]",
        "",
    ),
    Mutation(
        "hope: others see a work than in phase 8",
        "sim/phases/feelings.py",
        '"notices work"',
        '"notices breach"',
    ),
    Mutation(
        "hope: mastery is all one knows more than at the start, with every act",
        "sim/phases/learning.py",
        "mastery(before, after)",
        "mastery(residents.initial_skill[acted], after)",
    ),
    Mutation(
        "hope: forgotten as fast as belonging",
        "sim/phases/feelings.py",
        "kept_per_week(behaviour.hope.half_life_weeks)",
        "kept_per_week(behaviour.belonging.half_life_weeks)",
        STRONG,
    ),
    Mutation(
        "hope: evidence is forgotten, the level stays",
        "sim/kernels/feelings.py",
        "_growth(-change)",
        "_growth(-gained)",
    ),
    Mutation(
        "belonging: who ever volunteered has built every work",
        "sim/phases/feelings.py",
        "[first:last] == project)",
        "[first:last] >= 0)",
    ),
    Mutation(
        "belonging: a dispute is no bad meeting",
        "sim/phases/feelings.py",
        'feel(city, "belonging", rows, -step)',
        'feel(city, "belonging", rows, 0.0 * step)',
    ),
    Mutation(
        "meetings: who votes meets others",
        "sim/phases/participation.py",
        'if kind != "ballot"), now.helpers)',
        "), now.helpers)",
        ELECTIONS,
    ),
    Mutation(
        "works: a small one says as much as a large one",
        "sim/phases/trust.py",
        "trust.project_weight * extra * size_of_work(city, project) * relevant",
        "trust.project_weight * extra * relevant",
    ),
    Mutation(
        "works: at the hub a small one says as much as a large one",
        "sim/phases/trust.py",
        "rows, size = now.addressed[hears], size_of_work(city, project)",
        "rows, size = now.addressed[hears], 1.0",
        ANSWERS,
    ),
    Mutation(
        "hope: a small work gives as much as a large one",
        "sim/phases/feelings.py",
        "hope.delivery_weight * for_all * size,",
        "hope.delivery_weight * for_all,",
    ),
    Mutation(
        "belonging: a work given up is as good as one finished",
        "sim/phases/feelings.py",
        "(now.failed, -step)",
        "(now.failed, step)",
        ENDED,
    ),
    Mutation(
        "belonging: a quarrel is as good a meeting as any",
        "sim/phases/feelings.py",
        '"belonging", now.met, step * (2.0 * now.meetings - 1.0))',
        '"belonging", now.met, step * np.abs(2.0 * now.meetings - 1.0))',
    ),
    Mutation(
        "belonging: all volunteers of a neighbourhood work on the same work",
        "sim/phases/feelings.py",
        "(lot * count[b])",
        "(0.0 * lot * count[b])",
    ),
    Mutation(
        "ties: neighbours of other groups bond",
        "sim/kernels/ties.py",
        "kind[slot] == neighbourhood and cell[row] == cell[other]",
        "kind[slot] == neighbourhood",
    ),
    Mutation(
        "ties: those given up still count as across generations",
        "sim/kernels/ties.py",
        "across -= generation",
        "across -= 0 * generation",
        BUSY,
    ),
    Mutation(
        "generations: who works alone is a pair",
        "sim/kernels/learning.py",
        "if other >= 0 and other != row:",
        "if other >= 0:",
    ),
    Mutation(
        "generations: young adults count as older",
        "sim/agents/resident.py",
        "cohort >= 2]",
        "cohort >= 1]",
    ),
    Mutation(
        "generations: every youth who speaks is heard",
        "sim/outcomes/running.py",
        "count(young & now.heard)",
        "count(young)",
    ),
    Mutation(
        "help: the least deprived quarter",
        "sim/outcomes/running.py",
        "np.argsort(-city",
        "np.argsort(city",
    ),
    Mutation(
        "kernels: without a council people think of one, with one they do not",
        "sim/kernels/participation.py",
        "if convened[b]:",
        "if not convened[b]:",
    ),
    Mutation(
        "kernels: a council asks the same resident again and again",
        "sim/kernels/participation.py",
        "draw(key_of(b * 1_000 + place), key_of_whom)",
        "draw(key_of(b * 1_000), key_of_whom)",
    ),
    Mutation(
        "kernels: duty calls nobody of the council proper to a meeting",
        "sim/kernels/participation.py",
        "role[i] > 0",
        "role[i] > 1",
    ),
    Mutation(
        "kernels: holders outside the sample leave as in the next neighbourhood",
        "sim/kernels/participation.py",
        "< chance[neighbourhood[seat]]",
        "< chance[(neighbourhood[seat] + 1) % chance.size]",
        SAMPLE,
    ),
    Mutation(
        "kernels: one resident lends traits to a seat too many",
        "sim/kernels/seats.py",
        "times < most",
        "times <= most",
        SAMPLE,
    ),
    Mutation(
        "kernels: the elite is counted among all members, not those who decide",
        "sim/kernels/seats.py",
        "elite[b] /= max(deciders, 1)",
        "elite[b] /= max(seated, 1)",
    ),
    Mutation(
        "kernels: a breach is noticed by all who heard the pledge",
        "sim/kernels/trust.py",
        " & (draw(keys[row], key_of_other) < chance_of_other)",
        "",
    ),
    Mutation(
        "trust: credit for a work is not shared out",
        "sim/phases/trust.py",
        "rows, signal, share * weight, told=True)",
        "rows, signal, weight, told=True)",
    ),
    Mutation(
        "kernels: mentors spend hours on those who hold a seat",
        "sim/kernels/learning.py",
        " & (roles[i] == 0)",
        "",
    ),
    Mutation(
        "kernels: a crew forgets whom it met last",
        "sim/kernels/learning.py",
        "crews[b, turn[b] % size] = row",
        "crews[b, (turn[b] + size - 1) % size] = row",
    ),
    Mutation(
        "hearings: those speak who decided this week, not last",
        "sim/phases/hearings.py",
        'city.last_week.came["hearing"]',
        'city.now.came["hearing"]',
    ),
    Mutation(
        "delivery: late on the very week of the date",
        "sim/phases/delivery.py",
        "projects.pledge_week[open_works] < city.week",
        "projects.pledge_week[open_works] <= city.week",
    ),
    Mutation(
        "knowledge: the municipality sees a week too early",
        "sim/institutions.py",
        "len(city.services_history) - 1 - knowledge.municipality_delay_weeks",
        "len(city.services_history) - knowledge.municipality_delay_weeks",
        NO_HUB,
    ),
    Mutation(
        "council: a term ends a week late",
        "sim/phases/programme.py",
        "councils.term_end_week[neighbourhoods] = week + city.policy.council.term_weeks",
        "councils.term_end_week[neighbourhoods] = week + city.policy.council.term_weeks + 1",
        QUOTAS,
    ),
    # ---------------------------------------------------------------- who is meant, and what is counted
    Mutation(
        "participation: wrong cohort behind the youth barrier",
        "sim/kernels/participation.py",
        "        if cohort[i] == 0:\n            access",
        "        if cohort[i] == 1:\n            access",
        CONSULTATION,
    ),
    Mutation(
        "participation: the voting age is not yet reached on its birthday",
        "sim/phases/participation.py",
        "(age >= city.config.behaviour.participation.voting_age)",
        "(age > city.config.behaviour.participation.voting_age)",
        ELECTIONS,
    ),
    Mutation(
        "selection: women barred from the seats kept for them, not from the others",
        "sim/selection.py",
        "& ~kept_for_women[:, None]",
        "& kept_for_women[:, None]",
    ),
    Mutation(
        "mayors: a missing share of those who stay, newcomers wipe out what was learnt",
        "sim/selection.py",
        "stay = 1.0 - new.size / city.policy.mayor.seats",
        "stay = 0.0",
    ),
    Mutation(
        "trust: a missing clip of what a meeting teaches",
        "sim/phases/participation.py",
        "np.clip(quality + noise, 0.0, 1.0)",
        "(quality + noise)",
    ),
    Mutation(
        "budgets: delegated money is set aside a second time",
        "sim/phases/budgets.py",
        "books.reserved += due - delegated",
        "books.reserved += due",
    ),
    Mutation(
        "delivery: works stopped do not free the part that would have leaked",
        "sim/phases/delivery.py",
        '    left /= 1.0 - city.money.leak_rates["municipality"]\n',
        "",
        ENDED,
    ),
    Mutation(
        "leaks: publication alone makes them come to light, audit does not",
        "sim/phases/delivery.py",
        "(accountability.audit + accountability.publication)",
        "(accountability.publication)",
        AUDIT,
    ),
    # ---------------------------------------------------------------- credit, news of works, and the start of works
    Mutation(
        "voice: council and municipality are credited in full",
        "sim/phases/trust.py",
        "signal[there], share[there] * trust.voice_weight",
        "signal[there], trust.voice_weight",
    ),
    Mutation(
        "voice: by any rule power shared is good news",
        "sim/phases/trust.py",
        "voice_signal(rung, now.heard, trust.voice_rule)",
        "voice_signal(rung, now.heard)",
        ANSWERS,
    ),
    Mutation(
        "news at the hub: losses weigh more",
        "sim/phases/trust.py",
        "undergo(city, kind, rows, signal, share * weight, as_heavy_up_as_down=True)",
        "undergo(city, kind, rows, signal, share * weight)",
        ANSWERS,
    ),
    Mutation(
        "news at the hub: of broken pledges nothing is said",
        "sim/phases/trust.py",
        " + [(broken, 0.0) for broken in now.broken]\n",
        "\n",
        ANSWERS,
    ),
    Mutation(
        "news at the hub: whatever was finished is good news",
        "sim/phases/trust.py",
        "settled = [(done, outcome_of(city, done))",
        "settled = [(done, 1.0)",
        ANSWERS,
    ),
    Mutation(
        "news at the hub: everybody hears of every neighbourhood",
        "sim/phases/trust.py",
        "hears = there == projects.neighbourhood[project]",
        "hears = there >= 0",
        ANSWERS,
    ),
    Mutation(
        "unmet pledges: the usual share counts",
        "sim/phases/participation.py",
        "beyond_usual(broken, kept, usual)",
        "broken / (broken + kept + 1.0)",
    ),
    Mutation(
        "unmet pledges: the municipality's do not count",
        "sim/phases/delivery.py",
        "pledges_broken, city.projects.neighbourhood[broken], 1.0)",
        "pledges_broken, city.projects.neighbourhood[broken], city.projects.delegated[broken])",
    ),
    Mutation(
        "kept pledges: the municipality's do not count",
        "sim/phases/delivery.py",
        "kept = done[~projects.late[done]]",
        "kept = done[~projects.late[done] & projects.delegated[done]]",
    ),
    Mutation(
        "works at the start: slow ones are met no more often than quick ones",
        "sim/phases/delivery.py",
        "pace_of_those_under_way(project_pace(city, number), spread)",
        "project_pace(city, number)",
    ),
    Mutation(
        "works at the start: pledged as if they began in week 0",
        "sim/phases/delivery.py",
        "pledged = begun + weeks_pledged",
        "pledged = 0 * begun + weeks_pledged",
    ),
    Mutation(
        "works at the start: none is late yet",
        "sim/phases/delivery.py",
        "        late=pledged < 0,\n",
        "",
    ),
    Mutation(
        "works at the start: they count as pledged in the run",
        "sim/phases/delivery.py",
        "        from_before=True,\n",
        "",
    ),
    Mutation(
        "money at the start: nothing is set aside for the next works",
        "sim/phases/delivery.py",
        "    books.reserved += saved\n",
        "",
    ),
    # ---------------------------------------------------------------- what sharing power returns and costs
    Mutation(
        "contributions: the account pays the whole price",
        "sim/kernels/works.py",
        "accounts[b] -= paid[k] - contributed[k]",
        "accounts[b] -= paid[k]",
    ),
    Mutation(
        "contributions: residents pay for the municipality's works, too",
        "sim/phases/delivery.py",
        "behaviour.returns.contribution_share * delegated",
        "behaviour.returns.contribution_share * np.ones_like(leak)",
    ),
    Mutation(
        "contributions: a council forgets that residents will pay for works under way",
        "sim/money.py",
        "left * (1.0 - behaviour.returns.contribution_share)",
        "left",
    ),
    Mutation(
        "prices: a cheaper work adds less",
        "sim/phases/delivery.py",
        "relative_cost = projects.cost[done]",
        "relative_cost = projects.price[done]",
    ),
    Mutation(
        "prices: the municipality pays the low price for works it takes over",
        "sim/phases/delivery.py",
        "    projects.price[own] = projects.cost[own]\n",
        "",
        LEVERS,
    ),
    Mutation(
        "prices: a council chooses as if it paid usual prices",
        "sim/phases/hearings.py",
        "choose(city, council, proposals, city.money.worth_of_credit(b))",
        "choose(city, council, proposals, city.money.credit_of(b))",
    ),
    Mutation(
        "upkeep: the municipality's works are kept up as well",
        "sim/phases/delivery.py",
        "gains * projects.delegated[done]",
        "gains",
    ),
    Mutation(
        "upkeep: a flood spares what councils built",
        "sim/phases/programme.py",
        "for level in (city.services, city.built_by_councils):",
        "for level in (city.services,):",
        SHOCKS,
    ),
    Mutation(
        "upkeep: sign of its effect on what is left of the level built",
        "sim/rules/returns.py",
        "(1.0 - decay_per_year * (1.0 - upkeep_gain)) ** (1.0 / 52.0))",
        "(1.0 - decay_per_year * (1.0 + upkeep_gain)) ** (1.0 / 52.0))",
    ),
    Mutation(
        "revenue: neighbourhoods are counted, not people",
        "sim/phases/budgets.py",
        "people[city.institutions.councils.convened].sum() / people.sum()",
        "city.institutions.councils.convened.mean()",
    ),
    Mutation(
        "revenue: a cut of funding goes unnoticed",
        "sim/phases/budgets.py",
        "with_council * city.money.delegated_share * city.policy.funding.level",
        "with_council * city.money.delegated_share",
        ENDED,
    ),
    Mutation(
        "revenue: follows twice as fast",
        "sim/rules/returns.py",
        "0.5 ** (1.0 / half_life_weeks)",
        "0.5 ** (2.0 / half_life_weeks)",
    ),
    Mutation(
        "revenue: councils do not count on it",
        "sim/money.py",
        "max(0.0, self.works_budget_per_year - support",
        "max(0.0, finance.works_budget_per_year - support",
    ),
    Mutation(
        "disputes: index of the neighbourhood, shifted by one",
        "sim/phases/hearings.py",
        'city.streams.uniform("dispute", city.week, np.array([b]))',
        'city.streams.uniform("dispute", city.week, np.array([b + 1]))',
    ),
    Mutation(
        "disputes: works rest a week longer",
        "sim/phases/delivery.py",
        "projects.held_up_until[active] <= city.week",
        "projects.held_up_until[active] < city.week",
    ),
    Mutation(
        "disputes: mayors take part in the choice",
        "sim/phases/hearings.py",
        "city.institutions.member_rows[residents.role[city.institutions.member_rows] != MAYOR]",
        "city.institutions.member_rows",
    ),
    Mutation(
        "disputes: those who came to the hearing do not mind",
        "sim/phases/hearings.py",
        "    if city.institutions.hearing_in(city.week)[b]:\n",
        "    if False:\n",
    ),
    Mutation(
        "disputes: voters do not mind",
        "sim/phases/hearings.py",
        "    if city.way_of_choosing.by_ballot:\n        groups",
        "    if False:\n        groups",
        ELECTIONS,
    ),
    Mutation(
        "disputes: people are trusted as before",
        "sim/phases/trust.py",
        'undergo(city, "people", rows, 0.0,',
        'undergo(city, "people", rows[:0], 0.0,',
    ),
)


class TextNotFoundError(Exception):
    """The text that a mutation replaces does not stand in the file, or stands there more than once."""


def is_noticed(mutation: Mutation | None, setting: str) -> tuple[bool, str]:
    """Whether docking finds a difference in a copy of the project with the change (None: without any), and which.

    Raises:
        TextNotFoundError: the change cannot be made.
        RuntimeError: the copy did not run at all.
    """
    with tempfile.TemporaryDirectory(prefix="docking-") as folder:
        copy = Path(folder)
        for part in ("sim", "tests/docking"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        carry_compiled(copy)
        if mutation is not None:
            make(mutation, copy)
        command = [sys.executable, "-m", "tests.docking.comparison", "--in", str(copy), setting]
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if run.returncode not in (0, DIFFERS):
        raise RuntimeError(f"{mutation.name if mutation else 'the unchanged copy'} did not run:\n{run.stderr}")
    return run.returncode == DIFFERS, run.stdout.strip().removeprefix(f"{setting}: ")


def make(mutation: Mutation, copy: Path) -> None:
    """Make the change in a copy of the project."""
    path = copy / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        found = text.count(mutation.old)
        raise TextNotFoundError(
            f"{mutation.name}: {mutation.old!r} stands {found} times in {mutation.file}, not once: write it anew"
        )
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")


def main(words: list[str]) -> int:
    """Try the mutations, print a table, and say with the exit code whether all were noticed."""
    chosen = [mutation for mutation in MUTATIONS if not words or any(word in mutation.name for word in words)]
    if not chosen:
        print(f"no change has {' or '.join(words)} in its name; there are: {', '.join(m.name for m in MUTATIONS)}")
        return 2
    unchanged = sorted({mutation.setting for mutation in chosen})
    width = max(len(mutation.name) for mutation in chosen)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for differs, what in pool.map(lambda setting: is_noticed(None, setting), unchanged):
            if differs:
                print(f"the models differ already, before any change: {what}")
                return 1
        results = []
        for mutation, (noticed, what) in zip(
            chosen, pool.map(lambda mutation: is_noticed(mutation, mutation.setting), chosen), strict=True
        ):
            results.append(noticed)
            print(f"{mutation.name:{width}}  {'noticed' if noticed else 'NOT NOTICED':11}  {what[:110]}", flush=True)
    print(f"\n{sum(results)} of {len(results)} noticed")
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
