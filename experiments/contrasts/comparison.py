"""`compare`: policies beside a base in paired runs of one city, done as a sweep, so that it can be resumed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.contrasts.arms import Arms, arms_of, better_end, without_councils
from experiments.contrasts.geography import identified, map_of
from experiments.contrasts.given import named, written_out
from experiments.contrasts.spreads import more_than_luck_varies
from experiments.contrasts.tables import contrasts, means, neighbourhood_shares
from experiments.contrasts.titles import titles_of
from experiments.councils import saying_nothing
from experiments.folders import write_text_atomically
from experiments.missing import load_city
from experiments.resolved import as_yaml, plain_yaml, with_absolute_files
from experiments.study.executors import Submits
from experiments.study.runner import Watch
from experiments.sweeps.experiment import Experiment, UntilRanking
from experiments.sweeps.outcomes import KINDS, NEIGHBOURHOOD
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.stopping import checkpoints, enough, looks
from experiments.sweeps.tables import Sweep, load
from experiments.unlikely import say_what_is_unlikely
from sim.config import Config
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.facts import Told
from sim.neighbourhoods import Geography
from sim.outcome import NEIGHBOURHOODS, Language, Table
from sim.policies import Label
from sim.reading import nearest
from sim.shipped import CITY, find

QUARTER, YEAR = 13, 52
"""Weeks between two values of the whole city, and of its groups, unless weeks are asked for."""

REPLICATIONS = 20
FEWEST, MOST = 10, 100_000
RANKED_BY = "trust_in_municipality"
RANK_BY = "--rank-by"
"""How refusals call what ranks."""


@dataclass(frozen=True)
class Variant:
    """Something set under every policy alike.

    Attributes:
        values: of behaviour or city, by dotted key.
        files: policy files in force besides, after the policy's own.
    """

    values: Mapping[str, Any]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Told):
    """Policies compared with a base.

    Attributes:
        sweep: the runs.
        base: name of the base.
        ranked_by: outcome by whose last value the policies are ranked.
    """

    sweep: Sweep
    base: str
    ranked_by: str

    def facts(self) -> dict[str, str]:
        """What is compared with what, and how often it was run."""
        return {
            "base": self.base,
            "policies": ", ".join(self.policies),
            "replications": f"{len(self.sweep.whole_replications):,}",
            "weeks": str(self.last_week),
            "ranked by": self.ranked_by,
            "folder": str(self.sweep.folder),
        }

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies compared, without the base."""
        return tuple(name for name in self.sweep.experiment.policies if name != self.base)

    @property
    def last_week(self) -> int:
        """Last week of the runs."""
        return self.sweep.experiment.base.run.weeks

    @cached_property
    def arms(self) -> Arms:
        """The outcomes of all runs, see `arms_of`."""
        return arms_of(self.sweep)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """Differences with intervals, see `experiments.contrasts.contrasts`."""
        table = contrasts(self.sweep, self.base, arms=self.arms)
        return table[table.week >= 0].reset_index(drop=True)  # the rule's own number is the last week's again

    @cached_property
    def geography(self) -> Geography | None:
        """The neighbourhoods, if they are the same in all runs (`identified`)."""
        return map_of(self.sweep.experiment) if identified(self.sweep.experiment) else None

    @property
    def named_by(self) -> str:
        """Outcome by which the neighbourhoods that gain and lose most are named."""
        return self.ranked_by if self.ranked_by in NEIGHBOURHOODS.compared else RANKED_BY

    @cached_property
    def neighbourhoods(self) -> pd.DataFrame:
        """Shares of neighbourhoods higher and lower, see `neighbourhood_shares`."""
        return neighbourhood_shares(self.sweep, self.base)

    @cached_property
    def means(self) -> pd.DataFrame:
        """Mean of each outcome under each policy."""
        return means(self.sweep, self.arms)

    @property
    def replications(self) -> int:
        """Replications done of every policy."""
        done = self.sweep.runs[self.sweep.runs.status == "done"]
        counts = done.groupby("policy").replication.nunique()
        return int(counts.reindex(list(self.sweep.experiment.policies), fill_value=0).min())

    @property
    def looks(self) -> int:
        """At how many numbers of replications a ranking might have stopped the runs; 1 where none decides."""
        return looks(self.sweep.experiment.replications)

    @property
    def more_than_luck_varies(self) -> bool:
        """Whether runs of a policy differ in more than luck: in places or assumptions."""
        return more_than_luck_varies(self.sweep.experiment)

    @property
    def pairs(self) -> dict[str, int]:
        """Of each policy the replications in which its run and that of the base are done."""
        done = self.sweep.runs[self.sweep.runs.status == "done"]
        of = {name: set(done.replication[done.policy == name]) for name in self.sweep.experiment.policies}
        return {name: len(of[name] & of[self.base]) for name in self.policies}

    @cached_property
    def councilless(self) -> tuple[str, ...]:
        """Policies without councils, the base included."""
        return without_councils(self.sweep.experiment)

    @property
    def titles(self) -> dict[str, str]:
        """Of each policy, the base included, the title that its files give it; its name in brackets where two agree."""
        return self.titles_in("en")

    def titles_in(self, language: Language) -> dict[str, str]:
        """The titles of all policies (`titles`) in a language; in the other one where a file has no title in it."""
        return titles_of(self.sweep.experiment, language)

    def ends_of(self, outcomes: Iterable[str]) -> dict[str, str]:
        """Of those outcomes that have a better end, which it is: highest or lowest."""
        ends = {outcome: better_end(outcome, bool(self.councilless)) for outcome in outcomes}
        return {outcome: end for outcome, end in ends.items() if end is not None}

    @property
    def money(self) -> Label:
        """The city's unit of money."""
        return self.sweep.experiment.base.city.finance.unit

    @property
    def settled(self) -> bool:
        """Whether the runs ended because the ranking was settled, before the most there might be."""
        experiment, runs = self.sweep.experiment, self.sweep.runs
        rule = experiment.replications
        if not isinstance(rule, UntilRanking) or not self.sweep.complete:
            return False
        count = int(runs.replication.max()) + 1
        if count >= rule.at_most or count not in checkpoints(rule):
            return False
        rows = self.sweep.outcomes
        rows = rows[rows.outcome == rule.of]
        values = dict(zip(rows["run_id"].tolist(), rows["value"].tolist(), strict=True))
        return enough(rule, values, len(experiment.points), count)


