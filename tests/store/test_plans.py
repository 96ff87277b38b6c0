"""Query plans: whatever an act asks, the database answers through an index, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.oauth.registry import registered
from changeover.org.app_access import list_app_access, list_assignable, profile
from changeover.org.app_manager import assess_app, list_apps, overview, plan_migration
from changeover.org.audit import list_audit
from changeover.org.batches import list_batches
from changeover.org.briefcases import assign, assignable_apps, list_briefcases, save_briefcase
from changeover.org.connections import list_connections
from changeover.org.consumer_details import rotate_external_client_app
from changeover.org.external_client_apps import list_external_client_apps, view_external_client_app
from changeover.org.lists import AppKind, AppQuery, AuditQuery, ExternalClientAppQuery, LoginQuery
from changeover.org.logins import list_logins
from changeover.org.migrate import migrate
from changeover.org.model.apps import AppType
from changeover.org.model.beside_apps import NotificationType
from changeover.org.model.orgs import Door
from changeover.org.notifications import list_delivery_settings, save_notification_type, set_delivery
from changeover.org.oauth_usage import list_usage, users_of
from changeover.org.people import list_users
from changeover.org.permission_sets import list_permission_sets, list_profiles
from changeover.org.sessions import end_sessions, list_sessions
from changeover.org.sign_in import prove, sign_in
from changeover.org.staged_credentials import rotate_staged, stage
from changeover.org.tokens import actor_of_token, create_token, list_tokens
from tests.heard import heard
from tests.org.signed_in import signed_in
from tests.org.world import YES, World, app
from tests.store.crowd import add_copies

# Few rows by nature: a handful of orgs, types, briefcases, profiles, and the whole of a schema.
SMALL = {"org", "notification_type", "briefcase", "profile", "permission_set", "alembic_version"}
# What SQLite calls tables that a statement makes for itself.
DERIVED = {"hits", "anon_1", "(subquery-1)", "CONSTANT", "counted", "every"}
# Only an app's own document says which profiles it names (docs/architecture.md): an org's are searched.
IN_DOCUMENTS = (
    "CAST(connected_app.document AS TEXT) LIKE",
    "CAST(external_client_app.documents AS TEXT) LIKE",
)
COPIES = 120
# Of this many pages PostgreSQL reads a table from end to end only if it finds no other way.
LARGE = 25
SORTS = ("label", "api_name", "verdict", "state", "modified_at")

LISTS: list[tuple[Callable[..., Any], Any]] = [
    *(
        (list_apps, AppQuery(sort=sort, descending=descending, page=page))
        for sort in SORTS
        for descending, page in ((False, 1), (True, 2))
    ),
    (list_apps, AppQuery(search="billing")),
    (list_apps, AppQuery(verdict=Verdict.BLOCKED)),
    (list_apps, AppQuery(state=State.MIGRATED)),
    (list_apps, AppQuery(app_type=AppType.CONNECTED)),
    *(
        (list_external_client_apps, ExternalClientAppQuery(sort=sort, descending=descending))
        for sort in ("label", "api_name", "made_at")
        for descending in (False, True)
    ),
    (list_external_client_apps, ExternalClientAppQuery(search="third")),
    (list_audit, AuditQuery()),
    (list_audit, AuditQuery(subject="Billing")),
    (list_audit, AuditQuery(event="connectedAppMigrated")),
    (list_audit, AuditQuery(actor="admin@acme.example")),
    *((list_usage, kind) for kind in AppKind),
    (partial(users_of, api_name="Third"), AppKind.EXTERNAL),
    (list_logins, LoginQuery()),
    (list_logins, LoginQuery(application="Billing")),
    (list_logins, LoginQuery(search="int@", sub_type="OauthUsernamePassword")),
]
ORDERED = {"connected_app", "external_client_app"}


@contextmanager
def asked(world: World) -> Iterator[list[tuple[str, Any]]]:
    """Collect every question put to the database."""
    questions: list[tuple[str, Any]] = []
    with heard(*{world.house.database._writer, world.house.database._reader}) as said:
        yield questions
    questions += [
        (one.text, one.values)
        for one in said
        if one.text.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not one.many
    ]


def _ask_everything(world: World, token: str) -> None:
    """Do and look at all that pages and programs do."""
    world.bring(app("Fourth"))
    world.do(migrate, "Second", YES)
    world.log_in("Fourth", times=3)
    for act, query in LISTS:
        world.see(act, query)
    world.see(list_app_access, profile("Standard User"))
    signed_in(world, world.admin)
    world.do(end_sessions)
    for act in (
        overview,
        assignable_apps,
        list_assignable,
        list_batches,
        list_briefcases,
        list_connections,
        list_delivery_settings,
        list_permission_sets,
        list_profiles,
        list_sessions,
        list_tokens,
        list_users,
    ):
        world.see(act)
    world.see(assess_app, "Billing")
    world.see(plan_migration, "Billing")
    world.see(view_external_client_app, "Third")
    proof = prove(world.house.units, world.admin, world.password)
    world.do(rotate_external_client_app, "Third", proof, seen_version=None)
    staged = world.do(stage, "Third", proof).staged
    former = world.do(rotate_staged, "Third", staged.staged_id, proof).staged
    with world.read() as unit:
        assert registered(unit, world.org_id, former.consumer_key)
        assert unit.orgs.holding(former.consumer_key)
    sign_in(world.house.units, world.admin.username, world.password, Door.BROWSER)
    actor_of_token(world.house.units, token)


def _furnish(world: World) -> str:
    """Put something of everything into the org; returns the secret of an API token."""
    world.bring(app(), app("Second"), app("Third"), *(app(f"More{number}") for number in range(25)))
    world.log_in(times=60)
    for name in ("Third", *(f"More{number}" for number in range(12))):
        world.migrated(name)
    world.do(save_notification_type, NotificationType(api_name="Shipped", label="Shipped", custom=True))
    world.do(set_delivery, "Shipped", "Billing", enabled=True)
    world.do(save_briefcase, "Kit", "Kit")
    world.do(assign, "Kit", "Billing")
    secret: str = world.do(create_token, "CI").secret
    return secret


@pytest.mark.sqlite_only("its EXPLAIN QUERY PLAN; it plans without looking at the rows")
def test_no_act_reads_a_whole_table(world: World) -> None:
    token = _furnish(world)
    with asked(world) as questions:
        _ask_everything(world, token)
    assert len(questions) > 100
    scans, walks = set(), set()
    with world.house.database.read() as connection:
        for statement, values in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for line in (row[3] for row in plan):
                words = line.split()
                if words[0] == "SCAN" and words[1] not in SMALL and "SUBQUERY" not in words:
                    # A page of the newest first walks an index; a table without one is a scan of all orgs.
                    scans.add((words[1], statement[:200]))
                walk = words[1] in ORDERED and "(org_id=?)" in line and "COVERING" not in line
                if walk and not any(search in statement for search in IN_DOCUMENTS):
                    walks.add(statement)
    assert {found for found in scans if found[0] not in DERIVED} == set()
    # To have them in order, SQLite would walk all apps of an org and look at each.
    assert walks == set()


def _large(connection: Connection) -> set[str]:
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages >= :pages AND relname !~ '^pg_'"
    return set(connection.execute(text(query), {"pages": LARGE}).scalars())


def _read_whole(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _read_whole(part)


@pytest.mark.postgresql_only("its EXPLAIN, which depends on the rows")
def test_no_act_reads_the_rows_of_all_orgs(world: World) -> None:
    token = _furnish(world)
    with world.house.database.write() as connection:
        add_copies(connection, COPIES)
    with world.house.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    with asked(world) as questions:
        _ask_everything(world, token)
    assert len(questions) > 100
    with world.house.database.read() as connection:
        large = _large(connection)
        assert {"connected_app", "external_client_app", "login", "audit_event"} <= large
        scans = set()
        for statement, values in dict.fromkeys((one, _frozen(given)) for one, given in questions):
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", dict(values)).scalar_one()
            scans |= {(table, statement) for table in _read_whole(plan[0]["Plan"]) if table in large}
    assert scans == set()


def _frozen(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(values.items())


@pytest.mark.sqlite_only("its EXPLAIN QUERY PLAN")
def test_the_logins_of_one_user_are_found_without_those_of_others(world: World) -> None:
    world.bring(app())
    world.log_in(times=60)
    with asked(world) as questions, world.read() as unit:
        assert list(unit.logins.scan(world.org_id, usernames=["int@example.com"]))
    (statement, values) = questions[-1]
    with world.house.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert any("ix_login_user (org_id=? AND username=?)" in row[3] for row in plan), plan


@pytest.mark.postgresql_only("SQLite has no such storage")
def test_the_texts_that_a_list_is_searched_by_stay_in_the_row(world: World) -> None:
    stored = text(
        "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relname IN ('connected_app', 'external_client_app') AND attname = 'search_text'"
        " AND attstorage = 'm'"
    )
    with world.house.database.read() as connection:
        assert connection.execute(stored).scalar_one() == 2
