"""A real browser and a server to look at: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest
import uvicorn

from experiments.page.app import Page, application
from tests.interrupting import HANGING

CHROMIUM = which("chromium") or which("chromium-browser")
PATIENCE = 300_000
"""Milliseconds until something that does not come is missing: no measure of speed."""

WHY = "needs Debian's chromium: apt-get install chromium"


def browser_of(playwright):
    """The browser, or a skip that says what is missing."""
    if CHROMIUM is None:
        pytest.skip(WHY)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def served(page: Page) -> Iterator[str]:
    """Serve a page on a free port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(application(page, hosts=("127.0.0.1",), token=None), log_level="warning")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(HANGING)


class Visitor:
    """A tab of a fresh browser, with what went wrong in it and where it sent requests."""

    def __init__(self, browser, width: int = 1440, height: int = 900, *, offline: bool = False) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        self.context.set_offline(offline)
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(PATIENCE)
        self.faults: list[str] = []
        self.addresses: list[str] = []
        self.tab.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.faults.append(str(error)))
        self.tab.on("request", lambda request: self.addresses.append(request.url))

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def wait_for(self, script: str) -> None:
        """Wait until a script is true."""
        self.tab.wait_for_function(script, timeout=PATIENCE)

    def wait_for_answer(self, pairs: int) -> None:
        """Wait until the answer shown has that many pairs of runs."""
        drawn = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.tab.evaluate(drawn)  # or it could be the answer to the question before
        persian = str(pairs).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        self.wait_for(
            f"""() => {{
                const shown = document.querySelector('.state strong')?.textContent ?? '';
                const text = shown.replace(/[\\u2066-\\u2069\\u200e]/g, '');
                return text.includes(': {pairs} ') || text.includes(': {persian} ');
            }}"""
        )


OVERLAPS = Path(__file__).parent / "overlaps.js"