def compare(
    base: str | Path,
    policies: Sequence[str | Path],
    *,
    out: str | Path,
    city: str | Path = CITY,
    settings: Sequence[str] = (),
    replications: int = REPLICATIONS,
    scale: float = 0.1,
    weeks: int | None = None,
    at: Sequence[int] | None = None,
    ranked_by: str = RANKED_BY,
    stop_when_settled: bool = True,
    posterior: str | Path | None = None,
    places: int = 1,
    place_seed: int | None = None,
    seed: int = 0,
    executor: Submits | None = None,
    workers: int | None = None,
    fresh: bool = False,
    accept_code_change: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
) -> Comparison:
    """Run policies and a base with common random numbers, and compare them.

    Args:
        base, policies: policy files, or names of shipped policies; ``as_is`` for the city's config as it is; or levers
            written out, such as ``policy.authority.delegated_share=1``.
        out: folder; runs already finished there are not repeated.
        city: city config, or the name of a shipped one.
        settings: keys of the city set under all policies, such as ``behaviour.trust.rule=anchored_averaging``.
        replications: how often each is run, at most; each replication has one seed for all policies.
        scale: agents as a share of residents.
        weeks: weeks to simulate; as the city's config says if None.
        at: weeks at which outcomes are compared; if None every quarter (outcomes of the city) or year (of groups), and
            the last week.
        ranked_by: outcome by whose last value the policies are ranked.
        stop_when_settled: whether to stop once one of those compared is ahead of all others at 95 %, after ten
            replications or more.
        posterior: file of a calibration from which each replication draws its behaviour, the same for all policies.
        places: how many places each replication is run in; the city's own is the first. With several the ranking does
            not stop the runs, and intervals are over places and luck.
        place_seed: of the (first) place; the city's if None.
        seed: root of the random seeds.
        executor, workers, fresh, accept_code_change, retry_failed, watch: see `experiments.run`.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted; the same call resumes it.
    """
    with written_out([base, *policies], city, settings) as (base, *policies):
        experiment = design(
            base, policies, city=city, settings=settings, replications=replications, scale=scale, weeks=weeks, at=at,
            ranked_by=ranked_by, stop_when_settled=stop_when_settled, seed=seed, posterior=posterior, places=places,
            place_seed=place_seed,
        )  # fmt: skip
        sweep = run(
            experiment, out=out, executor=executor, workers=workers, fresh=fresh,
            accept_code_change=accept_code_change, retry_failed=retry_failed, watch=watch,
        )  # fmt: skip
    return Comparison(sweep, next(iter(experiment.policies)), ranked_by)


