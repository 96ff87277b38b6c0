"""The client proxy: joins the Salesforce hosts that some clients hard-code to the local server.

simple-salesforce, aiosalesforce and CumulusCI build `https://….salesforce.com` whatever they are told
(clients.md section 1). Pointed here with HTTPS_PROXY, they reach the local orgs instead, and nothing that
they ask leaves the machine: every other host, and every other port, is refused and noted.

It listens on loopback only. A request is read once, with h11, and written anew for the server behind, one a
connection: what two readers of the same bytes could read in two ways (RFC 9112 section 11.2) is refused.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

import h11
import structlog

from changeover.serving.listening import BACKLOG, Address

HOST = "127.0.0.1"
"""The only address that the proxy listens on."""
HTTP, HTTPS = 80, 443
_SALESFORCE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+salesforce\.com")
_LOOPBACK = re.compile(r"localhost|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+localhost|127\.0\.0\.1|::1")
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})")

MAX_HEAD = 16 * 1024
"""Bytes of a request's head: a bearer token in JWT form is the longest thing in one."""
MOST = 400
"""Connections at once; each takes two files."""
_CHUNK = 64 * 1024
_LITTLE = 2 * 1024
_LINGERS = 1.0
"""Seconds in which a client that is refused may still hear why."""
_SHOWN = 100
"""Characters of a host that go to the log."""
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te"}
    | {b"trailer", b"upgrade"}
)
"""Headers that are for the next hop only (RFC 9110 section 7.6.1)."""

_log = structlog.get_logger(__name__)


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """The proxy does not do what it is asked.

    Args:
        status: of the answer.
        reason: one line for the client.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Seconds(NamedTuple):
    """How long a client may take."""

    head: float = 10.0
    """For a whole request head: who sends it byte by byte holds a connection no longer than this."""
    idle: float = 300.0
    """Without a byte in either direction."""


@dataclass(frozen=True)
class Joined:
    """Where hosts lead."""

    http: Address
    https: Address
    also: Mapping[Address, Address] = field(default_factory=dict)
    """Further addresses under which clients are told to come, as of the base URL, and where each leads."""

    def tunnel(self, host: str, port: int) -> Address:
        """Return where `CONNECT host:port` leads. Raises Refused."""
        if _SALESFORCE.fullmatch(host) and port == HTTPS:
            return self.https
        return self._own(host, port)

    def plain(self, host: str, port: int) -> Address:
        """Return where a request for `http://host:port/` leads. Raises Refused."""
        if _SALESFORCE.fullmatch(host) and port == HTTP:
            return self.http
        address = self._own(host, port)
        if address == self.https:
            raise Refused(400, "Ask for https with CONNECT.")
        return address

    def _own(self, host: str, port: int) -> Address:
        told = self.also.get(Address(host, port))
        if told is not None:
            return told
        if _LOOPBACK.fullmatch(host):
            for own in (self.http, self.https):
                if port == own.port:
                    return own
        raise Refused(403, "This proxy leads to the local orgs only, and nothing leaves this machine.")


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class ClientProxy:
    """The proxy on a socket; it travels to the processes that serve."""

    listening: socket.socket
    joined: Joined
    seconds: Seconds = field(default_factory=Seconds)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take connections as long as the block runs."""
        working: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - for the reader of types
            working.add(task)
            try:
                await _Connection(self.joined, self.seconds, (reader, writer)).run(full=len(working) > MOST)
            except asyncio.CancelledError:
                # What is still to be sent would keep the connection open beyond the proxy's end.
                writer.transport.abort()
                raise
            finally:
                writer.close()
                working.discard(task)

        server = await asyncio.start_server(serve, sock=self.listening, limit=_CHUNK, backlog=BACKLOG)
        try:
            yield
        finally:
            # asyncio's server forgets whom it has taken and not served yet, and leaves them open: so it takes
            # nobody any more first. uvloop's closes at once, and serves whom it has taken afterwards.
            asyncio.get_running_loop().remove_reader(self.listening)
            await _turns()
            server.close()
            await _turns()
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)


async def _turns() -> None:
    """Let the loop turn until whoever has been taken is served."""
    for _ in range(3):
        await asyncio.sleep(0)


