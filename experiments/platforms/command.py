"""`mahalle import`: read an export, write an election for each budget, and a config by which a city holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from experiments.new_folders import filling
from experiments.platforms.city import CITY, RULE, city_text, elections_in, refuse_faults
from experiments.platforms.columns import PLATFORMS, category_name, columns_of, is_no_category
from experiments.platforms.elections import (
    Projects,
    amounts_of,
    budgets_named,
    election_of,
    projects_of,
    without_amount,
)
from experiments.platforms.tables import counted, read_table
from sim.elections import NO_CATEGORY
from sim.errors import ConfigError
from sim.names import cleaned, folded, nearest_name, quoted, short
from sim.neighbourhoods import CATEGORIES
from sim.pabulib import as_text, parse_election

LONGEST_SLUG = 50
PLACES = 8
"""Places of further faults that are named."""

WHAT_TOTALS_ALLOW = (
    "These are totals of votes, no ballots: greedy can count them; Equal Shares, and any rule that must know who "
    "voted for what, cannot."
)


def carry_out(
    platform: str,
    file: Path,
    budgets: Sequence[str],
    folder: Path,
    named: Sequence[str] = (),
    categories: Sequence[str] = (),
    locale: str | None = None,
    city: str | None = None,
) -> list[str]:
    """Write the elections of an export, and return lines that say what was written.

    Args:
        platform: one of `PLATFORMS`.
        file: the export.
        budgets: `AMOUNT`, or `BUDGET=AMOUNT`.
        folder: a new or an empty one.
        named: `FIELD=COLUMN`.
        categories: `CATEGORY=OURS`.
        locale: language of titles and categories.
        city: by name or file, in which the elections are to be held; None means the default city.

    Raises:
        ConfigError: the export, an option or the folder cannot be used.
    """
    kind = PLATFORMS[platform]
    with _first_fault_alone():
        table = read_table(file)
        columns = columns_of(table, kind, _pairs(named, "--column"), locale)
        found = projects_of(table, columns, kind, budgets_named(budgets))
    money = amounts_of(budgets, found, table.source)
    mapping = _mapping(found, money, _pairs(categories, "--category"))
    names = _file_names(platform, money)
    text_of_city = city_text(elections_in(names, mapping), kind.title, city, folder)
    open_ones = [category for category, ours in mapping.items() if ours is None]
    lines = [_what_was_read(table.source, kind.title, found), *_what_was_left(found, money)]
    with filling(folder) as partial:
        for budget, amount in money.items():
            text = as_text(election_of(found, budget, amount, kind, file.name))
            election = parse_election(text, names[budget])  # as whoever opens the file will read it
            (partial / names[budget]).write_text(text, encoding="utf-8")
            where = f"budget {budget}, " if budget else ""
            votes = f"{counted(len(election.ids), 'project')}, {counted(int(election.totals.sum()), 'vote')}"
            lines.append(f"{folder / names[budget]}: {where}{_money(amount)}; {votes}")
        (partial / CITY).write_text(text_of_city, encoding="utf-8")
        if city is not None and not open_ones:
            refuse_faults(partial / CITY, city)
    what = "this election" if len(names) == 1 else "these elections"
    return [*lines, f"{folder / CITY}: {_where_held(what, city)}", *_still_to_say(open_ones), WHAT_TOTALS_ALLOW]


def _where_held(what: str, city: str | None) -> str:
    """Which city holds the elections: the default one has other people than the export's voters."""
    if city is not None:
        return f"{what} in the city of {city}, where residents now choose projects by {RULE}"
    return (
        f"{what} in the default city, whose people, neighbourhoods and money are those of Rafsanjan; to hold "
        f"{'it' if what == 'this election' else 'them'} in a city of your own, import with --city FILE"
    )


def _still_to_say(open_ones: Sequence[str]) -> list[str]:
    """A line that names the categories of the export without one of ours."""
    stand = "stands" if len(open_ones) == 1 else "stand"
    return [f"Before it runs, say there what {', '.join(map(quoted, open_ones))} {stand} for"] if open_ones else []


