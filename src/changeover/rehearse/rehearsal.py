"""A rehearsal: app by app, each flow before the migration, after it, and after the revert."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import requests
from authlib.common.errors import AuthlibBaseError
from requests.adapters import HTTPAdapter

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp, ExtlClntAppGlobalOauthSettings
from changeover.errors import ChangeoverError
from changeover.oauth.client import OauthClient, of_connected_app, of_external_client_app
from changeover.oauth.people import FIELDS
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.importing import Incoming, import_app
from changeover.org.lists import AppKind
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.oauth_usage import block_app
from changeover.rehearse.addresses import came_from
from changeover.rehearse.assumptions import ASSUMPTIONS, OTHER_ORG, Assumption
from changeover.rehearse.browser import Browser
from changeover.rehearse.copy import Copy
from changeover.rehearse.flows import FLOWS, RehearsedFlow, SetUp
from changeover.rehearse.integration import STAGES, Integration
from changeover.rehearse.outcome import Outcome, Refused
from changeover.rehearse.population import KeyPair, Population, have_named, populate
from changeover.rehearse.reasons import When
from changeover.rehearse.rows import (
    AFTER,
    AFTER_REVERT,
    BEFORE,
    SAML,
    Cycle,
    RehearsedApp,
    Row,
    not_rehearsed,
    row_of,
    way_back_of,
)
from changeover.rehearse.source import Source, SourceApp
from changeover.shapes.rehearsals import LoginVerdict

CAVEAT = "A rehearsal shows what Changeover's rules imply on a copy of the org, not what Salesforce will do."
"""Said by every output."""
MIGRATED_ALREADY = (
    "It is migrated already: its client logged in to its external client app as it is now, and then after"
    " a revert. No decision was tried the other way."
)
_YES = Confirmation(local=True, no_username_password=True, despite_evidence=True)


class _Credentials(NamedTuple):
    """What a client proves itself by."""

    secret: str
    pair: KeyPair


class _Imported(NamedTuple):
    """An app on the copy."""

    held: OauthClient
    secret: str


class Rehearsal:
    """A rehearsal on one copy.

    Args:
        copy: an empty installation, served.
        source: what is rehearsed; it is only read.
        assumed: names of assumptions that hold on the copy.
    """

    def __init__(self, copy: Copy, source: Source, assumed: Collection[str] = ()) -> None:
        self._copy = copy
        self._source = source
        self._assumed = frozenset(assumed)
        self._population: Population = populate(copy.units, source)
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
        self._browsers: dict[str, Browser] = {}

    @cached_property
    def _pair(self) -> KeyPair:
        return KeyPair()

    def apps(self) -> Iterator[RehearsedApp]:
        """Rehearse every app of the source, one after another."""
        for one in self._source.apps():
            yield self._app(one)

    def _app(self, source: SourceApp) -> RehearsedApp:
        app = source.app
        rows: list[Row] = []
        notes: list[str] = []
        client = of_connected_app(_with_key(app))
        if client is not None:
            try:
                rows, notes = self._rows(source, client)
            except ChangeoverError as error:
                rows = [_all_flows(error.message, error.remedy)]
        if app.saml_config is not None:
            rows.append(SAML)
        return RehearsedApp(
            api_name=app.full_name,
            label=app.label or app.full_name,
            path=source.path,
            rows=tuple(rows),
            notes=tuple(notes),
        )

    def _rows(self, source: SourceApp, client: OauthClient) -> tuple[list[Row], list[str]]:
        if source.external is not None:
            return self._way_back(source, source.external)
        return self._there_and_back(source, client)

    def _there_and_back(self, source: SourceApp, client: OauthClient) -> tuple[list[Row], list[str]]:
        flows = [flow for flow in FLOWS if flow.set_up(SetUp(client=client, seen=source.seen))]
        notes: list[str] = []
        if source.blocked is not None:
            blocked = source.blocked
            return [not_rehearsed(flow, blocked.reason, blocked.remedy) for flow in flows], notes
        held, secret = self._import(source, client, notes)
        integration = self._integration(source, held, _Credentials(secret, self._pair), notes)
        matter = [one for one in ASSUMPTIONS if one.matters(source.app, client)]
        assumed = {one.name for one in matter if one.name in self._assumed}
        api_name = source.app.full_name
        base = self._cycle(api_name, integration, flows, assumed, STAGES)
        if base.blocked is not None:
            why = base.blocked
            return [not_rehearsed(flow, why.message, why.remedy) for flow in flows], notes
        depends: dict[str, list[str]] = {flow.id: [] for flow in flows}
        for one in _one_a_decision(matter, assumed):
            stages = STAGES[1:] if one.lasts else (AFTER,)
            other = self._cycle(api_name, integration, flows, assumed ^ {one.name}, stages)
            for flow in flows:
                if base.unlike(other, flow):
                    depends[flow.id].append(one.decision.id)
        more: dict[str, Any] = {"elsewhere": OTHER_ORG in assumed, "always": _always(source, held)}
        return [row_of(flow, base, tuple(depends[flow.id]), **more) for flow in flows], notes

    def _way_back(self, source: SourceApp, now: ExternalClientApp) -> tuple[list[Row], list[str]]:
        """Rehearse an app that is migrated already: its external client app as it is now, and a revert.

        The client is what the external client app asks of it today. Whatever was changed since the migration
        ends with the revert (design, What a migration does, 7), so that client may be refused then.
        """
        people, app, notes = self._population, source.app, [MIGRATED_ALREADY]
        client, before = of_external_client_app(now), of_connected_app(app)
        if client is None or before is None:
            said = "Its external client app shows no consumer key, so no client can name it."
            return [_all_flows(said, "Retrieve its OAuth settings, or rehearse the org.")], notes
        flows = [flow for flow in FLOWS if flow.set_up(SetUp(client=client, seen=source.seen))]
        secret = self._import(source, before, notes).secret
        with self._copy.units.unit() as unit:
            made = have_named(unit, people.org, client)
            fresh = unit.ids.consumer_secret()
        notes += [f"Made for the copy, since nobody here has them: {', '.join(made)}."] if made else []
        rotated = source.secret_rotated or client.client_id != before.client_id
        pair = self._pair if client.certificate == before.certificate else KeyPair()
        with_its_own = _with_credentials(now, fresh if rotated else secret, pair)
        self._migrate(app.full_name, ())
        with self._copy.units.unit() as unit:
            record = unit.external.get(people.org.org_id, app.full_name, lock=True)
            if record is None:
                raise TypeError(app.full_name)
            unit.external.save(replace(record, app=with_its_own, version=record.version + 1))
        held = of_external_client_app(with_its_own)
        if held is None:
            raise TypeError(app.full_name)
        run_as = people.run_as(held)
        notes += [run_as] if run_as is not None else []
        credentials = _Credentials(fresh if rotated else secret, pair)
        integration = self._integration(source, held, credentials, notes)
        cycle = Cycle()
        integration.begin((AFTER, AFTER_REVERT))
        ready = self._prepared(cycle, integration, flows)
        self._stage(cycle, integration, ready, AFTER)
        self._revert(app.full_name)
        self._stage(cycle, integration, ready, AFTER_REVERT)
        always = _always(source, held)
        return [way_back_of(flow, cycle, always=always) for flow in flows], notes

    # --- what stands on the copy ------------------------------------------------------------------------

    def _import(self, source: SourceApp, client: OauthClient, notes: list[str]) -> _Imported:
        """Import an app into the copy, with a secret and a certificate of the copy's own."""
        people = self._population
        has_key = bool(source.app.oauth_config and source.app.oauth_config.consumer_key)
        made_up = "consumer secret was" if has_key else "consumer key and secret were"
        notes.append(f"Its {made_up} generated for the copy.")
        with self._copy.units.unit() as unit:
            secret = unit.ids.consumer_secret()
            made = have_named(unit, people.org, client)
        if made:
            notes.append(f"Made for the copy, since nobody here has them: {', '.join(made)}.")
        app = source.app
        config = app.oauth_config
        if config is None:
            raise TypeError(app.full_name)
        config = replace(config, consumer_secret=secret)
        if client.certificate is not None:
            config = replace(config, certificate=self._pair.certificate)
            notes.append("Its certificate was replaced by a generated one: nobody here has its private key.")
        run_as = people.run_as(client)
        notes += [run_as] if run_as is not None else []
        with self._copy.units.unit() as unit:
            brought = Incoming(
                app=replace(app, oauth_config=config), path=source.path, references=source.references
            )
            import_app(unit, people.actor, brought)
            record = unit.apps.get(people.org.org_id, app.full_name)
            held = of_connected_app(record.document) if record is not None else None
            if held is None:
                raise TypeError(app.full_name)
            if source.is_blocked:
                block_app(unit, people.actor, AppKind.CONNECTED, app.full_name)
        return _Imported(held, secret)

    def _integration(
        self, source: SourceApp, held: OauthClient, credentials: _Credentials, notes: list[str]
    ) -> Integration:
        """Return the client of an app that stands on the copy."""
        people = self._population
        person, said = people.person(held, source.users)
        address, of_address = came_from(held, source.seen_from, discreet=source.discreet)
        notes += [one for one in (said, _formulas(held)) if one]
        notes += (*of_address, *source.notes)
        return Integration(
            org_url=f"{self._copy.address}/org/{people.org.my_domain}",
            app=held,
            secret=credentials.secret,
            private_key=credentials.pair.private_key if held.certificate is not None else "",
            person=person,
            newcomer=people.newcomer(person),
            clock=self._copy.clock,
            adapter=self._adapter,
            browsers=self._browsers,
            address=address,
        )

    # --- there and back ---------------------------------------------------------------------------------

    def _cycle(
        self,
        api_name: str,
        integration: Integration,
        flows: Collection[RehearsedFlow],
        assumed: Collection[str],
        stages: Collection[str],
    ) -> Cycle:
        """Migrate and revert, and try flows at the stages that are asked for."""
        cycle = Cycle()
        with self._copy.units.unit() as unit:
            # Nothing of the cycle before: an approval, say, that came with a login.
            unit.oauth.end_consumer(self._population.org.org_id, integration.app.client_id)
        integration.begin(stages)
        ready = self._prepared(cycle, integration, flows)
        self._stage(cycle, integration, ready, BEFORE)
        try:
            self._migrate(api_name, _named(assumed))
        except ChangeoverError as error:
            return replace(cycle, blocked=error)
        self._stage(cycle, integration, ready, AFTER)
        with self._copy.units.unit() as unit:
            for one in _named(assumed):
                one.undo(unit, self._population.org.org_id, integration.app)
        self._revert(api_name)
        self._stage(cycle, integration, ready, AFTER_REVERT)
        return cycle

    @staticmethod
    def _prepared(
        cycle: Cycle, integration: Integration, flows: Collection[RehearsedFlow]
    ) -> list[RehearsedFlow]:
        """Get for each flow what it needs from before; returns the flows that have it."""
        ready = []
        for flow in flows:
            unprepared = _outcome(flow.prepare, integration)
            if unprepared.works:
                ready.append(flow)
            else:
                cycle.unprepared[flow.id] = unprepared
        return ready

    def _revert(self, api_name: str) -> None:
        with self._copy.units.unit() as unit:
            actor = self._population.actor
            delete_external_client_app(unit, actor, api_name, confirmed=True, seen_version=None)

    def _migrate(self, api_name: str, assumptions: Collection[Assumption]) -> None:
        org_id = self._population.org.org_id
        with self._copy.units.unit() as unit:
            migrate(unit, self._population.actor, api_name, _YES)
        for one in assumptions:
            with self._copy.units.unit() as unit:
                record = unit.external.get(org_id, api_name, lock=True)
                if record is not None:
                    one.assume(unit, org_id, record)

    @staticmethod
    def _stage(cycle: Cycle, integration: Integration, flows: Collection[RehearsedFlow], stage: str) -> None:
        if stage in integration.stages:
            integration.stage = stage
            for flow in flows:
                cycle.outcomes[flow.id, stage] = _outcome(flow.run, integration)