def load_comparison(folder: str | Path) -> Comparison:
    """A comparison that has run, read from its folder.

    Raises:
        ConfigError: there is none.
    """
    sweep = load(folder)
    first = sweep.experiment.outcomes[0].label  # that of what ranks, see `_outcomes`
    label = first if first.endswith(":last") else f"{RANKED_BY}:last"
    return Comparison(sweep, next(iter(sweep.experiment.policies)), label.partition(":")[0])


def design(
    base: str | Path,
    policies: Sequence[str | Path],
    *,
    city: str | Path,
    settings: Sequence[str] = (),
    replications: int,
    scale: float,
    weeks: int | None,
    at: Sequence[int] | None,
    ranked_by: str,
    stop_when_settled: bool,
    seed: int,
    posterior: str | Path | None = None,
    places: int = 1,
    place_seed: int | None = None,
    variants: Sequence[Variant] = (),
) -> Experiment:
    """The experiment behind a comparison; with `variants`, every policy is run in each of them.

    Policies are files, names or ``as_is``; levers are written out before (`written_out`).

    Raises:
        ConfigError: a file is missing or wrong, or a name or week is.
    """
    files = named(base, policies)
    _refuse_settings_with_options(settings)
    city = find("city", city)
    config = load_city(city, settings=settings)
    say_what_is_unlikely(config)
    last = config.run.weeks if weeks is None else weeks
    _refuse_wrong_options(config, {"scale": scale, "weeks": last})
    tables = tables_of(config.extended_by)
    rule = _replications(replications, ranked_by, tables["city"], stop_when_settled and places == 1)
    of_city = YEAR if variants else QUARTER  # curves are drawn of policies, not of variants
    content: dict[str, Any] = {
        "title": {"en": f"{', '.join(list(files)[1:])} beside {next(iter(files))}", "fa": "مقایسه سیاست‌ها"},
        "base": str(city.resolve()),
        "policies": {name: [str(file)] if file is not None else [] for name, file in files.items()},
        "replications": rule,
        "places": places,
        "seed": seed,
        "run": {"scale": scale, "weeks": last} | ({} if place_seed is None else {"place_seed": place_seed}),
        "outcomes": _outcomes(_weeks(at, last, of_city), _weeks(at, last, YEAR), ranked_by, tables),
    }
    if posterior is not None:
        content["behaviour"] = {"posterior": str(_there(posterior))}
    if variants:
        content |= _varied(content["policies"], variants)
    with tempfile.TemporaryDirectory() as folder:  # the sweep's own folder keeps it
        if settings:
            content["base"] = str(Path(folder) / f"{city.stem}.yaml")
            write_text_atomically(Path(content["base"]), as_yaml(with_absolute_files(config)))
        file = Path(folder) / "experiment.yaml"
        file.write_text(plain_yaml(content), encoding="utf-8")
        try:
            experiment = load_experiment(file)
        except ConfigError as error:
            if error.source is None or not error.source.startswith(folder):
                raise
            raise ConfigError(error.problem, key=error.key) from None  # of a file that the user has never seen
    if saying_nothing([ranked_by]) and (without := without_councils(experiment)):
        raise ConfigError(f"{ranked_by} says nothing without councils ({', '.join(without)})", source=RANK_BY)
    return experiment


