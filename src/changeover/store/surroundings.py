"""What stands around a connected app and bears on its verdict."""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, exists, select

from changeover.migration.situation import Neighbour
from changeover.org.model.apps import ConnectedAppRecord, Surroundings
from changeover.store.logins import SqlLogins
from changeover.store.prepared import Prepared, Question, foresee
from changeover.store.rows import folded
from changeover.store.schema.apps import app_reference, external_client_app, part_name
from changeover.store.schema.apps import connected_app as table
from changeover.store.schema.beside_apps import briefcase_app, notification_delivery, push_settings
from changeover.store.schema.events import login

_NEIGHBOUR = (
    external_client_app.c.org_id == bindparam("org"),
    external_client_app.c.api_name_folded == bindparam("name"),
)
_LOGIN_AT = select(login.c.at).where(login.c.org_id == bindparam("org")).limit(1)
# One question instead of eight: most apps have nothing of all that. The first and the last login are asked
# one by one, since SQLite finds only a single minimum or maximum without reading the whole index.
_AROUND = Prepared(
    select(
        select(external_client_app.c.api_name).where(*_NEIGHBOUR).scalar_subquery().label("neighbour"),
        select(external_client_app.c.consumer_key)
        .where(*_NEIGHBOUR)
        .scalar_subquery()
        .label("neighbour_key"),
        exists()
        .where(table.c.consumer_key == bindparam("key", type_=Text), table.c.org_id != bindparam("org"))
        .label("in_other_orgs"),
        _LOGIN_AT.order_by(login.c.at).scalar_subquery().label("first"),
        _LOGIN_AT.order_by(login.c.at.desc()).scalar_subquery().label("last"),
        exists()
        .where(login.c.org_id == bindparam("org"), login.c.application == bindparam("label"))
        .label("logins"),
        exists()
        .where(
            table.c.org_id == bindparam("org"),
            table.c.label == bindparam("label"),
            table.c.id != bindparam("app"),
        )
        .label("label_shared"),
        # A name of a part that a migration would give: `billing_` and what follows, up to the next character.
        exists()
        .where(
            part_name.c.org_id == bindparam("org"),
            part_name.c.name_folded > bindparam("part", type_=Text),
            part_name.c.name_folded < bindparam("part_end", type_=Text),
        )
        .label("part_names"),
        exists().where(push_settings.c.app_id == bindparam("app")).label("push"),
        exists().where(notification_delivery.c.app_id == bindparam("app")).label("deliveries"),
        exists().where(briefcase_app.c.app_id == bindparam("app")).label("briefcases"),
        exists().where(app_reference.c.app_id == bindparam("app")).label("references"),
    )
)


def surroundings(connection: Connection, org_id: str, record: ConnectedAppRecord) -> Surroundings:
    """Return what stands around an app, in one question to the database."""
    values = {
        "org": org_id,
        "app": record.app_id,
        "name": folded(record.api_name),
        "key": record.document.consumer_key or None,
        "label": record.label.strip(),
        "part": f"{folded(record.api_name)}_",
        "part_end": f"{folded(record.api_name)}`",
    }
    question = Question(_AROUND, values)
    # Whoever looks around asks next which flows were seen, where there was any login.
    foresee(connection, [question, SqlLogins.seen(org_id, record.label.strip())])
    row = question.one(connection)
    assert row is not None  # noqa: S101 - a row of answers, whatever there is
    return Surroundings(
        neighbour=None
        if row["neighbour"] is None
        else Neighbour(api_name=row["neighbour"], consumer_key=row["neighbour_key"]),
        in_other_orgs=row["in_other_orgs"],
        window=(row["first"], row["last"]) if row["first"] is not None else None,
        logins=row["logins"],
        label_shared=row["label_shared"],
        part_names=row["part_names"],
        push=row["push"],
        deliveries=row["deliveries"],
        briefcases=row["briefcases"],
        references=row["references"],
    )
