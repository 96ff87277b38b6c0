"""An org on PostgreSQL by the machine's own clock, as workers see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from changeover.apps.connected_app import ConnectedApp
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import create_org
from changeover.org.model.orgs import Actor, Edition
from changeover.wiring import House, open_house
from tests.org.world import FAST, actor_named


@dataclass(frozen=True)
class Queued:
    """An installation with one org, and its administrator."""

    house: House
    url: str
    data: Path
    """With the key, as `--data` takes it."""
    admin: Actor

    def do(self, act: Any, *given: Any, **more: Any) -> Any:
        with self.house.units.unit() as unit:
            return act(unit, self.admin, *given, **more)

    def bring(self, *apps: ConnectedApp) -> None:
        list(
            import_apps(self.house.units, self.admin, [Incoming(app=one, path=one.full_name) for one in apps])
        )

    def jobs(self) -> list[tuple[str, str | None, str]]:
        """Return the jobs that run batches: status, lock, and the batch."""
        rows = text(
            "SELECT status::text, queueing_lock, args->>'batch_id' FROM procrastinate_jobs"
            " WHERE task_name = 'changeover.run_batch' ORDER BY id"
        )
        with self.house.database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(rows)]


@contextmanager
def queued(url: str, data: Path) -> Iterator[Queued]:
    """Open an installation with a new org."""
    house = open_house(url, key_file=data / "changeover.key", passwords=FAST, environment={})
    person = "admin@acme.example"
    create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=person, email=person)
    yield Queued(house, url, data, actor_named(house, person))
    house.close()
