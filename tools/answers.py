"""`python -m tools.answers`: make the stored answers of the page; --check or --stamp: see whether they still hold.

--claimed: only work out anew what the model has beside each claim.

The runs lie in results/page, one sweep for each policy, and are resumed; a new preset costs its own runs alone. --check
runs a few single runs again and compares them with what is stored; --stamp does so and, if nothing drifted, writes the
digest of the model as it is now.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.answers.answer import RANKED, differences_of
from experiments.answers.asked import outcomes_at, weeks_of
from experiments.answers.findings import difference_in
from experiments.contrasts.comparison import Comparison
from experiments.folders import atomic_write
from experiments.page.cells import Cell, cells_of
from experiments.page.levers import content
from experiments.page.policies import presets_in
from experiments.page.question import BASE, PAIRS, Question, key_of, policy_of
from experiments.page.runs import in_memory
from experiments.page.stored import (
    FOLDER,
    LEVELS,
    MANIFEST,
    RANKED_BY,
    TABLE,
    ClaimedForm,
    ManifestForm,
    PatternForm,
    city_digest,
    drifted,
    load_stored,
    rows_to_keep,
    shortened,
)
from experiments.pattern_names import PERSIAN
from experiments.patterns import PATTERNS
from experiments.provenance import circumstances, model_digest
from experiments.resolved import plain_yaml
from experiments.results import write_json_atomically
from experiments.study.executors import executor_named
from experiments.study.watching import watching
from experiments.sweeps.experiment import Experiment, what_counts
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep, load
from experiments.sweeps.worker import city_run
from experiments.words import Effect
from sim.city import City
from sim.config import Config, load_config
from tools import ROOT

CITY = ROOT / "configs" / "cities" / "rafsanjan.yaml"
POLICIES = ROOT / "configs" / "policies"
REFERENCE = ROOT / "results" / "reference" / "paper"
RUNS = ROOT / "results" / "page"
SCALE = 0.1
PAIRS_EXAMINED = 5
"""Pairs of runs under other values of an assumption."""

OPTIONS = {"--check", "--stamp", "--claimed", "--accept-code-change"}
DRIFT_CELLS = 4
DRIFT_OUTCOMES = ("trust_in_municipality", "participation_rate", "service_level", "money_spent")


def main(arguments: Sequence[str]) -> int:
    """Make the stored answers, or check them; returns the exit status."""
    if unknown := set(arguments) - OPTIONS:
        said = f"not known: {' '.join(sorted(unknown))}; allowed: {' '.join(sorted(OPTIONS))}"
        print(f"{__doc__}\n{said}", file=sys.stderr)
        return 2
    city = load_config(CITY).with_values({"run.scale": SCALE})
    presets = presets_in(POLICIES)
    cells = cells_of(city, presets)
    if {"--check", "--stamp"} & set(arguments):
        return _check(city, cells, stamp="--stamp" in arguments)
    if "--claimed" in arguments:
        return _claimed_again(city)
    with (
        executor_named("processes", workers=None, scheduler=None) as (executor, workers),
        watching(quiet=False) as watch,
    ):
        accept = "--accept-code-change" in arguments
        carry_out = partial(_runs, executor=executor, workers=workers, watch=watch, accept_code_change=accept)
        sweeps = {key: carry_out(_experiment(cell), RUNS / key) for key, cell in cells.items()}
        wanted = [cells[key] for key in _keys(city, presets, content().examined)]
        examined = {cell.key: carry_out(_examining(cell), RUNS / f"{cell.key}-examined") for cell in wanted}
    bases = _keys(city, presets, content().baselines)
    rows = {key: sweep.outcomes.assign(run_id=lambda table: table.replication) for key, sweep in sweeps.items()}
    table = pd.concat(
        [_differences(city, cells, rows, base, key) for base in bases for key in cells if key != base],
        ignore_index=True,
    )
    levels = pd.concat([_levels(city, cells, rows, base) for base in bases], ignore_index=True)
    FOLDER.mkdir(exist_ok=True)
    _write(table, FOLDER / TABLE)
    _write(levels, FOLDER / LEVELS)
    found = {
        f"{base}-{key}": _examined(city, cells, rows, examined, base, key)
        for base in bases for key in examined if key != base
    }  # fmt: skip
    _write_manifest(city, cells, found, drift_values(city, cells))
    size = sum(file.stat().st_size for file in FOLDER.iterdir()) / 1e3
    print(f"{len(cells)} policies, {len(table):,} rows, {size:.0f} KB")
    return 0


def _runs(experiment: Experiment, folder: Path, **how: Any) -> Sweep:
    """The runs of a cell: those in its folder if all are there, however its policy is spelt; its key tells them."""
    if (folder / "runs.parquet").is_file():
        there = load(folder)
        same = (there.experiment.outcomes, there.experiment.replications, there.experiment.seed) == (
            experiment.outcomes, experiment.replications, experiment.seed,
        )  # fmt: skip
        if there.complete and same and what_counts(there.experiment.base) == what_counts(experiment.base):
            return there
    return run(experiment, out=folder, **how)


def _keys(city: Config, presets: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """Keys of presets."""
    return [key_of(city, policy_of(presets[name]["policy"], city).timeline) for name in names]


def _experiment(cell: Cell) -> Experiment:
    """The runs of one policy, as `mahalle compare` would make them."""
    last = load_config(CITY).run.weeks
    return _written(cell, {"replications": PAIRS, "outcomes": outcomes_at(weeks_of(last), last)})


def _examining(cell: Cell) -> Experiment:
    """The runs of one policy under other values of assumptions."""
    points: list[dict[str, Any]] = [
        {"policy": cell.key, key: value} for key, values in content().assumptions.items() for value in values
    ]
    last = load_config(CITY).run.weeks
    own = {"replications": PAIRS_EXAMINED, "design": {"kind": "list", "points": points}}
    return _written(cell, {**own, "outcomes": [{name: {"week": [last]}} for name in RANKED]})


def _written(cell: Cell, own: dict[str, Any]) -> Experiment:
    folder = RUNS / "policies"
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / f"{cell.key}.yaml"
    policy.write_text(plain_yaml(cell.policy), encoding="utf-8")
    file = folder / f"{cell.key}-experiment.yaml"
    content_of_it = {
        "title": {"en": f"Page: {cell.preset or cell.key}", "fa": "صفحه"},
        "base": str(CITY), "policies": {cell.key: [str(policy)]}, "seed": 0, "run": {"scale": SCALE}, **own,
    }  # fmt: skip
    file.write_text(plain_yaml(content_of_it), encoding="utf-8")
    return load_experiment(file)


def _differences(
    city: Config, cells: dict[str, Cell], rows: dict[str, pd.DataFrame], base: str, key: str
) -> pd.DataFrame:
    found = _compared(_question(city, cells[base], cells[key]), rows[base], rows[key])
    kept = rows_to_keep(differences_of(found, found.policies[0]))
    kept.insert(0, "base", base)
    kept.insert(1, "policy", key)
    return kept


def _levels(city: Config, cells: dict[str, Cell], rows: dict[str, pd.DataFrame], base: str) -> pd.DataFrame:
    """Means of all outcomes under a baseline."""
    means = _compared(_question(city, cells[base], cells[base]), rows[base], rows[base]).means
    own = means[means.policy == BASE]
    level = shortened(own["mean"].to_numpy())
    return own[["outcome", "week", "group"]].assign(base=base, level=level, week=own.week.astype("int16"))


def _write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as small as it can be."""
    names = [name for name in table if table[name].dtype != "float32" and name != "week"]
    numbers = [name for name in table if table[name].dtype == "float32"]
    with atomic_write(path) as unfinished:
        pq.write_table(
            pa.Table.from_pandas(table.astype(dict.fromkeys(names, "category")), preserve_index=False),
            unfinished,
            compression="zstd",
            compression_level=19,
            use_dictionary=[*names, "week"],
            column_encoding=dict.fromkeys(numbers, "BYTE_STREAM_SPLIT"),
        )


