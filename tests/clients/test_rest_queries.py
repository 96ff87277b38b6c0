"""jsforce and simple-salesforce, unmodified, at the REST API: queries of several batches, and records."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from changeover.org.model.events import LoginRow
from tests.clients.served_org import DOMAIN, PERSON, Driver, ServedOrg
from tests.org.world import START

LOGINS = 2_500
"""More than the 2,000 records of a batch."""


@pytest.fixture(scope="module", autouse=True)
def history(org: ServedOrg) -> None:
    """Login History of more than one batch."""
    rows = [
        LoginRow(at=START, username=PERSON, application=f"App {number}", status="Success")
        for number in range(LOGINS)
    ]
    with org.world.unit() as unit:
        unit.logins.add(org.world.org_id, rows)


def test_jsforce(org: ServedOrg) -> None:
    client = org.client("Jsforce_rest")
    found = Driver("rest.mjs", org, org.environment).run(
        {"url": org.url, "key": client.key, "secret": client.secret, "username": PERSON}
    )
    assert found["users"] == [[PERSON, "Standard User"]]
    assert (found["count"], found["tooling"], found["versions"]) == (1, ["Acme"], "67.0")
    assert (found["record"], found["fields"]) == (PERSON, ["Id", "Username"])
    assert found["objects"]
    assert found["limits"]
    assert found["identity"] == PERSON
    assert found["fetched"] >= LOGINS
    first, done, second, whole = found["batches"]
    assert (first, done, whole) == (2_000, False, True)
    assert first + second == found["fetched"] == found["different"]
    assert "unexpected token: 'FORM'" in found["refused"]
    assert "sObject type 'Account' is not supported" in found["missing"]


def test_simple_salesforce(org: ServedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in org.proxied.items():
        monkeypatch.setenv(name, value)
    client = org.client("Simple_rest")
    sf = Salesforce(domain=f"{DOMAIN}.my", consumer_key=client.key, consumer_secret=client.secret)
    (user,) = sf.query(f"SELECT Id, Profile.Name FROM User WHERE Username = '{PERSON}'")["records"]
    assert user["Profile"]["Name"] == "Standard User"
    users: Any = sf.User
    assert users.get(user["Id"])["Username"] == PERSON
    assert users.describe()["name"] == "User"
    assert sf.limits()["DailyApiRequests"]["Max"] > 0
    logins = sf.query_all("SELECT Id FROM LoginHistory")
    assert logins["totalSize"] == len({row["Id"] for row in logins["records"]}) >= LOGINS
    assert sf.toolingexecute("query/?q=SELECT+Name+FROM+Organization")["records"][0]["Name"] == "Acme"
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        sf.query("SELECT Id FORM User")
