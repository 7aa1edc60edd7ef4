"""`mahalle sensitivity`, step by step: run what is missing, screen, look closer, print."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from experiments.contrasts.titles import titles_of
from experiments.escaping import say
from experiments.figures.pictures import stamp_of, write_figure
from experiments.figures.sheet import Sheet
from experiments.languages import which
from experiments.register import NO_EVIDENCE
from experiments.register import rows as registered
from experiments.sensitivity.analysis import Findings, analyse, refuse_base, values_of
from experiments.sensitivity.figure import Moved, caption, sensitivity_figure, title_and_note
from experiments.sensitivity.report import described, report
from experiments.sensitivity.screening import (
    AT_LEAST,
    AT_MOST,
    chosen,
    luck_experiment,
    sobol_experiment,
)
from experiments.sensitivity.sides import LUCK as BY_LUCK
from experiments.sensitivity.sides import SOBOL, place_for
from experiments.sensitivity.store import FIGURE, name_for, write_findings
from experiments.study import request as study
from experiments.study.executors import Submits, usable_processors
from experiments.study.runner import RETRY
from experiments.study.watching import announce_compiling, watching
from experiments.sweeps.command import forecast, plan
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.pairs import positions
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep, load
from sim.errors import ConfigError
from sim.outcome import Language

type Hands = tuple[Submits, int]
"""An executor, and number of tasks that it runs in parallel."""


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle sensitivity`; None means the default."""

    experiment: Path
    sobol: int | None = None
    pairs: bool = False
    at_least: float | None = None
    at_most: int | None = None
    base: str | None = None
    luck: int = 0
    gaps: Literal["refuse", "drop"] = "refuse"


def carry_out(request: Request) -> bool:
    """Carry out the request and return whether every run there should be is there and none failed.

    Raises:
        ConfigError: the request cannot be met.
        IncompleteDesignError: failed runs leave nothing to analyse.
        StoppedEarlyError: it was interrupted.
    """
    if request.dry_run:
        if os.path.isdir(request.experiment):
            raise ConfigError("only with an experiment: a folder is analysed as it is", source="--dry-run")
        experiment = load_experiment(request.experiment)
        _refuse(request, experiment, once=experiment.replications.at_most == 1)
        say(forecast(experiment, request.workers or usable_processors(), request.language))
        return True
    with request.open_executor() as processes:
        return _carry_out(request, processes)


def _carry_out(request: Request, processes: Hands) -> bool:
    sweep = _first(request, processes)
    findings = _analysed(sweep, request, processes)
    sound = not len(sweep.failures) and sweep.complete
    if request.sobol is None:
        return sound
    at_least = AT_LEAST if request.at_least is None else request.at_least
    choice = chosen(findings, at_least=at_least, most=request.at_most or AT_MOST)
    if not request.quiet:
        say(f"\n{described(choice, request.language)}\n")
    if not choice.keys:
        return sound
    try:
        closer = sobol_experiment(sweep.experiment, choice.keys, request.sobol, second_order=request.pairs)
    except ConfigError as error:  # about an experiment that the user did not write
        raise ConfigError(error.problem, source=f"--sobol {request.sobol}") from None
    second = _run(closer, place_for(sweep.folder, SOBOL, closer), request, processes)
    _analysed(second, request, processes)
    return sound and not len(second.failures) and second.complete


def _analysed(sweep: Sweep, request: Request, processes: Hands) -> Findings:
    """Analyse a sweep, with luck measured if that was asked for; write and print what is found."""
    repeated = None
    if request.luck and _once(sweep):
        again = luck_experiment(sweep.experiment, request.luck)
        repeated = _run(again, place_for(sweep.folder, BY_LUCK, again), request, processes, LUCK)
    findings = analyse(sweep, base=request.base, gaps=request.gaps, repeated=repeated)
    _finish(sweep, findings, request)
    return findings


def _first(request: Request, processes: Hands) -> Sweep:
    """The sweep to analyse: that of a folder as it is, or that of an experiment, run as far as it is missing."""
    if os.path.isdir(request.experiment):
        sweep = load(request.experiment)
        _refuse(request, sweep.experiment, once=_once(sweep))
        return sweep
    experiment = load_experiment(request.experiment)
    _refuse(request, experiment, once=experiment.replications.at_most == 1)
    folder = request.out if request.out is not None else Path("results") / request.experiment.stem
    return _run(experiment, folder, request, processes)


def _once(sweep: Sweep) -> bool:
    return int(sweep.runs["replication"].max()) == 0


def _refuse(request: Request, experiment: Experiment, *, once: bool) -> None:
    """Refuse a request that cannot be met, or an option that would be ignored, before anything runs.

    Args:
        request: the request.
        experiment: the experiment to analyse.
        once: whether each point has one replication only.

    Raises:
        ConfigError: names the option.
    """
    kind = experiment.design.kind
    if kind not in ("morris", "sobol"):
        source = str(request.experiment)
        raise ConfigError(f"sensitivity needs the design morris or sobol, not {kind}", source=source, key="design.kind")
    if request.base is not None:
        refuse_base(request.base, experiment)
    if request.sobol is not None:
        if kind != "morris":
            raise ConfigError("follows a Morris screening; this experiment's design is sobol already", source="--sobol")
        if request.sobol < 2 or request.sobol.bit_count() != 1:
            raise ConfigError(f"must be a power of two, such as 64 or 128, not {request.sobol}", source="--sobol")
    for why, options in _ignored(request, kind, once=once).items():
        for option, given in options.items():
            if given:
                raise ConfigError(why, source=option)


