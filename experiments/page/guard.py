"""What the server refuses: other hosts, other origins, bodies that are too large, and strangers without the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content security policy: nothing is loaded from, or sent to, another address."""

MOST_BYTES = 256_000
"""Bytes of a request's body, and of its address."""

COOKIE = "mahalle-token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Guard:
    """Middleware around the application.

    Args:
        app: the application.
        hosts: names by which the server may be addressed: a page elsewhere that has its name point here is refused.
        token: what a browser must show once in the address (``?token=…``); None where only this machine can reach it.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], token: str | None) -> None:
        self._app, self._token = app, token
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        shown = self._shown(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                own["Content-Security-Policy"] = POLICY
                own["X-Content-Type-Options"] = "nosniff"
                own["Referrer-Policy"] = "no-referrer"
                own["Cross-Origin-Resource-Policy"] = "same-origin"
                if shown and self._token is not None:
                    own.append("Set-Cookie", f"{COOKIE}={self._token}; HttpOnly; SameSite=Strict; Path=/")
            await send(message)

        await self._app(scope, _limited(receive), guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        if _name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("unknown host", 400)
        if len(scope["query_string"]) > MOST_BYTES or int(headers.get("content-length") or 0) > MOST_BYTES:
            return PlainTextResponse("too large", 413)
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower():
            return PlainTextResponse("another origin", 403)
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if foreign and scope["path"].startswith("/api/"):  # another page's image or script starts no runs
            return PlainTextResponse("another site", 403)
        if self._token is not None and not self._shown(scope):
            given = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return PlainTextResponse("needs the token that the command has printed", 403)
        return None

    def _shown(self, scope: Scope) -> bool:
        """Whether the address holds the token."""
        if self._token is None:
            return False
        wanted = f"token={self._token}".encode()
        return any(hmac.compare_digest(part, wanted) for part in scope["query_string"].split(b"&"))


def _limited(receive: Receive) -> Receive:
    """A body that ends where it grows too large: it is then no valid request."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                return {"type": "http.disconnect"}
        return message

    return limited


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
