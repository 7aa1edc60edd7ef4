"""Where the numbers of a brief come from, and how they are made again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from experiments.answers.claimed import day_of, figure_of
from experiments.answers.groups import map_is_given, map_note
from experiments.answers.texts import Text, of_label, said
from experiments.contrasts.comparison import RANKED_BY, YEAR, Comparison
from experiments.contrasts.given import AS_IT_IS
from experiments.lever_values import as_json
from experiments.manifest import manifest_in
from experiments.page.question import Asked, Question, key_of
from experiments.provenance import version_of
from experiments.sweeps.experiment import BASE_FILE, POSTERIOR, Fixed
from experiments.sweeps.outcomes import KINDS, NEIGHBOURHOOD
from sim.config import Claim, Config
from sim.policies import TimedPolicy
from sim.shipped import shipped
from sim.yaml_text import read_yaml

IN_WORDS = 12
"""Letters of a model's digest that are shown."""

_CLAIM = ("{what}: {value} by {date}", "{what} تا {date}: {value}")


@dataclass(frozen=True)
class Provenance:
    """Where the numbers of a brief come from.

    Attributes:
        version: of the program.
        models: digests of the model that made the runs.
        city: its name.
        start_date: first day of the runs, ISO.
        claims: the week of what is claimed of the city, and what, in words.
        scale: simulated residents as a share of all.
        seed: root of the seeds of luck.
        place_seed: seed of the (first) place.
        places: how many places there are.
        replications: runs of each policy in each place.
        made: day on which the runs ended.
        command: what makes the numbers again.
        posterior: whether behaviour is drawn from a posterior.
        labels: that names of neighbourhoods are labels; None where a file gives the neighbourhoods.
        saved: whether the command needs files that the page saves.
    """

    version: str
    models: tuple[str, ...]
    city: Text
    start_date: str
    claims: tuple[tuple[int, Text], ...]
    scale: float
    seed: int
    place_seed: int
    places: int
    replications: int
    made: date
    command: str
    posterior: bool = False
    labels: Text | None = None
    saved: bool = False


def of_comparison(found: Comparison) -> Provenance:
    """Provenance of a folder of `mahalle compare`."""
    experiment, folder = found.sweep.experiment, found.sweep.folder
    base, manifest = experiment.base, manifest_in(found.sweep.folder) or {}
    made = datetime.fromtimestamp((folder / "outcomes.parquet").stat().st_mtime, UTC).date()
    return Provenance(
        version=str(manifest.get("version") or version_of("mahalle")),
        models=tuple(sorted({str(model)[:IN_WORDS] for model in found.sweep.runs.model} - {""})),
        **_of_city(base),
        scale=base.run.scale,
        seed=experiment.seed,
        place_seed=base.run.place_seed,
        places=experiment.places,
        replications=found.replications,
        made=made,
        command=shlex.join(_command(found)),
        posterior=experiment.posterior is not None,
    )


def of_page(answer: Mapping[str, Any], question: Question, named: str, model: str, made: date) -> Provenance:
    """Provenance of an answer of the page.

    Args:
        answer: the answer.
        question: what it answers.
        named: the city of the page, as commands take it.
        model: digest of the model.
        made: day on which its runs ended.
    """
    city = question.city
    shipped_ones = _shipped_policies(city)
    files = [f"policy-{place}.yaml" for place in range(1, len(question.policies) + 1)]
    asked = zip((question.base, *question.policies), ("baseline.yaml", *files), strict=True)
    policies = [_as_commands_take_it(one, file, city, shipped_ones) for one, file in asked]
    words = [
        "mahalle", "compare", *policies, "--city", named, "--scale", f"{city.run.scale:g}",
        "--weeks", str(answer["week"]), "--replications", str(answer["pairs"]), "--all-replications",
    ]  # fmt: skip
    return Provenance(
        version=str(version_of("mahalle")),
        models=(model[:IN_WORDS],),
        **_of_city(city),
        scale=city.run.scale,
        seed=0,
        place_seed=city.run.place_seed,
        places=1,
        replications=int(answer["pairs"]),
        made=made,
        command=shlex.join(words),
        saved=any(name in policies for name in ("baseline.yaml", *files)),
    )


def _shipped_policies(city: Config) -> dict[str, str]:
    """Names of the policies that come with the program, by what they do to a city."""
    files = shipped("policy").items()
    return {key_of(city, TimedPolicy.model_validate(read_yaml(file).data).parts()): name for name, file in files}


def _as_commands_take_it(asked: Asked, file: str, city: Config, names: Mapping[str, str]) -> str:
    """A policy of the page as `mahalle compare` takes it: by name, by its levers, else a file that has to be saved."""
    key = key_of(city, asked.timeline)
    if key == key_of(city, ()):
        return AS_IT_IS
    if key in names:
        return names[key]
    whole = TimedPolicy(set=asked.timeline[0].set)
    if asked.timeline != whole.parts():
        return file
    levers = (
        f"policy.{lever}={value if isinstance(value, str) else as_json(value)}" for lever, value in whole.set.items()
    )
    return "+".join([AS_IT_IS, *levers])


def _of_city(city: Config) -> dict[str, Any]:
    claims = tuple((claim.week, _claim(city, claim)) for claim in city.city.claims)
    labels = None if map_is_given(city) else map_note(city)
    return {"city": of_label(city.city.title), "start_date": city.city.start_date, "claims": claims, "labels": labels}


def _claim(city: Config, claim: Claim) -> Text:
    value = figure_of(claim.outcome, claim.value)
    return said(_CLAIM, what=of_label(claim.title), value=value, date=day_of(claim, city))


def _command(found: Comparison) -> list[str]:
    """The command that makes a comparison again within its folder, of whose files it speaks."""
    experiment = found.sweep.experiment
    run, rule = experiment.base.run, experiment.replications
    files = [_file(experiment.content["policies"], name) for name in experiment.policies]
    words = ["mahalle", "compare", *files, "--city", BASE_FILE]
    words += ["--scale", f"{run.scale:g}", "--weeks", str(run.weeks), "--seed", str(experiment.seed)]
    if isinstance(rule, Fixed):
        words += ["--replications", str(rule.count), "--all-replications"]
    else:
        words += ["--replications", str(rule.at_most)]
    if found.ranked_by != RANKED_BY:
        words += ["--rank-by", found.ranked_by]
    weeks = _weeks_of_groups(found)
    if weeks != sorted({*range(YEAR, run.weeks + 1, YEAR), run.weeks}):
        words += [word for week in weeks for word in ("--at", str(week))]
    if experiment.places > 1:
        words += ["--places", str(experiment.places)]
    if experiment.posterior is not None:
        words += ["--posterior", POSTERIOR]
    return [*words, "--place-seed", str(run.place_seed), "--out", "again"]


def _file(policies: Mapping[str, Sequence[str]], name: str) -> str:
    return "/".join(policies[name][0].split("/")[-2:]) if policies[name] else AS_IT_IS


def _weeks_of_groups(found: Comparison) -> list[int]:
    own = next(kind for kind in KINDS if kind != NEIGHBOURHOOD)
    rows = found.contrasts[found.contrasts.group.str.startswith(f"{own}=")]
    return sorted({int(week) for week in rows.week})
