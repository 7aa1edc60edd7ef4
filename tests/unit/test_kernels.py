"""Everybody perceives the services of his or her own neighbourhood."""

from __future__ import annotations

import numpy as np


def test_everybody_perceives_the_services_of_his_or_her_own_neighbourhood(build_city):
    city = build_city()
    city.services[...] = np.random.default_rng(1).random(city.services.shape)
    city.residents.performance = -1.0
    city.perceive()
    own = (city.residents.need_weights * city.services[city.residents.neighbourhood]).sum(axis=1)
    assert np.allclose(city.residents.performance, own, rtol=0, atol=1e-12)
