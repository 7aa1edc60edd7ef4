"""A live city in SolaraViz, Mesa's own page: levers as sliders, trust and participation week by week.

Needs the extra `solara`:

    solara run docs/examples/live_city.py

For policymakers there is `mahalle dashboard`, which compares policies and shows intervals. This page shows one run.
"""

from __future__ import annotations

from typing import Any

from mesa.visualization import Slider, SolaraViz, make_plot_component

from sim import City

PARAMETERS: dict[str, Any] = {
    "config": "rafsanjan",
    "rng": {"type": "InputText", "value": 1, "label": "Seed of the luck"},
    "run.scale": 0.02,
    "policy.authority.delegated_share": Slider(
        "Share of the works budget that councils decide over", 0.5, 0.0, 1.0, 0.1
    ),
    "behaviour.trust.loss_to_gain_ratio": Slider("How many times faster trust falls than it rises", 2.0, 1.0, 3.0, 0.1),
}
"""Arguments of the city; what is a slider can be changed before a reset."""

MEASURES = ("trust_in_municipality", "trust_in_people", "participation_rate")

first = City(config="rafsanjan", rng=1, **{"run.scale": 0.02})
page = SolaraViz(
    first,
    components=[make_plot_component(name) for name in MEASURES],
    model_params=PARAMETERS,
    name="Rafsanjan, one run",
)