class _Connection:
    """One connection of a client, for one request."""

    def __init__(self, joined: Joined, seconds: Seconds, client: Stream) -> None:
        self._joined = joined
        self._seconds = seconds
        self._reader, self._writer = client
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    async def run(self, *, full: bool) -> None:
        """Answer the request, whatever it is."""
        asked = ""
        if full:
            await self._refuse(Refused(503, "Too many connections at once."))
            return
        try:
            async with asyncio.timeout(self._seconds.head):
                request = await self._request()
            asked = request.target.decode("ascii", "replace")
            if request.method == b"CONNECT":
                await self._tunnel(request)
            else:
                await self._forward(request)
        except Refused as refused:
            _log.warning("client proxy refused", status=refused.status, asked=_shown(asked))
            await self._refuse(refused)
        except h11.RemoteProtocolError as error:
            _log.warning("client proxy refused", status=error.error_status_hint, asked=_shown(asked))
            await self._refuse(Refused(error.error_status_hint, "This is no request that a proxy takes."))
        except TimeoutError:
            _log.warning("client proxy gave up", asked=_shown(asked))
        except (OSError, ExceptionGroup):
            # Either side has gone, or broke off in the middle of a body: nothing to tell anybody.
            pass

    async def _request(self) -> h11.Request:
        """Read the head of a request. Raises Refused, h11.RemoteProtocolError."""
        while True:
            event = self._parser.next_event()
            if isinstance(event, h11.Request):
                return _unambiguous(event)
            if event is not h11.NEED_DATA:
                raise Refused(400, "This is no request that a proxy takes.")
            # By little: what h11 holds against the limit is what it has and is not whole yet.
            data = await self._reader.read(_LITTLE)
            if not data and not self._parser.trailing_data[0]:
                raise ConnectionResetError
            self._parser.receive_data(data)

    async def _tunnel(self, request: h11.Request) -> None:
        found = _AUTHORITY.fullmatch(request.target.decode("ascii", "replace"))
        if found is None or _has_body(request):
            raise Refused(400, "CONNECT takes a host with a port, and no body.")
        address = self._joined.tunnel((found[1] or found[2]).lower(), int(found[3]))
        server = await _reach(address)
        self._writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        # Who does not wait for the answer has begun already.
        await self._join(server, self._parser.trailing_data[0])

    async def _forward(self, request: h11.Request) -> None:
        try:
            url = urlsplit(request.target.decode("ascii"))
            host, port = url.hostname or "", url.port or HTTP
        except ValueError:
            raise Refused(400, "This is no address.") from None
        if url.scheme != "http" or not host or "@" in url.netloc or url.fragment:
            raise Refused(400, "Ask for a whole http address; for https ask with CONNECT.")
        address = self._joined.plain(host, port)
        further = h11.Connection(h11.CLIENT)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        # The host of the address counts, and not the one in the header (RFC 9112 section 3.2.2).
        headers = [(b"host", url.netloc.encode()), *_end_to_end(request.headers), (b"connection", b"close")]
        head = further.send(h11.Request(method=request.method, target=path, headers=headers))
        server = await _reach(address)
        try:
            server[1].write(head or b"")
            async with self._idle() as limit, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._copy(server[0], self._writer, limit))
                tasks.create_task(self._send_body(further, server[1], limit))
        finally:
            server[1].close()

    async def _send_body(
        self, further: h11.Connection, server: asyncio.StreamWriter, limit: asyncio.Timeout
    ) -> None:
        """Read the request's body in its framing, and write it on in the same."""
        # A server that has answered may not read the rest.
        with suppress(ConnectionError):
            while True:
                event = self._parser.next_event()
                if event is h11.NEED_DATA:
                    self._parser.receive_data(await self._reader.read(_CHUNK))
                elif isinstance(event, h11.Data):
                    server.write(further.send(event) or b"")
                    await server.drain()
                    self._again(limit)
                else:
                    server.write(further.send(h11.EndOfMessage()) or b"")
                    await server.drain()
                    return

    async def _join(self, server: Stream, begun: bytes) -> None:
        """Pass on bytes in both directions until both ends have said all."""
        server[1].write(begun)
        try:
            async with self._idle() as limit, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._copy(self._reader, server[1], limit))
                tasks.create_task(self._copy(server[0], self._writer, limit))
        finally:
            server[1].close()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: asyncio.Timeout
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                self._again(limit)
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    def _idle(self) -> asyncio.Timeout:
        return asyncio.timeout(self._seconds.idle)

    def _again(self, limit: asyncio.Timeout) -> None:
        limit.reschedule(asyncio.get_running_loop().time() + self._seconds.idle)

    async def _refuse(self, refused: Refused) -> None:
        text = f"{refused.reason}\n".encode()
        head = f"HTTP/1.1 {refused.status} Refused\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        self._writer.write(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LINGERS):
                self._writer.write_eof()
                # What is closed with bytes unread is reset, and the answer may be lost with it.
                while await self._reader.read(_CHUNK):
                    pass


def _unambiguous(request: h11.Request) -> h11.Request:
    """Return a request whose body has one length. Raises Refused."""
    names = [name for name, _ in request.headers]
    if b"transfer-encoding" in names and b"content-length" in names:
        raise Refused(400, "A request has Content-Length or Transfer-Encoding, not both.")
    return request


def _has_body(request: h11.Request) -> bool:
    lengths = {b"transfer-encoding", b"content-length"}
    return any(name in lengths and value != b"0" for name, value in request.headers)


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers that are for the server, without those that Connection names for this hop."""
    given = list(headers)
    named = {
        one.strip().lower() for name, value in given if name == b"connection" for one in value.split(b",")
    }
    left_out = _HOP_BY_HOP | {b"host"} | (named - {b"content-length", b"transfer-encoding"})
    return [(name, value) for name, value in given if name not in left_out]


async def _reach(address: Address) -> Stream:
    try:
        return await asyncio.open_connection(*address)
    except OSError:
        raise Refused(502, "The local server does not answer.") from None


def _shown(text: str) -> str:
    """Return what was asked for, as the log may show it: the query of an address may hold a token."""
    return text.partition("?")[0][:_SHOWN]
