"""From a calibration file to a calibration; what is wrong with the file, all of it, line by line."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal

from experiments.calibration.calibration import Calibration, Figure
from experiments.calibration.form import CalibrationForm, FigureForm, SurveyForm
from experiments.calibration.survey import Place, Survey, read_survey
from experiments.kinds import read_of_kind
from experiments.near_outcomes import near_outcomes
from experiments.patterns import PATTERNS, Pattern
from experiments.sweeps.designs import Factor
from experiments.sweeps.form import DistributionForm
from experiments.sweeps.parts import PartsReader
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.near_files import no_such_file
from sim.place import geography_of
from sim.reading import nearest
from sim.wording import printable
from sim.yaml_text import Document

_STAND_INS = {
    "title": {"en": "A calibration"},
    "parameters": {"behaviour.trust.half_life_weeks": "range"},
    "population": 10,
    "runs": 50,
}
"""For keys at fault, while the others are read."""

NEEDS_WEEKS = {2: 135, 3: 215}
"""Last week that a pattern's claims speak of; pattern 1 is read when a run ends, as for any run."""


def read_calibration(document: Document, path: Path) -> Calibration:
    """The calibration that a document read from `path` describes.

    Raises:
        ConfigError: the first fault.
    """
    return _Reader(document, path).read_or_refuse()


def load_calibration(path: str | Path) -> Calibration:
    """Read a calibration, from a file or by the name of a shipped one.

    Raises:
        ConfigError: the first fault, with file, line, key, what is allowed and the nearest known key.
    """
    document = read_of_kind("calibration", path)
    return read_calibration(document, Path(document.source))


def faults_of_calibration(document: Document, path: Path) -> list[ConfigError]:
    """Everything that is wrong with a calibration."""
    return _Reader(document, path).all_faults()