def _refuse_settings_with_options(settings: Sequence[str]) -> None:
    own = {"run.scale": "--scale", "run.weeks": "--weeks", "run.seed": "--seed", "run.place_seed": "--place-seed"}
    for setting in settings:
        key = setting.partition("=")[0].strip()
        if key in own:
            raise ConfigError(f"has its own option: {own[key]}", source=f"--set {key}")


def _refuse_wrong_options(city: Config, run: Mapping[str, Any]) -> None:
    for name, value in run.items():
        try:
            city.with_values({f"run.{name}": value})
        except ConfigError as error:
            if error.key != f"run.{name}":
                raise
            raise ConfigError(error.problem, source=f"--{name}") from None


def _there(posterior: str | Path) -> Path:
    if not os.path.isfile(posterior):
        raise ConfigError("no such file", source=f"--posterior {posterior}")
    return Path(posterior).resolve()


def _varied(policies: Mapping[str, list[str]], variants: Sequence[Variant]) -> dict[str, Any]:
    """Policies and design by which every policy is run in every variant, policy by policy."""
    found: dict[str, list[str]] = {}
    points = []
    for name, files in policies.items():
        for variant in variants:
            own = " ".join([name, *(file.stem for file in variant.files)])
            found[own] = [*files, *map(str, variant.files)]
            points.append({"policy": own, **variant.values})
    return {"policies": found, "design": {"kind": "list", "points": points}}


def _replications(most: int, ranked_by: str, table: Table, stop_when_settled: bool) -> int | dict[str, Any]:
    if most < 2:
        raise ConfigError(f"must be at least 2 for an interval, not {most}", source="--replications")
    if most > MOST:
        raise ConfigError(f"must be at most {MOST:,}, not {most:,}", source="--replications")
    ends = {name: declared.better for name, declared in table.outcomes.items() if declared.better is not None}
    if ranked_by not in ends:
        hint = nearest(ranked_by, ends) or f"; allowed here: {', '.join(ends)}"
        raise ConfigError(f'cannot rank by "{ranked_by}"{hint}', source=RANK_BY)
    if not stop_when_settled or most <= FEWEST:
        return most
    of = {"of": f"{ranked_by}:last", "best": ends[ranked_by]}
    return {"until": "ranking", **of, "at_least": FEWEST, "at_most": most}


def _weeks(at: Sequence[int] | None, last: int, every: int) -> list[int]:
    """Weeks asked for; every so many and the last if None are."""
    if at is None:
        return sorted({*range(every, last + 1, every), last})
    wrong = [week for week in at if not 0 <= week <= last]
    if wrong:
        raise ConfigError(f"must be a week from 0 to {last}, not {wrong[0]}", source="--at")
    return sorted(set(at))


def _outcomes(
    of_city: list[int], of_groups: list[int], ranked_by: str, tables: Mapping[str, Table]
) -> list[dict[str, Any]]:
    """What is kept of each run, what ranks first; of the city at more weeks, which curves of differences need."""
    city = dict.fromkeys((*tables["city"].compared, ranked_by))
    groups = [f"{name}[{kind}=*]" for name in tables["group"].compared for kind in KINDS if kind != NEIGHBOURHOOD]
    places = [f"{name}[{NEIGHBOURHOOD}=*]" for name in tables["neighbourhood"].compared]
    return [
        {ranked_by: "last"},
        *({name: {"week": of_city}} for name in city),
        *({name: {"week": of_groups}} for name in groups),
        *({name: {"week": of_groups[-1:]}} for name in places),  # at the week of the other tables,
    ]
