"""How much an act asks of the database: no more for an app among many, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from changeover.org.batch_runs import migrate_several
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.migrate import migrate
from changeover.org.push import AndroidServiceAccount, set_push
from tests.heard import heard
from tests.org.world import YES, World, app

A_MIGRATION = 7
"""Who acts, the org, the app with its secrets, what is around it; then app, state and verdict, audit row."""
ITS_OUTCOME = 2


def a_migration(world: World) -> int:
    """Return how many statements a migration takes.

    On PostgreSQL it takes its turn too, and asks which flows were seen before it knows whether there was
    any login: both go in messages with others.
    """
    return A_MIGRATION + (0 if world.house.database.is_sqlite else 2)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Collect every statement of the writer, those that begin and end a transaction left out."""
    said: list[str] = []
    with heard(world.house.database._writer) as all_said:
        yield said
    said += [
        one.text for one in all_said if one.text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))
    ]


def test_a_migration_asks_each_thing_once(world: World) -> None:
    world.bring(app(), app("Second"))
    with statements(world) as said:
        world.do(migrate, "Billing", YES)
    assert len(said) == len(set(said)) == a_migration(world), said


def test_login_history_is_asked_for_an_app_that_it_names(world: World) -> None:
    world.bring(app(), app("Second"))
    world.log_in("Billing", sub_type="WebServer")
    with statements(world) as said:
        world.do(migrate, "Second", YES)
    assert len(said) == a_migration(world)
    with statements(world) as said:
        world.do(migrate, "Billing", YES)
    # Which flows were seen; who used them is not asked where nothing that bears on a migration tells it.
    assert len(said) == len(set(said)) == a_migration(world) + (1 if world.house.database.is_sqlite else 0)


def test_an_app_of_a_batch_costs_the_same_whatever_the_batch(world: World) -> None:
    names = [f"App{number}" for number in range(12)]
    world.bring(*map(app, names))
    took = []
    for some in (names[:2], names[2:6], names[6:]):
        with statements(world) as said:
            outcomes = list(migrate_several(world.house.units, world.admin, some, YES))
        assert {outcome.result for outcome in outcomes} == {"migrated"}
        took.append(len(said))
    # What the batch itself takes, at its beginning and its end, is the same for all three.
    assert took[1] - took[0] == took[2] - took[1] == 2 * (a_migration(world) + ITS_OUTCOME), took


def test_what_a_migration_returns_is_what_is_stored(world: World) -> None:
    pasted = "-----BEGIN PRIVATE KEY-----\nwho pasted this here\n"
    world.bring(
        app(description=pasted, oauth={"consumer_secret": "a-secret-that-nobody-sees"}),
        app("Without_Oauth", oauth_config=None, oauth_policy=None),
        app("Pushed"),
    )
    account = json.dumps({"type": "service_account", "project_id": "fcm", "private_key": "a-secret-too"})
    world.do(set_push, "Pushed", AndroidServiceAccount(service_account=account), seen_version=None)
    for name in ("Billing", "Without_Oauth", "Pushed"):
        made = world.migrated(name)
        assert made == world.see(view_external_client_app, name)
        assert made.secret_set is (name == "Billing")
        for hidden in ("a-secret-that", "a-secret-too", "who pasted this"):
            assert hidden not in repr(made)
            assert hidden.encode() not in world.on_disk()
