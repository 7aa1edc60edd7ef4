"""docs/odd.md: the model after the ODD protocol with ODD+D, its tables, phases and rules drawn from the code."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from experiments import register as texts
from experiments.patterns import PATTERNS
from sim.agents import Council, Facilitator, Imam, Municipality, MunicipalTeam, NeighbourhoodMayor, Resident, Youth
from sim.books import Books
from sim.city import City
from sim.columns import Column, columns_of
from sim.neighbourhoods import CATEGORIES, CATEGORY_LABELS, Geography
from sim.network import KINDS, Ties
from sim.outcome import CITY, GROUPS, NEIGHBOURHOODS, START, Table
from sim.policies import HUB_KINDS, SHOCKS, Policy
from sim.projects import STATUSES, Projects
from sim.week import Week
from tools.documents import source
from tools.documents.filling import Block, Filled, fill, shown
from tools.documents.markdown import code, contents, heading, link, table
from tools.documents.source import Function, docstring_of, functions, named, users_of, uses_of
from tools.impulses.kept import STABILITY, city, stability_table, stored, time_scales

AGENTS: tuple[type, ...] = (
    Resident,
    Youth,
    Facilitator,
    Imam,
    Council,
    NeighbourhoodMayor,
    MunicipalTeam,
    Municipality,
)
"""The classes of agents, in the order in which the document describes them."""

RULES = tuple(name for name in source.modules() if name.startswith("sim.rules."))
"""Modules of rules, in alphabetical order."""

COMPILED = "sim.kernels."
"""Passes that apply rules to all residents: the rules count as those of the step that calls them."""

NINE_PHASES = tuple(f"{one.__module__}.{one.name}" for one in City.phases)
"""Paths of the functions that a week consists of, in their order."""

PLAIN = frozenset({"record", "record_project", "of", "mean_by_neighbourhood", "week", "delegated_share", "measure"})
"""Services of the city that are too small to count as a step."""

PLACES = (
    *("sim.city", "sim.institutions", "sim.money", "sim.place", "sim.neighbourhoods", "sim.borders", "sim.population"),
    *("sim.network", "sim.phases"),
)
"""Modules whose functions build a city."""

State = Mapping[str, Any]


def text(template: str, state: State) -> Filled:
    """The whole document; its prose is in the template, what code does not describe in `state`."""
    problems: list[str] = []
    blocks: dict[str, Block] = {
        "patterns": patterns,
        "entities": entities,
        "municipality": municipality,
        "categories": categories,
        "geography": partial(attributes, Geography),
        "books": partial(attributes, Books),
        "ties": partial(attributes, Ties),
        "tie_kinds": lambda: ", ".join(map(code, KINDS)),
        "hub_kinds": lambda: ", ".join(map(code, HUB_KINDS)),
        "project_statuses": lambda: ", ".join(map(code, STATUSES)),
        "week_record": partial(attributes, Week),
        "project": partial(described, "project", state, Projects()._columns, problems),
        "seat": partial(described, "seat", state, vars(small_city().institutions.seats).keys() - {"plan"}, problems),
        "city_state": partial(described, "city", state, None, problems),
        "phases": phases,
        "last_week": last_week,
        "reads_and_writes": reads_and_writes,
        "building": partial(steps, "sim.city.City._build", PLACES),
        "rules": rules,
        "selection": selection,
        "draws": draws,
        "constants": constants,
        "events": events,
        "switches": switches,
        "structures": structures,
        "outcomes_city": partial(outcome_table, CITY),
        "outcomes_neighbourhood": partial(outcome_table, NEIGHBOURHOODS),
        "outcomes_group": partial(outcome_table, GROUPS),
        "outcomes_start": partial(outcome_table, START),
        "neighbourhood_phase": lambda: _function(functions()["sim.outcomes.moment.neighbourhood_phase"]),
        "need_match": lambda: docstring_of(named("sim.rules.knowledge.need_match")).summary,
        "time_scales": time_scales_measured,
        "stability": stability_measured,
        "contents": lambda: "",  # put in once all headings are there
    }
    for kind in (Resident, Facilitator, Council, NeighbourhoodMayor, MunicipalTeam):
        blocks[f"columns_{kind.__name__}"] = partial(column_table, kind, state, problems)
    for number, path in enumerate(NINE_PHASES, 1):
        blocks[f"phase_{number}"] = partial(phase, path)
    filled = fill(template, blocks)
    listed = contents(filled.text, (2, 3))
    marked = filled.text.replace("## Contents\n", f"## Contents\n\n{listed}\n", 1)
    return Filled(_without_gaps(marked), (*filled.problems, *problems))


def time_scales_measured() -> str:
    """Half-lives of all states with a memory, measured by impulses and kept."""
    return table(*time_scales(stored(), city()))


def stability_measured() -> str:
    """How much of trust is still what it was, measured and kept."""
    return table(*stability_table(pd.read_csv(STABILITY)))


def small_city() -> City:
    """A city of two neighbourhoods, to see which state there is."""
    small: dict[str, Any] = {"run.scale": 1.0, "city.neighbourhoods.count": 2, "city.population.total": 600}
    return City(rng=1, **small)


def _without_gaps(text: str) -> str:
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip() + "\n"


# ---------------------------------------------------------------- purpose, entities, state


def patterns() -> str:
    """The patterns by which a run is judged."""
    rows = []
    for item in PATTERNS:
        accept = "; ".join(f"{part}: {accept}" for part, accept in item.accept.items())
        rows.append([item.number, item.what, accept, item.tag, item.source, item.group])
    return table(["no.", "pattern", "accepted", "evidence", "source", "and the defaults"], rows)


def entities() -> str:
    """The classes of agents."""
    rows = []
    for kind in AGENTS:
        parents = [base.__name__ for base in kind.__mro__[1:] if base in AGENTS]
        parent = f"a {code(parents[0])}" if parents else ""
        rows.append([code(kind.__name__), parent, _whole(docstring_of(kind))])
    return table(["class", "is", "what it is"], rows)


def column_table(kind: type, state: State, problems: list[str]) -> str:
    """The state variables that an agent class declares, with what may change them."""
    columns = columns_of(kind)
    fixed, occasional = state["fixed"][kind.__name__], state["occasional"][kind.__name__]
    for name in (*fixed, *occasional):
        if name not in columns:
            problems.append(f"state.yaml: {kind.__name__} has no column {name}")
    changes = {**dict.fromkeys(fixed, "no"), **dict.fromkeys(occasional, "policy, shock")}
    rows = [
        [code(name), _type(column), column.unit, _bounds(column), column.meaning, changes.get(name, "yes")]
        for name, column in columns.items()
    ]
    return table(["variable", "type", "unit", "range", "meaning", "changes"], rows)


def _type(column: Column) -> str:
    if column.labels is not None:
        return "category"
    name = {"f": "number", "i": "whole number", "b": "yes or no"}[column.dtype.kind]
    return f"{column.width} {name}s" if column.width > 1 else name


def _bounds(column: Column) -> str:
    if column.labels is not None:
        return ", ".join(map(code, column.labels))
    if column.low is None:
        return ""
    return f"at least {shown(column.low)}" if column.high is None else f"{shown(column.low)} to {shown(column.high)}"


def municipality() -> str:
    """What can be read from the municipality, which has no table."""
    rows = [
        [code(name), docstring_of(item).summary]
        for name, item in vars(Municipality).items()
        if isinstance(item, property)
    ]
    return table(["property", "meaning"], rows)


def categories() -> str:
    """The six categories of services."""
    return table(["code", "category", "name"], [[n, code(c), CATEGORY_LABELS[c][0]] for n, c in enumerate(CATEGORIES)])


def attributes(kind: type) -> str:
    """What a class's docstring says of its attributes."""
    return table(["variable", "meaning"], [[_names(names), meaning] for names, meaning in docstring_of(kind).items])


