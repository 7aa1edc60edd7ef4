"""A plan as its file says it: aims, data-generating experiment, hypotheses, and what counts as a difference.

Its keys follow the ADEMP template for simulation studies (Morris, White and Crowther 2019; Siepe et al. 2024): aims,
data-generating mechanisms (the experiment), estimands (policy, outcome and week), methods (paired differences with
intervals), performance (the least difference that matters).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from experiments.contrasts.arms import arm_named, split_label
from experiments.kinds import read_of_kind
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import EVERY, KINDS, NEIGHBOURHOOD, Outcome
from experiments.sweeps.reader import load_experiment
from sim.errors import ConfigError
from sim.near_files import no_such_file
from sim.parameters import Parameters
from sim.policies import Label
from sim.reading import nearest, problems, validate
from sim.shipped import find
from sim.wording import refusal, shown
from sim.yaml_text import Document


class HypothesisForm(Label):
    """A hypothesis, in words (en, fa) and as a contrast."""

    policy: str | dict[str, Any] = Field(description="Policy compared with the base: its name, or what it sets.")
    outcome: str = Field(min_length=1, description="Label of one of the experiment's outcomes that is one number.")
    expected: Literal["rises", "falls", "no difference"] = Field(description="What is expected of the outcome.")
    least: float | None = Field(None, gt=0.0, description="Least difference that matters; by convention if left out.")


class PlanForm(Parameters):
    """All keys of a plan."""

    title: Label
    aims: Label = Field(description="What the study is to find out.")
    experiment: str = Field(min_length=1, description="Experiment, relative to the plan or by name: what is run.")
    base: str | dict[str, Any] = Field(description="Policy from which differences are taken.")
    confidence: float = Field(0.95, gt=0.5, lt=1.0, description="Of the intervals.")
    correction: Literal["bonferroni", "none"] = Field(
        "bonferroni", description="For several hypotheses: whether intervals hold for all of them together."
    )
    known: Label = Field(Label(), description="What the authors knew of the results when they wrote the plan.")
    hypotheses: dict[str, HypothesisForm] = Field(min_length=1, description="Hypotheses by name.")


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan and its experiment.

    Attributes:
        path: the file.
        form: all that it says.
        experiment: what is run.
    """

    path: Path
    form: PlanForm
    experiment: Experiment

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return self.path.stem

    @property
    def content(self) -> dict[str, Any]:
        """What the plan says, as plain data; the path of the experiment stands as it is written."""
        return self.form.model_dump(mode="json")


def digest_of(content: Any) -> str:
    """SHA-256 of plain data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load_plan(path: str | Path) -> Plan:
    """Read a plan, from a file or by the name of a shipped one, and its experiment.

    Raises:
        ConfigError: the first fault, with file, line, key and what is allowed.
    """
    document = read_of_kind("plan", path)
    return read_plan(document, Path(document.source))


def faults_of_plan(document: Document, path: Path) -> list[ConfigError]:
    """What is wrong with a plan: all of its keys, then the first of what they name."""
    faults = problems(PlanForm, document.data, document)
    if not faults:
        try:
            read_plan(document, path)
        except ConfigError as error:
            return [error]
    return faults


def read_plan(document: Document, path: Path) -> Plan:
    """The plan that a document read from `path` describes.

    Raises:
        ConfigError: the first fault.
    """
    form = validate(PlanForm, document.data, document)
    try:
        file = find("experiment", form.experiment, path.parent)
    except ConfigError as error:
        raise _refused(document, f"{shown(form.experiment)} {error.problem}", "experiment") from None
    if not os.path.isfile(file):
        raise _refused(document, no_such_file(file, form.experiment, "plan"), "experiment")
    experiment = load_experiment(file)
    labels = [label for outcome in experiment.outcomes for label in _numbers_of(outcome)]
    base = _arm(document, experiment, form.base, "base")
    for name, hypothesis in form.hypotheses.items():
        place = ("hypotheses", name)
        if hypothesis.outcome not in labels:
            hint = nearest(hypothesis.outcome, labels) or f"; allowed here: {', '.join(labels)}"
            problem = (
                f"is no outcome of the experiment that is one number: {shown(hypothesis.outcome, bare=True)}{hint}"
            )
            raise _refused(document, problem, *place, "outcome")
        if _arm(document, experiment, hypothesis.policy, *place, "policy") == base:
            raise _refused(document, "is the base itself", *place, "policy")
    return Plan(path, form, experiment)


def _numbers_of(outcome: Outcome) -> list[str]:
    """Labels of the single numbers that an outcome stands for; every group of a kind has one."""
    if outcome.group == EVERY and outcome.group_kind != NEIGHBOURHOOD:
        single = [replace(outcome, group=group) for group in KINDS[outcome.group_kind]]
    else:
        single = [outcome]
    return [one.label for one in single if one.is_number]


def _arm(document: Document, experiment: Experiment, asked: Any, *place: str) -> str:
    try:
        return arm_named(experiment, asked)
    except ConfigError as error:
        raise _refused(document, error.problem, *place) from None


def _refused(document: Document, problem: str, *place: str) -> ConfigError:
    return refusal(problem, document.source, document.line_of(place), place)


def outcome_and_group(hypothesis: HypothesisForm) -> tuple[str, str]:
    """Outcome and group of a hypothesis, as tables of contrasts name them."""
    return split_label(hypothesis.outcome)
