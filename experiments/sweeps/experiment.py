"""An experiment: a base city, what is varied, replications and outcomes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from experiments.calibration.posterior import Posterior
from experiments.figure_files import files_of_figure
from experiments.folders import atomic_write, write_text_atomically
from experiments.resolved import OWN_FILES, as_yaml, own_files, plain_yaml
from experiments.study.store import Kind
from experiments.sweeps.designs import Design
from experiments.sweeps.outcomes import Outcome
from sim.config import Config
from sim.policies import Label, TimedPolicy
from sim.reading import merge, nest

EXPERIMENT, BASE_FILE, POLICIES, POSTERIOR = "experiment.yaml", "base.yaml", "policies", "posterior.parquet"
TABLES = ("runs.parquet", "outcomes.parquet", "failures.parquet")
_MADE_TABLES = (
    *("runs", "outcomes", "failures", "contrasts", "neighbourhood_shares", "mechanisms", "hypotheses", "not_planned"),
    *("boxes-*", "sensitivity", "sensitivity-less-*", "luck", "luck-less-*"),
)
_MADE_FIGURES = ("contrasts", "neighbourhoods", "sensitivity", "sensitivity-less-*", "boxes-*")
MADE_OF_RUNS = (
    *(f"{table}.{kind}" for table in _MADE_TABLES for kind in ("parquet", "csv")),
    *(file for figure in _MADE_FIGURES for file in files_of_figure(figure)),
    *("boxes-*.json", "sensitivity.json", "sensitivity-less-*.json", "report.??.md", "brief.??.html"),
)
"""Patterns of the names of all files that commands make from the runs of a sweep, and write into its folder."""

KIND = Kind(
    "sweep",
    "sweep",
    "experiment",
    (*TABLES, POSTERIOR, BASE_FILE, EXPERIMENT),
    subfolders=(POLICIES,),
    results=MADE_OF_RUNS,
)
"""Of study that an experiment is; its folder holds these files."""

BASE = "base"
"""Name of the policy where an experiment names none: the base's own."""

PLACE_SEED = "run.place_seed"
"""Key that points set where an experiment varies the place."""

_PLACES = 1_886_151_013  # keeps the seeds of places apart from those of luck, which may have the same root


@dataclass(frozen=True)
class Point:
    """One point of a design.

    Attributes:
        number: its place, from 0.
        policy: name of the policy, `BASE` where the experiment names none.
        values: the dotted keys set here, and their values.
    """

    number: int
    policy: str
    values: Mapping[str, Any]


def place_seeds(first: int, places: int) -> list[int]:
    """Seeds of the places that an experiment varies: the base's own, then others that follow from it.

    The upper 31 bits of a word of ``np.random.SeedSequence``, so that they can be read and written down.

    Args:
        first: `run.place_seed` of the base.
        places: how many.
    """
    words = (np.random.SeedSequence([first, number, _PLACES]).generate_state(1, np.uint64) for number in range(places))
    return [first, *(int(word[0]) >> 33 for word in words)][:places]


@dataclass(frozen=True)
class Fixed:
    """As many replications for every point."""

    count: int

    @property
    def at_least(self) -> int:
        """Fewest replications of a point."""
        return self.count

    @property
    def at_most(self) -> int:
        """Most replications of a point."""
        return self.count


@dataclass(frozen=True)
class UntilRanking:
    """Replications until the best point is known with some confidence; `of` is an outcome's label."""

    of: str
    best: Literal["highest", "lowest"]
    confidence: float = 0.95
    at_least: int = 10
    at_most: int = 200


@dataclass(frozen=True)
class UntilHalfWidth:
    """Replications until the half-width of the interval of the mean is below a bound; `of` is an outcome's label."""

    of: str
    below: float
    confidence: float = 0.95
    at_least: int = 10
    at_most: int = 200


type Replications = Fixed | UntilRanking | UntilHalfWidth


