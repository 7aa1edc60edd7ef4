"""The runs of a calibration, a line each, written as they come in: what was run is not run again, accepted or not.

Generations are stored whole (`history.db`); of the one under way the journal holds every run, so that a killed
calibration loses the runs its workers were at. Runs of the first generation are draws of the prior: `coverage` reads
them. A line cut off by a kill is left out, and its run done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class DoneRun:
    """A run.

    Attributes:
        generation, number: of the proposal.
        seed: of the run.
        quantiles: of the priors, one a parameter.
        figures: what came of it, by label.
    """

    generation: int
    number: int
    seed: int
    quantiles: tuple[float, ...]
    figures: Mapping[str, float]


class Journal:
    """Appends runs to a file and reads them; JSON keeps every bit of a float."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, run: DoneRun) -> None:
        """Append a run; it survives this process from now on."""
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")

    def runs(self) -> list[DoneRun]:
        """Every run there is, by generation and number; each once, though several may have been at it."""
        if not self._file.exists():
            return []
        found: dict[tuple[int, int], DoneRun] = {}
        for line in self._file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                run = _run_in(line)
            except (ValueError, TypeError, KeyError):
                continue
            found[run.generation, run.number] = run
        return [found[key] for key in sorted(found)]

    def mend(self) -> None:
        """End a line that a kill has cut off, so that the next run has a line of its own."""
        if self._file.exists() and (content := self._file.read_bytes()) and not content.endswith(b"\n"):
            with open(self._file, "ab") as file:
                file.write(b"\n")


def _run_in(line: str) -> DoneRun:
    row = json.loads(line)
    return DoneRun(
        int(row["generation"]),
        int(row["number"]),
        int(row["seed"]),
        tuple(map(float, row["quantiles"])),
        {str(label): float(value) for label, value in row["figures"].items()},
    )