def _question(city: Config, base: Cell, policy: Cell) -> Question:
    return Question(city, policy_of(base.policy, city), (policy_of(policy.policy, city),))


def _compared(question: Question, base: pd.DataFrame, policy: pd.DataFrame) -> Comparison:
    """A comparison of two policies from the rows of their runs, one run a replication."""
    both = pd.concat([base.assign(run_id=2 * base.replication), policy.assign(run_id=2 * policy.replication + 1)])
    return Comparison(in_memory(question.experiment, both), BASE, RANKED_BY)


def _examined(
    city: Config, cells: dict[str, Cell], rows: dict[str, pd.DataFrame], examined: dict[str, Sweep], base: str, key: str
) -> dict[str, Any]:
    """Which other values of assumptions change the word for a difference, at equal numbers of pairs."""
    question, flips = _question(city, cells[base], cells[key]), []
    few = [rows[one][rows[one].replication < PAIRS_EXAMINED] for one in (base, key)]
    usual = _words(_compared(question, *few))
    for point in examined[base].experiment.points:
        ((name, value),) = point.values.items()
        words = _words(_compared(question, *(_of_point(examined[one], point.number) for one in (base, key))))
        for outcome, now in words.items():
            if now != usual[outcome]:
                flips.append({"outcome": outcome, "key": name, "value": value, "word": now})
    return {"pairs": PAIRS_EXAMINED, "tried": list(content().assumptions), "flips": flips}


def _words(found: Comparison) -> dict[str, Effect]:
    """What the differences of the city at the last week are called, by outcome."""
    rows = differences_of(found, found.policies[0])
    own = rows[(rows.group == "") & (rows.week == rows.week.max())]
    return {str(row["outcome"]): difference_in(row, {}).effect for row in own.to_dict("records")}


