"""A config: city (constants), policy (levers), behaviour (uncertainties), run; and policies that come and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationError, create_model, field_validator, model_validator

from sim.elections import ElectionSource
from sim.errors import ConfigError
from sim.extension import Extension, extended
from sim.facts import Told
from sim.hubs import Hubs
from sim.loading import KEY, Loaded, extensions_in, load
from sim.neighbourhoods import NeighbourhoodParameters
from sim.network import NetworkParameters
from sim.parameters import Effect, Parameters, parameter
from sim.policies import HubKind, Label, Policy, TimedPolicy, changed
from sim.policy_files import read_policy
from sim.population import PopulationParameters
from sim.reading import merge, nest, validate
from sim.rules.awareness import AwarenessParameters
from sim.rules.capture import CaptureParameters
from sim.rules.choice import ChoiceParameters
from sim.rules.civic import CivicParameters
from sim.rules.contacts import ContactParameters, FormativeParameters, PoliticsParameters
from sim.rules.delivery import DeliveryParameters
from sim.rules.expectation import ExpectationParameters
from sim.rules.feelings import BelongingParameters, HopeParameters
from sim.rules.influence import InfluenceParameters
from sim.rules.knowledge import KnowledgeParameters
from sim.rules.learning import LearningParameters
from sim.rules.listing import ListParameters
from sim.rules.participation import BurnoutParameters, ParticipationParameters
from sim.rules.returns import ReturnParameters
from sim.rules.selection import SelectionParameters
from sim.rules.services import ServiceParameters
from sim.rules.trust import AnchoredTrustParameters, TrustParameters
from sim.shipped import find
from sim.wording import Place, refusal
from sim.yaml_text import Document, parse_value, read_yaml

DAYS_A_WEEK = 7

UNIT_OF_MONEY = "bn toman"
"""What declarations call the unit of money; a city may have another (`city.finance.unit`)."""


class FinanceParameters(Parameters):
    """Money, in thousand million (bn) toman at constant prices of 1402 (2023), or in a unit of the city's own."""

    unit: Label = parameter(
        Label(en=UNIT_OF_MONEY, fa="میلیارد تومان"),
        "Unit of all amounts of money, as it is printed and drawn: a name, which converts nothing.",
        unit="",
        source="author",
        tag="assumption",
        effect=None,
    )

    works_budget_per_year: float = parameter(
        300.0,
        "Budget for works of neighbourhood size, delegated or not, teams and programmes included.",
        unit="bn toman per year",
        range=(1.0, 20_000.0),
        source="about a fifth of the 1,400 bn toman of civil works planned for 1402 (kermanrasad.ir 276307); "
        "the rest are works for the whole city",
        tag="assumption",
        effect=Effect("construction_projects_finished", +1, low=100.0, high=500.0),
    )
    project_cost_mean: float = parameter(
        1.6,
        "Mean cost of a construction project.",
        unit="bn toman",
        range=(0.05, 100.0),
        source="6,000 m² of park or asphalt at 2.5 million rial a square metre: 1.5 bn toman (computed)",
        tag="source",
        effect=Effect("construction_projects_finished", -1, low=0.8, high=5.0),
    )
    project_cost_spread: float = parameter(
        0.5,
        "Standard deviation of the log of costs.",
        unit="log",
        range=(0.0, 1.0),
        source="assumed",
        tag="assumption",
        effect=Effect("project_cost_sd", +1),
    )
    programme_cost: float = parameter(
        0.02,
        "Cost of a cultural, artistic or educational programme.",
        unit="bn toman",
        range=(0.0, 5.0),
        source="assumed: 20 million toman",
        tag="assumption",
        effect=Effect("money_on_programmes", +1),
    )
    training_cost_per_year: float = parameter(
        0.1,
        "Cost of training in a year for each neighbourhood with a council, taken from the same budget.",
        unit="bn toman per neighbourhood and year",
        range=(0.0, 10.0),
        source="assumed: courses for thirty people",
        tag="assumption",
        effect=Effect("money_on_support", +1, when={"policy.support.kind": "training"}),
    )
    audit_cost_share: float = parameter(
        0.005,
        "Cost of audit, and again of publication, as a share of the budget it watches.",
        unit="share",
        range=(0.0, 0.1),
        source="assumed",
        tag="assumption",
        effect=Effect("money_on_support", +1, when={"policy.accountability.audit": True}),
    )
    team_cost_per_year: float = parameter(
        1.5,
        "Cost of a municipal team in a year, taken from the same budget.",
        unit="bn toman per year",
        range=(0.0, 50.0),
        source="assumed: five people",
        tag="assumption",
        effect=Effect("money_on_support", +1),
    )


