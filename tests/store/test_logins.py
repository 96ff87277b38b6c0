"""Login History, as it is written with each login."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from changeover.org.model.events import LoginRow
from changeover.store.schema.events import login
from tests.org.world import START, World


def test_logins_that_look_alike_are_two_and_their_digests_are_in_the_order_of_time(world: World) -> None:
    def one(seconds: int) -> LoginRow:
        return LoginRow(
            at=START + timedelta(seconds=seconds),
            username="int@example.com",
            application="Billing",
            login_type="Remote Access 2.0",
            sub_type="OauthClientCredentials",
            status="Success",
            source_ip="127.0.0.1",
            login_url="acme.my.salesforce.com",
        )

    with world.unit() as unit:
        for seconds in (0, 0, 0, 1, 2, 300):
            unit.logins.record(world.org_id, one(seconds))
        # Rows of a download are told apart by what they say, and that has no such order.
        assert unit.logins.add(world.org_id, [one(0), one(0)]) == {"Billing": 2}
        assert unit.logins.add(world.org_id, [one(0), one(0)]) == {}
    with world.house.database.read() as connection:
        digests = connection.execute(select(login.c.digest).order_by(login.c.id)).scalars().all()
    recorded = digests[:6]
    assert len(set(digests)) == len(digests) == 8
    assert {len(digest) for digest in digests} == {64}
    assert [digest[:16] for digest in recorded] == sorted(digest[:16] for digest in recorded)
    assert len({digest[:16] for digest in recorded}) == 4
