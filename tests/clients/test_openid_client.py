"""openid-client from npm, unmodified: before the migration, after it, and after the way back."""

from __future__ import annotations

from tests.clients.served_org import CALLBACK, PERSON, Driver, ServedOrg


def test_every_flow_at_every_stage(org: ServedOrg) -> None:
    client = org.client("Openid_Client")
    driver = Driver("openid_client.mjs", org, org.environment)
    earlier: list[str] = []
    for stage in org.stages(client):
        found = driver.run(
            {
                "url": org.url,
                "key": client.key,
                "secret": client.secret,
                "pem": str(client.pem),
                "username": PERSON,
                "callback": CALLBACK,
                "refreshTokens": earlier,
            }
        )
        assert found.pop("issuer") == org.url
        subject, info = found.pop("subject"), found.pop("userinfo")
        assert info["sub"] == subject
        assert info["preferred_username"] == PERSON
        assert found.pop("replay").startswith("invalid_grant: "), stage.name
        # Refresh tokens of this stage, and of those before: the migration and the way back break none.
        assert found.pop("refreshed") == [PERSON] * (1 + len(earlier)), stage.name
        earlier.append(found.pop("refreshToken"))
        assert found == {
            "clientCredentials": [True, True, True],
            "jwtBearer": PERSON,
            "device": PERSON,
            "before": True,
            "after": False,
            "afterReplay": False,
        }, stage.name
    assert len(set(earlier)) == 3