def _names(names: str) -> str:
    return ", ".join(map(code, names.split(", ")))


def _is_there(thing: object, path: str) -> bool:
    """Whether an object has what a dotted path names."""
    for name in path.split("."):
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


def described(section: str, state: State, there: Iterable[str] | None, problems: list[str]) -> str:
    """State that `state.yaml` describes; `there` is what the code has, None where only its presence is asked."""
    entries: Mapping[str, list[str]] = state[section]
    if there is None:
        city = small_city()
        gone = [name for name in entries if not _is_there(city, name)]
        missing: list[str] = []
    else:
        gone = [name for name in entries if name not in there]
        missing = sorted(set(there) - set(entries))
    problems += [f"state.yaml, {section}: there is no {name}" for name in gone]
    problems += [f"state.yaml, {section}: {name} is not described" for name in missing]
    problems += [
        f"state.yaml, {section}: {name} must be [unit, meaning]" for name in entries if _is_no_pair(entries[name])
    ]
    return table(["variable", "unit", "meaning"], [[code(name), *entry[:2]] for name, entry in entries.items()])


# ---------------------------------------------------------------- phases and steps


def phases() -> str:
    """The nine phases of a week."""
    rows = []
    for number, path in enumerate(NINE_PHASES, 1):
        title, about = _phase_text(path)
        rows.append([number, title, code(path), about])
    return table(["phase", "name", "function", "what happens"], rows)