def _named(assumed: Collection[str]) -> list[Assumption]:
    return [one for one in ASSUMPTIONS if one.name in assumed]


def _one_a_decision(assumptions: Collection[Assumption], assumed: Collection[str]) -> Iterator[Assumption]:
    """Yield one assumption a decision: the one that is assumed, else the first."""
    done = set()
    for one in sorted(assumptions, key=lambda each: each.name not in assumed):
        if one.decision.id not in done:
            done.add(one.decision.id)
            yield one


def _outcome(what: Callable[[Integration], Collection[str] | None], integration: Integration) -> Outcome:
    """Do something as a client, and return what it came to; what its library raises is a refusal."""
    try:
        return Outcome(gained=frozenset(what(integration) or ()))
    except Refused as refused:
        return Outcome(error=refused.error, description=refused.description)
    except AuthlibBaseError as error:
        return Outcome(error=error.error or "error", description=error.description or "")
    except requests.RequestException as error:
        return Outcome(error="no_answer", description=type(error).__name__)


def _always(source: SourceApp, client: OauthClient) -> frozenset[When]:
    """Return what is so of an app at every stage, and tells two causes of one answer apart."""
    only_the_permitted = client.admin_approved and client.enabled and not source.is_blocked
    return frozenset({When.PRE_AUTHORIZED}) if only_the_permitted else frozenset()


