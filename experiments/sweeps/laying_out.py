"""Points of an experiment: a design over what varies, or a list, in one place or in several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from experiments.sweeps import designs
from experiments.sweeps.designs import Design, Factor
from experiments.sweeps.experiment import PLACE_SEED, Fixed, Point, Replications, place_seeds
from experiments.sweeps.form import GridForm, LatinHypercubeForm, ListForm, MorrisForm, SobolForm
from experiments.sweeps.varied import VariedReader
from sim.policies import TimedPolicy
from sim.reading import nearest
from sim.wording import Place, printable, shown

FEWEST_PLACES = 3
"""With two places an interval of 95 % over places held in 89 to 91 % of simulated sweeps, with three in 93 to 95 %."""
TOO_FEW_PLACES = f"two places are too few to represent others: give {FEWEST_PLACES} or more, or 1"

MAXIMUM_POINTS = 1_000_000


class PointsReader(VariedReader):
    """Lays out the points.

    Attributes:
        files: of each policy by its name, each with its place in the document.
    """

    files: dict[str, tuple[tuple[str, Place], ...]]

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
