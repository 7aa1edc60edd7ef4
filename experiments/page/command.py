"""`mahalle dashboard`, step by step: read the city and what is stored, then serve the page or write it into a file."""

from __future__ import annotations

import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvicorn

from experiments.escaping import say
from experiments.folders import write_text_atomically
from experiments.interruption import Terminated
from experiments.languages import texts_of, written
from experiments.missing import load_city
from experiments.page.app import Page, application
from experiments.page.export import exported
from experiments.page.guard import LOOPBACK
from experiments.page.policies import presets_for, presets_in
from experiments.page.pool import Pool
from experiments.page.question import PAIRS
from experiments.page.stored import city_digest, load_stored
from experiments.provenance import model_digest
from sim.errors import ConfigError
from sim.outcome import Language
from sim.shipped import shipped

SCALE = 0.1
"""Of live runs: a smaller one costs as much and is noisier."""

_TEXTS: dict[str, tuple[str, str]] = {
    "working": (
        "Working out all stored answers: some 20 seconds",
        "همه پاسخ‌های ذخیره‌شده محاسبه می‌شود: حدود ۲۰ ثانیه",
    ),
    "exported": (
        "{file}: {size} MB, opens without network and server",
        "{file}: {size} مگابایت، بدون شبکه و سرور باز می‌شود",
    ),
    "stop": ("Stop with Ctrl-C.", "برای پایان، Ctrl-C را بزنید."),
    "stopped": ("The page is closed.", "صفحه بسته شد."),
}


@dataclass(frozen=True)
class Request:
    """The arguments of `mahalle dashboard`."""

    city: Path
    policies: Path
    language: Language = "en"
    host: str = LOOPBACK[0]
    port: int = 8765
    workers: int | None = None
    export: Path | None = None
    quiet: bool = False


def carry_out(request: Request) -> bool:
    """Serve the page until it is stopped, or write it into a file.

    Raises:
        ConfigError: the request cannot be met.
    """
    text = texts_of(_TEXTS, request.language)
    city = load_city(request.city)
    city = city.with_values({"run.scale": min(SCALE, city.run.scale)})
    presets = presets_for(city, presets_in(request.policies.resolve()))
    stored = load_stored()
    if stored is not None and stored.manifest.city_digest != city_digest(city):
        stored = None  # of another city
    if request.export is not None:
        if stored is None:
            raise ConfigError("no answers are stored for this city; serve the page, which runs them", source="--export")
        if stored.manifest.model != model_digest(city.loaded):
            raise ConfigError("the stored answers are of another version of the model", source="--export")
        if not request.quiet:
            say(text("working"), file=sys.stderr, flush=True)
        write_text_atomically(request.export, exported(city, presets, stored, request.language))
        if not request.quiet:
            size = written(f"{request.export.stat().st_size / 1e6:.1f}", request.language)
            say(text("exported", file=str(request.export), size=size))
        return True
    page = Page(city, presets, stored, model_digest(city.loaded), Pool(request.workers), PAIRS, _name_of(request.city))
    return _serve(page, request)


def _name_of(city: Path) -> str:
    """The city as a command takes it: by its name where it comes with the program."""
    return next((name for name, file in shipped("city").items() if file.resolve() == city.resolve()), str(city))


def _serve(page: Page, request: Request) -> bool:
    local = request.host in LOOPBACK
    token = None if local else secrets.token_urlsafe(16)
    hosts = LOOPBACK if local else (*LOOPBACK, request.host, *_own_names())
    listening = _listen(request.host, request.port)
    port = listening.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(application(page, hosts=hosts, token=token), log_level="warning", timeout_graceful_shutdown=2)
    )
    try:
        with listening:
            if not request.quiet:
                host = socket.gethostname() if request.host in ("0.0.0.0", "::") else request.host
                shown = f"[{host}]" if ":" in host else host
                say(f"http://{shown}:{port}/?{_query(request.language, token)}", flush=True)
                say(texts_of(_TEXTS, request.language)("stop"), flush=True)
            server.run(sockets=[listening])
    except KeyboardInterrupt as ending:  # the server has ended its work and sends the signal on
        if isinstance(ending, Terminated):
            raise
    if not request.quiet:
        say(f"\n{texts_of(_TEXTS, request.language)('stopped')}")
    return True


def _query(language: Language, token: str | None) -> str:
    return "&".join([f"lang={language}", *([f"token={token}"] if token is not None else [])])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"cannot listen on {host}, port {port}: {reason.lower()}", source="--port") from None


def _own_names() -> tuple[str, ...]:
    """Names and addresses by which others reach this machine."""
    name = socket.gethostname()
    try:
        listed = psutil.net_if_addrs().values()
        addresses = {one.address for own in listed for one in own if one.family in (socket.AF_INET, socket.AF_INET6)}
    except OSError:
        addresses = set()
    return (name, socket.getfqdn(), *sorted(addresses))
