"""Services are laid out beside the residents a block at a time: where the blocks end makes no difference."""

from __future__ import annotations

import numpy as np
import pytest

import sim.city


@pytest.mark.parametrize("block", [1, 150, 10**6])
def test_everybody_perceives_the_services_of_his_or_her_own_neighbourhood(build_city, monkeypatch, block):
    monkeypatch.setattr(sim.city, "BLOCK", block)
    city = build_city()
    city.services[...] = np.random.default_rng(1).random(city.services.shape)
    city.residents.performance = -1.0
    city.perceive()
    own = (city.residents.need_weights * city.services[city.residents.neighbourhood]).sum(axis=1)
    assert np.allclose(city.residents.performance, own, rtol=0, atol=1e-12)