class Claim(Parameters):
    """A claimed figure: shown next to the simulated one and labelled as claimed, never treated as a fact."""

    outcome: str = parameter(
        "", "Column of the city's weekly table.", unit="", source="author", tag="assumption", effect=None
    )
    value: float = parameter(0.0, "Value claimed.", unit="as the outcome", source="claim", tag="claimed", effect=None)
    week: int = parameter(
        0, "Week it speaks of.", unit="weeks", range=(0, 5200), source="claim", tag="claimed", effect=None
    )
    date: str = parameter(
        "",
        "Day of the statement, which the week stands for; the first day of the week where none is given.",
        unit="date",
        source="claim",
        tag="claimed",
        effect=None,
    )
    title: Label = Label()
    source: str = parameter("", "Who claims it, and where.", unit="", source="author", tag="assumption", effect=None)
    source_fa: str = parameter("", "The same in Persian.", unit="", source="author", tag="assumption", effect=None)


class CityParameters(Parameters):
    """What the policy cannot change."""

    title: Label = parameter(
        Label(en="A city", fa="یک شهر"), "Name of the city.", unit="", source="author", tag="assumption", effect=None
    )
    start_date: str = parameter(
        "2021-09-23",
        "Day of week 0.",
        unit="date",
        source="1 Mehr 1400, the new mayor's first autumn",
        tag="assumption",
        effect=None,
    )
    start_year_solar_hijri: int = parameter(
        1400,
        "Solar Hijri year of week 0, for ages and cohorts.",
        unit="year",
        range=(1390, 1450),
        source="1 Mehr 1400",
        tag="assumption",
        effect=Effect(
            "start.youth_share",
            +1,
            low=1400,
            high=1410,
            reduce="first",
            why="ten years on, all up to thirty were born since 1380 (2001)",
        ),
    )
    customary_hub: HubKind = parameter(
        "mosque",
        "The hub by which residents count as attenders, whatever hubs the policy works through.",
        unit="",
        source="claimed: mosque-centred neighbourhoods",
        tag="claimed",
        effect=Effect("start.attender_share", +1, low="community_centre", high="mosque", reduce="first"),
    )
    population: PopulationParameters = PopulationParameters()
    neighbourhoods: NeighbourhoodParameters = NeighbourhoodParameters()
    network: NetworkParameters = NetworkParameters()
    hubs: Hubs = Hubs()
    finance: FinanceParameters = FinanceParameters()
    elections: tuple[ElectionSource, ...] = parameter(
        (),
        "Real elections that councils hold where residents vote, from Pabulib files; files, so no direction.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
        lax=True,
    )
    claims: tuple[Claim, ...] = parameter(
        (), "Figures claimed about the city.", unit="", source="author", tag="claimed", effect=None, lax=True
    )

    @model_validator(mode="after")
    def _is_a_date(self) -> Self:
        try:
            date.fromisoformat(self.start_date)
        except ValueError:
            raise ValueError(f"start_date must be a date such as 2021-09-23, not {self.start_date!r}") from None
        return self

    @model_validator(mode="after")
    def _claims_are_dated_within_a_week(self) -> Self:
        for number, claim in enumerate(self.claims):
            if not claim.date:
                continue
            try:
                day = date.fromisoformat(claim.date)
            except ValueError:
                problem = f"must be a date such as 2021-09-23, not {claim.date!r}"
                raise ValueError(f"claims[{number}].date {problem}") from None
            begins = date.fromisoformat(self.start_date) + timedelta(weeks=claim.week)
            if abs((day - begins).days) >= DAYS_A_WEEK:
                problem = f"is {claim.date}, more than a week from week {claim.week}, which begins on {begins}"
                raise ValueError(f"claims[{number}].date {problem}")
        return self


class BehaviourParameters(Parameters):
    """What nobody knows exactly: how people and offices behave."""

    trust: TrustParameters = TrustParameters()
    anchored_trust: AnchoredTrustParameters = AnchoredTrustParameters()
    contacts: ContactParameters = ContactParameters()
    politics: PoliticsParameters = PoliticsParameters()
    formative: FormativeParameters = FormativeParameters()
    expectation: ExpectationParameters = ExpectationParameters()
    influence: InfluenceParameters = InfluenceParameters()
    participation: ParticipationParameters = ParticipationParameters()
    civic: CivicParameters = CivicParameters()
    list: ListParameters = ListParameters()
    burnout: BurnoutParameters = BurnoutParameters()
    learning: LearningParameters = LearningParameters()
    hope: HopeParameters = HopeParameters()
    belonging: BelongingParameters = BelongingParameters()
    services: ServiceParameters = ServiceParameters()
    delivery: DeliveryParameters = DeliveryParameters()
    knowledge: KnowledgeParameters = KnowledgeParameters()
    capture: CaptureParameters = CaptureParameters()
    choice: ChoiceParameters = ChoiceParameters()
    selection: SelectionParameters = SelectionParameters()
    awareness: AwarenessParameters = AwarenessParameters()
    returns: ReturnParameters = ReturnParameters()