def _ignored(request: Request, kind: str, *, once: bool) -> dict[str, dict[str, bool]]:
    """Options without an effect here, by the reason, and whether they are given."""
    of_folder, closer = os.path.isdir(request.experiment), request.sobol is not None
    found: dict[str, dict[str, bool]] = {}
    if of_folder:
        found["cannot be combined with a folder, which is analysed in place"] = {"--out": request.out is not None}
    if of_folder and not closer and not request.luck:
        found["a folder without --sobol or --luck is only analysed, not run; to run again, give its experiment"] = {
            "--fresh": request.fresh,
            "--accept-code-change": request.accept_code_change,
            RETRY: request.retry_failed,
        }
    if not closer:
        found["needs --sobol, the step that follows a screening"] = {
            "--pairs": request.pairs,
            "--at-least": request.at_least is not None,
            "--at-most": request.at_most is not None,
        }
    if kind == "morris" and not closer:
        found["applies to Sobol' indices only; a screening leaves out each trajectory with a failed run"] = {
            "--failed drop": request.gaps == "drop"
        }
    if not once:
        found["is for one replication only; here the replications measure the noise"] = {"--luck": request.luck > 0}
    found["must be 0 or at least 2: one point cannot separate noise from effects"] = {"--luck": request.luck == 1}
    return found


STEPS: dict[str, tuple[str, str]] = {
    "morris": ("screening: what matters at all", "غربالگری: چه چیزی اثر دارد"),
    "sobol": ("Sobol' indices: how much each matters", "شاخص‌های سوبول: هر یک چه اندازه اثر دارد"),
}
"""What the runs of a design are for, in English and Persian."""

LUCK = (
    "luck: the same points with other luck, to tell effects from noise",
    "تصادف: همان نقطه‌ها با تصادفی دیگر، برای تشخیص اثر از نوفه",
)


def _run(
    experiment: Experiment, folder: Path, request: Request, processes: Hands, steps: tuple[str, str] | None = None
) -> Sweep:
    step = which(steps or STEPS[experiment.design.kind], request.language)
    announce_compiling(quiet=request.quiet, language=request.language)
    if not request.quiet:
        line = which(("{step} ({plan}, in {folder})", "{step} ({plan}، در {folder})"), request.language)
        say(line.format(step=step, plan=plan(experiment, request.language), folder=folder), file=sys.stderr)
    with watching(quiet=request.quiet, step=step.partition(":")[0], language=request.language) as watch:
        return run(
            experiment,
            out=folder,
            executor=processes[0],
            workers=processes[1],
            fresh=request.fresh,
            accept_code_change=request.accept_code_change,
            retry_failed=request.retry_failed,
            watch=watch,
        )


def _finish(sweep: Sweep, findings: Findings, request: Request) -> None:
    """Write the tables and the figure, and print."""
    options = {"against": request.base, "failed": request.gaps}
    write_findings(sweep, findings, options, csv=request.csv)
    unproven = frozenset(row.key for row, _ in registered(type(sweep.experiment.base)) if row.tag in NO_EVIDENCE)
    moved = Moved(findings, unproven, levels_of(sweep, findings))
    draw(sweep, moved, request.base, request.language)
    if not request.quiet:
        findings = replace(findings, notes=(*findings.notes, *filter(None, [moved.left_out])))
        say(report(sweep, findings, request.base, request.language))


def levels_of(sweep: Sweep, findings: Findings) -> dict[str, float]:
    """Mean of each outcome, by its label, over the runs that the figure is about: of the last week, if it is a series.

    Those are the runs of the first policy and its levers, or of the base where differences from one are analysed.
    """
    first = findings.luck.iloc[0]
    arm = (first["against"] or first["policy"], first["levers"])
    where = positions(sweep.experiment, [factor.key for factor in sweep.experiment.design.factors])
    own = [number for number, place in enumerate(where) if (place.policy, place.levers) == arm]
    values = {label: numbers[own] for label, numbers in values_of(sweep).items()}
    return {label: float(np.nanmean(there)) for label, there in values.items() if np.isfinite(there).any()}


def draw(sweep: Sweep, moved: Moved, base: str | None, language: Language = "en") -> None:
    """Write the figure of an analysis into the sweep's folder."""
    experiment, name = sweep.experiment, name_for(FIGURE, base).removesuffix(".png")
    words = experiment.title.en if language == "en" else experiment.title.fa or experiment.title.en
    city = experiment.base
    title, note = title_and_note(moved, words, titles_of(experiment, language), Sheet(language))
    sheet = Sheet(language, title=title, note=note, money=city.city.finance.unit)
    stamp = stamp_of(name, "mahalle sensitivity", language, city, asked=experiment.digest)
    stamp["seed"] = experiment.seed
    write_figure(lambda on: sensitivity_figure(moved, on), sheet, sweep.folder, name, stamp, caption(moved, sheet))
