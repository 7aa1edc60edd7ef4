"""`python -m benchmarks.page`: how fast the page answers, and what the server holds after a hundred sessions.

It starts `mahalle dashboard` on a free port, asks as browsers do, and prints a table. Keep the machine otherwise idle.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlsplit

import psutil

STATIC = Path(__file__).parent.parent / "experiments" / "page" / "static"
ALONE = {"title": {"en": "Alone", "fa": "به‌تنهایی"}, "set": {"authority.mode": "top_down"}}
REPEATS, SESSIONS, OPENED = 11, 10, 100


@contextmanager
def server():
    """A server of its own; gives its address and its process."""
    words = [sys.executable, "-m", "experiments", "dashboard", "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        address = urlsplit(process.stdout.readline().strip())
        while True:
            try:
                connection = HTTPConnection(address.hostname, address.port)
                connection.request("GET", "/api/meta")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def stored(address) -> float:
    """Seconds until a stored answer is there."""
    connection = HTTPConnection(address.hostname, address.port)
    begun = time.perf_counter()
    connection.request("POST", "/api/stored", json.dumps({"base": ALONE, "policies": [{}]}))
    answer = json.loads(connection.getresponse().read())
    seconds = time.perf_counter() - begun
    if answer["answer"] is None:
        raise SystemExit(f"nothing is stored: {answer['missing']['en']}")
    return seconds


def first_point(address, policy) -> float:
    """Seconds until the first point of a question that nobody has asked."""
    question = quote(json.dumps({"base": ALONE, "policies": [policy]}))
    connection = HTTPConnection(address.hostname, address.port)
    begun = time.perf_counter()
    connection.request("GET", f"/api/live?q={question}")
    response = connection.getresponse()
    while not response.readline().startswith(b"event: answer"):
        pass
    seconds = time.perf_counter() - begun
    response.close()
    connection.close()
    return seconds


def policy(number: int) -> dict:
    """A policy that no session has asked for."""
    return {"set": {"authority.delegated_share": round(0.3 + number * 0.0013, 4)}}


def together(address, first: int) -> list[float]:
    """First points of ten sessions at once."""
    found: list[float] = []
    threads = [
        threading.Thread(target=lambda number=number: found.append(first_point(address, policy(first + number))))
        for number in range(SESSIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    """Measure and print."""
    size = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ("index.html", "page.css", "page.js"))
    with server() as (address, process):
        first_point(address, policy(0))  # the baseline of the first pair is run then
        answers = [stored(address) for _ in range(REPEATS)]
        alone = [first_point(address, policy(1 + number)) for number in range(REPEATS)]
        ten = together(address, 100)
        before = process.memory_info().rss
        for number in range(OPENED):
            first_point(address, policy(200 + number))
        time.sleep(1.0)
        grown = (process.memory_info().rss - before) / 1e6
        before_rest = sum(child.cpu_times().user for child in process.children(recursive=True))
        time.sleep(2.0)
        worked = sum(child.cpu_times().user for child in process.children(recursive=True)) - before_rest
    rows = [
        ("page without the font, compressed", f"{size / 1024:.0f} KB", "300 KB"),
        ("stored answer, median", f"{1000 * median(answers):.0f} ms", "300 ms"),
        ("first live point alone, median", f"{1000 * median(alone):.0f} ms", "500 ms"),
        ("first live point, slowest of ten sessions at once", f"{max(ten):.2f} s", "1.5 s"),
        ("server grows by a hundred sessions", f"{grown:.1f} MB", "10 MB"),
        ("workers' seconds in two seconds after the last session", f"{worked:.2f} s", "a slice"),
    ]
    print("| what | measured | limit |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