def _of_point(sweep: Sweep, point: int) -> pd.DataFrame:
    runs = sweep.runs[(sweep.runs.point == point) & (sweep.runs.status == "done")].run_id
    rows: pd.DataFrame = sweep.outcomes[sweep.outcomes.run_id.isin(runs)]
    return rows


def drift_values(city: Config, cells: dict[str, Cell]) -> dict[tuple[str, str], float]:
    """Values of the first replication of some cells, spread over all of them, at the end of a short run."""
    keys = list(cells)
    chosen = [keys[place * (len(keys) - 1) // (DRIFT_CELLS - 1)] for place in range(DRIFT_CELLS)]
    found = {}
    for key in chosen:
        question = Question(city, policy_of(cells[key].policy, city), (policy_of(cells[key].policy, city),))
        experiment = question.experiment
        columns = city_run(experiment, experiment.points[0], 0)
        frame = pd.DataFrame(columns)
        last = frame[(frame.week == city.run.weeks)].set_index("outcome")["value"]
        for outcome in DRIFT_OUTCOMES:
            found[key, outcome] = float(last[next(label for label in last.index if label.partition(":")[0] == outcome)])
    return found


def claimed_values(city: Config, runs: int = PAIRS) -> list[ClaimedForm]:
    """What the model has in the weeks of claims, with the city as it is configured, over some runs."""
    question = Question(city, policy_of({}, city), (policy_of({}, city),))
    weeks = frozenset(claim.week for claim in city.city.claims)
    values: dict[tuple[str, int], list[float]] = {(one.outcome, one.week): [] for one in city.city.claims}
    for replication in range(runs):
        config = question.experiment.config_of(question.experiment.points[0], replication)
        history = City(config, measured_weeks=weeks).run(max(weeks)).history.set_index("week")
        for (outcome, week), found in values.items():
            found.append(float(history[outcome][week]))
    return [
        ClaimedForm(outcome=outcome, week=week, runs=runs, mean=fmean(found), lowest=min(found), highest=max(found))
        for (outcome, week), found in values.items()
    ]


def _claimed_again(city: Config) -> int:
    stored = load_stored()
    if stored is None:
        print("nothing is stored yet", file=sys.stderr)
        return 1
    manifest = stored.manifest.model_copy(update={"claimed": claimed_values(city)})
    write_json_atomically(FOLDER / MANIFEST, manifest.model_dump(mode="json"))
    return 0


def _check(city: Config, cells: dict[str, Cell], *, stamp: bool) -> int:
    stored = load_stored()
    if stored is None:
        print("nothing is stored yet", file=sys.stderr)
        return 1
    lines = drifted(stored, drift_values(city, cells))
    missing = set(cells) - {cell["key"] for cell in stored.manifest.cells}
    lines += [f"not stored: {cells[key].policy}" for key in sorted(missing)]
    if stored.manifest.city_digest != city_digest(city):
        lines.append("the city is another one now")
    for line in lines:
        print(line, file=sys.stderr)
    if not lines and stamp:
        manifest = stored.manifest.model_copy(update={"model": model_digest()})
        write_json_atomically(FOLDER / MANIFEST, manifest.model_dump(mode="json"))
    return int(bool(lines))


def _write_manifest(
    city: Config, cells: dict[str, Cell], examined: dict[str, Any], drift: dict[tuple[str, str], float]
) -> None:
    patterns = pd.read_csv(REFERENCE / "patterns.csv").drop_duplicates("pattern")
    fresh = patterns[~patterns.fitted.astype(bool) & ~patterns.in_view.astype(bool)]
    names = {pattern.number: pattern.what for pattern in PATTERNS if not pattern.reported}
    fresh = fresh[fresh.pattern.isin(names)]
    movers = pd.read_csv(REFERENCE / "what_matters.csv")
    counts = {
        str(label).partition(":")[0]: (len(own := rows.head(rows.movers.iloc[0])), int((own.evidence == "none").sum()))
        for label, rows in movers.sort_values("place").groupby("outcome")
    }
    manifest = ManifestForm(
        made=datetime.now(UTC).date().isoformat(),
        version=str(circumstances()["version"]),
        model=model_digest(),
        city=CITY.stem,
        city_digest=city_digest(city),
        scale=SCALE,
        pairs=PAIRS,
        seed=0,
        cells=[{"key": cell.key, "preset": cell.preset, "policy": cell.policy} for cell in cells.values()],
        patterns=[
            PatternForm(en=names[int(row["pattern"])], fa=PERSIAN[int(row["pattern"])], verdict=row["verdict"])
            for row in fresh.to_dict("records")
        ],
        movers=counts,
        examined=examined,
        claimed=claimed_values(city),
        drift=[{"cell": cell, "outcome": outcome, "value": value} for (cell, outcome), value in drift.items()],
    )
    write_json_atomically(FOLDER / MANIFEST, json.loads(manifest.model_dump_json()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
