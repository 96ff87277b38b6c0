"""The client proxy, asked by clients who mean no good."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import pytest
import structlog
import uvloop

from changeover.serving import proxy
from changeover.serving.listening import Address, listen
from changeover.serving.proxy import HOST, ClientProxy, Joined, Seconds

QUICK = Seconds(head=2.0, idle=5.0)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"


@dataclass
class Behind:
    """A local server that keeps what it is sent."""

    heard: list[bytes] = field(default_factory=list)

    def serve(self, taken: socket.socket) -> None:
        with taken, suppress(OSError):
            taken.settimeout(10)
            said = b""
            while b"\r\n\r\n" not in said or not self.whole(said):
                data = taken.recv(65536)
                if not data:
                    break
                said += data
            self.heard.append(said)
            if said:
                taken.sendall(OK)

    @staticmethod
    def whole(said: bytes) -> bool:
        head, _, body = said.partition(b"\r\n\r\n")
        if b"chunked" in head.lower():
            return body.endswith(b"0\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return len(body) >= (int(found[1]) if found else 0)


@contextmanager
def accepting(behind: Behind) -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=behind.serve, args=(listening.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield Address("127.0.0.1", listening.getsockname()[1])


@dataclass
class Proxied:
    """A proxy that runs, and the two servers behind it."""

    port: int
    http: Behind
    https: Behind
    joined: Joined
    log: list[structlog.typing.EventDict]

    def ask(self, *pieces: bytes, end: bool = False) -> bytes:
        """Send pieces and return all that comes back until the proxy closes."""
        with socket.create_connection((HOST, self.port), timeout=20) as client:
            with suppress(OSError):
                for piece in pieces:
                    client.sendall(piece)
                if end:
                    client.shutdown(socket.SHUT_WR)
            back = b""
            with suppress(ConnectionError):
                while data := client.recv(65536):
                    back += data
            return back

    def status(self, *pieces: bytes, end: bool = False) -> int:
        found = re.match(rb"HTTP/1\.1 (\d{3})", self.ask(*pieces, end=end))
        assert found is not None
        return int(found[1])


@pytest.fixture
def start() -> Iterator[Callable[..., Proxied]]:
    """Return what starts a proxy."""
    with ExitStack() as stack:

        def started(seconds: Seconds = QUICK) -> Proxied:
            http, https = Behind(), Behind()
            own, secure = stack.enter_context(accepting(http)), stack.enter_context(accepting(https))
            also = {Address("changeover.example", 443): secure, Address("192.0.2.7", own.port): own}
            joined = Joined(own, secure, also)
            listening = listen(HOST, 0)
            port = listening.getsockname()[1]
            log = stack.enter_context(structlog.testing.capture_logs())
            opened, closing = threading.Event(), threading.Event()

            async def run() -> None:
                async with ClientProxy(listening, joined, seconds).open():
                    opened.set()
                    await asyncio.to_thread(closing.wait)

            thread = threading.Thread(target=lambda: asyncio.run(run()))
            thread.start()
            stack.callback(thread.join)
            stack.callback(closing.set)
            assert opened.wait(10)
            return Proxied(port, http, https, joined, log)

        yield started


@pytest.fixture
def proxied(start: Callable[..., Proxied]) -> Proxied:
    return start()


def connect(target: str, *headers: str) -> bytes:
    return "\r\n".join((f"CONNECT {target} HTTP/1.1", f"Host: {target}", *headers, "", "")).encode()


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "host",
    [
        "acme.my.salesforce.com",
        "login.salesforce.com",
        "TEST.salesforce.com",
        "a--b.sandbox.my.salesforce.com",
    ],
)
def test_salesforce_s_hosts_lead_to_the_local_https_port(proxied: Proxied, host: str) -> None:
    back = proxied.ask(connect(f"{host}:443"), GET)
    assert back == b"HTTP/1.1 200 Connection established\r\n\r\n" + OK
    assert proxied.https.heard == [GET]
    assert proxied.http.heard == []


def test_who_does_not_wait_for_the_answer_loses_nothing(proxied: Proxied) -> None:
    assert proxied.ask(connect("acme.my.salesforce.com:443") + GET).endswith(OK)
    assert proxied.https.heard == [GET]


def test_addresses_of_this_machine_lead_to_our_own_ports(proxied: Proxied) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "acme.localhost"):
        for own in (proxied.joined.http, proxied.joined.https):
            assert b"established" in proxied.ask(connect(f"{host}:{own.port}"), GET)


def test_where_clients_are_told_to_come_leads_to_us(proxied: Proxied) -> None:
    """As `org env` tells them: the base URL, and the address that the server listens on."""
    assert b"established" in proxied.ask(connect("Changeover.example:443"), GET)
    port = proxied.joined.http.port
    assert proxied.ask(f"GET http://192.0.2.7:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == OK
    assert proxied.status(b"GET http://changeover.example:443/ HTTP/1.1\r\nHost: x\r\n\r\n") == 400
    for target in ("changeover.example:22", "x.changeover.example:443", "192.0.2.7:443"):
        assert proxied.status(connect(target), GET) == 403


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        "salesforce.com.evil.example:443",
        "evilsalesforce.com:443",
        "salesforce.com:443",  # no org, and a real site
        "acme.my.salesforce.com.:443",
        "acme.my.salesforce.com:22",
        "acme.my.salesforce.com:80",
        "acme.my.salesforce.com:8443",
        "127.0.0.1:22",
        "localhost:5432",
        "127.0.0.2:443",
        "169.254.169.254:80",
        "[::ffff:127.0.0.1]:443",
        "2130706433:443",
        "0.0.0.0:443",
        "[fe80::1]:443",
    ],
)
def test_every_other_host_and_port_is_refused_and_noted(proxied: Proxied, target: str) -> None:
    assert proxied.status(connect(target), GET) == 403
    assert proxied.http.heard == proxied.https.heard == []
    assert [(line["event"], line["asked"], line["log_level"]) for line in proxied.log] == [
        ("client proxy refused", target, "warning")
    ]


def test_other_ports_of_ours_are_refused_even_where_somebody_listens(proxied: Proxied) -> None:
    other = Behind()
    with accepting(other) as address:
        assert proxied.status(connect(f"127.0.0.1:{address.port}"), GET) == 403
        url = f"GET http://127.0.0.1:{address.port}/ HTTP/1.1\r\nHost: x\r\n\r\n"
        assert proxied.status(url.encode()) == 403
        # The proxy itself is no way on either.
        assert proxied.status(connect(f"127.0.0.1:{proxied.port}"), GET) == 403
    assert other.heard == []


@pytest.mark.parametrize(
    "target",
    [
        "acme.my.salesforce.com",
        "acme.my.salesforce.com:",
        "acme.my.salesforce.com:443:443",
        "acme.my.salesforce.com:999999",
        "user@acme.my.salesforce.com:443",
        "http://acme.my.salesforce.com:443",
        "/",
        "acme.my.salesforce.com:443#x",
        "acme.my.salesforce.com%00.evil.example:443",
        "acme.my.salesforce.com:+443",
    ],
)
def test_a_target_that_is_no_host_and_port(proxied: Proxied, target: str) -> None:
    assert proxied.status(connect(target), GET) == 400
    assert proxied.https.heard == []


def test_the_host_of_the_target_counts_and_not_the_header(proxied: Proxied) -> None:
    asked = b"CONNECT evil.example:443 HTTP/1.1\r\nHost: acme.my.salesforce.com:443\r\n\r\n"
    assert proxied.status(asked) == 403
    asked = b"GET http://acme.my.salesforce.com/x HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert proxied.ask(asked) == OK
    (heard,) = proxied.http.heard
    assert re.findall(rb"(?i)host: (.*)\r\n", heard) == [b"acme.my.salesforce.com"]


def test_a_plain_request_goes_on_without_what_was_for_the_proxy(proxied: Proxied) -> None:
    asked = (
        b"POST http://acme.my.salesforce.com/services/oauth2/token?a=b HTTP/1.1\r\nHost: x\r\n"
        b"Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Connection: keep-alive\r\n"
        b"Connection: X-Mine, close\r\nX-Mine: 1\r\nTE: trailers\r\nUpgrade: h2c\r\n"
        b"Authorization: Bearer t\r\nContent-Length: 3\r\n\r\na=b"
    )
    assert proxied.ask(asked) == OK
    (heard,) = proxied.http.heard
    head, _, body = heard.partition(b"\r\n\r\n")
    assert body == b"a=b"
    assert sorted(line.lower() for line in head.split(b"\r\n")) == [
        b"authorization: bearer t",
        b"connection: close",
        b"content-length: 3",
        b"host: acme.my.salesforce.com",
        b"post /services/oauth2/token?a=b http/1.1",
    ]
    # A query may hold a token: what is refused is noted without.
    assert proxied.status(b"GET http://example.com/?token=SECRET HTTP/1.1\r\nHost: x\r\n\r\n") == 403
    assert "SECRET" not in str(proxied.log)


def test_a_body_in_chunks_goes_on_in_chunks(proxied: Proxied) -> None:
    head = b"POST http://acme.my.salesforce.com/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert proxied.ask(head, b"3\r\na=", b"b\r\n", b"0\r\n\r\n") == OK
    (heard,) = proxied.http.heard
    assert heard.endswith(b"0\r\n\r\n")
    assert b"a=" in heard


@pytest.mark.parametrize(
    "target",
    [
        b"http://example.com/",
        b"http://acme.my.salesforce.com:8080/",
        b"http://acme.my.salesforce.com:443/",
        b"http://169.254.169.254/latest/meta-data/",
        b"http://127.0.0.1:1/",
        b"http://acme.my.salesforce.com.evil.example/",
    ],
)
def test_plain_requests_for_elsewhere_are_refused(proxied: Proxied, target: bytes) -> None:
    assert proxied.status(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n") == 403
    assert proxied.http.heard == []


@pytest.mark.parametrize(
    "target",
    [
        b"/",
        b"*",
        b"https://acme.my.salesforce.com/",
        b"ftp://acme.my.salesforce.com/",
        b"file:///etc/passwd",
        b"http://user:password@acme.my.salesforce.com/",
        b"http://acme.my.salesforce.com@evil.example/",
        b"http:///",
        b"http://acme.my.salesforce.com:99999/",
        b"http://[::1/",
    ],
)
def test_an_address_that_is_none_for_a_proxy(proxied: Proxied, target: bytes) -> None:
    assert proxied.status(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n") == 400
    assert proxied.http.heard == []


SMUGGLED = b"GET /setup HTTP/1.1\r\nHost: x\r\n\r\n"
BOTH = b"Content-Length: 4\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize(
    "headers",
    [
        BOTH,
        b"Transfer-Encoding: chunked\r\nContent-Length: 4",
        b"Content-Length: 4\r\nContent-Length: 5",
        b"Content-Length: 4, 5",
        b"Content-Length: +4",
        b"Content-Length: 0x4",
        b"Content-Length: -1",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding : chunked",
        b"Content-Length : 4",
        b"X: a\rContent-Length: 4",
        b"X\x00: 4",
        b": 4",
    ],
)
@pytest.mark.parametrize(
    "begin", [b"POST http://acme.my.salesforce.com/", b"CONNECT acme.my.salesforce.com:443"]
)
def test_a_length_that_can_be_read_in_two_ways(proxied: Proxied, begin: bytes, headers: bytes) -> None:
    asked = begin + b" HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n0\r\n\r\n" + SMUGGLED
    assert proxied.status(asked) in {400, 501}
    assert proxied.http.heard == proxied.https.heard == []


def test_connect_has_no_body(proxied: Proxied) -> None:
    assert proxied.status(connect("acme.my.salesforce.com:443", "Content-Length: 5") + b"hello") == 400


@pytest.mark.parametrize("body", [b"4\r\na=b\r\n0\r\n\r\n", b"zz\r\n", b"-1\r\n", b"4;" + b"x" * 40000])
def test_chunks_that_are_none_reach_nobody_whole(proxied: Proxied, body: bytes) -> None:
    head = b"POST http://acme.my.salesforce.com/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert OK not in proxied.ask(head + body, end=True)


def test_a_second_request_in_one_connection_is_not_looked_at(proxied: Proxied) -> None:
    one = b"GET http://acme.my.salesforce.com/one HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET http://acme.my.salesforce.com/two HTTP/1.1\r\nHost: x\r\n\r\n"
    assert proxied.ask(one + two) == OK
    (heard,) = proxied.http.heard
    assert b"/two" not in heard


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://acme.my.salesforce.com/" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 2_000_000,
        b"CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\n" + b"X: a\r\n" * 400_000,
        b"a" * 100_000,
    ],
)
def test_a_head_without_end_is_cut_off(proxied: Proxied, head: bytes) -> None:
    begun = proxied.ask(head)
    assert begun[:12] in {b"HTTP/1.1 431", b"HTTP/1.1 400", b""}
    assert proxied.https.heard == []


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n\r\n\r\n", b"\x00" * 64, b"hello\r\n\r\n"]
)
def test_what_is_no_request_at_all(proxied: Proxied, said: bytes) -> None:
    assert proxied.ask(said, end=True)[:12] in {b"HTTP/1.1 400", b""}


def test_who_sends_byte_by_byte_is_cut_off_and_others_are_served(start: Callable[..., Proxied]) -> None:
    proxied = start(Seconds(head=0.5, idle=5))
    slow = [socket.create_connection((HOST, proxied.port), timeout=20) for _ in range(50)]
    for client in slow:
        client.sendall(b"CONNECT acme.my.sales")
    assert proxied.ask(connect("acme.my.salesforce.com:443"), GET).endswith(OK)
    for client in slow:
        with client, suppress(OSError):
            assert client.recv(1) == b""
    assert [line["event"] for line in proxied.log] == ["client proxy gave up"] * 50


def test_a_tunnel_in_which_nobody_speaks_is_closed(start: Callable[..., Proxied]) -> None:
    proxied = start(Seconds(head=5, idle=0.5))
    assert (
        proxied.ask(connect("acme.my.salesforce.com:443")) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    )
    # And a body that never comes.
    head = b"POST http://acme.my.salesforce.com/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
    assert OK not in proxied.ask(head)


def test_more_connections_than_it_holds_are_turned_away(
    proxied: Proxied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy, "MOST", 3)
    waiting = [socket.create_connection((HOST, proxied.port), timeout=20) for _ in range(3)]
    try:
        for client in waiting:
            client.sendall(b"CON")
        assert proxied.status(GET) == 503
    finally:
        for client in waiting:
            client.close()


def test_a_local_server_that_is_gone(start: Callable[..., Proxied]) -> None:
    listening = listen(HOST, 0)
    nowhere = Address(HOST, listening.getsockname()[1])
    listening.close()
    proxied = start()
    object.__setattr__(proxied.joined, "https", nowhere)
    assert proxied.status(connect("acme.my.salesforce.com:443")) == 502


def test_it_listens_on_loopback_only(proxied: Proxied) -> None:
    assert HOST == "127.0.0.1"
    outside = [
        found[4][0]
        for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        if not str(found[4][0]).startswith("127.")
    ]
    for address in ("127.0.0.2", *outside):
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((str(address), proxied.port), timeout=5)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("turns", range(6))
def test_who_has_just_come_is_sent_away_with_the_proxys_end(
    turns: int, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    nowhere = Address(HOST, 9)

    async def run() -> list[socket.socket]:
        listening = listen(HOST, 0)
        async with ClientProxy(listening, Joined(nowhere, nowhere), QUICK).open():
            come = [socket.create_connection(listening.getsockname(), 10) for _ in range(3)]
            for _ in range(turns):
                await asyncio.sleep(0)
        return come

    with asyncio.Runner(loop_factory=loop) as runner:
        come = runner.run(run())
    for client in come:
        with client, suppress(ConnectionResetError):
            assert client.recv(1) == b""
    # A connection that was never closed is told of here, and fails the test.
    gc.collect()
