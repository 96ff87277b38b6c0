"""An org of an installation as what is rehearsed. It is only read, through acts, and no secret leaves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.org.app_manager import PlannedMigration, list_apps, plan_migration
from changeover.org.company import view_org
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.lists import AppKind, AppQuery, LoginQuery
from changeover.org.logins import list_logins
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.orgs import Actor, Org
from changeover.org.oauth_usage import is_blocked
from changeover.org.people import list_users
from changeover.org.permission_sets import list_permission_sets, list_profiles
from changeover.org.ports import Unit, Units
from changeover.rehearse.addresses import SeenFrom, distinct
from changeover.rehearse.judged import blocked_by
from changeover.rehearse.source import People, SourceApp

T = TypeVar("T")
_PAGE = 500
_LOOK_BACK = 1_000
"""Logins of an app among which its addresses are looked for; the last ones."""
_ADDRESSES = 100
_FROM_UNSEEN = (
    "From where its client logs in was not to be seen: Login History takes the permission Manage Users or"
    " Monitor Login History."
)
_BLOCKED = "It is blocked in OAuth usage, and so it was on the copy."
_BLOCK_UNSEEN = "Whether it is blocked was not to be seen: OAuth usage takes the permission Manage Users."


def _where_permitted(look: Callable[[], T]) -> T | None:
    """Return what a look shows, None where the actor may not look: what is missing is said in the table."""
    try:
        return look()
    except ChangeoverError as error:
        if error.kind is errors.NOT_PERMITTED:
            return None
        raise


class OrgSource:
    """The apps and people of an org.

    Args:
        units: where transactions come from.
        actor: who looks; whoever may look at Setup may rehearse.
        names: API names of the apps, in any case; all by default.
        discreet: whether others than the actor read the table.

    Raises:
        ChangeoverError: E-NOT-PERMITTED, E-USER-NOT-ACTIVE, E-APP-NOT-FOUND for a name that is none.
    """

    def __init__(
        self, units: Units, actor: Actor, names: Collection[str] = (), *, discreet: bool = False
    ) -> None:
        self._units = units
        self._discreet = discreet
        self._actor = actor
        with units.read() as unit:
            self._org = view_org(unit, actor)
            self._people = People(
                profiles=list_profiles(unit, actor),
                permission_sets=list_permission_sets(unit, actor),
                users=list_users(unit, actor),
            )
            wanted = [plan_migration(unit, actor, name).app.api_name for name in names]
        self._names = tuple(dict.fromkeys(wanted)) if names else tuple(self._every_name())

    def __len__(self) -> int:
        """Return how many apps there are."""
        return len(self._names)

    @property
    def name(self) -> str:
        """The org's name."""
        return self._org.name

    @property
    def names(self) -> tuple[str, ...]:
        """API names of the apps."""
        return self._names

    @property
    def org(self) -> Org:
        """Edition and switches."""
        return self._org

    @property
    def people(self) -> People:
        """Who is in it."""
        return self._people

    def apps(self) -> Iterator[SourceApp]:
        """Yield the apps one by one; one that has gone in the meantime is left out."""
        for name in self._names:
            with self._units.read() as unit:
                planned = plan_migration(unit, self._actor, name)
                external = self._external(unit, planned)
                is_blocked, of_block = self._block(unit, planned.app)
                seen_from, of_addresses = self._seen_from(unit, planned.app)
            flows = planned.logins.flows if planned.logins is not None else ()
            yield SourceApp(
                app=planned.app.document,
                path=planned.app.source_path or "",
                seen=frozenset(flow.sub_type for flow in flows),
                users=tuple(dict.fromkeys(user for flow in flows for user in flow.users)),
                seen_from=seen_from,
                discreet=self._discreet,
                blocked=blocked_by(planned.assessment, external.app if external is not None else None),
                external=external.app if external is not None else None,
                secret_rotated=external is not None and external.secret_changed,
                is_blocked=is_blocked,
                notes=(*of_addresses, *of_block),
            )

    def _external(self, unit: Unit, planned: PlannedMigration) -> ExternalClientAppRecord | None:
        if planned.assessment.verdict is not Verdict.MIGRATED:
            return None
        name = planned.app.api_name
        return _where_permitted(lambda: view_external_client_app(unit, self._actor, name))

    def _seen_from(self, unit: Unit, app: ConnectedAppRecord) -> tuple[tuple[SeenFrom, ...], tuple[str, ...]]:
        """Return from where an app's clients logged in, where that matters to it, and what to say of that."""
        label = app.label.strip()
        if not label or not (app.document.ip_ranges or app.read_only):
            return (), ()
        query = LoginQuery(application=label, refused=False, page_size=_LOOK_BACK)
        page = _where_permitted(lambda: list_logins(unit, self._actor, query))
        if page is None:
            return (), (_FROM_UNSEEN,) if app.document.ip_ranges else ()
        seen = (SeenFrom(row.sub_type, row.source_ip) for row in page.rows if row.sub_type)
        return distinct(seen, _ADDRESSES), ()

    def _block(self, unit: Unit, app: ConnectedAppRecord) -> tuple[bool, tuple[str, ...]]:
        """Return whether an app is blocked, and what to say of that; who may not see it is told so."""
        kind = AppKind.EXTERNAL if app.read_only else AppKind.CONNECTED
        blocked = _where_permitted(lambda: is_blocked(unit, self._actor, kind, app.api_name))
        if blocked is None:
            return False, (_BLOCK_UNSEEN,)
        return blocked, (_BLOCKED,) if blocked else ()

    def _every_name(self) -> Iterator[str]:
        page = 1
        while True:
            with self._units.read() as unit:
                query = AppQuery(sort="api_name", page=page, page_size=_PAGE)
                found = list_apps(unit, self._actor, query)
            yield from (row.api_name for row in found.rows)
            if page >= found.pages:
                return
            page += 1
