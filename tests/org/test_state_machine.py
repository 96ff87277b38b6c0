"""The article as a small model, and an org that is driven against it by chance.

The model knows nothing of documents, tables or rules: per app a label, what was there at migration, what was
changed since, and where Setup shows it. Every act of the org is done to both, and they must agree.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org import app_manager, audit, briefcases, consumer_details, notifications
from changeover.org.connected_apps import delete_app, edit_app
from changeover.org.doctor import examine
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.external_client_apps import (
    delete_external_client_app,
    list_external_client_apps,
    view_external_client_app,
    what_deletion_loses,
)
from changeover.org.installation import NewOrg
from changeover.org.lists import AppQuery, AuditQuery
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.beside_apps import NotificationType
from changeover.org.sign_in import prove
from tests.databases import POSTGRESQL, SQLITE
from tests.org.world import DATABASE, World, app, key_beside, open_world, prepare
from tests.postgresql import Server

NAMES = st.sampled_from(["Billing", "Portal", "Warehouse"])
LABELS = st.sampled_from(["One", "Two", "Drei", "Čtyři"])
TYPES = ("Order_Shipped", "Order_Delayed")
KITS = ("Field_Kit", "Car_Kit")


@dataclass
class Model:
    """One app as the article tells of it."""

    label: str
    logged_in: bool = False
    """Logins with username and password were imported under its label."""
    secret: str | None = None
    deliveries: dict[str, bool] = field(default_factory=dict)
    kits: set[str] = field(default_factory=set)
    migrated: Made | None = None


@dataclass
class Made:
    """Its external client app."""

    label: str
    secret: str | None
    changed: bool = False


_prepared: dict[str, tuple[Path, str | None, NewOrg]] = {}
_servers: list[Server] = []
_folders: list[pytest.TempPathFactory] = []


@pytest.fixture(scope="module", autouse=True)
def _places(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tell the machines, which take no fixtures, where PostgreSQL is and where files go."""
    _servers.append(postgresql)
    _folders.append(tmp_path_factory)


def _world(backend: str) -> World:
    """Copy a database with an org in it: a new one for each run of a machine."""
    if backend not in _prepared:
        folder = _folders[0].mktemp("prepared")
        name = None if backend == SQLITE else _servers[0].new()
        made = prepare(folder, _servers[0].url(name) if name else None)
        _prepared[backend] = folder, name, made
    folder, template, made = _prepared[backend]
    own = _folders[0].mktemp("machine")
    shutil.copy2(key_beside(folder), key_beside(own))
    if template is not None:
        return open_world(own, made, _servers[0].url(_servers[0].new(template)))
    shutil.copy2(folder / DATABASE, own / DATABASE)
    return open_world(own, made)


