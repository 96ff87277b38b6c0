"""Push settings of connected apps."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select

from changeover.org.model.beside_apps import Credential, PushSettings
from changeover.store.codec import secrets_from_bytes, secrets_to_bytes
from changeover.store.schema.beside_apps import push_settings as table
from changeover.store.sealed import identity
from changeover.store.vault import UnitVault

_PUBLIC = ("environment", "application_bundle", "key_identifier", "team_identifier", "fcm_project")


_LIST = select(table).where(table.c.app_id == bindparam("app")).order_by(table.c.service)


class SqlPush:
    """The push settings of all connected apps."""

    def __init__(self, connection: Connection, vault: UnitVault) -> None:
        self._connection = connection
        self._vault = vault

    def list(self, app_id: str) -> tuple[PushSettings, ...]:
        """Return an app's settings, one a service."""
        return tuple(
            PushSettings(
                service=row["service"],
                credential=Credential(row["credential"]),
                certificate_expires=row["certificate_expires"],
                full_content=row["full_content"],
                **row["public"],
            )
            for row in self._connection.execute(_LIST, {"app": app_id}).mappings()
        )

    def credentials(self, app_id: str, service: str) -> Mapping[str, str]:
        """Return the sealed credentials of a service in clear."""
        query = select(table.c.sealed).where(table.c.app_id == app_id, table.c.service == service)
        sealed = self._connection.execute(query).scalar_one_or_none()
        if sealed is None:
            return {}
        return secrets_from_bytes(self._vault.unseal(identity(table, app_id, service), sealed))

    def put(self, app_id: str, settings: PushSettings, credentials: Mapping[str, str]) -> None:
        """Write the settings of a service anew."""
        self.remove(app_id, settings.service)
        self._connection.execute(
            insert(table).values(
                app_id=app_id,
                service=settings.service,
                credential=settings.credential.value,
                public={name: getattr(settings, name) for name in _PUBLIC},
                certificate_expires=settings.certificate_expires,
                full_content=settings.full_content,
                sealed=self._vault.seal(
                    identity(table, app_id, settings.service), secrets_to_bytes(credentials)
                ),
            )
        )

    def remove(self, app_id: str, service: str) -> bool:
        """Remove the settings of a service; returns whether there were any."""
        there = (table.c.app_id == app_id, table.c.service == service)
        return self._connection.execute(delete(table).where(*there)).rowcount > 0
