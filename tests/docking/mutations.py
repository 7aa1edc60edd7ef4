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


@dataclass(frozen=True)
class Mutation:
    """One wrong change: a text of one file replaced by another, and the setting under which it must be noticed."""

    name: str
    file: str
    old: str
    new: str
    setting: str = DEFAULTS


MUTATIONS = (
    # ---------------------------------------------------------------- rules
    Mutation(
        "trust: losses and gains change places",
        "sim/rules/trust.py",
        "    gain = np.maximum(gap, 0.0) * gain_rate\n    loss = np.minimum(gap, 0.0) * ",
        "    gain = np.minimum(gap, 0.0) * gain_rate\n    loss = np.maximum(gap, 0.0) * ",
    ),
    Mutation(
        "hearsay: sign of the pull",
        "sim/rules/influence.py",
        "    gap = heard - trust\n    heeds = np.abs(gap) <= confidence_bound\n    return",
        "    gap = trust - heard\n    heeds = np.abs(gap) <= confidence_bound\n    return",
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
        "** (1.0 / 52.0)",
        "** (1.0 / 12.0)",
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
        "trust: others are heard as they are now, not as they were last week",
        "sim/phases/trust.py",
        "    rows, changes = hear_others(city, trust, stubbornness)\n    perceive_services(city)\n",
        "    perceive_services(city)\n    rows, changes = hear_others(city, trust, stubbornness)\n",
    ),
    Mutation(
        "influence: last week's luck",
        "sim/phases/trust.py",
        'city.luck.key("talk", city.week)',
        'city.luck.key("talk", city.week - 1)',
    ),
    # ---------------------------------------------------------------- place and luck
    Mutation(
        "facilitators: drawn with the luck and not with the place",
        "sim/city.py",
        "hub.profile.spread * self.place_streams.normal(",
        "hub.profile.spread * self.streams.normal(",
    ),
    Mutation(
        "hubs: who goes where is drawn with the luck",
        "sim/city.py",
        "kind == self.config.city.customary_hub, place, self.traits\n",
        "kind == self.config.city.customary_hub, place, self.luck\n",
        TWO_HUBS,
    ),
    Mutation(
        "talk: drawn with the place and not with the luck",
        "sim/phases/trust.py",
        'city.luck.key("talk", city.week)',
        'city.traits.key("talk", city.week)',
    ),
    # ---------------------------------------------------------------- compiled passes
    Mutation(
        "kernels: services of the next neighbourhood",
        "sim/kernels/trust.py",
        "_perceived_performance(need_weights[i], levels[b])",
        "_perceived_performance(need_weights[i], levels[(b + 1) % levels.shape[0]])",
    ),
    Mutation(
        "kernels: the draw that picks a tie is not uniform",
        "sim/kernels/trust.py",
        "np.int64(lots[k] / contact_rate * degree[i])",
        "np.int64(lots[k] * degree[i])",
    ),
    Mutation(
        "kernels: index of those who heard something, shifted by one",
        "sim/kernels/trust.py",
        "column[rows[k]] += change[kind, k]",
        "column[rows[k] - 1] += change[kind, k]",
    ),
    Mutation(
        "kernels: a young mayor gives hope to those who are no youths",
        "sim/kernels/learning.py",
        "if cohort[i] == 0:",
        "if cohort[i] == 1:",
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
        " and draw(keys[row], key_of_other) < chance_of_other",
        "",
    ),
    Mutation(
        "kernels: credit for news goes to the council alone",
        "sim/kernels/trust.py",
        "rate * share, loss_to_gain_ratio)",
        "rate, loss_to_gain_ratio)",
    ),
    Mutation(
        "kernels: mentors spend hours on those who hold a seat",
        "sim/kernels/learning.py",
        " and role[row] == 0",
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
        "sim/city.py",
        "len(self.services_history) - 1 - knowledge.municipality_delay_weeks",
        "len(self.services_history) - knowledge.municipality_delay_weeks",
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
        "trust: a missing clip of what contact teaches",
        "sim/phases/trust.py",
        "np.clip(trust.contact_quality + noise, 0.0, 1.0)",
        "(trust.contact_quality + noise)",
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
        '    left /= 1.0 - city.leak_rates["municipality"]\n',
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
        "sim/city.py",
        "left * (1.0 - self.config.behaviour.returns.contribution_share)",
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
        "choose(city, council, proposals, city.worth_of_credit(b))",
        "choose(city, council, proposals, city.credit_of(b))",
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
        "people[city.councils.convened].sum() / people.sum()",
        "city.councils.convened.mean()",
    ),
    Mutation(
        "revenue: a cut of funding goes unnoticed",
        "sim/phases/budgets.py",
        "with_council * city.delegated_share * city.policy.funding.level",
        "with_council * city.delegated_share",
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
        "sim/city.py",
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
        "city.member_rows[residents.role[city.member_rows] != MAYOR]",
        "city.member_rows",
    ),
    Mutation(
        "disputes: those who came to the hearing do not mind",
        "sim/phases/hearings.py",
        "    if city.hearing_in(city.week)[b]:\n",
        "    if False:\n",
    ),
    Mutation(
        "disputes: voters do not mind",
        "sim/phases/hearings.py",
        '    if city.policy.choice.rule.startswith("ballot"):\n        groups',
        "    if False:\n        groups",
        ELECTIONS,
    ),
    Mutation(
        "disputes: people are trusted as before",
        "sim/phases/trust.py",
        "residents.trust_in_people, rows, bad,",
        "residents.trust_in_people, rows[:0], bad[:0],",
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