def reads_and_writes() -> str:
    """What each phase declares that it reads and writes."""
    rows = [[code(one.name), _by_part(one.reads), _by_part(one.writes)] for one in City.phases]
    return table(["phase", "reads", "writes"], rows)


def _by_part(paths: Iterable[str]) -> str:
    """Paths from the city, those in one part of it together."""
    parts: dict[str, list[str]] = {}
    for path in paths:
        part, _, name = path.partition(".")
        parts.setdefault(part, []).extend([code(name)] if name else [])
    return "; ".join(f"{part}: {', '.join(names)}" if names else code(part) for part, names in parts.items())


def _phase_text(path: str) -> tuple[str, str]:
    """Name and summary of a phase, from its module's docstring."""
    summary = docstring_of(named(path.rpartition(".")[0])).summary
    name, _, about = summary.partition(". ")[2].partition(": ")
    return name, about[:1].upper() + about[1:]


def phase(path: str) -> str:
    """A phase: what its module says of it, then its steps."""
    about = "\n\n".join(docstring_of(named(path.rpartition(".")[0])).body)
    inside = ("sim.phases", "sim.selection", "sim.agents", "sim.city", "sim.institutions", "sim.money")
    called = docstring_of(named(path))
    own = f"{code(path)}: {_whole(called)}{_rules_used(path)}"
    return "\n\n".join(filter(None, [about, own, steps(path, inside)]))


def steps(path: str, inside: tuple[str, ...]) -> str:
    """A nested list of the functions that one function uses, in the order of its source."""
    lines: list[str] = []
    _add_steps(path, inside, "", set(), lines, 0)
    return "\n".join(lines)


def _add_steps(path: str, inside: tuple[str, ...], indent: str, seen: set[str], lines: list[str], number: int) -> int:
    """Add the steps of one function, numbered from `number` + 1; returns the last number."""
    for used in uses_of(path):
        function = functions()[used]
        if not _is_step(function, inside):
            continue
        about = _whole(function.docstring)
        if not about:  # not worth a word: what it uses stands in its place
            number = _add_steps(used, inside, indent, seen, lines, number)
            continue
        number += 1
        name = code(function.name if "." in function.name else function.name.lstrip("_"))
        mark = f"{indent}{number}. "
        if used in seen:
            lines.append(f"{mark}{name} (see above)")
            continue
        seen.add(used)
        lines.append(f"{mark}{name}: {about}{_rules_used(used)}")
        _add_steps(used, inside, " " * len(mark), seen, lines, 0)
    return number


def _is_step(function: Function, inside: tuple[str, ...]) -> bool:
    """Whether a function belongs in a list of steps; how seats are filled has a section of its own."""
    detail = function.module == "sim.selection" and function.name.startswith("_")
    return function.module.startswith(inside) and function.name.rpartition(".")[2] not in PLAIN and not detail


def _whole(doc: source.Docstring) -> str:
    return " ".join((doc.summary, *doc.body)).strip()


def _rules_used(path: str) -> str:
    uses = [inner for used in uses_of(path) for inner in (uses_of(used) if used.startswith(COMPILED) else (used,))]
    names = [functions()[used].name for used in dict.fromkeys(uses) if used.startswith("sim.rules.")]
    names = [name for name in names if "." not in name]  # how parameters are handed over is no rule
    return f" *Rules:* {', '.join(link(code(name), name) for name in names)}." if names else ""


def last_week() -> str:
    """Where the record of the week before is read."""
    return table(["what is read", "by"], [[code(what), code(where)] for what, where in source.reads_of_last_week()])


# ---------------------------------------------------------------- rules


