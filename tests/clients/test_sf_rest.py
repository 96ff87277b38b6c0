"""`sf` from npm, unmodified: it logs in three ways, asks what its own commands ask, and deploys over REST."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clients.served_org import DOMAIN, PERSON, ServedOrg
from tests.clients.sf import Sf
from tests.salesforce.soap.client import connected_app

pytestmark = pytest.mark.slow


def logged_in(org: ServedOrg, sf: Sf, api_name: str) -> Sf:
    client = org.client(api_name)
    found = sf.good(
        *("org", "login", "jwt", "--client-id", client.key, "--jwt-key-file", str(client.pem)),
        *("--username", PERSON, "--instance-url", org.server.address, "--alias", "acme"),
    )
    assert found["username"] == PERSON
    assert (found["name"], found["orgEdition"]) == ("Acme", "Developer Edition")
    assert found["instanceApiVersion"] == "67.0"
    return sf


def test_login_by_jwt_and_what_sf_asks(org: ServedOrg, tmp_path: Path) -> None:
    sf = logged_in(org, Sf(tmp_path / "home"), "Sf_jwt")
    (user,) = sf.good("data", "query", "-o", "acme", "-q", "SELECT Id, Name, Profile.Name FROM User")[
        "records"
    ]
    assert user["Profile"]["Name"] == "Standard User"
    counted = sf.good("data", "query", "-o", "acme", "-q", "SELECT COUNT() FROM LoginHistory")
    assert counted["totalSize"] > 0
    grouped = "SELECT Profile.Name, COUNT(Id), COUNT(Email) mails FROM User GROUP BY Profile.Name"
    asked = ("data", "query", "-o", "acme", "-q", grouped, "--result-format", "csv")
    assert sf.printed(*asked).splitlines() == ["Name,COUNT(Id),mails", "Standard User,1,1"]
    tooling = sf.good("data", "query", "-o", "acme", "-t", "-q", "SELECT Name FROM Organization")
    assert [one["Name"] for one in tooling["records"]] == ["Acme"]
    name, message = sf.refused("data", "query", "-o", "acme", "-q", "SELECT Id FROM Account")
    assert name == "INVALID_TYPE"
    assert "ERROR at Row:1:Column:16" in message
    assert sf.refused("data", "query", "-o", "acme", "-q", "SELECT Id FORM User")[0] == "MALFORMED_QUERY"
    shown = sf.good("org", "display", "-o", "acme")
    assert (shown["connectedStatus"], shown["username"]) == ("Connected", PERSON)
    assert sf.good("org", "display", "user", "-o", "acme")["profileName"] == "Standard User"
    (listed,) = sf.good("org", "list")["other"]
    assert listed["connectedStatus"] == "Connected"
    limits = sf.good("api", "request", "rest", "/services/data/v62.0/limits", "-o", "acme")
    assert limits["statusCode"] == 200
    link = urlsplit(sf.good("org", "open", "--url-only", "-o", "acme")["url"])
    assert link.path == "/secur/frontdoor.jsp"
    opened = httpx.get(f"{org.server.address}{link.path}?{link.query}", trust_env=False)
    assert opened.status_code == 303
    assert opened.headers["location"] != "/sign-in"
    assert "session=" in opened.headers["set-cookie"]


def test_login_with_an_access_token(org: ServedOrg, tmp_path: Path) -> None:
    first = logged_in(org, Sf(tmp_path / "first"), "Sf_token")
    token = first.good("org", "auth", "show-access-token", "-o", "acme")["accessToken"]
    sf = Sf(tmp_path / "second")
    found = sf.good(
        *("org", "login", "access-token", "--no-prompt", "--instance-url", org.server.address),
        SF_ACCESS_TOKEN=token,
    )
    assert found["username"] == PERSON
    (user,) = sf.good("data", "query", "-o", PERSON, "-q", "SELECT Username FROM User")["records"]
    assert user["Username"] == PERSON


def test_login_in_a_browser(org: ServedOrg, tmp_path: Path) -> None:
    """The launcher that BROWSER names notes the address; the person opens it in a browser of their own."""
    note = tmp_path / "address"
    launcher = tmp_path / "browser"
    launcher.write_text(f'#!/bin/sh\nprintf %s "$1" > {note}.new && mv {note}.new {note}\n')
    launcher.chmod(0o755)
    sf = Sf(tmp_path / "home")
    with _allowing(org, note):
        found = sf.good(
            *("org", "login", "web", "-a", "web"),
            # Its address by the path: sf asks UserInfo at `/org/acmeservices/oauth2/userinfo`.
            *("--instance-url", f"{org.server.address}/org/{DOMAIN}"),
            BROWSER=str(launcher),
        )
    assert found["username"] == PERSON
    assert sf.good("org", "display", "-o", "web")["connectedStatus"] == "Connected"


def _allowed(org: ServedOrg, url: str) -> str:
    """Allow what `sf` asks for; it has the person prove anew who they are (`prompt=login`)."""
    back = org.person.allow(url)
    if back.startswith("/setup/verify"):
        asked = org.person._open(f"{org.server.address}{back}")
        org.person._submit(asked, {"password": org.password})
        back = org.person.allow(url)
    return back


@contextmanager
def _allowing(org: ServedOrg, note: Path) -> Iterator[None]:
    """Have the person open the address that is noted, and allow what it asks for, while the block runs."""

    def allow() -> None:
        for _ in range(600):
            if note.exists():
                # sf waits until its own page has been shown.
                httpx.get(_allowed(org, note.read_text()), trust_env=False, follow_redirects=True)
                return
            sleep(0.1)

    person = Thread(target=allow)
    person.start()
    yield
    person.join()


def test_a_session_that_is_over_is_renewed(org: ServedOrg, tmp_path: Path) -> None:
    sf = logged_in(org, Sf(tmp_path / "home"), "Sf_renewed")
    token = sf.good("org", "auth", "show-access-token", "-o", "acme")["accessToken"]
    done = httpx.post(f"{org.server.address}/services/oauth2/revoke", data={"token": token}, trust_env=False)
    assert done.status_code == 200
    (user,) = sf.good("data", "query", "-o", "acme", "-q", "SELECT Username FROM User")["records"]
    assert user["Username"] == PERSON
    assert sf.good("org", "auth", "show-access-token", "-o", "acme")["accessToken"] != token


def test_deploy_over_rest(org: ServedOrg, tmp_path: Path) -> None:
    client = org.client("Sf_deploy")
    sf = Sf(tmp_path / "home")
    sf.good(
        *("org", "login", "jwt", "--client-id", client.key, "--jwt-key-file", str(client.pem)),
        *("--username", org.world.admin.username, "--instance-url", org.server.address, "--alias", "acme"),
    )
    apps = sf.home / "force-app" / "connectedApps"
    apps.mkdir(parents=True)
    project = {"packageDirectories": [{"path": "force-app", "default": True}], "sourceApiVersion": "62.0"}
    (sf.home / "sfdx-project.json").write_text(json.dumps(project))
    file = apps / "Sf_deploy.connectedApp-meta.xml"
    file.write_text(connected_app("Deployed over REST"))
    start = ("project", "deploy", "start", "--source-dir", "force-app", "-o", "acme")
    done = sf.good(*start, SF_ORG_METADATA_REST_DEPLOY="true")
    assert done["success"]
    assert ("Sf_deploy", "Changed") in [(one["fullName"], one["state"]) for one in done["files"]]
    assert org.world.record("Sf_deploy").label == "Deployed over REST"
    file.write_text(connected_app("Broken", more="<nonsense>1</nonsense>"))
    failed = sf.run(*start, SF_ORG_METADATA_REST_DEPLOY="true")
    assert failed.returncode == 1, failed.stdout
    assert json.loads(failed.stdout)["result"]["status"] == "Failed"
    assert org.world.record("Sf_deploy").label == "Deployed over REST"
