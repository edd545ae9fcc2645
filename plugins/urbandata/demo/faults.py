"""Faults on purpose, for tests: the real HTTP path with a server that misbehaves by plan."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal["normal", "status", "hang", "truncate", "corrupt", "duplicate"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave, used ``times`` times; then the next in line, then all is normal.

    ``normal``: let it pass (to put the fault on a later page). ``status``: answer with this
    status (``retry_after`` seconds with it). ``hang``: wait ``seconds`` before answering.
    ``truncate``: declare the whole body, send half of it and break off. ``corrupt``: the body
    whole in length, with bytes in its middle overwritten. ``duplicate``: answer with the page
    before once more (of this rule's paths).
    """

    kind: Kind
    times: int = 1
    status: int = 500
    retry_after: float | None = None
    seconds: float = 0.0


class Faults:
    """ASGI middleware: path regex -> faults in order. The first pattern that matches counts.

    It belongs outside compression, and asks the app for plain bodies. ``seen`` lists every
    request path with what was done to it (a fault's kind or ``normal``).
    """

    def __init__(self, app: ASGIApp, rules: Mapping[str, Sequence[Fault]]) -> None:
        """``rules``: regex searched in path and query -> faults, used up one after another."""
        self.app = app
        self.seen: list[tuple[str, str]] = []
        self._plans = [
            (re.compile(pattern), [fault for fault in faults for _ in range(fault.times)])
            for pattern, faults in rules.items()
        ]
        self._last: dict[str, tuple[Message, bytes]] = {}
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with the next fault of its rule if one is left."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        address = f"{scope['path']}?{scope['query_string'].decode()}".rstrip("?")
        rule, fault = self._next(address)
        self.seen.append((address, fault.kind if fault else "normal"))
        if rule is None:
            await self.app(scope, receive, send)
        elif fault is not None and fault.kind == "status":
            await _refusal(fault)(scope, receive, send)
        else:
            await self._answer(rule, fault, scope, receive, send)

    def _next(self, address: str) -> tuple[str | None, Fault | None]:
        with self._lock:
            for pattern, plan in self._plans:
                if pattern.search(address):
                    return pattern.pattern, plan.pop(0) if plan else None
        return None, None

    async def _answer(
        self, rule: str, fault: Fault | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault is not None and fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        start, body = await _collected(self.app, scope, receive)
        if fault is not None and fault.kind == "duplicate":
            if rule not in self._last:
                raise RuntimeError(f"fault 'duplicate' on {rule!r} has no page before to repeat")
            start, body = self._last[rule]
        self._last[rule] = start, body
        await _sent(fault, start, body, send)


def _refusal(fault: Fault) -> Response:
    """An error answer as services give it."""
    headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
    body = json.dumps({"error": f"planned fault {fault.status}"})
    return Response(body, fault.status, headers, media_type="application/json")


async def _collected(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """First message and whole body of the app's answer, asked for without compression."""
    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    start: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app({**scope, "headers": plain}, receive, keep)
    return start, b"".join(chunks)


async def _sent(fault: Fault | None, start: Message, body: bytes, send: Send) -> None:
    """Send the answer, whole, corrupt or broken off in the middle."""
    if fault is not None and fault.kind == "corrupt":
        middle = len(body) // 2
        body = body[:middle] + b"\x00\xff\xfe\x00"[: len(body) - middle] + body[middle + 4 :]
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({**start, "headers": headers})
    if fault is not None and fault.kind == "truncate":
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        raise ConnectionResetError("planned fault: the answer breaks off in the middle")
    await send({"type": "http.response.body", "body": body})
