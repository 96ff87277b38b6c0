"""Query plans: whatever an act asks, SQLite answers through an index, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from changeover.org.app_manager import assess_app, list_apps, overview, plan_migration
from changeover.org.audit import list_audit
from changeover.org.briefcases import list_briefcases
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.lists import AppQuery, AuditQuery, LoginQuery
from changeover.org.logins import list_logins
from changeover.org.migrate import migrate
from changeover.org.notifications import list_delivery_settings
from changeover.org.tokens import actor_of_token, create_token
from tests.org.world import YES, World, app

# Few rows by nature: a handful of orgs, types, briefcases, profiles, and the whole of a schema.
SMALL = {"org", "notification_type", "briefcase", "profile", "permission_set", "alembic_version"}
ORDERED = {"connected_app", "external_client_app"}


@contextmanager
def asked(world: World) -> Iterator[list[tuple[str, Any]]]:
    """Collect every question put to the database."""
    questions: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001 - SQLAlchemy's own
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not many:
            questions.append((statement, values))

    engines = {world.house.database._writer, world.house.database._reader}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield questions
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_no_act_reads_a_whole_table(world: World) -> None:
    world.bring(app(), app("Second"), app("Third"))
    world.log_in()
    world.migrated("Third")
    token = world.do(create_token, "CI")
    with asked(world) as questions:
        world.bring(app("Fourth"))
        world.do(migrate, "Second", YES)
        world.log_in("Fourth", times=3)
        for act, *query in (
            (overview,),
            (list_apps, AppQuery()),
            (list_apps, AppQuery(sort="modified_at", search="x")),
            (assess_app, "Billing"),
            (plan_migration, "Billing"),
            (list_external_client_apps,),
            (list_audit, AuditQuery(subject="Billing")),
            (list_logins, LoginQuery(application="Billing")),
            (list_delivery_settings,),
            (list_briefcases,),
        ):
            world.see(act, *query)
        actor_of_token(world.house.units, token.secret)
    assert len(questions) > 60
    scans, walks = set(), set()
    with world.house.database.read() as connection:
        for statement, values in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for line in (row[3] for row in plan):
                words = line.split()
                if words[0] == "SCAN" and words[1] not in SMALL and "SUBQUERY" not in words:
                    # A page of the newest first walks an index; a table without one is a scan of all orgs.
                    scans.add((words[1], statement[:200]))
                if words[1] in ORDERED and "(org_id=?)" in line and "COVERING" not in line:
                    walks.add(statement)
    derived = {"hits", "anon_1", "(subquery-1)", "CONSTANT"}
    assert {found for found in scans if found[0] not in derived} == set()
    # To have them in order, SQLite would walk all apps of an org and look at each.
    assert walks == set()