@contextmanager
def _first_fault_alone() -> Iterator[None]:
    """Say of several faults how many there are and where: no other command names those of an export."""
    try:
        yield
    except ConfigError as error:
        if not error.others:
            raise
        problem = f"{error.problem} (and {counted(len(error.others), 'more fault')}: {_places(error.others)})"
        raise ConfigError(problem, source=error.source, line=error.line, key=error.key) from None


def _places(faults: Sequence[ConfigError]) -> str:
    """Where the first of some faults are."""
    lines = [f"line {fault.line}" if fault.line else "" for fault in faults[:PLACES]]
    shown = [": ".join(filter(None, [line, fault.key])) for line, fault in zip(lines, faults, strict=False)]
    return "; ".join(filter(None, shown)) + ("; …" if len(faults) > PLACES else "")


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """Values by name, from `NAME=VALUE`."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=") if option == "--column" else text.rpartition("=")
        name, value = cleaned(name), value.strip()
        if not equals or not name or not value:
            raise ConfigError(f"must be written as NAME=VALUE, not {quoted(text)}", source=option)
        if name in found:
            raise ConfigError(f"is given twice for {quoted(name)}", source=option)
        found[name] = value
    return found


def _mapping(found: Projects, money: Mapping[str, float], given: Mapping[str, str]) -> dict[str, str | None]:
    """Our category for each of the export's, None where the user says none.

    Raises:
        ConfigError: a name that is not in the export, or none of ours.
    """
    used = [project.categories or (NO_CATEGORY,) for project in found.projects if project.budget in money]
    there = list(dict.fromkeys(category for own in used for category in own))
    given = _by_category(given)
    for category, ours in given.items():
        if category not in there:
            problem = f"no project is of category {quoted(category)}{nearest_name(category, there)}"
            raise ConfigError(problem, source="--category")
        if ours not in CATEGORIES:
            problem = f"{quoted(category)} must be one of {', '.join(CATEGORIES)}, not {quoted(ours)}"
            raise ConfigError(problem + nearest_name(ours, CATEGORIES), source="--category")
    return {category: given.get(category) for category in there}


def _by_category(given: Mapping[str, str]) -> dict[str, str]:
    """Our categories by the export's, as these are spelt once read: `none` in one way, and no commas.

    Raises:
        ConfigError: two names are spellings of one category.
    """
    found: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for name, ours in given.items():
        category = NO_CATEGORY if is_no_category(name) else category_name(name)
        if category in found:
            both = f"{quoted(spelt[category])} and {quoted(name)}"
            raise ConfigError(f"is given twice for one category: {both}", source="--category")
        found[category], spelt[category] = ours, name
    return found


def _file_names(platform: str, budgets: Mapping[str, float]) -> dict[str, str]:
    """A file name for each budget, all different."""
    found: dict[str, str] = {}
    for budget in budgets:
        kept = "".join(letter if letter.isalnum() else "-" for letter in folded(budget).casefold())
        slug = "-".join(part for part in kept.split("-") if part)[:LONGEST_SLUG]
        name, number = "-".join(filter(None, (platform, slug))), 1
        while f"{name}.pb" in found.values():
            number += 1
            name = f"{platform}-{slug}-{number}"
        found[budget] = f"{name}.pb"
    return found


def _what_was_read(source: str, platform: str, found: Projects) -> str:
    budgets = f" in {counted(len(found.budgets), 'budget')}" if any(found.budgets) else ""
    left = ", ".join(f"{number:,} {reason}" for reason, number in found.left_out.items())
    read = f"{source}: {platform}, {counted(len(found.projects), 'project')}{budgets}"
    return read + (f"; left out: {left}" if left else "")


def _what_was_left(found: Projects, money: Mapping[str, float]) -> list[str]:
    """Lines that name what has votes and was not imported."""
    ids, budgets = found.left_out_with_votes, without_amount(found, money)
    lines = (
        [f"not imported, since not selected, although they have votes: ids {', '.join(map(short, ids))}"] if ids else []
    )
    if budgets:
        lines.append(f"not imported, since no amount is given: {', '.join(budgets)}")
    if found.skipped:
        rows = f"{counted(len(found.skipped), 'row')} at fault of other budgets"
        lines.append(f"not read: {rows} ({_places(found.skipped)})")
    return lines


def _money(amount: float) -> str:
    return f"{amount:,.2f}".removesuffix(".00")
