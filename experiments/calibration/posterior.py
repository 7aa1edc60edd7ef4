"""A posterior as a file: weighted particles that any experiment can draw from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.folders import atomic_write
from experiments.parquet import read_limited
from experiments.provenance import sha256
from sim.facts import Told
from sim.outcome import Language

FIXED = ("particle", "weight", "distance", "generation", "seed")
"""Columns before those of the parameters, which bear their dotted keys."""

MOST_PARTICLES, LARGEST = 1_000_000, 250_000_000
"""Most rows and most bytes of a posterior that are read."""

_NOTE = b"mahalle_posterior"
_STREAM = 1_885_957_737  # keeps these draws apart from those of seeds, which have the same root

CAUTION = (
    "The figures fitted are claims of the municipality and the press; nobody independent has verified them. A "
    "posterior says what the model's behaviour would have to be like if they were true. It is no measurement of the "
    "real city."
)
"""Goes with every posterior: printed, drawn and stored."""

CAUTION_IN: dict[Language, str] = {
    "en": CAUTION,
    "fa": "ارقامی که برازش بر آن‌ها انجام شده ادعاهای شهرداری و رسانه‌هاست و هیچ نهاد مستقلی آن‌ها را راستی‌آزمایی نکرده "
    "است. توزیع پسین می‌گوید اگر این ادعاها درست بود، رفتار در مدل چگونه می‌بود؛ اندازه‌گیری شهر واقعی نیست.",
}
"""The caution as it is printed."""

CAUTIONS: dict[str, dict[Language, str]] = {
    "claimed": CAUTION_IN,
    "survey": {
        "en": "The figures fitted are of a survey, and its answers are taken to be on the model's scales. A posterior "
        "says which values of the parameters agree with them if the model is right; whether it is, the figures held "
        "out can put in doubt and cannot prove.",
        "fa": "ارقامی که برازش بر آن‌ها انجام شده از یک نظرسنجی است و فرض شده که پاسخ‌ها در مقیاس مدل است. "
        "توزیع پسین می‌گوید اگر مدل درست باشد، کدام مقادیر پارامترها با آن‌ها سازگار است؛ ارقام کنارگذاشته‌شده "
        "می‌تواند درستی مدل را زیر سؤال ببرد، اما نمی‌تواند آن را ثابت کند.",
    },
    "synthetic": {
        "en": "The figures fitted are synthetic: a run of the model made them, or somebody made them up, to test or "
        "show the method. The posterior says nothing about any city.",
        "fa": "ارقامی که برازش بر آن‌ها انجام شده ساختگی است: خود مدل یا کسی آن‌ها را برای آزمودن یا نشان دادن روش "
        "ساخته است. توزیع پسین درباره هیچ شهری چیزی نمی‌گوید.",
    },
}
"""What is to be known of a posterior, by where its figures come from (`targets.Origin`)."""


def caution_of(origins: Iterable[str], language: Language = "en") -> str:
    """What goes with a posterior that was fitted to figures of these origins; a claim's if they are not known."""
    there = set(origins) or {"claimed"}
    return " ".join(texts[language] for origin, texts in CAUTIONS.items() if origin in there)


@dataclass(frozen=True, eq=False, repr=False)
class Posterior(Told):
    """Weighted particles.

    Attributes:
        path: the file.
        sha256: of the file.
        keys: dotted keys of the parameters.
        values: by key, one value per particle.
        weight: of each particle, (n,), of sum 1.
        note: where it comes from, as the file says: title, claims, thresholds, the caution.
    """

    path: Path
    sha256: str
    keys: tuple[str, ...]
    values: Mapping[str, Sequence[Any]]
    weight: NDArray[np.float64]
    note: Mapping[str, Any]

    def facts(self) -> dict[str, str]:
        """How many particles of which parameters, and how many equally weighted ones they are worth."""
        return {
            "particles": f"{self.weight.size:,}",
            "worth": f"{1.0 / float(np.square(self.weight).sum()):,.0f} of equal weight",
            "parameters": ", ".join(self.keys),
            "file": str(self.path),
        }

    def caution(self, language: Language = "en") -> str:
        """What is to be known of it: where the figures come from that it was fitted to."""
        return caution_of(self.note.get("origins", ()), language)

    def particle_of(self, root: int, replication: int) -> int:
        """The particle of a replication, drawn by weight; it depends on root seed and replication alone.

        All points of a design meet the same particle in a replication, as they meet the same luck.
        """
        share = np.random.default_rng(np.random.SeedSequence([root, replication, _STREAM])).random()
        return min(int(np.searchsorted(np.cumsum(self.weight), share, side="right")), self.weight.size - 1)

    def values_of(self, particle: int) -> dict[str, Any]:
        """Values by key of a particle."""
        return {key: self.values[key][particle] for key in self.keys}


def write_posterior(
    path: Path, columns: Mapping[str, Any], values: Mapping[str, Sequence[Any]], note: Mapping[str, Any]
) -> None:
    """Write a posterior atomically; equal posteriors have equal bytes.

    Args:
        path: the file.
        columns: weight, distance, generation and seed, (n,) each.
        values: by key of the parameter, (n,) each.
        note: where it comes from; JSON.
    """
    size = len(columns["weight"])
    table = pa.table({"particle": np.arange(size, dtype=np.int32), **columns, **values})
    table = table.replace_schema_metadata({_NOTE: json.dumps(note, ensure_ascii=False, sort_keys=True).encode()})
    with atomic_write(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_posterior(path: Path) -> Posterior:
    """Read a posterior.

    Raises:
        ValueError: the file is no posterior of `mahalle calibrate`, or is damaged; what is wrong, in a few words.
    """
    try:
        table = read_limited(path, most_rows=MOST_PARTICLES, most_bytes=LARGEST)
    except (OSError, pa.ArrowException):
        raise ValueError("is no Parquet file that can be read") from None
    metadata = table.schema.metadata or {}
    missing = [name for name in FIXED if name not in table.column_names]
    if _NOTE not in metadata or missing:
        raise ValueError("was not written by mahalle calibrate")
    weight = table["weight"].to_numpy().astype(np.float64)
    if not weight.size or not np.isfinite(weight).all() or (weight < 0.0).any() or abs(weight.sum() - 1.0) > 1e-6:
        raise ValueError("has weights that are negative or do not sum to 1")
    keys = tuple(name for name in table.column_names if name not in FIXED)
    values = {key: table[key].to_pylist() for key in keys}
    return Posterior(path.resolve(), sha256(path), keys, values, weight, json.loads(metadata[_NOTE]))
