"""Sessions as a browser has them: Streamlit's protocol over a websocket, without drawing."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 120


@dataclass(slots=True)
class Shown:
    """One run of a page: its elements as text, and the errors among them."""

    page: str
    text: str
    errors: list[str] = field(default_factory=list)


class Session:
    """One reader. Messages that the server knows to be here already come as a reference."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.received: dict[str, ForwardMsg] = {}

    async def open(self, page: str, query: str = "") -> Shown:
        """Ask for a page and take all of it. Raises TimeoutError if it never ends."""
        ask = BackMsg()
        ask.rerun_script.query_string = query
        ask.rerun_script.page_name = page
        await self.connection.send(ask.SerializeToString())
        shown = Shown(page, "")
        async with asyncio.timeout(PATIENCE_S):
            while not self._take(await self._next(), shown):
                pass
        return shown

    async def _next(self) -> ForwardMsg:
        raw = await self.connection.recv()
        assert isinstance(raw, bytes)
        message = ForwardMsg.FromString(raw)
        if message.WhichOneof("type") == "ref_hash":
            return self.received[message.ref_hash]
        self.received[message.hash] = message
        return message

    def _take(self, message: ForwardMsg, shown: Shown) -> bool:
        """Add a message to what is shown; whether it was the last of the run."""
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            if element.HasField("exception"):
                shown.errors.append(element.exception.message)
            shown.text += "\n" + str(element)
        if kind == "script_finished":
            done = ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)
            if done != "FINISHED_SUCCESSFULLY":
                shown.errors.append(done)
            return True
        return False


async def read_for(
    address: str, readers: int, seconds: float, pages: list[str], query: str
) -> list[list[Shown]]:
    """What so many readers at once see, each going through the pages from another one on."""
    end = asyncio.get_running_loop().time() + seconds

    async def reader(number: int) -> list[Shown]:
        seen: list[Shown] = []
        url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        async with connect(url, max_size=None, origin=None) as connection:
            session = Session(connection)
            while asyncio.get_running_loop().time() < end or len(seen) < len(pages):
                page = pages[(number + len(seen)) % len(pages)]
                seen.append(await session.open(page, query))
        return seen

    return await asyncio.gather(*[reader(number) for number in range(readers)])


def stamps(shown: Shown, pattern: str) -> set[str]:
    """The different matches of a pattern in all that was shown."""
    return set(re.findall(pattern, shown.text))
