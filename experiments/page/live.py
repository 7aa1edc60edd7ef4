"""A question answered live: pairs of runs, lowest replication first, and an answer whenever there is more to say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pandas as pd

from experiments.answers.answer import answer_of
from experiments.answers.asked import CURVES
from experiments.answers.certainty import Evidence
from experiments.answers.findings import FEWEST_PAIRS
from experiments.answers.texts import Text, said, shown
from experiments.contrasts.arms import split_label
from experiments.contrasts.comparison import Comparison
from experiments.page.pool import Pool, Run
from experiments.page.question import BASE, Question, key_of
from experiments.page.runs import in_memory
from experiments.page.stored import RANKED_BY
from experiments.page.worker import Task
from experiments.sweeps.experiment import Experiment, Point
from experiments.sweeps.outcomes import Outcome

BETWEEN = 0.4
"""Seconds between two answers of a session, at least; with several sessions, `OF_THE_SERVER` each if that is more."""

OF_THE_SERVER = 0.2
"""Seconds, for each session, between two answers of one: so those that wait for their first do not wait for others."""

_ANSWERS = ThreadPoolExecutor(1, "answers")
"""One answer after the other: several at once would take turns, and all of them would be late."""

_PROGRESS = (
    "live: {pairs} of {wanted} pairs of runs; the next one is in week {week} of {last}",
    "اجرای زنده: {pairs} از {wanted} جفت اجرا؛ جفت بعدی در هفته {week} از {last}",
)
_FAILED = (
    "A run failed, so this question has no live answer: {why}",
    "یکی از اجراها ناموفق بود و این پرسش پاسخ زنده ندارد: {why}",
)


class Live:
    """The runs of one question.

    Args:
        pool: who does the runs.
        question: what is asked.
        evidence: what is known besides the runs.
        start: whether runs that are not there are begun; without, only those that are there are looked at.
    """

    def __init__(self, pool: Pool, question: Question, evidence: Mapping[str, Evidence], *, start: bool = True) -> None:
        self._pool, self._question, self._evidence = pool, question, evidence
        self._news = asyncio.Event()
        experiment = question.experiment
        arms = [question.base, *question.policies]
        self._keys = [key_of(question.city, one.timeline) for one in arms]
        curves = tuple(one for one in experiment.outcomes if one.name in CURVES and not one.group_kind)
        self._runs: list[list[Run]] = []
        for replication in range(question.pairs):
            row = []
            for key, point in zip(self._keys, experiment.points, strict=True):
                make = partial(_task, key, replication, experiment, point, curves)
                last = question.city.run.weeks
                there = pool.there(key, replication)
                if start:
                    row.append(pool.wanted(key, replication, last, make, self._wake))
                else:
                    row.append(there if there is not None else Run(make, last, replication))
            self._runs.append(row)

    def close(self) -> None:
        """Stop waiting for the runs; what is not needed by others goes no further."""
        self._pool.leave([run for row in self._runs for run in row], self._wake)

    @property
    def pairs(self) -> int:
        """Complete pairs so far."""
        return sum(all(run.done for run in row) for row in self._runs)

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """What there is to say, as it comes: answer, progress, at last done; or fault."""
        told = (-1, -1)
        while True:
            self._news.clear()
            fault = next((run.fault for row in self._runs for run in row if run.fault is not None), None)
            if fault is not None:
                yield "fault", {"fault": said(_FAILED, why=fault)}
                return
            now = (self.pairs, self._week())
            if now != told and self._worth_telling(told, now):
                begun = time.monotonic()
                answer = await asyncio.get_running_loop().run_in_executor(_ANSWERS, self.answer)
                if answer is not None:
                    yield "answer", answer
                    told = now
                    pause = max(BETWEEN, OF_THE_SERVER * self._pool.sessions)
                    await asyncio.sleep(max(0.0, pause - (time.monotonic() - begun)))
            else:
                yield "progress", self._progress()
            if self.pairs == len(self._runs) and told[0] == len(self._runs):
                yield "done", {}
                return
            if (self.pairs, self._week()) == now:
                await self._news.wait()

    def answer(self) -> dict[str, Any] | None:
        """The answer of the runs so far; None before any is on its way."""
        seen = [[(run.week, run.rows, run.done) for run in row] for row in self._runs]  # they go on meanwhile
        pairs = sum(all(done for _, _, done in row) for row in seen)
        parts = []
        for replication, row in enumerate(seen):
            together = min(week for week, _, _ in row)
            for point, (_, rows, _) in enumerate(row):
                if rows is None or not together:
                    continue
                own = rows[rows.week <= together]
                if pairs < FEWEST_PAIRS:  # groups and neighbourhoods have no intervals yet
                    own = own[own.outcome.map(_is_curve)]
                parts.append(own.assign(run_id=replication * len(row) + point, replication=replication))
        if not parts:
            return None
        rows = pd.concat(parts, ignore_index=True)
        found = Comparison(in_memory(self._question.experiment, rows), BASE, RANKED_BY)
        titles, wanted = self._question.titles, self._question.pairs
        return answer_of(found, source="live", titles=titles, evidence=self._evidence, pairs=pairs, wanted=wanted)

    def _wake(self) -> None:
        self._news.set()

    def _week(self) -> int:
        """How far the pair is that is on its way: the first that is not complete."""
        row = next((row for row in self._runs if not all(run.done for run in row)), [])
        return min((run.week for run in row), default=0)

    def _worth_telling(self, told: tuple[int, int], now: tuple[int, int]) -> bool:
        """Whether an answer is: each slice of the first pairs, then each pair."""
        return now[0] != told[0] or now[0] < FEWEST_PAIRS

    def _progress(self) -> dict[str, Any]:
        counts = {"pairs": self.pairs, "wanted": len(self._runs), "week": self._week(), "last": self._runs[0][0].last}
        text: Text = said(_PROGRESS, **{name: shown(count, 0) for name, count in counts.items()})
        return {"pairs": self.pairs, "wanted": len(self._runs), "weeks": self._week(), "text": text}


def _is_curve(label: str) -> bool:
    name, group = split_label(label)
    return not group and name.partition(":")[0] in CURVES


def _task(key: str, replication: int, experiment: Experiment, point: Point, curves: tuple[Outcome, ...]) -> Task:
    """What a worker needs for a run."""
    return Task(f"{key}-{replication}", experiment.config_of(point, replication), experiment.outcomes, curves)
