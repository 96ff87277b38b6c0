"""jsforce from npm, unmodified: before the migration, after it, and after the way back."""

from __future__ import annotations

from tests.clients.served_org import CALLBACK, PERSON, Driver, ServedOrg


def test_every_flow_at_every_stage(org: ServedOrg) -> None:
    client = org.client("Jsforce")
    driver = Driver("jsforce.mjs", org, org.environment)
    earlier: list[str] = []
    for stage in org.stages(client):
        found = driver.run(
            {
                "url": org.url,
                "key": client.key,
                "secret": client.secret,
                "pem": str(client.pem),
                "username": PERSON,
                "password": org.password,
                "callback": CALLBACK,
                "refreshTokens": earlier,
            }
        )
        assert found.pop("instanceUrl") == org.url
        assert found.pop("refreshed") == [PERSON] * (1 + len(earlier)), stage.name
        earlier.append(found.pop("refreshToken"))
        password, revoked = found.pop("password"), found.pop("revoked")
        if stage.username_password:
            assert password == PERSON, stage.name
        else:
            assert password.startswith("invalid_grant: authentication failure"), stage.name
        assert revoked != "it was not refused"
        assert found.pop("wrongSecret").startswith("invalid_client"), stage.name
        assert found == {
            "code": [PERSON, PERSON],
            "clientCredentials": PERSON,
            "queried": [PERSON],
            "jwtBearer": PERSON,
        }, stage.name
    assert len(set(earlier)) == 3
