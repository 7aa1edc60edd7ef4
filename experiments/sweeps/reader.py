"""From an experiment file to an experiment; what is wrong with the file, all of it, line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.calibration.origin import cautions, misfit_of_folder
from experiments.calibration.posterior import Posterior, read_posterior
from experiments.kinds import read_of_kind
from experiments.resolved import OWN_FILES
from experiments.sweeps import designs
from experiments.sweeps.designs import Design, Factor
from experiments.sweeps.experiment import (
    BASE,
    PLACE_SEED,
    Experiment,
    Fixed,
    Point,
    Replications,
    UntilHalfWidth,
    UntilRanking,
    place_seeds,
)
from experiments.sweeps.form import (
    DistributionForm,
    ExperimentForm,
    GridForm,
    HalfWidthForm,
    LatinHypercubeForm,
    ListForm,
    MorrisForm,
    SobolForm,
)
from experiments.sweeps.outcomes import NEIGHBOURHOOD, Outcome, parse
from experiments.sweeps.parts import PartsReader
from experiments.sweeps.spreads import dotted, group_read, is_group, whole_range
from sim.cautions import caution
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.place import Foundations, build_place, people_digest_of
from sim.policies import TimedPolicy
from sim.policy_files import read_policy
from sim.reading import flatten, nearest, problems
from sim.wording import Place, printable, shown
from sim.yaml_text import Document, read_yaml

VARIED = ("behaviour", "city", "policy")
"""Parts of a config that hold what may be uncertain."""

DRAWS_PEOPLE = (
    PLACE_SEED,
    "city.population.",
    "city.neighbourhoods.",
    "city.hubs.",
    "city.customary_hub",
    "city.start_",
)
"""Beginnings of the keys on which it may depend who the residents are, in which order, and who lives with whom."""

MOST_PEOPLES = 8
"""Points with other values of such keys whose people are drawn when an experiment is read."""

FEWEST_PLACES = 3
"""With two places an interval of 95 % over places held in 89 to 91 % of simulated sweeps, with three in 93 to 95 %."""
TOO_FEW_PLACES = f"two places are too few to represent others: give {FEWEST_PLACES} or more, or 1"

MAXIMUM_POINTS = 1_000_000
CHECKED_POINTS = 1_000
"""Points whose config is built when an experiment is read, to see that their values go together."""


def read_experiment(document: Document, path: Path) -> Experiment:
    """The experiment that a document read from `path` describes.

    Raises:
        ConfigError: the first fault.
    """
    return _Reader(document, path).read_or_refuse()


def load_experiment(path: str | Path) -> Experiment:
    """Read an experiment, from a file or by the name of a shipped one.

    Raises:
        ConfigError: the first fault, with file, line, key, what is allowed and the nearest known key.
    """
    document = read_of_kind("experiment", path)
    return read_experiment(document, Path(document.source))


def faults_of_experiment(document: Document, path: Path) -> list[ConfigError]:
    """Everything that is wrong with an experiment."""
    return _Reader(document, path).all_faults()


class _Reader(PartsReader[Experiment]):
    """Reads an experiment part by part and keeps every fault, so that a user sees all of them at once."""

    def read(self) -> Experiment | None:
        """The experiment, or None if there are faults."""
        self.faults += problems(ExperimentForm, self.document.data, self.document)
        self._name_nested_levers()
        if self.faults:
            return None
        self.form = form = ExperimentForm.model_validate(self.document.data)
        base = self.read_base(form.base, form.run, "experiment")
        if base is None:
            return None
        self.base = base
        self._read_spreads()
        if self.faults:
            return None
        self.files = self._policy_files()
        policies = {name: self._policy(name, files) for name, files in self.files.items()}
        outcomes = self._outcomes()
        posterior = self._posterior()
        levers = {key: self._lever(key, values) for key, values in form.levers.items()}
        factors = [self._factor(key, spread) for key, spread in self.spreads.items()]
        listed = self._listed(form.design, policies) if isinstance(form.design, ListForm) else []
        for key in form.levers:
            self._refuse_overridden(key, policies, ("levers", key))
        for key in self.spreads:
            self._refuse_overridden(key, policies, self.places[key])
        if self.faults:
            return None
        design, points = self._laid_out(levers, [factor for factor in factors if factor is not None], listed)
        self._refuse_twice_varied(points, posterior)
        replications = self._replications(outcomes, len(points))
        self._refuse_places_that_do_not_fit(design, replications)
        if form.places > 1 and any(outcome.group_kind == NEIGHBOURHOOD for outcome in outcomes) and not self._has_map():
            caution("each place has other neighbourhoods, so differences leave single ones out")
        points = self._in_every_place(points)
        if self.faults:
            return None
        experiment = Experiment(
            title=form.title,
            description=form.description,
            source=self.path,
            base=base,
            policies=policies,
            points=points,
            outcomes=outcomes,
            replications=replications,
            seed=form.seed,
            design=design,
            content=self._content(),
            posterior=posterior,
            places=form.places,
        )
        self._refuse_what_does_not_go_together(experiment)
        self._refuse_other_people_under_own_ties(experiment)
        _ = experiment.digest  # of data files as they are now; the value is kept
        return None if self.faults else experiment

    # ------------------------------------------------------------ base, policies, outcomes

    def _policy_files(self) -> dict[str, tuple[tuple[str, Place], ...]]:
        """The files of each policy by its name, each with its place in the document."""
        given = self.form.policies
        if not given:
            return {BASE: ()}
        named: dict[str, tuple[tuple[str, Place], ...]] = {}
        if isinstance(given, dict):
            for name, files in given.items():
                if not name.strip():
                    self.refuse("a policy needs a name", "policies", name)
                listed = [(files, ("policies", name))] if isinstance(files, str) else [
                    (file, ("policies", name, place)) for place, file in enumerate(files)
                ]  # fmt: skip
                named[name] = tuple(listed)
            return named
        for place, file in enumerate(given):
            name = Path(file).stem
            if name in named:
                self.refuse(
                    f'the name "{printable(name)}" stands for two files; name them: {{NAME: FILE}}', "policies", place
                )
            named[name] = ((file, ("policies", place)),)
        return named

    def _policy(self, name: str, files: Sequence[tuple[str, Place]]) -> tuple[TimedPolicy, ...]:
        read: list[TimedPolicy] = []
        for file, place in files:
            found = self.named("policy", file, "experiment", *place)
            if found is None:
                continue
            try:
                read += read_policy(read_yaml(found), self.base.policy)
            except ConfigError as error:
                self.faults.append(error)
        return tuple(read)

    def _outcomes(self) -> tuple[Outcome, ...]:
        read: dict[str, Outcome] = {}
        places = self.base.city.neighbourhoods
        count = places.count if places.data_file is None else None
        for place, item in enumerate(self.form.outcomes):
            try:
                outcome = parse(item, self.base.run.weeks, count, tables_of(self.base.extended_by))
            except ValueError as error:
                self.refuse(str(error), "outcomes", place)
                continue
            if outcome.label in read:
                self.refuse(f"the outcome {outcome.label} is given twice", "outcomes", place)
            read[outcome.label] = outcome
        return tuple(read.values())

    def _posterior(self) -> Posterior | None:
        """The posterior, if the experiment names one, with every particle looked at."""
        if self.form.behaviour is None:
            return None
        place = ("behaviour", "posterior")
        file = self.beside(self.form.behaviour.posterior)
        name = printable(self.form.behaviour.posterior, 500)
        misfit = misfit_of_folder(file)
        if misfit is not None:
            self.refuse(f'"{name}", looked for beside the experiment, {misfit}', *place)
            return None
        try:
            posterior = read_posterior(file)
        except ValueError as error:
            self.refuse(f'"{name}" {error}', *place)
            return None
        before = len(self.faults)
        for key in posterior.keys:
            if not self.is_key(key, ("behaviour",), f'"{name}" has the column {printable(key)}; a parameter', place):
                continue
            for value in (min(posterior.values[key]), max(posterior.values[key])):
                if not self.value(key, value, place)[0]:
                    break
        if len(self.faults) > before:
            return None
        found = cautions(posterior, self.base)
        if self.form.places > 1:
            found.append("it was fitted on one place, and the experiment varies the place")
        if found:
            caution(f"of the posterior that gives the behaviour: {'; '.join(found)}")
        return posterior

    def _refuse_twice_varied(self, points: Sequence[Point], posterior: Posterior | None) -> None:
        """Refuse points that set what the posterior gives."""
        keys = {key for point in points for key in point.values}
        for key in () if posterior is None else posterior.keys:
            if key in keys:
                place = self.places.get(key, ("design",))
                self.refuse(f"{key} comes from the posterior, too; a key is varied in one way", *place)

    # ------------------------------------------------------------ levers and uncertainties

    def _name_nested_levers(self) -> None:
        """Say of levers that stand within each other which key is meant, instead of what is no list."""
        levers = self.document.data.get("levers")
        for key, value in levers.items() if isinstance(levers, dict) else ():
            place = ("levers", key)
            if isinstance(value, dict) and any(fault.key == f"levers.{key}" for fault in self.faults):
                self.faults = [fault for fault in self.faults if fault.key != f"levers.{key}"]
                example = next(iter(flatten({key: value})))
                self.refuse(f"write one key with dots and a list of values: {printable(example)}: [...]", *place)

    def _lever(self, key: str, values: list[Any]) -> list[Any]:
        place = ("levers", key)
        if not self.is_key(key, ("policy",), "a lever", place):
            return []
        if not values:
            self.refuse("must list at least one value", *place)
        return self.values(key, values, place)

    def _read_spreads(self) -> None:
        """The distribution of each uncertain key, groups taken apart; and where in the document it stands."""
        self.spreads: dict[str, DistributionForm] = {}
        self.places: dict[str, Place] = {}
        known, given = self.known, self.form.uncertainties
        singly = {*self.form.levers, *(key for key in given if not is_group(key, known))}
        for key, value in given.items():
            place: Place = ("uncertainties", key)
            if not is_group(key, known):
                if not self.is_key(key, VARIED, "an uncertainty", place) or self._is_file(key, place):
                    continue
                spreads = self._spread(key, value, place)
            elif self._is_nested(key, value, place):
                continue
            else:
                spreads = {}
                if key.partition(".")[0] in VARIED:
                    besides = {*singly, *self.spreads}
                    spreads = group_read(key, value, known, besides, self.document, self.faults)
                else:
                    self.is_key(key, VARIED, "an uncertainty", place)
            self.spreads |= spreads
            self.places |= dict.fromkeys(spreads, place)

    def _spread(self, key: str, value: Any, place: Place) -> dict[str, DistributionForm]:
        """The distribution of one key; `range`, as in a calibration, is the whole of its declared range."""
        if value == "range":
            spread = whole_range(self.known[key])
            if spread is None:
                self.refuse("has no declared range; write a distribution, such as {uniform: [0.1, 0.3]}", *place)
            return {} if spread is None else {key: spread}
        found = problems(DistributionForm, value, self.document, at=place)
        self.faults += found
        return {} if found else {key: DistributionForm.model_validate(value)}

    def _is_nested(self, key: str, value: Any, place: Place) -> bool:
        """Whether mappings stand within each other where one key with dots is wanted; refuses them if so."""
        meant = dotted(key, value, self.known)
        if meant is not None:
            self.refuse(f"write one key with dots: {meant}", *place)
        return meant is not None

    def _is_file(self, key: str, place: Place) -> bool:
        """Whether a key names a user's data file; refuses it if so."""
        if key in OWN_FILES:
            self.refuse("a data file cannot be varied: write a city for each file, and an experiment for each", *place)
        return key in OWN_FILES

    def _factor(self, key: str, spread: DistributionForm) -> Factor | None:
        place = self.places[key]
        if key in self.form.levers:
            self.refuse("stands among the levers, too; a key is varied in one way", *place)
            return None
        if spread.levels is not None and not isinstance(self.form.design, GridForm):
            levels = (*place, "levels")
            self.refuse("levels belong to the design grid; write choice for values drawn alike often", *levels)
        return self.factor(key, spread, place)

    def _refuse_overridden(self, key: str, policies: Mapping[str, tuple[TimedPolicy, ...]], place: Place) -> None:
        """Refuse to vary a lever that a policy on the timeline sets for good: its values would change nothing."""
        lever = key.removeprefix("policy.")
        always = {"the base's timeline": self.base.timeline}
        always |= {f'the policy "{printable(name)}"': own for name, own in policies.items()}
        for name, timeline in always.items():
            if lever != key and any(lever in own.set and own.start == 0 and own.end is None for own in timeline):
                self.refuse(f"{name} sets this lever for good, so that values given here change nothing", *place)

    # ------------------------------------------------------------ points

    def _refuse_places_that_do_not_fit(self, design: Design, replications: Replications) -> None:
        """Refuse to vary the place beside what would be mixed up with it."""
        if self.form.places == 1:
            return
        if self.form.places < FEWEST_PLACES:
            self.refuse(TOO_FEW_PLACES, "places")
        if design.factors:
            self.refuse(
                "places do not go with uncertainties, whose rows would be mixed up with them: leave one of the two out",
                "places",
            )
        if not isinstance(replications, Fixed):
            self.refuse(
                "a stopping rule considers seeds only: with several places, give a number of replications",
                "replications",
            )

    def _has_map(self) -> bool:
        """Whether a file gives the neighbourhoods, so that they are the same in every place."""
        parameters = self.base.city.neighbourhoods
        return parameters.data_file is not None or parameters.polygons_file is not None

    def _in_every_place(self, points: Sequence[Point]) -> tuple[Point, ...]:
        """The points once for every place, place by place; as they are where the place does not vary."""
        places = self.form.places
        if places == 1 or self.faults or self._too_many(places * len(points)):
            return tuple(points)
        seeds = place_seeds(self.base.run.place_seed, places)
        return tuple(
            Point(place * len(points) + point.number, point.policy, {**point.values, PLACE_SEED: seed})
            for place, seed in enumerate(seeds)
            for point in points
        )

    def _listed(
        self, form: ListForm, policies: Mapping[str, tuple[TimedPolicy, ...]]
    ) -> list[tuple[str | None, dict[str, Any]]]:
        """Policy (None: every one) and values of the points written out."""
        for part in ("levers", "uncertainties"):
            if getattr(self.form, part):
                self.refuse("the design list writes its values into its points; leave this away", part)
        read: list[tuple[str | None, dict[str, Any]]] = []
        for number, given in enumerate(form.points):
            place: Place = ("design", "points", number)
            policy = self._policy_named(given["policy"], (*place, "policy")) if "policy" in given else None
            values: dict[str, Any] = {}
            for key, value in given.items():
                allowed_here = key != "policy" and self.is_key(
                    key, ("policy", "behaviour", "city"), "a point's", (*place, key)
                )
                if allowed_here and not self._is_file(key, (*place, key)):
                    allowed, held = self.value(key, value, (*place, key))
                    values |= {key: held} if allowed else {}
                    self._refuse_overridden(
                        key, policies if policy is None else {policy: policies[policy]}, (*place, key)
                    )
            if (policy, values) in read and not self.faults:
                self.refuse(f"the same as point {read.index((policy, values))}", *place)
            read.append((policy, values))
        named = {policy for policy, _ in read}
        for name in [] if None in named else [name for name in self.files if name not in named]:
            self.refuse("no point has this policy", "policies", name)
        return read

    def _policy_named(self, name: Any, place: Place) -> str | None:
        if isinstance(name, str) and name in self.files:
            return name
        near = nearest(name, self.files)
        known = ", ".join(map(printable, self.files))
        self.refuse(f"no such policy: {shown(name, bare=True)}{near or f'; allowed here: {known}'}", *place)
        return None

    def _laid_out(
        self,
        levers: Mapping[str, Sequence[Any]],
        factors: Sequence[Factor],
        listed: Sequence[tuple[str | None, dict[str, Any]]],
    ) -> tuple[Design, tuple[Point, ...]]:
        """The design and its points; none of them if there are faults."""
        form, names = self.form.design, list(self.files)
        combined = len(names) * math.prod(len(values) for values in levers.values())
        design = Design(form.kind, tuple(factors))
        if isinstance(form, ListForm):
            chosen = [(name, values) for name in names for policy, values in listed if policy in (None, name)]
        else:
            if isinstance(form, GridForm):
                rows = self._grid_rows(form, factors, combined)
            else:
                design = self._sampled(form, factors, combined)
                rows = designs.rows_of(factors, design.sample)
            chosen = list(designs.crossed(names, designs.combinations(levers), rows))
        return design, tuple(Point(number, policy, values) for number, (policy, values) in enumerate(chosen))

    def _grid_rows(self, form: GridForm, factors: Sequence[Factor], combined: int) -> list[dict[str, Any]]:
        for factor in factors:
            if form.levels is None and not factor.is_discrete:
                self.refuse(
                    "a grid needs levels: write {levels: […]} here, or design.levels for so many of each uncertainty",
                    "uncertainties",
                    factor.key,
                )
        if form.levels is not None and all(factor.is_discrete for factor in factors):
            self.refuse("no uncertainty has a distribution that could be cut into levels", "design", "levels")
        if self.faults:
            return []
        levels = {factor.key: designs.levels_of(factor, form.levels or 1) for factor in factors}
        if self._too_many(combined * math.prod(map(len, levels.values()))):
            return []
        return list(designs.combinations(levels))

    def _sampled(
        self, form: LatinHypercubeForm | SobolForm | MorrisForm, factors: Sequence[Factor], combined: int
    ) -> Design:
        nothing, wide = Design(form.kind, tuple(factors)), len(factors)
        second_order = isinstance(form, SobolForm) and form.second_order
        count = form.trajectories if isinstance(form, MorrisForm) else form.samples
        if not factors:
            self.refuse(f"the design {form.kind} samples uncertainties, and there are none", "design", "kind")
        if self.faults or self._too_many(combined * designs.rows_in(form.kind, wide, count, second_order)):
            return nothing
        seed = self.form.seed if form.seed is None else form.seed
        if isinstance(form, MorrisForm):
            options = {"trajectories": form.trajectories, "levels": form.levels}
            return replace(nothing, sample=designs.morris(wide, count, form.levels, seed), options=options)
        if isinstance(form, SobolForm):
            sample = designs.sobol(wide, count, second_order, seed)
            return replace(nothing, sample=sample, options={"samples": count, "second_order": second_order})
        return replace(nothing, sample=designs.latin_hypercube(wide, count, seed))

    def _too_many(self, count: int) -> bool:
        if count > MAXIMUM_POINTS:
            place = "design" if "design" in self.document.data else "levers"
            self.refuse(f"gives {count} points; at most {MAXIMUM_POINTS} are allowed", place)
        return count > MAXIMUM_POINTS

    # ------------------------------------------------------------ replications, and all of it together

    def _replications(self, outcomes: Sequence[Outcome], points: int) -> Replications:
        form = self.form.replications
        if isinstance(form, int):
            return Fixed(form)
        of = self._number_named(form.of, outcomes)
        if isinstance(form, HalfWidthForm):
            return UntilHalfWidth(of, form.below, form.confidence, form.at_least, form.at_most)
        if points < 2:
            self.refuse("a ranking needs at least two points", "replications", "until")
        return UntilRanking(of, form.best, form.confidence, form.at_least, form.at_most)

    def _number_named(self, name: str, outcomes: Sequence[Outcome]) -> str:
        """The label of the outcome meant, by its label or by its column alone where only one outcome has that."""
        place = ("replications", "of")
        found = [own for own in outcomes if own.label == name] or [own for own in outcomes if own.column == name]
        labels = [own.label for own in outcomes if own.is_number]
        if len(found) == 1 and found[0].is_number:
            return found[0].label
        if len(found) == 1:
            self.refuse(f"{found[0].label} has several weeks; a single number is needed, as in {{week: 104}}", *place)
        elif found:
            self.refuse(f"stands for {', '.join(own.label for own in found)}; write one of them", *place)
        else:
            near = nearest(name, labels)
            allowed = f"; allowed here: {', '.join(labels)}"
            self.refuse(f"none of the experiment's outcomes: {shown(name, bare=True)}{near or allowed}", *place)
        return name

    def _refuse_what_does_not_go_together(self, experiment: Experiment) -> None:
        """Build configs of points, all or many evenly spread: values may be allowed one by one and not together."""
        step = max(1, math.ceil(len(experiment.points) / CHECKED_POINTS))
        for point in experiment.points[::step]:
            try:
                experiment.config_of(point, 0)
            except ConfigError as error:
                place = next(
                    name for name in ("design", "levers", "uncertainties", "base") if name in self.document.data
                )
                self.refuse(
                    f"the values of point {point.number} do not go together: {error.key}: {error.problem}", place
                )
                return

    def _refuse_other_people_under_own_ties(self, experiment: Experiment) -> None:
        """Refuse to vary the people where a file says who is tied to whom: its numbers would mean others.

        Where people or ties come from files, the first point's place is built here, so that their faults and cautions
        are said once, and at once.
        """
        city = self.base.city
        if (city.network.file is None and city.population.data_file is None) or self.faults:
            return
        try:
            build_place(experiment.config_of(experiment.points[0], 0), Foundations(0))
        except ConfigError as error:
            self.faults.append(error)
            return
        if city.network.file is None:
            return
        different: dict[str, Point] = {}
        for point in experiment.points:
            drawn = {key: value for key, value in point.values.items() if key.startswith(DRAWS_PEOPLE)}
            different.setdefault(repr(drawn), point)
        several = list(different.values())[:MOST_PEOPLES]
        if len(several) < 2:
            return
        first, *others = (people_digest_of(experiment.config_of(point, 0)) for point in several)
        if any(digest != first for digest in others):
            place = next(name for name in ("places", "uncertainties", "design") if name in self.document.data)
            self.refuse(
                "the people differ between points, and city.network.file belongs to one population: leave the file or "
                "what varies the people out",
                place,
            )

    def _content(self) -> dict[str, Any]:
        """The document's own data, its paths made absolute."""
        data = {**self.document.data, **self.own_extensions()}
        data["base"] = self.absolute("city", self.form.base)
        if self.form.behaviour is not None:
            data["behaviour"] = {"posterior": str(self.beside(self.form.behaviour.posterior).resolve())}
        if self.form.policies:
            data["policies"] = {
                name: [self.absolute("policy", file) for file, _ in files] for name, files in self.files.items()
            }
        return data
