"""A small city, and the server of its page."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from experiments.page.app import Page, application
from experiments.page.policies import presets_in
from experiments.page.pool import Pool
from experiments.provenance import model_digest
from sim.config import load_config

SMALL = {"run.scale": 0.01, "run.weeks": 40}
PAIRS = 4


@pytest.fixture(scope="session")
def small_city():
    return load_config("configs/cities/rafsanjan.yaml").with_values(SMALL)


@pytest.fixture(scope="session")
def page(small_city):
    presets = presets_in(Path("configs/policies").resolve())
    return Page(small_city, presets, None, model_digest(), Pool(1), PAIRS)


@pytest.fixture(scope="session")
def client(page):
    with TestClient(application(page, hosts=("127.0.0.1", "testserver"), token=None)) as client:
        yield client