class _Reader(PartsReader[Calibration]):
    def read(self) -> Calibration | None:
        """The calibration, or None if there are faults."""
        form = self.form_as_far_as_sound(CalibrationForm, _STAND_INS)
        if form is None:
            return None
        base = self.read_base(form.base, form.run, "calibration")
        if base is None:
            return None
        self.base = base
        last = max((NEEDS_WEEKS.get(own.pattern, 0) for own in form.patterns), default=0)
        if base.run.weeks < last:
            place = ("run", "weeks") if "weeks" in form.run else ("base",)
            self.refuse(f"the claims reach to week {last}; the run has {base.run.weeks} weeks", *place)
        if form.patterns and not base.city.claims:
            self.refuse("this city has no claims, so there is nothing to fit", "base")
        factors = [self._prior(key, spread) for key, spread in form.parameters.items()]
        figures = [self._figure(number, own) for number, own in enumerate(form.patterns)]
        places = self._places() if form.survey else ()
        surveys = self._surveys(form.survey, [name for name, _ in places])
        self.refuse_elections([] if self.faults else [base])
        if self.faults:
            return None
        return Calibration(
            title=form.title,
            description=form.description,
            source=self.path,
            base=base,
            factors=tuple(factor for factor in factors if factor is not None),
            figures=tuple(figure for figure in figures if figure is not None),
            thresholds=tuple(form.thresholds),
            population=form.population,
            least_acceptance=form.least_acceptance,
            seed=form.seed,
            content=self._content(form),
            targets=tuple(target for survey in surveys for target in survey.targets),
            missing=sum(len(survey.missing) for survey in surveys),
            method=form.method,
            runs=form.runs or 0,
            places=places,
        )

    def _content(self, form: CalibrationForm) -> dict[str, Any]:
        """The file's content with absolute paths."""
        whole = {**self.document.data, **self.own_extensions(), "base": self.absolute("city", form.base)}
        if form.survey:
            whole["survey"] = [
                {**given, "file": str(self.beside(own.file).resolve())}
                for given, own in zip(self.document.data["survey"], form.survey, strict=True)
            ]
        return whole

    def _places(self) -> tuple[tuple[str, str], ...]:
        """Names of the neighbourhoods in English and Persian; none, and the faults noted, if they cannot be read."""
        try:
            geography = geography_of(self.base)
        except ConfigError as error:
            self.faults += error.all
            return ()
        return tuple(zip(geography.names, geography.names_fa, strict=True))

    def _surveys(self, forms: Sequence[SurveyForm], names: Sequence[str]) -> list[Survey]:
        """The tables of figures; faults of all of them are noted. Without names of neighbourhoods none is read."""
        found: list[Survey] = []
        if not names:
            return found
        tables, last, seen = tables_of(self.base.extended_by), self.base.run.weeks, dict[str, str]()
        for number, form in enumerate(forms):
            where = ("survey", number, "held_out")
            held = form.held_out
            self._refuse_unknown(held.outcomes, {one for table in tables.values() for one in table.asked}, *where)
            place = Place(names, last, tables, form.label, frozenset(held.weeks), frozenset(held.outcomes))
            if not os.path.exists(file := self.beside(form.file)):
                self.refuse(no_such_file(file, form.file, "calibration"), "survey", number, "file")
                continue
            try:
                survey = read_survey(file, place)
            except ConfigError as error:
                self.faults += error.all
                continue
            weeks = {own.week for own in survey.targets}
            if strange := sorted(set(held.weeks) - weeks):
                known = ", ".join(map(str, sorted(weeks)))
                self.refuse(f"no figure of {form.file} is of week {strange[0]}; its weeks are {known}", *where, "weeks")
            for target in survey.targets:
                if target.label in seen:
                    problem = f"{target.label} ({target.source}) is in another file, too: {seen[target.label]}"
                    self.refuse(problem, "survey", number, "file")
                seen[target.label] = target.source
            found.append(survey)
        if not self.faults and all(own.held_out for survey in found for own in survey.targets):
            self.refuse("no figure is left to be fitted: all are held out or missing", "survey")
        return found

    def _refuse_unknown(self, names: Sequence[str], known: Collection[str], *where: str | int) -> None:
        for name in names:
            if name not in known:
                near = near_outcomes(name, sorted(known))
                self.refuse(f'no such outcome: "{printable(name)}"{near}', *where, "outcomes")

    def _prior(self, key: str, spread: Literal["range"] | DistributionForm) -> Factor | None:
        place = ("parameters", key)
        known = self.known
        if key not in known or not key.startswith("behaviour."):
            near = nearest(key, [name for name in known if name.startswith("behaviour.")])
            problem = "only keys of behaviour are calibrated" if key in known else "unknown key"
            self.refuse(f"{problem}{near or '; see mahalle parameters'}", *place)
            return None
        row = known[key]
        if row.kind not in ("number", "whole number"):
            self.refuse("is no number; choices and texts are not calibrated", *place)
            return None
        if spread == "range":
            return Factor(
                key, "uniform", (row.low, row.high), whole=row.kind.startswith("whole"), low=row.low, high=row.high
            )
        if spread.choice is not None or spread.levels is not None:
            self.refuse("a prior is range, uniform, loguniform, triangular or normal", *place)
            return None
        return self.factor(key, spread, place)

    def _figure(self, number: int, form: FigureForm) -> Figure | None:
        place = ("patterns", number)
        fitted = [pattern for pattern in PATTERNS if pattern.fitted]
        pattern = next((own for own in fitted if own.number == form.pattern), None)
        if pattern is None:
            numbers = ", ".join(str(own.number) for own in fitted)
            self.refuse(f"only patterns {numbers} may be fitted; all others are kept for validation", *place, "pattern")
            return None
        if not self._is_part(pattern, form, number):
            return None
        accept = pattern.accept[form.part]
        if not accept.holds(form.claimed):
            self.refuse(f"what is claimed is {accept}, not {accept.show(form.claimed)}", *place, "claimed")
        return Figure(pattern.number, form.part, form.claimed, form.tolerance, pattern.tag, pattern.source)

    def _is_part(self, pattern: Pattern, form: FigureForm, number: int) -> bool:
        """Whether a pattern has a figure of this name that has not been given before; refuses it if not."""
        place = ("patterns", number, "part")
        parts = [part for part, accept in pattern.accept.items() if None not in (accept.low, accept.high)]
        given = self.document.data["patterns"][:number]
        if form.part not in parts:
            sign = "is claimed as a direction, not as a figure" if form.part in pattern.accept else "no such figure"
            self.refuse(f"{sign}{nearest(form.part, parts) or f'; allowed here: {", ".join(parts)}'}", *place)
        elif any((own["pattern"], own["part"]) == (form.pattern, form.part) for own in given):
            self.refuse("this figure is given twice", *place)
        else:
            return True
        return False
