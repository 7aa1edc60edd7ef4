"""From a calibration file to a calibration; what is wrong with the file, all of it, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from experiments.calibration.calibration import Calibration, Figure
from experiments.calibration.form import CalibrationForm, FigureForm
from experiments.kinds import read_of_kind
from experiments.patterns import PATTERNS, Pattern
from experiments.sweeps.designs import Factor
from experiments.sweeps.form import DistributionForm
from experiments.sweeps.parts import PartsReader
from sim.errors import ConfigError
from sim.reading import nearest, problems
from sim.yaml_text import Document

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
        self.faults += problems(CalibrationForm, self.document.data, self.document)
        if self.faults:
            return None
        form = CalibrationForm.model_validate(self.document.data)
        base = self.read_base(form.base, form.run, "calibration")
        if base is None:
            return None
        self.base = base
        last = max(NEEDS_WEEKS.get(own.pattern, 0) for own in form.patterns)
        if base.run.weeks < last:
            place = ("run", "weeks") if "weeks" in form.run else ("base",)
            self.refuse(f"the claims reach to week {last}; the run has {base.run.weeks} weeks", *place)
        if not base.city.claims:
            self.refuse("this city has no claims, so there is nothing to fit", "base")
        factors = [self._prior(key, spread) for key, spread in form.parameters.items()]
        figures = [self._figure(number, own) for number, own in enumerate(form.patterns)]
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
            content={**self.document.data, **self.own_extensions(), "base": self.absolute("city", form.base)},
        )

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
