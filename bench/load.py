"""A load: one request again and again over keep-alive connections, the next as soon as the last is answered.

    python -m bench.load PORT CONNECTIONS WARM SECONDS < REQUEST

It prints an empty line when it begins to count, and then as JSON how many were answered in the time, with
which statuses, and how long they took. It speaks as much HTTP as the servers measured here do: answers with a
Content-Length, or in chunks.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from time import perf_counter
from typing import cast

import uvloop

HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length:"
LAST_CHUNK = b"0\r\n\r\n"


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, request: bytes, statuses: Counter[str], took: list[float]) -> None:
        self._request = request
        self._statuses = statuses
        self._took = took
        self._got = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def count_in(self, statuses: Counter[str], took: list[float]) -> None:
        """Count answers elsewhere from now on."""
        self._statuses, self._took = statuses, took

    def stop(self) -> None:
        """Ask no more."""
        self._transport.abort()

    def _ask(self) -> None:
        self._got = b""
        self._began = perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Once the answer is there, ask again."""
        self._got += data
        head, found, body = self._got.partition(HEAD_ENDS)
        if not found:
            return
        named = head.lower().partition(LENGTH)[2]
        done = len(body) >= int(named.partition(b"\r\n")[0]) if named else body.endswith(LAST_CHUNK)
        if done:
            self._took.append(perf_counter() - self._began)
            self._statuses[head[9:12].decode()] += 1
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """Count what a server cuts off."""
        if self._began and not self._transport.is_closing():
            self._statuses[f"lost: {error}"] += 1


async def load(port: int, request: bytes, connections: int, warm: float, seconds: float) -> dict[str, object]:
    """Put a load on a server and return what was answered."""
    statuses: Counter[str] = Counter()
    took: list[float] = []
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Client(request, statuses, took), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.sleep(warm)
    took.clear()
    statuses.clear()
    began = perf_counter()
    print(flush=True)  # whoever started us looks at the server's processor time now
    await asyncio.sleep(seconds)
    wall = perf_counter() - began
    taken = sorted(took)
    told = {
        "answers": len(taken),
        "wall": wall,
        "statuses": dict(statuses),
        "p50": taken[len(taken) // 2] if taken else 0,
        "p99": taken[len(taken) * 99 // 100] if taken else 0,
    }
    print(json.dumps(told), flush=True)
    for transport, _ in made:
        transport.abort()
    # They are closed in the next turn of the loop.
    await asyncio.sleep(0.01)
    return told


if __name__ == "__main__":
    asked = sys.argv[1:]
    uvloop.run(load(int(asked[0]), sys.stdin.buffer.read(), int(asked[1]), float(asked[2]), float(asked[3])))
