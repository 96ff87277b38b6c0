"""simple-salesforce, unmodified, through the client proxy: it knows no address but Salesforce's own."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from tests.clients.served_org import DOMAIN, PERSON, ServedOrg

HOST = f"{DOMAIN}.my.salesforce.com"


@pytest.fixture(autouse=True)
def proxied(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in org.proxied.items():
        monkeypatch.setenv(name, value)


def who(session_id: str, host: str) -> str:
    answer = requests.get(
        f"https://{host}/services/oauth2/userinfo",
        headers={"Authorization": f"Bearer {session_id}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["preferred_username"])


def test_every_login_at_every_stage(org: ServedOrg) -> None:
    client = org.client("Simple_Salesforce")
    key: dict[str, Any]
    secret: dict[str, Any]
    key, secret = {"consumer_key": client.key}, {"consumer_secret": client.secret}
    for stage in org.stages(client):
        for domain, host in ((f"{DOMAIN}.my", HOST), ("login", "login.salesforce.com")):
            by_jwt = SalesforceLogin(username=PERSON, privatekey_file=str(client.pem), domain=domain, **key)
            assert by_jwt[1] == host
            assert who(*by_jwt) == PERSON, stage.name
        own = SalesforceLogin(domain=f"{DOMAIN}.my", **key, **secret)
        assert own[1] == HOST
        assert who(*own) == PERSON, stage.name
        with requests.Session() as session:
            connection = Salesforce(session_id=own[0], instance=own[1], session=session)
            rows = connection.query(f"SELECT Id, Username FROM User WHERE Username = '{PERSON}'")
        assert [row["Username"] for row in rows["records"]] == [PERSON], stage.name
        login: dict[str, Any] = {
            "username": PERSON,
            "password": org.password,
            "domain": f"{DOMAIN}.my",
            **key,
            **secret,
        }
        if stage.username_password:
            assert who(*SalesforceLogin(**login)) == PERSON, stage.name
        else:
            with pytest.raises(SalesforceAuthenticationFailed, match="authentication failure"):
                SalesforceLogin(**login)
        with pytest.raises(SalesforceAuthenticationFailed, match="invalid_client"):
            SalesforceLogin(domain=f"{DOMAIN}.my", consumer_secret="not the secret", **key)


def test_what_it_asks_of_others_goes_nowhere(org: ServedOrg) -> None:
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get("https://www.salesforce.com.example/", timeout=60)
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get("https://acme.my.salesforce.com:8443/", timeout=60)
    log = org.server.log.read_text(encoding="utf-8")
    assert "asked=www.salesforce.com.example:443" in log
    assert "asked=acme.my.salesforce.com:8443" in log


def test_login_history_says_which_login_failed_and_why(org: ServedOrg) -> None:
    client = org.client("Simple_Salesforce_Too")
    login: dict[str, Any] = {"username": PERSON, "password": org.password, "domain": f"{DOMAIN}.my"}
    for stage in org.stages(client):
        try:
            SalesforceLogin(**login, consumer_key=client.key, consumer_secret=client.secret)
        except SalesforceAuthenticationFailed:
            assert not stage.username_password
    statuses = [status for _, status in org.logins_of(client)]
    assert len(statuses) == 3
    assert statuses[1] == "Failed: Username-Password Flow Disabled"
