"""Units in which nothing lasts: an act as a preview of itself."""

from __future__ import annotations

import pytest

from changeover.errors import NOT_PERMITTED, ChangeoverError
from changeover.org.audit import list_audit
from changeover.org.importing import Incoming, import_apps
from changeover.org.people import NewUser, create_user, list_users
from changeover.org.trial import Trial
from tests.org.world import World, app

_GRACE = NewUser(username="grace@example.com", name="Grace", email="g@example.com", profile="Read Only")


def test_an_act_says_what_it_would_do_and_does_nothing(world: World) -> None:
    world.bring(app("Billing"))
    before = world.see(list_audit).total
    items = [Incoming(app=app("Billing", label="New"), path="b"), Incoming(app=app("Portal"), path="p")]
    tried = list(import_apps(Trial(world.house.units), world.admin, items))
    assert [(one.name, one.result) for one in tried] == [("Billing", "updated"), ("Portal", "created")]
    assert world.record("Billing").label == "Billing"
    assert world.see(list_audit).total == before
    assert list(import_apps(world.house.units, world.admin, items)) == tried
    assert world.record("Billing").label == "New"


def test_what_an_act_refuses_comes_out(world: World) -> None:
    units = Trial(world.house.units)
    create_user(units, world.admin, _GRACE)
    assert _GRACE.username not in {user.username for user in world.see(list_users)}
    nobody = world.user("nobody@example.com", "Standard User")
    with pytest.raises(ChangeoverError) as refused:
        create_user(units, nobody, _GRACE)
    assert refused.value.kind is NOT_PERMITTED
