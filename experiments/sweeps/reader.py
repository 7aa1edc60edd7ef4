"""From an experiment file to an experiment; what is wrong with the file, all of it, line by line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.calibration.origin import cautions, misfit_of_folder
from experiments.calibration.posterior import Posterior, read_posterior
from experiments.kinds import read_of_kind
from experiments.sweeps.experiment import (
    BASE,
    PLACE_SEED,
    Experiment,
    Fixed,
    Point,
    Replications,
    UntilHalfWidth,
    UntilRanking,
)
from experiments.sweeps.form import (
    ExperimentForm,
    HalfWidthForm,
    ListForm,
)
from experiments.sweeps.laying_out import PointsReader
from experiments.sweeps.outcomes import NEIGHBOURHOOD, Outcome, parse
from sim.cautions import caution
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.place import Foundations, build_place, people_digest_of
from sim.policies import TimedPolicy
from sim.policy_files import read_policy
from sim.reading import nearest
from sim.wording import Place, printable, shown
from sim.yaml_text import Document, read_yaml

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

_STAND_INS = {"title": {"en": "An experiment"}, "replications": 1, "outcomes": ["trust_in_municipality"]}
"""For keys at fault, while the others are read."""

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


class _Reader(PointsReader):
    """Reads an experiment part by part and keeps every fault, so that a user sees all of them at once."""

    def read(self) -> Experiment | None:
        """The experiment, or None if there are faults."""
        form = self.form_as_far_as_sound(ExperimentForm, _STAND_INS)
        self._name_nested_levers()
        if form is None:
            return None
        self.form = form
        base = self.read_base(form.base, form.run, "experiment")
        if base is None:
            return None
        self.base = base
        before = len(self.faults)
        self._read_spreads()
        if len(self.faults) > before:
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
        self._refuse_elections_of_points(experiment)
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

    def _refuse_elections_of_points(self, experiment: Experiment) -> None:
        """Read the elections of files, once for each policy with what points change of it."""
        if not self.base.city.elections or self.faults:
            return
        different: dict[str, Point] = {}
        for point in experiment.points:
            choice = {key: value for key, value in point.values.items() if key.startswith("policy.")}
            different.setdefault(repr((point.policy, choice)), point)
        self.refuse_elections(experiment.config_of(point, 0) for point in different.values())

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
