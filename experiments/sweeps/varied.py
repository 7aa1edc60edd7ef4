"""What an experiment file varies: levers with their values, and uncertainties with their distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.resolved import OWN_FILES
from experiments.sweeps.designs import Factor
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.form import DistributionForm, ExperimentForm, GridForm
from experiments.sweeps.parts import PartsReader
from experiments.sweeps.spreads import dotted, group_read, is_group, whole_range
from sim.policies import TimedPolicy
from sim.reading import flatten, problems
from sim.wording import Place, printable

VARIED = ("behaviour", "city", "policy")
"""Parts of a config that hold what may be uncertain."""


class VariedReader(PartsReader[Experiment]):
    """Reads levers and uncertainties.

    Attributes:
        form: the whole experiment file.
        spreads: the distribution of each uncertain key.
        places: where in the document it stands.
    """

    form: ExperimentForm
    spreads: dict[str, DistributionForm]
    places: dict[str, Place]

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