class RunParameters(Parameters):
    """Length, scale and seeds of a run."""

    weeks: int = parameter(
        260, "Weeks to simulate.", unit="weeks", range=(1, 5200), source="five years", tag="assumption", effect=None
    )
    scale: float = parameter(
        1.0,
        "Agents as a share of residents; rates, shares and per-head figures do not depend on it.",
        unit="share",
        range=(0.001, 1.0),
        source="setting",
        tag="assumption",
        effect=None,
    )
    seed: int = parameter(
        1,
        "Seed of the luck: all random events of the run. 0 is a seed.",
        unit="",
        range=(0, 2**63 - 1),
        source="setting",
        tag="assumption",
        effect=None,
    )
    place_seed: int = parameter(
        1,
        "Root of the draws of the place: map, services, people and ties, as far as no file gives them.",
        unit="",
        range=(0, 2**63 - 1),
        source="setting",
        tag="assumption",
        effect=None,
    )
    snapshot_weeks: tuple[int, ...] = parameter(
        (),
        "Weeks after which the state of every resident is kept.",
        unit="weeks",
        source="setting",
        tag="assumption",
        effect=None,
        lax=True,
    )


class Config(Told, Parameters):
    """Everything a run depends on; two equal configs with equal seeds give equal runs."""

    loaded: ClassVar[tuple[Loaded, ...]] = ()
    """Extensions that the config names; such a config is of a class of its own, which `class_of` makes."""

    city: CityParameters = CityParameters()
    policy: Policy = Policy()
    behaviour: BehaviourParameters = BehaviourParameters()
    run: RunParameters = RunParameters()
    timeline: tuple[TimedPolicy, ...] = parameter(
        (),
        "Policies that come and go, as differences from `policy`; shocks.",
        unit="",
        source="scenario",
        tag="assumption",
        effect=None,
        lax=True,
    )
    base_folder: str = Field(default=".", exclude=True, description="Folder to which own data files are relative.")

    def facts(self) -> dict[str, str]:
        """Which city, how long, how large, and what is changed on the way."""
        run = self.run
        changes = {"changes of policy": str(len(self.timeline))} if self.timeline else {}
        return {
            "city": self.city.title.en,
            "weeks": str(run.weeks),
            "scale": f"{run.scale:g}",
            "seeds": f"place {run.place_seed}, luck {run.seed}",
            **changes,
            "all else": "model_dump()",
        }

    @field_validator("timeline")
    @classmethod
    def _in_parts(cls, timeline: tuple[TimedPolicy, ...]) -> tuple[TimedPolicy, ...]:
        return tuple(part for difference in timeline for part in difference.parts())

    @model_validator(mode="after")
    def _timeline_can_be_applied(self) -> Self:
        for position, difference in enumerate(self.timeline):
            try:
                changed(self.policy, difference.set)
            except ConfigError as error:
                raise ValueError(f"timeline[{position}] sets {error.key}: {error.problem}") from None
            except ValidationError as error:
                fault = error.errors()[0]
                key = ".".join(str(part) for part in fault["loc"])
                raise ValueError(f"timeline[{position}] sets {key}: {fault['msg']}") from None
        return self

    def with_values(self, values: Mapping[str, Any]) -> Config:
        """A config with some dotted keys set, such as ``{"policy.hub.kinds": ["school"]}``.

        Raises:
            ConfigError: an unknown key or a value that is not allowed.
        """
        return self._with(nest(values), "set") if values else self

    def with_extensions(self, locations: Sequence[str]) -> Config:
        """The config with more extensions behind its own; those that it has already stay where they are.

        Args:
            locations: such as ``/folder/my_rule.py:RULE``.

        Raises:
            ConfigError: they do not go together.
        """
        own = self.extensions_by_location
        more = [location for location in locations if location not in own]
        return self.with_values({KEY: [*own, *more]}) if more else self

    def _with(self, difference: Mapping[str, Any], source: str) -> Config:
        """The config with some nested keys set; `extensions` among them are loaded first."""
        data = {**merge(self.model_dump(), difference), "base_folder": self.base_folder}
        kind = class_of(data, self.base_folder, source=source) if KEY in difference else type(self)
        return validate(kind, data, source=source)

    @property
    def extensions_by_location(self) -> tuple[str, ...]:
        """Where the extensions are found from any folder, in order."""
        return tuple(one.location for one in self.loaded)

    @property
    def extended_by(self) -> tuple[Extension, ...]:
        """The extensions themselves, in order."""
        return tuple(one.extension for one in self.loaded)

    def __reduce__(self) -> Any:
        """Be sent between processes as values: the class of a config with extensions is made again where it arrives."""
        if not self.loaded:
            return super().__reduce__()
        files = [(one.location, dict(one.files)) for one in self.loaded]
        return _arrived, (files, {**self.model_dump(), "base_folder": self.base_folder})


