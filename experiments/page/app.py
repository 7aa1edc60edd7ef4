"""The server of the page: what it answers, and to which address. See web/src/contract.ts."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from experiments.answers.answer import answer_of
from experiments.answers.certainty import Evidence
from experiments.answers.findings import FEWEST_PAIRS
from experiments.answers.texts import Text, said
from experiments.page import watch
from experiments.page.csv_of import csv_of
from experiments.page.guard import Guard
from experiments.page.live import Live
from experiments.page.meta import MOST_UPLOADED, meta_of
from experiments.page.policies import policy_file, policy_in
from experiments.page.pool import Pool
from experiments.page.question import Question, policy_of, question_of
from experiments.page.stored import Stored
from sim.config import Config
from sim.errors import ConfigError
from sim.outcome import Language
from sim.yaml_text import read_text

STATIC = Path(__file__).parent / "static"
MOST_SESSIONS = 20
"""Live answers at once; more are asked to wait."""

MOST_WATCHED = 8
"""Cities that are watched at once; the one that was not looked at for longest goes."""

_NOT_STORED = (
    "No answer is stored for this question: it is being run.",
    "برای این پرسش پاسخ ذخیره‌شده‌ای نیست: در حال اجراست.",
)
_NOTHING_STORED = (
    "The stored answers are of another version of the model ({then}; this is {now}): this question is being run.",
    "پاسخ‌های ذخیره‌شده از نسخه دیگری از مدل است ({then}؛ این نسخه {now} است): این پرسش در حال اجراست.",
)
_BUSY = (
    "Too many questions are being answered at once. Try again in a minute.",
    "پرسش‌های زیادی هم‌زمان در حال پاسخ است. یک دقیقه دیگر دوباره تلاش کنید.",
)
_WRONG = ("{error}", "پذیرفته نشد: \u2066{error}\u2069")
_GONE = ("This city is no longer watched. Start again.", "این شهر دیگر نمایش داده نمی‌شود. از نو آغاز کنید.")


@dataclass
class Watched:
    """A city that somebody watches.

    Attributes:
        config: of the city.
        worker: number of the worker that holds it.
        week: how far it is.
    """

    config: Config
    worker: int
    week: int = 0


@dataclass
class Page:
    """Everything that the server holds.

    Attributes:
        city: at the scale of live runs.
        presets: by name.
        stored: stored answers, if there are any.
        model: digest of the model as it is.
        pool: who does the runs.
        pairs: pairs of runs of a live answer.
        named: the city as commands take it.
    """

    city: Config
    presets: dict[str, dict[str, Any]]
    stored: Stored | None
    model: str
    pool: Pool
    pairs: int
    named: str = "city.yaml"
    sessions: int = 0
    watched: OrderedDict[str, Watched] = field(default_factory=OrderedDict)
    turns: Iterator[int] = field(default_factory=count)

    @property
    def current(self) -> bool:
        """Whether the stored answers are of the model as it is."""
        return self.stored is not None and self.stored.manifest.model == self.model

    # -------------------------------------------------------------- answers

    async def meta(self, request: Request) -> Response:
        """What the page is told at its beginning."""
        stored = self.stored.manifest if self.stored is not None and self.current else None
        about = partial(meta_of, self.city, self.presets, live=True, model=self.model, stored=stored)
        found = await asyncio.to_thread(about)
        return JSONResponse(found)

    async def answer(self, request: Request) -> Response:
        """The stored answer of a question."""
        question = await self._asked(request)
        answer = await asyncio.to_thread(self.stored_answer, question)
        missing: Text | None = None
        if answer is None:
            old = self.stored is not None and not self.current
            then = self.stored.manifest.model[:12] if self.stored is not None else ""
            missing = said(_NOTHING_STORED, then=then, now=self.model[:12]) if old else said(_NOT_STORED)
        return JSONResponse({"answer": answer, "missing": missing})

    def stored_answer(self, question: Question) -> dict[str, Any] | None:
        """The answer of a question, if all of it is stored and the model is the same."""
        if self.stored is None or not self.current:
            return None
        found = self.stored.answers(question)
        if found is None:
            return None
        return answer_of(found, source="stored", titles=question.titles, evidence=self._evidence(question))

    async def live(self, request: Request) -> Response:
        """A question answered live, as server-sent events."""
        question = question_of(_json(request.query_params.get("q", "")), self.city, self.pairs)
        return EventSourceResponse(self._events(question), ping=15)

    async def _events(self, question: Question) -> AsyncIterator[dict[str, str]]:
        if self.sessions >= MOST_SESSIONS:
            yield _event("fault", {"fault": said(_BUSY)})
            return
        self.sessions += 1
        live = None
        try:
            live = Live(self.pool, question, self._evidence(question))
            async for kind, data in live.events():
                yield _event(kind, data)
        finally:
            self.sessions -= 1
            if live is not None:
                live.close()

    def _evidence(self, question: Question) -> dict[str, Evidence]:
        """What is known besides the runs; nothing where what is stored is of another model."""
        return self.stored.evidence(question) if self.stored is not None and self.current else {}

    # -------------------------------------------------------------- policies

    async def yaml(self, request: Request) -> Response:
        """A policy as the file that `mahalle run`, `sweep` and `compare` take."""
        policy = await _body(request)
        policy_of(policy, self.city)
        return Response(policy_file(policy), media_type="text/yaml; charset=utf-8")

    async def policy(self, request: Request) -> Response:
        """A policy file that was loaded into the page, checked like any other."""
        body = await request.body()
        if len(body) > MOST_UPLOADED:
            raise ConfigError(f"a policy file of at most {MOST_UPLOADED:,} bytes can be loaded")
        policy = policy_in(read_text(body.decode("utf-8-sig", "replace"), "the file"), self.city.policy)
        policy_of(policy, self.city)
        return JSONResponse({"policy": policy})

    # -------------------------------------------------------------- to take along

    async def brief(self, request: Request) -> Response:
        """The brief of the newest answer to a question, in one file."""
        from experiments.brief.brief import brief_html  # here: most sessions ask for none
        from experiments.brief.provenance import of_page

        question, answer = await self._newest(request)
        language: Language = "fa" if request.query_params.get("lang") == "fa" else "en"
        made = date.today()
        if self.stored is not None and answer["source"] == "stored":
            made = date.fromisoformat(self.stored.manifest.made[:10])
        provenance = of_page(answer, question, self.named, self.model, made)
        html = await asyncio.to_thread(brief_html, answer, language, provenance)
        return Response(html, media_type="text/html; charset=utf-8")

    async def table(self, request: Request) -> Response:
        """The numbers of the newest answer to a question, as CSV."""
        _, answer = await self._newest(request)
        return Response(csv_of(answer), media_type="text/csv; charset=utf-8")

    async def _newest(self, request: Request) -> tuple[Question, dict[str, Any]]:
        """The question of a request and the answer with most pairs to it, the live one first."""
        question = question_of(_json(request.query_params.get("q", "")), self.city, self.pairs)
        stored = await asyncio.to_thread(self.stored_answer, question)
        found = await asyncio.to_thread(Live(self.pool, question, self._evidence(question), start=False).answer)
        best = max((one for one in (found, stored) if one is not None), key=lambda one: one["pairs"], default=None)
        if best is None or best["pairs"] < FEWEST_PAIRS:
            raise ConfigError(f"there is no answer of {FEWEST_PAIRS} pairs of runs yet: wait until there is")
        return question, best

    # -------------------------------------------------------------- watching

    async def watch(self, request: Request) -> Response:
        """Begin to watch a city."""
        content = await _body(request)
        content = content if isinstance(content, dict) else {}
        replication = content.get("replication", 0)
        if not isinstance(replication, int) or not 0 <= replication < 1_000:
            raise ConfigError("must be a whole number from 0 to 999", key="replication")
        question = question_of({"base": content.get("policy"), "policies": [{}]}, self.city, 1)
        experiment = question.experiment
        config = experiment.config_of(experiment.points[0], replication)
        token = secrets.token_urlsafe(12)
        self.watched[token] = Watched(config, next(self.turns) % len(self.pool))
        while len(self.watched) > MOST_WATCHED:
            self.watched.popitem(last=False)
        frame = await self._frame(token, 0)
        return JSONResponse({"id": token, "frame": frame})

    async def step(self, request: Request) -> Response:
        """Take a watched city some weeks further."""
        content = await _body(request)
        weeks = content.get("weeks") if isinstance(content, dict) else None
        if not isinstance(weeks, int) or not 1 <= weeks <= 52:
            raise ConfigError("must be a whole number from 1 to 52", key="weeks")
        return JSONResponse(await self._frame(request.path_params["token"], weeks))

    async def _frame(self, token: str, weeks: int) -> dict[str, Any]:
        city = self._watched(token)
        seen, week = city.week, min(city.week + weeks, city.config.run.weeks)
        frame = await self.pool.call(city.worker, watch.step, token, city.config, week, seen)
        city.week = week
        return dict(frame)

    async def neighbourhood(self, request: Request) -> Response:
        """Residents of a neighbourhood of a watched city, and their ties."""
        token, number = request.path_params["token"], request.path_params["number"]
        return await self._seen(token, watch.neighbourhood, number)

    async def agent(self, request: Request) -> Response:
        """One agent of a watched city."""
        token, kind = request.path_params["token"], request.path_params["kind"]
        kind = "facilitator" if kind == "imam" else kind
        if kind not in watch.INSPECTED:
            raise ConfigError(f"must be one of {', '.join(watch.INSPECTED)}")
        return await self._seen(token, watch.inspect, kind, request.path_params["number"])

    async def _seen(self, token: str, look: Callable[..., Any], *at: Any) -> Response:
        """What a look at a watched city gives."""
        city = self._watched(token)
        try:
            return JSONResponse(await self.pool.call(city.worker, look, token, city.config, city.week, *at))
        except ValueError as error:
            raise ConfigError(str(error)) from None

    def _watched(self, token: str) -> Watched:
        found = self.watched.get(token)
        if found is None:
            raise HTTPException(404, json.dumps(said(_GONE), ensure_ascii=False))
        self.watched.move_to_end(token)
        return found

    async def _asked(self, request: Request) -> Question:
        return question_of(await _body(request), self.city, self.pairs)


def application(page: Page, *, hosts: Iterable[str], token: str | None) -> Starlette:
    """The server's application.

    Args:
        page: what it holds; its workers start and end with the application.
        hosts: names by which it may be addressed.
        token: what a browser must show; None where only this machine reaches it.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await page.pool.start()
        try:
            yield
        finally:
            await page.pool.stop()

    get, post = partial(_route, methods=["GET"]), partial(_route, methods=["POST"])
    routes = [
        Route("/", lambda request: FileResponse(STATIC / "index.html")),
        Route("/favicon.ico", lambda request: Response(status_code=204)),  # a brief that is opened here asks for one
        get("/api/meta", page.meta),
        post("/api/stored", page.answer),
        get("/api/live", page.live),
        post("/api/yaml", page.yaml),
        post("/api/policy", page.policy),
        post("/api/brief", page.brief),
        post("/api/table", page.table),
        post("/api/watch", page.watch),
        post("/api/watch/{token}/step", page.step),
        get("/api/watch/{token}/neighbourhood/{number:int}", page.neighbourhood),
        get("/api/watch/{token}/agent/{kind}/{number:int}", page.agent),
        Mount("/", StaticFiles(directory=STATIC)),
    ]
    middleware = [Middleware(Guard, hosts=tuple(hosts), token=token), Middleware(GZipMiddleware, minimum_size=1_000)]
    handlers: dict[Any, Any] = {HTTPException: _http_fault}
    return Starlette(routes=routes, middleware=middleware, lifespan=lifespan, exception_handlers=handlers)


type Endpoint = Callable[[Request], Awaitable[Response]]


def _route(path: str, endpoint: Endpoint, methods: list[str]) -> Route:
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ConfigError as error:
            return _refused(said(_WRONG, error=str(error)), 422)

    return Route(path, guarded, methods=methods)


async def _http_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    try:
        fault = json.loads(error.detail)
    except ValueError:
        fault = {"en": error.detail, "fa": error.detail}
    return _refused(fault, error.status_code)


def _refused(fault: Text, status: int) -> Response:
    return JSONResponse({"fault": fault}, status)


def _event(kind: str, data: Any) -> dict[str, str]:
    return {"event": kind, "data": json.dumps(data, ensure_ascii=False)}


async def _body(request: Request) -> Any:
    """The body of a request as data."""
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8") from None
    return _json(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ConfigError("is not JSON") from None


def _no_number(name: str) -> Any:
    raise ValueError(name)
