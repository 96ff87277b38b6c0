"""What has expired is forgotten, a day late and a little at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from changeover.oauth import forgetting
from changeover.store.schema.oauth import oauth_access_token, oauth_code
from tests.oauth.test_http import CREDENTIALS, LEAVES, posted
from tests.web.conftest import Office, office

__all__ = ["office"]

TOKEN = "/services/oauth2/token"


@pytest.fixture(autouse=True)
def billing(office: Office) -> str:
    """An app for every test."""
    return office.connected_app("Billing", LEAVES)


def ask(office: Office) -> None:
    assert posted(office, TOKEN, CREDENTIALS).status_code == 200


def kept(office: Office) -> int:
    with office.house.database.read() as connection:
        count: int = connection.execute(select(func.count()).select_from(oauth_access_token)).scalar_one()
    return count


def test_tokens_are_forgotten_a_day_after_they_expired(office: Office) -> None:
    ask(office)
    office.clock.pass_by(timedelta(hours=25))
    ask(office)
    assert kept(office) == 2, "the first expired 23 hours ago"
    office.clock.pass_by(timedelta(hours=2))
    ask(office)
    assert kept(office) == 2
    assert oauth_code.c.expires_at.index, "found without reading the table"


def test_nobody_looks_more_than_once_an_hour(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    from changeover.store.oauth_records import SqlOauthRecords  # noqa: PLC0415 - only here

    def forget(_self: object, *_more: object) -> bool:
        looked.append(1)
        return False

    monkeypatch.setattr(SqlOauthRecords, "forget_expired", forget)
    for minutes in (0, 1, 58, 1):
        office.clock.pass_by(timedelta(minutes=minutes))
        ask(office)
    assert len(looked) == 2


def test_many_are_forgotten_little_by_little(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        ask(office)
    office.clock.pass_by(timedelta(hours=27))
    monkeypatch.setattr(forgetting, "AT_A_TIME", 2)
    left = []
    for _ in range(4):
        ask(office)
        left.append(kept(office))
    assert left == [4, 3, 3, 4], "five old ones less two each time, and one new one each time"
