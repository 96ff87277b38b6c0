"""`changeover serve` with its doors: http and https at once, in one process and in several."""

from __future__ import annotations

import socket
import ssl
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from changeover.org.lists import LoginQuery
from changeover.serving.whereabouts import whereabouts_in
from changeover.wiring import open_house
from tests.cli.test_serving import answered
from tests.cli.test_workers import children, until
from tests.serving.served import CHANGEOVER, environment, served
from tests.serving.test_authority import Given

ANY = "0.0.0.0"  # noqa: S104 - for the length of a test
DISCOVERY = "/.well-known/openid-configuration"


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHANGEOVER, *map(str, words)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation with two orgs."""
    folder = tmp_path_factory.mktemp("installation") / "var"
    for name in ("Acme", "Globex"):
        user = f"admin@{name.lower()}.example"
        made = run(*("org", "create", name, "--edition", "Developer", "--username", user, "--data", folder))
        assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.parametrize("workers", ["1", "2"])
def test_http_https_and_the_proxy_at_once(data: Path, workers: str) -> None:
    doors = ("--https-port", "0", "--client-proxy", "0", "--workers", workers)
    with served(data, *doors) as server:
        assert answered(f"{server.address}/sign-in").status_code == 200
        trust = ssl.create_default_context(cafile=server.ca_file)
        with httpx.Client(verify=trust, timeout=60) as client:
            page = client.get(f"{server.https_address}/sign-in")
            assert page.status_code == 200
            # Of https only, and nobody is told to hold to https: other servers are on this host too.
            assert page.headers["set-cookie"].startswith("__Host-csrf=")
            assert "Secure" in page.headers["set-cookie"]
            assert "strict-transport-security" not in page.headers
            assert "Secure" not in client.get(f"{server.address}/sign-in").headers["set-cookie"]
        with httpx.Client(verify=trust, proxy=server.client_proxy, timeout=60) as client:
            for host in ("https://acme.my.salesforce.com", "http://globex.my.salesforce.com"):
                assert client.get(host + DISCOVERY).json()["issuer"] == host
            refused = client.get("http://www.example.com/")
            assert refused.status_code == 403
        if workers == "2":
            until(lambda: len(children(server.process.pid)) == 2)
            first, _ = children(server.process.pid)
            subprocess.run(["kill", "-9", str(first)], check=True)
            until(
                lambda: len(children(server.process.pid)) == 2 and first not in children(server.process.pid)
            )
            with httpx.Client(verify=trust, timeout=60) as client:
                for _ in range(6):
                    assert client.get(f"{server.https_address}/sign-in").status_code == 200
        # Neither a client that keeps its connection for later nor a tunnel holds up the end.
        idle = ssl.create_default_context(cafile=server.ca_file)
        host, port = server.https_address.removeprefix("https://").split(":")
        with (
            socket.create_connection((host, int(port))) as plain,
            idle.wrap_socket(plain, server_hostname=host) as kept,
        ):
            kept.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert kept.recv(12) == b"HTTP/1.1 200"
            server.process.terminate()
            # A worker that was just replaced is waited for first: uvicorn asks it whether it is alive.
            assert server.process.wait(60 if workers == "2" else 20) in {0, -15}
    assert "Traceback" not in server.log.read_text()


def test_every_host_of_an_org_is_known_and_its_urls_agree(data: Path) -> None:
    with served(data, "--https-port", "0", "--allow-host", "changeover.internal") as server:
        assert answered(f"{server.address}/sign-in").status_code == 200
        port = server.address.rpartition(":")[2]
        for host in (
            "acme.localhost",
            "acme.my.localhost",
            f"acme.localhost:{port}",
            "acme.my.salesforce.com",
        ):
            told = httpx.get(server.address + DISCOVERY, headers={"Host": host}).json()
            assert told["issuer"] == f"http://{host}"
            assert told["token_endpoint"] == f"http://{host}/services/oauth2/token"
        by_path = httpx.get(f"{server.address}/org/globex{DISCOVERY}").json()
        assert by_path["issuer"] == f"{server.address}/org/globex"
        unknown = httpx.get(server.address + DISCOVERY, headers={"Host": "nobody.localhost"})
        assert unknown.json()["error_description"].startswith("E-ORG-UNKNOWN")
        for host in (
            "evil.example",
            "acme.my.salesforce.com.evil.example",
            "acme.localhost.evil.example",
            "a.acme.localhost",
            "salesforce.com",
            "localhost:80@evil.example",
            "localhost:evil.example",
            "localhost/evil",
            "",
        ):
            answer = httpx.get(f"{server.address}{DISCOVERY}", headers={"Host": host})
            assert answer.status_code == 400, host
            assert "evil" not in answer.headers.get("location", "")
        trust = ssl.create_default_context(cafile=server.ca_file)
        extensions = {"sni_hostname": "changeover.internal"}
        with httpx.Client(verify=trust) as client:
            answer = client.get(
                f"{server.https_address}/org/acme{DISCOVERY}",
                headers={"Host": "changeover.internal"},
                extensions=extensions,
            )
        assert answer.json()["issuer"] == "https://changeover.internal/org/acme"


def test_a_set_base_url_stands_in_every_url(data: Path) -> None:
    base = "https://changeover.example/sub"
    with served(data, "--base-url", f"{base}/") as server:
        assert server.base_url == base
        assert answered(f"{server.address}/sign-in").status_code == 200
        told = httpx.get(f"{server.address}/org/acme{DISCOVERY}").json()
        assert told["issuer"] == f"{base}/org/acme"
        assert told["jwks_uri"] == f"{base}/org/acme/id/keys"
        # Who asked an org's own host is told of no other: the issuer is the URL that was asked.
        told = httpx.get(server.address + DISCOVERY, headers={"Host": "acme.localhost"}).json()
        assert told["issuer"] == "http://acme.localhost"
        # And the server answers to the name that was set.
        named = httpx.get(f"{server.address}/sign-in", headers={"Host": "changeover.example"})
        assert named.status_code == 200
        found = whereabouts_in(data)
        assert found is not None
        assert (found.address, found.base_url) == (server.address, base)
    assert whereabouts_in(data) is None


def test_a_given_certificate_is_served_and_no_authority_is_made(tmp_path: Path) -> None:
    given = Given(tmp_path)
    pair = ("--certificate", given.files.certificate, "--certificate-key", given.files.key)
    with served(tmp_path / "var", "--https-port", "0", *map(str, pair)) as server:
        assert server.ca_file is None
        trust = ssl.create_default_context(cafile=given.files.certificate)
        with httpx.Client(verify=trust, timeout=60) as client:
            answered(f"{server.address}/sign-in")
            answer = client.get(
                f"{server.https_address}/sign-in", extensions={"sni_hostname": "given.example"}
            )
        assert answer.status_code == 200
    assert not (tmp_path / "var" / "tls").exists()


def test_a_certificate_that_will_not_do_is_one_clear_error(tmp_path: Path) -> None:
    given = Given(tmp_path)
    (tmp_path / "other").mkdir()
    other = Given(tmp_path / "other")
    common = ("serve", "--data", tmp_path / "var", "--port", "0", "--https-port", "0", "--certificate")
    for key, code in (
        (tmp_path / "nowhere.key", "E-CERTIFICATE-UNREADABLE"),
        (other.files.key, "E-CERTIFICATE-MISMATCH"),
    ):
        ended = run(*common, given.files.certificate, "--certificate-key", key)
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"{code}: ")
        assert "Traceback" not in ended.stderr


def test_every_address_is_told_as_the_one_that_this_machine_reaches(tmp_path: Path) -> None:
    data = tmp_path / "var"
    # The note for `org env` cannot be written: that is no reason not to serve.
    (data / "serving.json").mkdir(parents=True)
    with served(data, "--host", ANY, "--https-port", "0") as server:
        assert server.address.startswith("http://127.0.0.1:")
        assert answered(f"{server.address}/sign-in").status_code == 200
        with httpx.Client(verify=ssl.create_default_context(cafile=server.ca_file), timeout=60) as client:
            assert client.get(f"{server.https_address}/sign-in").status_code == 200
    assert whereabouts_in(data) is None


# As a proxy writes it that takes IPv4 on an IPv6 socket.
FORWARDED = {"X-Forwarded-For": "203.0.113.9, ::ffff:198.51.100.7"}
LOGIN = {
    "grant_type": "password",
    "client_id": "3MVG9.nobody",
    "username": "admin@acme.example",
    "password": "x",
}


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ((), "127.0.0.1"),
        (("--trust-proxy", "10.0.0.0/8"), "127.0.0.1"),
        # The last one that no trusted proxy has: what a client itself writes in front counts for nothing.
        (("--trust-proxy", "127.0.0.1"), "198.51.100.7"),
    ],
)
def test_whose_word_on_a_clients_address_counts(
    tmp_path: Path, options: tuple[str, ...], address: str
) -> None:
    folder = tmp_path / "var"
    user = "admin@acme.example"
    made = run(*("org", "create", "Acme", "--edition", "Developer", "--username", user, "--data", folder))
    assert made.returncode == 0, made.stderr
    with served(folder, *options) as server:
        refused = httpx.post(
            f"{server.address}/services/oauth2/token", data=LOGIN, headers=FORWARDED, timeout=60
        )
        assert refused.status_code == 400
    house = open_house(folder / "changeover.db", environment={})
    with closing(house), house.units.read() as unit:
        [org] = unit.orgs.list()
        [row] = unit.logins.page(org.org_id, LoginQuery()).rows
    assert row.source_ip == address


def test_a_proxy_is_named_by_its_address(data: Path) -> None:
    refused = run("serve", "--data", data, "--trust-proxy", "proxy.example")
    assert refused.returncode == 64
    assert "10.0.0.0/8" in refused.stderr