@dataclass(frozen=True)
class Experiment:
    """What is run: points times replications, of which each run is decided by the point, the replication and the seed.

    Attributes:
        title, description: in English and Persian.
        source: the file, if there is one.
        base: the base city with the overrides of `run`.
        policies: by name, what each puts on the timeline.
        points: places slowest, then policies, then levers in the order of the file, then the sample.
        outcomes: what is kept of each run.
        replications: how many runs a point gets.
        seed: root of all seeds.
        design: how the points were laid out.
        places: how many places each policy and lever is run in; with one it is the base's.
        content: the experiment as data, with absolute paths.
        posterior: where each replication draws its behaviour from, if it does.
    """

    title: Label
    description: Label
    source: Path | None = field(compare=False)
    base: Config
    policies: Mapping[str, tuple[TimedPolicy, ...]]
    points: tuple[Point, ...]
    outcomes: tuple[Outcome, ...]
    replications: Replications
    seed: int
    design: Design = field(compare=False)
    content: Mapping[str, Any] = field(compare=False, repr=False)
    posterior: Posterior | None = field(default=None, compare=False, repr=False)
    places: int = 1

    def seed_of(self, replication: int) -> int:
        """The seed of a replication, the same at all points (common random numbers): from 0 to 2**63 - 1.

        The upper 63 bits of the first 64-bit word of ``np.random.SeedSequence([seed, replication])``, so that
        experiments with different roots below 2**32 share no replication, the first not excepted. It is the seed of
        luck: the place is that of the base, or of the point where the experiment varies it.
        """
        word = np.random.SeedSequence([self.seed, replication]).generate_state(1, np.uint64)[0]
        return int(word) >> 1

    def config_of(self, point: Point, replication: int) -> Config:
        """The config of one run: the base, the point's policies put on its timeline, its values, the seed.

        With a posterior, the replication's particle gives the behaviour, the same at all points: differences between
        points are for common random numbers and the same behaviour, and a mean over replications averages over both.
        """
        timeline = (*self.base.timeline, *self.policies[point.policy])
        config = self.base.model_copy(update={"timeline": timeline})
        behaviour: dict[str, Any] = {}
        particle = self.particle_of(replication)
        if self.posterior is not None and particle is not None:
            behaviour = self.posterior.values_of(particle)
        return config.with_values({**behaviour, **point.values, "run.seed": self.seed_of(replication)})

    def particle_of(self, replication: int) -> int | None:
        """The particle of a replication, or None without a posterior."""
        return None if self.posterior is None else self.posterior.particle_of(self.seed, replication)

    @property
    def keys(self) -> tuple[str, ...]:
        """The dotted keys that points set, in the order in which they first appear."""
        return tuple(dict.fromkeys(key for point in self.points for key in point.values))

    @property
    def policy_files(self) -> dict[str, list[Path]]:
        """Files of each policy by its name, where the experiment names any."""
        return {name: [Path(file) for file in files] for name, files in self.content.get("policies", {}).items()}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what a run is and what is kept of it; no title, path or number of runs is in it.

        Of a user's own data files, the content counts and not the name.
        """
        decides = {
            **what_counts(self.base),
            "policies": {name: list(map(_without_words, own)) for name, own in self.policies.items()},
            "points": [[point.policy, dict(point.values)] for point in self.points],
            "outcomes": [outcome.label for outcome in self.outcomes],
            "seed": self.seed,
        }
        if self.posterior is not None:
            decides["posterior"] = self.posterior.sha256
        return hashlib.sha256(json.dumps(decides, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def manifest_note(self) -> dict[str, Any]:
        """What the manifest of its folder says of the posterior that runs draw from."""
        if self.posterior is None:
            return {}
        own = {"file": str(self.posterior.path), "sha256": self.posterior.sha256}
        return {"posterior": {**own, **self.posterior.note}}

    def keep_in(self, folder: Path) -> tuple[str, ...]:
        """Write it with its base and its policies, so that the folder needs no other YAML file; return the names."""
        write_text_atomically(folder / BASE_FILE, as_yaml(self.base))
        kept: dict[str, list[str]] = {}
        for number, (name, files) in enumerate(self.policy_files.items()):
            kept[name] = []
            for place, file in enumerate(files):
                (folder / POLICIES).mkdir(exist_ok=True)
                kept[name].append(f"{POLICIES}/{number}-{place}-{file.stem}.yaml")
                write_text_atomically(folder / kept[name][-1], file.read_text(encoding="utf-8"))
        own: dict[str, Any] = {"base": BASE_FILE, **({"policies": kept} if kept else {})}
        if self.posterior is not None:
            copy = folder / POSTERIOR
            if self.posterior.path != copy.resolve():
                with atomic_write(copy) as partial:
                    shutil.copyfile(self.posterior.path, partial)
            own["behaviour"] = {"posterior": POSTERIOR}
        write_text_atomically(folder / EXPERIMENT, plain_yaml({**self.content, **own}))
        posterior = () if self.posterior is None else (POSTERIOR,)
        return (BASE_FILE, *(name for names in kept.values() for name in names), *posterior, EXPERIMENT)

    def to_yaml(self) -> str:
        """The experiment as YAML that runs from any folder: base and policy files have absolute paths."""
        return plain_yaml(self.content)


def what_counts(config: Config) -> dict[str, Any]:
    """What of a base city decides its runs, besides the seed; of a user's own data files, the content counts."""
    base = config.model_dump(mode="json")
    base["run"].pop("seed")
    if base.pop("extensions", ()):  # their source counts as the model's does, wherever it lies
        base["extensions"] = [one.name for one in config.loaded]
    for name in ("title", "claims"):
        base["city"].pop(name)
    base["city"]["finance"].pop("unit")  # a name, which converts nothing
    files = own_files(config)
    base = merge(base, nest(dict.fromkeys(OWN_FILES)))
    for own in base["city"]["elections"]:
        own.pop("file")
    base["timeline"] = [_without_words(difference) for difference in config.timeline]
    return {
        "base": base,
        "own_files": {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in sorted(files.items())},
    }


def _without_words(difference: TimedPolicy) -> dict[str, Any]:
    return difference.model_dump(mode="json", exclude={"title", "description"})