class TheArticle(RuleBasedStateMachine):
    """Import, edit, migrate, edit the new app, assign, re-import, delete, migrate again, in any order."""

    backend = SQLITE

    def __init__(self) -> None:
        super().__init__()
        self.world = _world(self.backend)
        self.apps: dict[str, Model] = {}
        self.seen_labels: set[str] = set()
        self.migrations = 0
        self.deletions = 0

    @initialize()
    def org(self) -> None:
        for name in TYPES:
            kind = NotificationType(api_name=name, label=name, custom=True)
            self.world.do(notifications.save_notification_type, kind)
        for name in KITS:
            self.world.do(briefcases.save_briefcase, name, name)

    def teardown(self) -> None:
        self.world.house.close()
        shutil.rmtree(self.world.folder)
        if not self.world.is_sqlite:
            _servers[0].drop(self.world.house.database.url.database or "")

    def _tried(self, act: Any, *args: Any, **kwargs: Any) -> str | None:
        """Do something; return the code of the refusal, and make sure that a refusal changed nothing."""
        before = self.world.everything()
        try:
            self.world.do(act, *args, **kwargs)
        except ChangeoverError as error:
            code = error.code
        else:
            return None
        assert self.world.everything() == before, code
        return code

    def _verdict(self, name: str) -> Verdict:
        model = self.apps[name]
        if model.migrated:
            return Verdict.MIGRATED
        return Verdict.CONFIRM if model.label in self.seen_labels else Verdict.ELIGIBLE

    # --- what is done -----------------------------------------------------------------------------------

    @rule(name=NAMES, label=LABELS)
    def import_file(self, name: str, label: str) -> None:
        (outcome,) = self.world.bring(app(name, label=label))
        model = self.apps.get(name)
        if model is None:
            assert outcome.result == "created"
            self.apps[name] = Model(label)
        elif model.migrated:
            assert (outcome.result, outcome.code) == ("refused", "E-APP-READ-ONLY")
        else:
            assert outcome.result == ("unchanged" if model.label == label else "updated")
            model.label = label

    @rule(name=NAMES, label=LABELS)
    def edit(self, name: str, label: str) -> None:
        code = self._tried(edit_app, name, {"label": label}, seen_version=None)
        model = self.apps.get(name)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-APP-READ-ONLY"
        else:
            assert code is None
            model.label = label

    @rule(name=NAMES, secret=st.sampled_from(["first-secret", "second-secret"]))
    def set_secret(self, name: str, secret: str) -> None:
        code = self._tried(consumer_details.set_secret, name, secret, seen_version=None)
        model = self.apps.get(name)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-APP-READ-ONLY"
        else:
            model.secret = secret

    @rule(label=LABELS)
    def log_in_with_password(self, label: str) -> None:
        self.world.log_in(label, times=2)
        self.seen_labels.add(label)

    @rule(name=NAMES, local=st.booleans(), flow=st.booleans(), despite=st.booleans(), stale=st.booleans())
    def migrate(self, name: str, local: bool, flow: bool, despite: bool, stale: bool) -> None:  # noqa: FBT001
        model = self.apps.get(name)
        seen = self.world.record(name).version - stale if model else None
        confirmation = Confirmation(
            local=local, no_username_password=flow, despite_evidence=despite, seen_version=seen
        )
        code = self._tried(migrate, name, confirmation)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-ALREADY-MIGRATED"
        elif stale:
            assert code == "E-STALE-PAGE"
        elif not local:
            assert code == "E-CONFIRM-LOCAL"
        elif not flow:
            assert code == "E-CONFIRM-NO-USERNAME-PASSWORD"
        elif model.label in self.seen_labels and not despite:
            assert code == "E-USERNAME-PASSWORD-SEEN"
        else:
            assert code is None
            model.migrated = Made(model.label, model.secret)
            self.migrations += 1

    @rule(name=NAMES, label=LABELS)
    def edit_external_client_app(self, name: str, label: str) -> None:
        code = self._tried(edit_settings, name, {"eca/label": label}, seen_version=None)
        model = self.apps.get(name)
        if model is None or model.migrated is None:
            assert code == "E-EXTERNAL-CLIENT-APP-NOT-FOUND"
        else:
            assert code is None
            model.migrated.label = label

    @precondition(lambda self: any(model.migrated for model in self.apps.values()))
    @rule(data=st.data())
    def rotate_external_client_app(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, one in self.apps.items() if one.migrated)))
        proof = prove(self.world.house.units, self.world.admin, self.world.password)
        rotate = consumer_details.rotate_external_client_app
        details = self.world.do(rotate, name, proof, seen_version=None)
        made = self.apps[name].migrated
        assert made is not None
        assert details.consumer_secret != made.secret
        made.secret = details.consumer_secret
        made.changed = True

    @rule(name=NAMES, kind=st.sampled_from(TYPES), enabled=st.booleans())
    def deliver(self, name: str, kind: str, enabled: bool) -> None:  # noqa: FBT001 - drawn by chance
        code = self._tried(notifications.set_delivery, kind, name, enabled=enabled)
        model = self.apps.get(name)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-APP-READ-ONLY"
        else:
            model.deliveries[kind] = enabled

    @rule(name=NAMES, kit=st.sampled_from(KITS), assign=st.booleans())
    def assign_briefcase(self, name: str, kit: str, assign: bool) -> None:  # noqa: FBT001 - drawn by chance
        code = self._tried(briefcases.assign if assign else briefcases.unassign, kit, name)
        model = self.apps.get(name)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-APP-READ-ONLY"
        elif assign:
            model.kits.add(kit)
        else:
            model.kits.discard(kit)

    @rule(name=NAMES, confirmed=st.booleans())
    def delete_external_client_app(self, name: str, confirmed: bool) -> None:  # noqa: FBT001 - drawn by chance
        model = self.apps.get(name)
        if model is not None and model.migrated is not None:
            losses = self.world.see(what_deletion_loses, name)
            changes = {(one.path, one.now) for one in losses.changes if one.path == "label"}
            made = model.migrated
            header = {("label", made.label)} if made.label != model.label else set()
            assert changes == header
            assert losses.secret_changed is made.changed
        code = self._tried(delete_external_client_app, name, confirmed=confirmed, seen_version=None)
        if model is None or model.migrated is None:
            assert code == "E-EXTERNAL-CLIENT-APP-NOT-FOUND"
        elif not confirmed:
            assert code == "E-CONFIRM-DELETION"
        else:
            assert code is None
            model.migrated = None
            self.deletions += 1

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        code = self._tried(delete_app, name, confirmed=True, seen_version=None)
        model = self.apps.get(name)
        if model is None:
            assert code == "E-APP-NOT-FOUND"
        elif model.migrated:
            assert code == "E-EXTERNAL-CLIENT-APP-THERE"
        else:
            del self.apps[name]

    # --- what must hold ---------------------------------------------------------------------------------

    @invariant()
    def app_manager_shows_every_connected_app(self) -> None:
        rows = {row.api_name: row for row in self.world.see(app_manager.list_apps, AppQuery(page_size=50))}
        assert set(rows) == set(self.apps)
        for name, model in self.apps.items():
            assert rows[name].label == model.label
            assert rows[name].state is (State.MIGRATED if model.migrated else State.ACTIVE)
            assert rows[name].verdict is self._verdict(name)
            assert self.world.see(app_manager.assess_app, name).verdict is self._verdict(name)

    @invariant()
    def external_client_app_manager_shows_those_that_were_made(self) -> None:
        made = {row.api_name: row.label for row in self.world.see(list_external_client_apps)}
        assert made == {name: one.migrated.label for name, one in self.apps.items() if one.migrated}

    @invariant()
    def secrets_are_those_of_their_app(self) -> None:
        with self.world.read() as unit:
            for name, model in self.apps.items():
                record = unit.apps.get(self.world.org_id, name)
                assert record is not None
                assert unit.apps.secret(record.app_id) == model.secret
                if model.migrated:
                    view = view_external_client_app(unit, self.world.admin, name)
                    assert unit.external.secret(view.app_id) == model.migrated.secret

    @invariant()
    def migrated_apps_are_in_no_notification_setting_and_no_briefcase(self) -> None:
        active = {name: one for name, one in self.apps.items() if not one.migrated}
        for settings_of in self.world.see(notifications.list_delivery_settings):
            kind = settings_of.notification_type.api_name
            shown = {one.app: one.enabled for one in settings_of.apps}
            assert shown == {
                name: one.deliveries[kind] for name, one in active.items() if kind in one.deliveries
            }
        for briefcase in self.world.see(briefcases.list_briefcases):
            assert set(briefcase.apps) == {
                name for name, one in active.items() if briefcase.api_name in one.kits
            }
        assert {row.api_name for row in self.world.see(briefcases.assignable_apps)} == set(active)

    @invariant()
    def the_audit_trail_counts_every_migration_and_deletion(self) -> None:
        def told(event: audit.Event) -> int:
            total: int = self.world.see(audit.list_audit, AuditQuery(event=event.value)).total
            return total

        assert told(audit.Event.CONNECTED_APP_MIGRATED) == self.migrations
        assert told(audit.Event.EXTERNAL_CLIENT_APP_DELETED) == self.deletions

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        assert [check for check in examine(self.world.house.units) if not check.ok] == []


class TheArticleOnPostgresql(TheArticle):
    """The same on PostgreSQL."""

    backend = POSTGRESQL


TheArticle.TestCase.settings = settings(max_examples=15, stateful_step_count=30)
TestTheArticle = TheArticle.TestCase
# Fewer: what is drawn is the same, and one act alone is no more likely to go wrong here than there.
TheArticleOnPostgresql.TestCase.settings = settings(max_examples=6, stateful_step_count=30)
TestTheArticleOnPostgresql = TheArticleOnPostgresql.TestCase