def _all_flows(reason: str, remedy: str) -> Row:
    verdict = LoginVerdict.NOT_REHEARSED
    return Row(flow="all", title="All flows", verdict=verdict, reason=reason, remedy=remedy)


def _with_credentials(app: ExternalClientApp, secret: str, pair: KeyPair) -> ExternalClientApp:
    """Return an external client app with a secret and, where it has one, a certificate of the copy's own."""
    held = app.part(ExtlClntAppGlobalOauthSettings)
    if held is None:
        return app
    certificate = pair.certificate if held.certificate else held.certificate
    own = replace(held, consumer_secret=secret, certificate=certificate)
    return replace(app, parts=tuple(own if part is held else part for part in app.parts))


def _with_key(app: ConnectedApp) -> ConnectedApp:
    """Return an app with a key for looking at it, where its file shows none."""
    config = app.oauth_config
    if config is None or config.consumer_key:
        return app
    return replace(app, oauth_config=replace(config, consumer_key="unknown"))


def _formulas(client: OauthClient) -> str | None:
    """Say which custom attributes are empty on a copy, because it has no such field."""
    unknown = []
    for key, formula in client.attributes:
        with suppress(ValueError):
            name = formula.strip().partition(".")[2].casefold()
            if formula.strip()[:1] not in {"'", '"'} and name not in FIELDS:
                unknown.append(key)
    if not unknown:
        return None
    return (
        f"A copy does not work out the formulas of these attributes, which stay empty: {', '.join(unknown)}."
    )
