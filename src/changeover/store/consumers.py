"""Who holds a consumer key: the question of every login, in one statement and so of one moment."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, literal_column, select, union_all

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.migration.lifecycle import State
from changeover.org.consumers import Consumer, Documents, Holders, StagedConsumer
from changeover.store.codec import (
    CONSUMER_SECRET,
    app_from_json,
    connected_app_from_json,
    consumer_secret_in,
    secrets_from_bytes,
)
from changeover.store.prepared import Prepared, Row
from changeover.store.remembering import remembered
from changeover.store.schema.apps import connected_app, external_client_app, staged_credentials
from changeover.store.sealed import identity
from changeover.store.vault import UnitVault

_EXTERNAL, _CONNECTED = 0, 1


def _holders(table: Any, kind: int, state: Any, documents: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's generics
    # The documents as they are written, so that they are read only where they are others than before.
    return select(
        literal_column(str(kind)).label("kind"),
        table.c.id,
        table.c.api_name,
        state.label("state"),
        table.c.sealed,
        cast(documents, Text).label("written"),
    ).where(table.c.org_id == bindparam("org"), table.c.consumer_key == bindparam("key"))


_HOLDERS = Prepared(
    union_all(
        _holders(external_client_app, _EXTERNAL, literal_column("''"), external_client_app.c.documents),
        _holders(connected_app, _CONNECTED, connected_app.c.state, connected_app.c.document),
    )
)
_STAGED = Prepared(
    select(
        staged_credentials.c.id,
        staged_credentials.c.sealed,
        staged_credentials.c.expires_at,
        external_client_app.c.consumer_key.label("of_key"),
    )
    .select_from(staged_credentials)
    .join(external_client_app, external_client_app.c.id == staged_credentials.c.app_id)
    .where(
        staged_credentials.c.org_id == bindparam("org"), staged_credentials.c.consumer_key == bindparam("key")
    )
)


@remembered
def _connected(api_name: str, written: str) -> Documents[ConnectedApp]:
    return Documents(connected_app_from_json(api_name, json.loads(written)))


@remembered
def _external(written: str) -> Documents[ExternalClientApp]:
    return Documents(app_from_json(json.loads(written)))


class SqlConsumers:
    """The consumers of all orgs."""

    def __init__(self, connection: Connection, vault: UnitVault) -> None:
        self._connection = connection
        self._vault = vault

    def holders(self, org_id: str, consumer_key: str) -> Holders:
        """Return the apps with a consumer key."""
        rows = _HOLDERS.all(self._connection, {"org": org_id, "key": consumer_key})
        found = {row["kind"]: row for row in rows}
        external, connected = found.get(_EXTERNAL), found.get(_CONNECTED)
        return Holders(
            self._of_external(external) if external is not None else None,
            self._of_connected(connected) if connected is not None else None,
        )

    def _of_external(self, row: Row) -> Consumer[ExternalClientApp]:
        app_id, sealed = row["id"], row["sealed"]
        return Consumer(
            app_id=app_id,
            documents=_external(row["written"]),
            read_only=False,
            secret=lambda: consumer_secret_in(self._opened(external_client_app, app_id, sealed)),
        )

    def _of_connected(self, row: Row) -> Consumer[ConnectedApp]:
        app_id, sealed = row["id"], row["sealed"]
        return Consumer(
            app_id=app_id,
            documents=_connected(row["api_name"], row["written"]),
            read_only=State(row["state"]) is State.MIGRATED,
            secret=lambda: self._opened(connected_app, app_id, sealed).get(CONSUMER_SECRET),
        )

    def _opened(self, table: Any, app_id: str, sealed: bytes | None) -> dict[str, str]:  # noqa: ANN401 - as above
        if sealed is None:
            return {}
        return secrets_from_bytes(self._vault.unseal(identity(table, app_id), sealed))

    def staged(self, org_id: str, consumer_key: str) -> StagedConsumer | None:
        """Return the staged credentials with a consumer key, expired ones too."""
        row = _STAGED.one(self._connection, {"org": org_id, "key": consumer_key})
        if row is None or row["of_key"] is None:
            return None
        staged_id, sealed = row["id"], row["sealed"]

        def secret() -> str | None:
            if sealed is None:
                return None
            return self._vault.unseal(identity(staged_credentials, staged_id), sealed).decode()

        return StagedConsumer(of_key=row["of_key"], expires_at=row["expires_at"], secret=secret)
