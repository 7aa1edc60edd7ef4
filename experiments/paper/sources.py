"""Where a figure's numbers come from: the kinds of `data`, each a study that is kept in a folder and done once.

Every kind runs what a command of `mahalle` runs, through the same functions, so that a figure shows the numbers of the
command. Runs stay in the folder; what is finished there is not done again. Where the model has changed since, they are
done anew: a figure must not mix models.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pandas as pd
from pydantic import Field

from experiments.folders import atomic_write
from experiments.manifest import manifest_in
from experiments.provenance import model_digest, sha256
from experiments.resolved import plain_yaml
from experiments.study.executors import Submits
from experiments.study.runner import Watch, to_stderr
from experiments.study.watching import some
from experiments.study.work import FailedRunError
from experiments.sweeps.experiment import Experiment, what_counts
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import Sweep
from experiments.sweeps.tables import load as load_sweep
from sim.config import Config, load_config
from sim.errors import ConfigError
from sim.parameters import Parameters
from sim.reading import merge, validate
from sim.shipped import Kind, find

if TYPE_CHECKING:
    from experiments.contrasts.mechanisms import Attribution
    from experiments.impulses import Impulse
    from experiments.sensitivity.analysis import Findings
    from experiments.validation.verdicts import Judged


@dataclass(frozen=True)
class Hands:
    """What does the runs.

    Attributes:
        executor: anything with `submit` of concurrent.futures.
        workers: number of tasks that it runs in parallel.
        watch: called with the progress; None if nobody looks.
        say: called with each message for the user.
    """

    executor: Submits
    workers: int
    watch: Watch | None = None
    say: Callable[[str], None] = to_stderr


class Source(Protocol):
    """Data of one kind, as a figure's file asks for it."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the runs, but the model's source."""

    @property
    def base(self) -> Config:
        """The city."""

    def make(self, folder: Path, hands: Hands) -> None:
        """Do what is missing in the folder.

        Raises:
            FailedRunError: a run failed.
            StoppedEarlyError: it was interrupted; the same again resumes it.
        """

    def read(self, folder: Path) -> Any:
        """What the drawing's `table` is given."""

    def facts(self, folder: Path) -> dict[str, Any]:
        """Numbers for the caption: n (replications), runs, weeks, years, scale, seed, place_seed."""


def _facts(base: Config, n: int, runs: int, **more: Any) -> dict[str, Any]:
    """Numbers for the caption; the seed is the base's unless `more` has another."""
    run = base.run
    known = {"n": n, "runs": runs, "weeks": run.weeks, "years": _years(run.weeks), "scale": run.scale}
    return {**known, "seed": run.seed, "place_seed": run.place_seed, **more}


def digest_of_runs(experiment: Experiment) -> str:
    """What decides the runs of an experiment, how many there are included."""
    return f"{experiment.digest} {experiment.replications!r}"


