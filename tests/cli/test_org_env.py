"""`changeover org env`: what clients are told, as the org is served now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from changeover.serving.clients import NAMES
from changeover.serving.whereabouts import FILE, Whereabouts, encode
from tests.cli.org_commands import Shell
from tests.org.world import other_org

SERVED = Whereabouts(
    address="http://127.0.0.1:8000",
    https_address="https://127.0.0.1:8443",
    client_proxy="http://127.0.0.1:8792",
    ca_file="/home/a person's/tls/ca.pem",
)
PROXY = {
    **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), SERVED.client_proxy),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
}


DIRECT = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")


def serve(shell: Shell, where: Whereabouts = SERVED) -> Path:
    """Leave the note of a server whose process is this one."""
    file = shell.world.folder / FILE
    file.write_bytes(encode(where))
    return file


def test_without_a_server_it_says_how_to_start_one(shell: Shell) -> None:
    said = shell.run("org", "env", "Acme")
    assert said.code == 1
    assert said.err.startswith("E-NOT-SERVED: No server of the org Acme runs on this machine.")
    assert "changeover serve" in said.err


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"address": 1, "pid": 1}'])
def test_a_note_that_is_broken_is_none(shell: Shell, content: bytes) -> None:
    serve(shell).write_bytes(content)
    assert shell.run("org", "env", "Acme").err.startswith("E-NOT-SERVED")


def test_a_note_of_a_server_that_is_gone_is_none(shell: Shell) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    serve(shell, msgspec.structs.replace(SERVED, pid=gone.pid))
    assert shell.run("org", "env", "Acme").err.startswith("E-NOT-SERVED")


def test_every_client_is_told_what_it_needs(shell: Shell) -> None:
    serve(shell)
    said = shell.run("org", "env", "Acme", "--json").json
    assert said["login_url"] == "https://127.0.0.1:8443/org/acme"
    found = {each["client"]: each for each in said["clients"]}
    assert tuple(found) == NAMES
    assert not any(each["missing"] for each in found.values())
    assert found["openid-client"]["environment"] == {"NODE_EXTRA_CA_CERTS": SERVED.ca_file, **DIRECT}
    assert found["simple-salesforce"]["environment"] == {"REQUESTS_CA_BUNDLE": SERVED.ca_file, **PROXY}
    assert "acme.my" in "".join(found["simple-salesforce"]["example"])
    assert found["cumulusci"]["environment"]["SF_PROD_LOGIN_URL"] == said["login_url"]


def test_over_plain_http_it_says_which_client_cannot_come(shell: Shell) -> None:
    serve(shell, Whereabouts(address="http://127.0.0.1:8000"))
    said = shell.run("org", "env", "acme", "--json").json
    assert said["login_url"] == "http://127.0.0.1:8000/org/acme"
    found = {each["client"]: each for each in said["clients"]}
    missing = {name for name, each in found.items() if each["missing"]}
    assert missing == {"simple-salesforce", "aiosalesforce", "cumulusci"}
    assert found["authlib"]["environment"] == {"AUTHLIB_INSECURE_TRANSPORT": "1", **DIRECT}
    assert found["requests-oauthlib"]["environment"]["OAUTHLIB_INSECURE_TRANSPORT"] == "1"
    assert "allowInsecureRequests" in "".join(found["openid-client"]["example"])
    assert "--client-proxy" in shell.run("org", "env", "acme", "--client", "simple-salesforce").out


def test_a_base_url_that_was_set_is_the_one_that_clients_get(shell: Shell) -> None:
    serve(shell, msgspec.structs.replace(SERVED, base_url="https://changeover.example"))
    assert (
        shell.run("org", "env", "acme", "--json").json["login_url"] == "https://changeover.example/org/acme"
    )


def test_a_shell_takes_what_it_prints(shell: Shell, tmp_path: Path) -> None:
    serve(shell)
    printed = shell.run("org", "env", "acme", "--client", "simple-salesforce").out
    shown = subprocess.run(
        ["sh", "-euc", f'{printed}\nprintf "%s\\n" "$REQUESTS_CA_BUNDLE" "$HTTPS_PROXY" "$LOGIN_URL"'],
        env={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines() == [
        SERVED.ca_file,
        SERVED.client_proxy,
        "https://127.0.0.1:8443/org/acme",
    ]
    assert shown.stderr == ""


@pytest.mark.parametrize(
    ("client", "where", "url", "through"),
    [
        ("simple-salesforce", SERVED, "https://acme.my.salesforce.com/", SERVED.client_proxy),
        # A secret in plain http would be read by the company's proxy.
        ("authlib", Whereabouts(address="http://127.0.0.1:8000"), "http://127.0.0.1:8000/", None),
        ("requests-oauthlib", SERVED, "https://127.0.0.1:8443/", None),
    ],
)
def test_a_companys_proxy_is_not_asked_instead(
    shell: Shell, tmp_path: Path, client: str, where: Whereabouts, url: str, through: str | None
) -> None:
    """As requests finds it, in the shell of somebody behind a proxy."""
    serve(shell, where)
    printed = shell.run("org", "env", "acme", "--client", client).out
    asked = f"from requests.utils import get_environ_proxies as of; print(of({url!r}))"
    proxy = "http://proxy.company.example:3128"
    company = {"https_proxy": proxy, "http_proxy": proxy, "no_proxy": ".salesforce.com"}
    shown = subprocess.run(
        ["sh", "-euc", f'{printed}\nexec "$0" -c "$1"', sys.executable, asked],
        env={"PATH": os.environ["PATH"], **company},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "company" not in shown.stdout
    assert (shown.stdout == "{}\n") if through is None else (through in shown.stdout)


def test_the_org_is_named(shell: Shell) -> None:
    serve(shell)
    other_org(shell.world)
    assert shell.run("org", "env").code == 64
    assert "/org/globex" in shell.run("org", "env", "globex").out
    assert shell.run("org", "env", "nobody").err.startswith("E-RECORD-NOT-FOUND")
    assert shell.run("org", "env", "Acme", "--client", "curl").code == 64
