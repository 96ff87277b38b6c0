"""Browser sessions in the database, as the pages put them there."""

from __future__ import annotations

from datetime import timedelta

from changeover.org.model.orgs import Actor
from changeover.org.model.people import Session
from tests.org.world import World


def signed_in(world: World, actor: Actor, *, hours: int = 2) -> str:
    """Give a user a session; returns its id. The digest is that of no cookie."""
    with world.unit() as unit:
        session = Session(
            session_id=unit.ids.record("0Ak"),
            created_at=unit.now,
            last_used_at=unit.now,
            expires_at=unit.now + timedelta(hours=hours),
            address="203.0.113.7",
            browser="Firefox on Linux",
        )
        unit.sessions.add(actor.user_id, session, session.session_id, b"{}")
    return session.session_id
