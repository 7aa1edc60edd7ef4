"""The tables of one run: taken from a city, written as Parquet with the same bytes every time, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.folders import CONFIG, atomic_write, read_manifest
from experiments.manifest import MANIFEST, RUN, sealed
from experiments.parquet import checked
from experiments.provenance import circumstances, sha256
from experiments.resolved import as_yaml, digest, own_files, with_absolute_files
from sim.city import City
from sim.config import Config, load_config
from sim.errors import ConfigError
from sim.facts import Told

TABLES = ("city", "neighbourhoods", "groups", "events", "residents")
"""Names of the tables; residents only where `run.snapshot_weeks` asks for them."""

HEADING = """The resolved config of a run: mahalle run config.yaml gives the same tables.
Beside each key: unit, range, [evidence]."""


@dataclass(frozen=True, eq=False, repr=False)
class Run(Told):
    """One run: what it was made from and what came out.

    Attributes:
        config: the resolved config, seed included.
        city: one row a week.
        neighbourhoods: one row a week and neighbourhood.
        groups: one row a week and group.
        events: one row an event.
        residents: one row a resident and snapshot week; empty if none was asked for.
        start: facts of week 0 that no table holds.
        spread: how far the rows of a file of people were spread over the residents (`sim.respondents.Spread`); None
            where people are drawn.
    """

    config: Config
    city: pd.DataFrame
    neighbourhoods: pd.DataFrame
    groups: pd.DataFrame
    events: pd.DataFrame
    residents: pd.DataFrame
    start: Mapping[str, float]
    spread: Mapping[str, Any] | None = None

    def facts(self) -> dict[str, str]:
        """Which city, how long, how large and of which seeds, and where trust ended."""
        end = self.city.iloc[-1]
        return {
            **{name: text for name, text in self.config.facts().items() if name != "all else"},
            "trust in the municipality": f"{end.trust_in_municipality:.3f}",
            "participation": f"{100.0 * end.participation_rate:.1f} %",
            "tables": ", ".join(self.tables),
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, without an empty table of residents."""
        tables = {name: getattr(self, name) for name in TABLES}
        return {name: table for name, table in tables.items() if name != "residents" or len(table)}


def facts_of_start(city: City) -> dict[str, float]:
    """Facts of a city that has just been built."""
    return {
        "agents": float(len(city.residents)),
        "people": float(city.population.sum()),
        "trusting_people_share": float((city.residents.trust_in_people > 0.5).mean()),
    }


def run_of(city: City, start: Mapping[str, float]) -> Run:
    """The tables of a city that has run, and the facts noted when it was built."""
    return Run(
        config=with_absolute_files(city.config),
        city=city.history,
        neighbourhoods=city.neighbourhood_history,
        groups=city.group_history,
        events=city.events,
        residents=city.snapshots,
        start=start,
        spread=None if city.spread_of_people is None else asdict(city.spread_of_people),
    )


def load_run(path: str | Path) -> Run:
    """Read a result folder, trusting what it holds.

    Raises:
        OSError: a file is missing.
        ConfigError: its config cannot be read.
    """
    folder = Path(path)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    files = {name: folder / f"{name}.parquet" for name in TABLES}
    there = {name: file for name, file in files.items() if name != "residents" or file.exists()}
    tables = {name: pd.read_parquet(checked(file)) for name, file in there.items()}
    tables.setdefault("residents", pd.DataFrame())
    spread = summary.get("people")
    return Run(config=load_config(folder / CONFIG), start=summary["start"], spread=spread, **tables)


def write_tables(folder: Path, run: Run, *, csv: bool = False) -> None:
    """Write the tables as Parquet, and as CSV too if asked for."""
    for name, table in run.tables.items():
        write_parquet(table, folder / f"{name}.parquet")
        if csv:
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table; equal tables give equal bytes, so no versions and no times go with it."""
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(arrow, path, compression="zstd")


def write_table_atomically(table: pd.DataFrame, path: Path, *, csv: bool = False) -> None:
    """Write a table to a Parquet file, and beside it as CSV if asked for; neither is ever half-written."""
    with atomic_write(path) as partial:
        write_parquet(table, partial)
    if csv:
        with atomic_write(path.with_suffix(".csv")) as partial:
            table.to_csv(partial, index=False, lineterminator="\n")


def write_csv(folder: Path, tables: Sequence[str], *, csv: bool) -> None:
    """Write tables of a folder as CSV beside their Parquet, or remove CSV of an earlier time, which would not agree."""
    for name in tables:
        target = (folder / name).with_suffix(".csv")
        if not csv:
            target.unlink(missing_ok=True)
            continue
        with atomic_write(target) as partial:
            pd.read_parquet(checked(folder / name)).to_csv(partial, index=False, lineterminator="\n")


def write_config(folder: Path, config: Config) -> None:
    """Write the resolved config, which `mahalle run` takes as it stands."""
    (folder / CONFIG).write_text(as_yaml(config, HEADING), encoding="utf-8")


def write_json_atomically(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON to a file that is never half-written; what is not a number is null."""
    with atomic_write(path) as partial:
        write_json(partial, content)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON; what is not a number is null."""
    text = json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def question_of(config: Config) -> dict[str, Any]:
    """What a run is of, as its manifest says: the digests of its config and of the user's data files."""
    return {
        "config_digest": digest(config),
        "inputs": {str(path): sha256(path) for path in own_files(config).values()},
    }


def refuse_other_results(folder: Path, config: Config) -> None:
    """Raise if a folder holds the results of a run of another config, or of other data.

    Raises:
        ConfigError: it does; --fresh replaces them.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return
    question = question_of(with_absolute_files(config))
    if any(manifest.get(key, value) != value for key, value in question.items()):
        raise ConfigError(
            "holds the results of another city, seed or policy; choose another folder, or --fresh to replace them",
            source=f"--out {folder}",
        )


def write_manifest(folder: Path, config: Config, *, made_by: str = RUN, **more: Any) -> None:
    """Write what the result was made from, by what and where, and the digest of every file in the folder."""
    manifest = {
        "made_by": made_by,
        **more,
        **question_of(config),
        "seed": config.run.seed,
        "place_seed": config.run.place_seed,
        **circumstances(config.loaded),
        "files": {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST},
    }
    write_json(folder / MANIFEST, sealed(_plain(manifest)))


def write_manifest_atomically(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a study, sealed against later changes."""
    write_json_atomically(folder / MANIFEST, sealed(_plain(manifest)))


def _plain(value: Any) -> Any:
    """The same value in what JSON knows: no NumPy types, and null for what is no number."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
