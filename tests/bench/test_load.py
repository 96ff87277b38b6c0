"""The load counts what a server answers, however it says how long the answer is."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from bench.load import load

ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "refused": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize(("kind", "status"), [("length", "200"), ("chunks", "200"), ("refused", "401")])
def test_answers_are_counted_by_status(kind: str, status: str) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while request := await reader.read(100):
                asked.append(request)
                for part in (ANSWERS[kind][:20], ANSWERS[kind][20:]):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()

    async def run() -> dict[str, object]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await load(port, b"GET / HTTP/1.1\r\n\r\n", 3, 0.05, 0.3)
        finally:
            server.close()
            await asyncio.sleep(0.05)

    told = asyncio.run(run())
    assert told["statuses"] == {status: told["answers"]}
    assert isinstance(told["answers"], int)
    assert 0 < told["answers"] < len(asked)
    assert 0 < float(str(told["p50"])) <= float(str(told["p99"])) < 1
