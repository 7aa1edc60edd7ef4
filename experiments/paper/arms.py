"""How a figure's file names the policies that it shows, and the words for them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from experiments.contrasts.arms import Asked
from sim.policies import Label


class ArmForm(Label):
    """A policy, or a point of the experiment, with its name in the figure (en, fa)."""

    at: str | dict[str, Any] = Field(
        description="Which: its name, or what is set there, {policy: NAME, KEY: VALUE}, as much as tells it."
    )
    apart: bool = Field(False, description="Whether a line sets it apart from the one above, in rows of policies.")


def asked_of(arm: ArmForm) -> Asked:
    """The policy as `arm_named` takes it."""
    return arm.at