def rules() -> str:
    """Every rule, module by module."""
    out = []
    for module in RULES:
        doc = docstring_of(sys.modules[module] if module in sys.modules else named(module))
        own = source.public_functions(module)
        out += [heading(4, f"Rules of {module.rpartition('.')[2]} ({code(module)})"), _whole(doc)]
        out += [_function(function, level=5) for function in own]
    return "\n\n".join(out)


def selection() -> str:
    """How seats are filled, function by function."""
    chosen = ("sim.seats.council_seats", "sim.seats.Pools.draw")
    own = [item for item in functions().values() if item.module == "sim.selection" and item.docstring.summary]
    listed = [functions()[path] for path in chosen if path in functions()] + own
    names = [code(item.name.lstrip("_")) for item in listed]
    texts_of = [f"{_whole(item.docstring)}{_rules_used(item.path)}" for item in listed]
    return "\n".join(f"- {name}: {about}" for name, about in zip(names, texts_of, strict=True))


def _function(function: Function, level: int = 0) -> str:
    """A function: signature, docstring, arguments, and who uses it."""
    doc = function.docstring
    title = [heading(level, code(function.name))] if level else []
    body = [code(function.signature), doc.summary, *doc.body]
    items = "\n".join(f"- {_names(names)}: {meaning}" for names, meaning in doc.items)
    returns = f"Returns: {doc.returns}" if doc.returns else ""
    users = [user for user in users_of(function.path) if user.rpartition(".")[2] != function.name]
    used = f"Used by {', '.join(code(user.removeprefix('sim.')) for user in users)}." if users else _UNUSED
    return "\n\n".join(filter(None, [*title, *body, items, returns, used if level else ""]))


_UNUSED = "No phase calls it: the model works out the same in place, and tests hold the two together."


# ---------------------------------------------------------------- chance, numbers, events


def draws() -> str:
    """Every draw and its key."""
    rows = [
        [
            code(draw.stream),
            draw.kind,
            draw.seed,
            _key(draw.week),
            _key(draw.entity),
            code(draw.where.removeprefix("sim.")),
        ]
        for draw in source.draws()
    ]
    return table(["stream", "draw", "seed", "week", "entity", "drawn in"], rows)


def _key(expression: str) -> str:
    return code(expression) if expression not in ("", "0") else expression


def constants() -> str:
    """Named numbers of the model that no config can change."""
    rows = [[code(path.removeprefix("sim.")), shown(value), meaning] for path, value, meaning in source.constants()]
    return table(["name", "value", "meaning"], rows)


def events() -> str:
    """What the table of events can hold."""
    rows = []
    for name, where in source.events():
        names = SHOCKS.names if name == "shock.kind" else (name,)
        rows.append([", ".join(map(code, names)), code(where.removeprefix("sim."))])
    return table(["event", "entered by"], rows)


# ---------------------------------------------------------------- switches and outcomes


def switches() -> str:
    """Every lever of the policy, group by group."""
    out = []
    keys = [row.key for row, _ in texts.rows()]
    for group, info in Policy.model_fields.items():
        rows = _register_rows([key for key in keys if key.startswith(f"policy.{group}.")])
        assert info.annotation is not None
        out.append(f"**{group}.** {docstring_of(info.annotation).summary}\n\n{rows}")
    return "\n\n".join(out)


def structures() -> str:
    """Structural alternatives of behaviour: choices, and the selection of hubs."""
    kinds = {row.key: row.kind for row, _ in texts.rows()}
    return _register_rows([key for key in kinds if key == _HUB_SELECTION or _is_structural(key, kinds[key])])


def _is_structural(key: str, kind: str) -> bool:
    return key.startswith("behaviour.") and kind == "choice"


_HUB_SELECTION = "behaviour.trust.hub_selection"


def _register_rows(wanted: Collection[str]) -> str:
    rows = [
        [code(row.key), texts._allowed(row), texts._shown(value), row.unit, row.meaning]
        for row, value in texts.rows()
        if row.key in wanted
    ]
    return table(["key", "levels or range", "default", "unit", "meaning"], rows)


def outcome_table(of: Table) -> str:
    """The outcomes of a table as they are declared; of those at the start the make-up of people first, then of ties."""
    rows = sorted(of.outcomes.values(), key=lambda declared: declared.name.startswith("network."))
    return table(
        ["outcome", "unit", "definition"], [[code(declared.name), declared.unit, declared.meaning] for declared in rows]
    )


def _is_no_pair(entry: list[str]) -> bool:
    return len(entry) != 2