def _digest_of_city(base: Config) -> str:
    """SHA-256 of a city, the content of its own data files included, and its seed."""
    decides = {**what_counts(base), "seed": base.run.seed}
    return hashlib.sha256(json.dumps(decides, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def is_of_this_model(folder: Path, base: Config) -> bool:
    """Whether the runs in a folder, if there are any, were all made by the model as it is now."""
    models = (manifest_in(folder) or {}).get("models")
    return not isinstance(models, dict) or set(models) <= {model_digest(base.loaded)}


def _refuse_failures(sweep: Sweep) -> Sweep:
    failed = len(sweep.failures)
    if failed:
        raise FailedRunError(f"{some(failed, 'run')} failed, the first by: {sweep.failures.message.iloc[0]}")
    return sweep


class _Kind:
    """What all kinds share: the file, and settings laid over what it says."""

    class Settings(Parameters):
        """Keys of `set`, and of `quick` in the figure's file."""

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        self.file = file
        self.given = dict(settings)
        self.settings: Any = validate(self.Settings, self.given)


class _OfExperiment(_Kind):
    """What kinds share whose runs are those of an experiment."""

    @property
    def experiment(self) -> Experiment:
        """The experiment, with the settings."""
        raise NotImplementedError

    @property
    def digest(self) -> str:
        """See `Source`."""
        return digest_of_runs(self.experiment)

    @property
    def base(self) -> Config:
        """See `Source`."""
        return self.experiment.base

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        runs = load_sweep(folder).runs
        return _facts(self.base, int(runs.replication.max()) + 1, len(runs), seed=self.experiment.seed)


class SweepSource(_OfExperiment):
    """The runs of an experiment, as `mahalle sweep` does them.

    Its settings are keys of the experiment, laid over the file's own: ``{replications: 2, run: {scale: 0.02}}``.
    """

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        self.file, self.given = file, dict(settings)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment with the settings."""
        written = load_experiment(self.file)
        if not self.given:
            return written
        content = {**written.content, **{key: self._laid_over(written.content, key) for key in self.given}}
        with tempfile.TemporaryDirectory() as place:
            changed = Path(place) / self.file.name
            changed.write_text(plain_yaml(content), encoding="utf-8")
            try:
                return load_experiment(changed)
            except ConfigError as error:
                raise ConfigError(error.problem, source=self.file, key=error.key) from None

    def _laid_over(self, content: Mapping[str, Any], key: str) -> Any:
        """The value of a key: parts of `run` and `design` are laid over, all else replaces."""
        value = self.given[key]
        return merge(content.get(key, {}), value) if key in ("run", "design") and isinstance(value, Mapping) else value

    def make(self, folder: Path, hands: Hands) -> None:
        """See `Source`."""
        from experiments.sweeps.runner import run

        fresh = not is_of_this_model(folder, self.base)
        _refuse_failures(run(
            self.experiment, out=folder, executor=hands.executor, workers=hands.workers, fresh=fresh,
            retry_failed=True, watch=hands.watch, say=hands.say,
        ))  # fmt: skip

    def read(self, folder: Path) -> Sweep:
        """The sweep."""
        return load_sweep(folder)


class MechanismsSource(_OfExperiment):
    """A gap between two policies, taken apart by channels; the file is that of the policy."""

    class Settings(Parameters):
        """Keys of `set`."""

        base: str = Field(min_length=1, description="Policy of the base: a file beside the other policy's, or a name.")
        city: str = Field(min_length=1, description="City: a config, relative to the policy's file, or a name.")
        replications: int = Field(20, ge=2, description="Of each policy in each variant.")
        scale: float = Field(0.1, gt=0.0, le=1.0, description="Agents as a share of residents.")
        weeks: int | None = Field(None, ge=1, description="Length of the runs; the city's if left out.")

    @property
    def _asked(self) -> dict[str, Any]:
        asked = self.settings.model_dump(exclude={"base", "city"})
        return {**asked, "city": find("city", self.settings.city, self.file.parent), "at": None}

    @property
    def _base_file(self) -> Path:
        return find("policy", self.settings.base, self.file.parent)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment behind it."""
        from experiments.contrasts.mechanisms import laid_out

        with laid_out(self._base_file, self.file, settings=(), seed=0, **self._asked) as experiment:
            _ = experiment.digest  # while the files that it names are there
            return experiment

    def make(self, folder: Path, hands: Hands) -> None:
        """See `Source`."""
        from experiments.contrasts.mechanisms import attribute

        found = attribute(
            self._base_file, self.file, out=folder, executor=hands.executor, workers=hands.workers,
            fresh=not is_of_this_model(folder, self.base), retry_failed=True, watch=hands.watch,
            say=hands.say, **self._asked,
        )  # fmt: skip
        _refuse_failures(found.sweep)

    def read(self, folder: Path) -> Attribution:
        """The parts of the gap."""
        from experiments.contrasts.given import named
        from experiments.contrasts.mechanisms import Attribution

        return Attribution(load_sweep(folder), *named(self._base_file, [self.file]))


class SensitivitySource(SweepSource):
    """A Morris screening, or that of the difference from a policy, as `mahalle sensitivity` does it."""

    class Settings(Parameters):
        """Keys of `set` besides those of the experiment."""

        base: str | None = Field(None, description="Policy that is subtracted; none: levels are screened.")
        luck: int = Field(20, ge=2, description="Points that are run again to measure the noise.")

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        own = {name: settings[name] for name in ("base", "luck") if name in settings}
        super().__init__(file, {name: value for name, value in settings.items() if name not in own})
        self.settings: Any = validate(self.Settings, own)

    @property
    def digest(self) -> str:
        """See `Source`."""
        return f"{digest_of_runs(self.experiment)} {self.settings.base} {self.settings.luck}"

    def noise(self) -> Experiment:
        """The points that are run again to measure the noise."""
        from experiments.sensitivity.screening import luck_experiment

        return luck_experiment(self.experiment, self.settings.luck)

    def make(self, folder: Path, hands: Hands) -> None:
        """See `Source`."""
        from experiments.sensitivity.sides import LUCK, place_for
        from experiments.sweeps.runner import run

        super().make(folder, hands)
        noise = self.noise()
        beside = place_for(folder, LUCK, noise)
        _refuse_failures(run(
            noise, out=beside, executor=hands.executor, workers=hands.workers,
            fresh=not is_of_this_model(beside, self.base), retry_failed=True, watch=hands.watch, say=hands.say,
        ))  # fmt: skip

    def read(self, folder: Path) -> Findings:  # type: ignore[override]
        """Indices and noise."""
        from experiments.sensitivity.analysis import analyse
        from experiments.sensitivity.sides import LUCK, place_for

        repeated = load_sweep(place_for(folder, LUCK, self.noise()))
        return analyse(load_sweep(folder), base=self.settings.base, gaps="refuse", repeated=repeated)

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        runs = load_sweep(folder).runs
        factors = len(self.experiment.design.factors)
        return _facts(self.base, 1, len(runs), factors=factors, seed=self.experiment.seed)


class ValidationSource(_Kind):
    """The patterns, measured in the cities of several seeds, as `mahalle validate` does it."""

    class Settings(Parameters):
        """Keys of `set`."""

        replications: int = Field(20, ge=3, description="Seeds.")
        scale: float = Field(0.1, gt=0.0, le=1.0, description="Agents as a share of residents.")
        weeks: int | None = Field(None, ge=1, description="Length of the runs; the city's if left out.")

    @cached_property
    def base(self) -> Config:
        """See `Source`."""
        from experiments.resolved import with_absolute_files

        city, weeks = load_config(self.file), self.settings.weeks
        length = {} if weeks is None else {"run.weeks": weeks}
        return with_absolute_files(city.with_values({"run.scale": self.settings.scale, **length}))

    @property
    def digest(self) -> str:
        """See `Source`."""
        return f"{_digest_of_city(self.base)} {self.settings.replications}"

    def make(self, folder: Path, hands: Hands) -> None:
        """See `Source`."""
        from experiments.results import write_table_atomically
        from experiments.validation.replications import Validation, replicate, to_table

        done = replicate(
            Validation(self.base), self.settings.replications, out=folder, executor=hands.executor,
            workers=hands.workers, fresh=not is_of_this_model(folder, self.base), retry_failed=True,
            watch=hands.watch, say=hands.say,
        )  # fmt: skip
        write_table_atomically(to_table(done), folder / "replications.parquet")

    def read(self, folder: Path) -> list[Judged]:
        """The verdict on each pattern."""
        from experiments.parquet import checked
        from experiments.validation.replications import from_table, judge

        return judge(from_table(pd.read_parquet(checked(folder / "replications.parquet"))))

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        count = self.settings.replications
        return _facts(self.base, count, count)


@dataclass(frozen=True)
class Responses:
    """Impulse responses, and what is stated of each.

    Attributes:
        table: as `experiments.impulses.responses` gives it.
        stated: half-life in weeks by impulse.
    """

    table: pd.DataFrame
    stated: Mapping[str, float]


class ImpulsesSource(_Kind):
    """Impulse responses of a city: what is left of a push, over weeks."""

    class Settings(Parameters):
        """Keys of `set`."""

        replications: int = Field(5, ge=2, description="Seeds.")
        scale: float = Field(0.05, gt=0.0, le=1.0, description="Agents as a share of residents.")
        weeks: int | None = Field(None, ge=52, le=520, description="How long the answer to a push is followed.")

    TABLE: ClassVar[str] = "responses.csv"

    @cached_property
    def base(self) -> Config:
        """See `Source`."""
        return load_config(self.file).with_values({"run.scale": self.settings.scale})

    @property
    def digest(self) -> str:
        """See `Source`."""
        weeks = self.settings.weeks
        other = "" if weeks is None else f" {weeks}"
        return f"{_digest_of_city(self.base)} {self.settings.replications}{other}"

    def make(self, folder: Path, hands: Hands) -> None:
        """Follow the pushes of each seed that is not in the folder yet."""
        from experiments.impulses import responses

        folder.mkdir(parents=True, exist_ok=True)
        model = model_digest(self.base.loaded)[:12]
        seeds = range(1, self.settings.replications + 1)
        files = [folder / f"seed-{seed}-{model}.csv" for seed in seeds]
        tasks = {
            hands.executor.submit(responses, self.base, [seed], self.settings.weeks): file
            for seed, file in zip(seeds, files, strict=True)
            if not file.exists()
        }
        for task in as_completed(tasks):
            with atomic_write(tasks[task]) as partial:
                task.result().to_csv(partial, index=False, lineterminator="\n")
        whole = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
        with atomic_write(folder / self.TABLE) as partial:
            whole.to_csv(partial, index=False, lineterminator="\n")

    def read(self, folder: Path) -> Responses:
        """The responses."""
        from experiments.impulses import IMPULSES

        stated: dict[str, float] = {one.what: self._stated(one) for one in IMPULSES}
        return Responses(pd.read_csv(folder / self.TABLE), stated)

    def _stated(self, impulse: Impulse) -> float:
        return impulse.stated(self.base)

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        return _facts(self.base, self.settings.replications, self.settings.replications)


class CalibrationSource(_Kind):
    """A posterior, as `mahalle calibrate` fits it.

    Its settings are keys of the calibration.
    """

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        self.file, self.given = file, dict(settings)

    @cached_property
    def calibration(self) -> Any:
        """The calibration with the settings."""
        from experiments.calibration.reader import load_calibration

        written = load_calibration(self.file)
        if not self.given:
            return written
        with tempfile.TemporaryDirectory() as place:
            changed = Path(place) / self.file.name
            changed.write_text(plain_yaml(merge(written.content, self.given)), encoding="utf-8")
            try:
                return load_calibration(changed)
            except ConfigError as error:
                raise ConfigError(error.problem, source=self.file, key=error.key) from None

    @property
    def digest(self) -> str:
        """See `Source`."""
        return str(self.calibration.digest)

    @property
    def base(self) -> Config:
        """See `Source`."""
        base: Config = self.calibration.base
        return base

    def make(self, folder: Path, hands: Hands) -> None:
        """See `Source`."""
        from experiments.calibration.runner import calibrate

        calibrate(
            self.calibration, out=folder, executor=hands.executor, workers=hands.workers,
            fresh=not is_of_this_model(folder, self.base), retry_failed=True, say=hands.say,
        )  # fmt: skip

    def read(self, folder: Path) -> Any:
        """The calibration as it was done: nothing is run again, for all of its runs are kept."""
        from experiments.calibration.runner import calibrate

        return calibrate(self.calibration, out=folder, workers=1)

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        generations = self.read(folder).generations
        return _facts(self.base, self.calibration.population, int(generations.runs.sum()))


class KeptSource(_Kind):
    """A table that is kept and not made by runs of the model, such as measured times."""

    @property
    def digest(self) -> str:
        """See `Source`."""
        return sha256(self.file)

    @property
    def base(self) -> Config:
        """A table has no city: Rafsanjan as it is stands for the model's source."""
        return Config()

    def make(self, folder: Path, hands: Hands) -> None:
        """There is nothing to do."""

    def read(self, folder: Path) -> pd.DataFrame:
        """The table, CSV or JSON as its name ends."""
        if self.file.suffix == ".json":
            return pd.json_normalize(json.loads(self.file.read_text(encoding="utf-8")))
        return pd.read_csv(self.file)

    def facts(self, folder: Path) -> dict[str, Any]:
        """See `Source`."""
        return {}


KEPT = "kept"
"""Kind of data that no run of the model makes."""

SOURCES: Mapping[str, Callable[[Path, Mapping[str, Any]], Source]] = {
    "sweep": SweepSource,
    "mechanisms": MechanismsSource,
    "sensitivity": SensitivitySource,
    "validation": ValidationSource,
    "impulses": ImpulsesSource,
    "calibration": CalibrationSource,
    KEPT: KeptSource,
}
"""Kinds of data by name."""

ASKED_FOR: Mapping[str, Kind | None] = {
    "sweep": "experiment",
    "mechanisms": "policy",
    "sensitivity": "experiment",
    "validation": "city",
    "impulses": "city",
    "calibration": "calibration",
    KEPT: None,
}
"""What the file of each kind of data is; None where it is no config."""


def _years(weeks: int) -> int | float:
    """Weeks in years, to the tenth; a whole number where they are whole years, to within a week or two."""
    years = round(weeks / 52, 1)
    return int(years) if years == int(years) else years