def class_of(
    data: dict[str, Any], folder: str | Path, document: Document | None = None, source: str | None = None
) -> type[Config]:
    """The class that a config's data are read as: `Config`, or one with the parameters of the extensions named.

    Args:
        data: the content of a config; an empty list of extensions is taken out.
        folder: to which paths are relative.
        document: the file, for lines.
        source: the file or option to name, if there is no document.

    Raises:
        ConfigError: an extension cannot be used.
    """
    found = extensions_in(data.get(KEY, ()), folder, document, source)
    if not found:
        data.pop(KEY, None)
        return Config
    try:
        return config_class(found)
    except ValueError as error:
        line = None if document is None else document.line_of((KEY,))
        source = source if document is None else document.source
        raise ConfigError(str(error), source=source, line=line, key=KEY) from None


@lru_cache(maxsize=64)
def config_class(found: tuple[Loaded, ...]) -> type[Config]:
    """The class of configs that have the parameters of some extensions, in the groups that these name.

    Raises:
        ValueError: two groups have one key, or a key leads nowhere.
    """
    kind: type[Config] = Config
    for one in found:
        try:
            kind = extended(kind, one.extension.groups)
        except ValueError as error:
            raise ValueError(f"{one.name}: {error}") from None
    named = parameter(
        (), "Extensions, read before all else.", unit="", source="author", tag="assumption", effect=None, lax=True
    )
    whole = create_model("Config", __base__=kind, __module__=__name__, extensions=(tuple[str, ...], named))
    whole.loaded = found
    return whole


def _arrived(files: Sequence[tuple[str, Mapping[str, str]]], data: Mapping[str, Any]) -> Config:
    """A config with extensions in the process to which it was sent.

    Raises:
        ConfigError: an extension is not what it was where the config comes from.
    """
    found = []
    for location, digests in files:
        try:
            found.append(load(location))
        except ValueError as error:
            raise ConfigError(str(error), source=location) from None
        if found[-1].files != digests:
            raise ConfigError("was changed while its runs were under way", source=location)
    return config_class(tuple(found)).model_validate(dict(data))


def load_config(
    path: str | Path,
    *,
    policies: Sequence[str | Path] = (),
    values: Mapping[str, Any] | None = None,
    settings: Sequence[str] = (),
) -> Config:
    """Read a city config, put policies on its timeline and set single keys.

    Args:
        path: YAML file with the parts city, policy, behaviour, run and timeline, or the name of a shipped city, such as
            ``rafsanjan``; a file comes first.
        policies: policy files, each a named difference with a start and an end, or names of shipped policies.
        values: dotted keys and values.
        settings: texts ``key=value``, as on the command line; values are YAML.

    Raises:
        ConfigError: file, line, key, what is wrong and what is allowed.
    """
    path = find("city", path)
    config = read_config(read_yaml(path), path.parent)
    for policy in policies:
        config = with_policy(config, read_yaml(find("policy", policy)))
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(f'must read key=value, not "{text}"', source="--set")
        config = config._with(nest({key: parse_value(value, f"--set {key}")}), "--set")
    return config.with_values(values or {})


def read_config(document: Document, folder: str | Path) -> Config:
    """The config that a document describes; its extensions are loaded first.

    Args:
        document: the content.
        folder: to which its paths are relative.

    Raises:
        ConfigError: file, line, key, what is wrong and what is allowed.
    """
    data = {**document.data, "base_folder": str(folder)}
    return validate(class_of(data, folder, document), data, document)


def with_policy(config: Config, document: Document, week: int = 0) -> Config:
    """The config with a policy file put last on its timeline, in force from a week on at the earliest.

    Raises:
        ConfigError: the file is faulty, or it ends or has a shock before that week.
    """
    parts = read_policy(document, config.policy)
    places: list[Place] = [(), *(("later", number) for number in range(len(parts) - 1))]
    own = [_not_before(week, part, place, document) for part, place in zip(parts, places, strict=True)]
    return config.model_copy(update={"timeline": (*config.timeline, *own)})


def _not_before(week: int, part: TimedPolicy, place: Place, document: Document) -> TimedPolicy:
    """A part of a policy file that is in force from a week on at the earliest."""
    if part.start >= week:
        return part
    early = sorted(shock.week for shock in part.shocks if shock.week < week)
    past = {"shocks": early, "end": [end for end in [part.end] if end is not None and end <= week]}
    for key, weeks in past.items():
        if weeks:
            problem = f"week {weeks[0]} is over: the policy cannot be in force before week {week}"
            raise refusal(problem, document.source, document.line_of((*place, key)), (*place, key))
    return part.model_copy(update={"start": week})
