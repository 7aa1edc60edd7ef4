"""Two minimal Mesa models as a user writes them: one object a person, stepped in Python, on a random network."""

from __future__ import annotations

import random
import time
from typing import Any

import mesa

from benchmarks.processes import peak_mb
from benchmarks.spread import ILL_AT_START, MEAN_TIES, RISK_PER_TIE, WEEKS_ILL

WELL, ILL, IMMUNE = range(3)
WEIGHT = 0.1


class Person(mesa.Agent):
    """Somebody with ties to others."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.ties: list[Any] = []


class Listener(Person):
    """Moves towards the mean opinion of all ties, everybody at once."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.opinion = self.heard = self.random.random()

    def listen(self) -> None:
        """Note the mean opinion of the ties as they are now."""
        if self.ties:
            self.heard = sum([tie.opinion for tie in self.ties]) / len(self.ties)

    def move(self) -> None:
        """Move towards what was heard."""
        self.opinion += WEIGHT * (self.heard - self.opinion)


class Patient(Person):
    """Falls ill by a tie who is, and is immune some weeks later."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.state, self.since = (ILL, 0.0) if self.random.random() < ILL_AT_START else (WELL, 0.0)

    def step(self) -> None:
        """Pass the illness on to ties who are well, and recover when it is time."""
        now = self.model.time
        if self.state != ILL or self.since == now:
            return
        for tie in self.ties:
            if tie.state == WELL and self.random.random() < RISK_PER_TIE:
                tie.state, tie.since = ILL, now
        if now - self.since >= WEEKS_ILL:
            self.state = IMMUNE


class Town(mesa.Model):
    """People of one kind, tied at random, with as many ties on average as the engine's residents."""

    def __init__(self, kind: type[Person], people: int) -> None:
        super().__init__(rng=1)
        self.kind = kind
        everybody = [kind(self) for _ in range(people)]
        draw = random.Random(1)
        for _ in range(people * MEAN_TIES // 2):
            one, other = draw.sample(everybody, 2)
            one.ties.append(other)
            other.ties.append(one)

    def step(self) -> None:
        """One step of everybody."""
        if self.kind is Listener:
            self.agents.do("listen")
            self.agents.do("move")
        else:
            self.agents.do("step")


def run_averaging(people: int, steps: int) -> dict[str, Any]:
    """Opinions that move towards the mean of ties."""
    return _run(Town(Listener, people), steps)


def run_spread(people: int, steps: int) -> dict[str, Any]:
    """An illness that spreads along ties."""
    town = Town(Patient, people)
    result = _run(town, steps)
    return result | {"ever_ill": sum(agent.state != WELL for agent in town.agents) / people}


def _run(town: Town, steps: int) -> dict[str, Any]:
    began = time.perf_counter()
    town.run_for(steps)
    seconds = time.perf_counter() - began
    return {"people": len(town.agents), "steps": steps, "seconds": seconds, "peak_mb": peak_mb()}
