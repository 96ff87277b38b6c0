"""A rehearsal: app by app, each flow before the migration, after it, and after the revert."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import requests
from authlib.common.errors import AuthlibBaseError
from requests.adapters import HTTPAdapter

from changeover.apps.connected_app import ConnectedApp
from changeover.errors import ChangeoverError
from changeover.oauth.client import IpRelaxation, OauthClient, of_connected_app
from changeover.oauth.people import FIELDS
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.importing import Incoming, import_app
from changeover.org.migrate import migrate
from changeover.org.model import Confirmation
from changeover.rehearse.assumptions import ASSUMPTIONS, Assumption
from changeover.rehearse.browser import Browser
from changeover.rehearse.copy import Copy
from changeover.rehearse.flows import FLOWS, RehearsedFlow, SetUp
from changeover.rehearse.integration import STAGES, Integration
from changeover.rehearse.outcome import Outcome, Refused, lost, verdict_of
from changeover.rehearse.population import KeyPair, Population, have_named, populate
from changeover.rehearse.reasons import reason_of
from changeover.rehearse.source import Source, SourceApp
from changeover.shapes.rehearsals import LoginVerdict

CAVEAT = "A rehearsal shows what Changeover's rules imply on a copy of the org, not what Salesforce will do."
"""Said by every output."""
BEFORE, AFTER, AFTER_REVERT = STAGES
_YES = Confirmation(local=True, no_username_password=True, despite_evidence=True)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One flow of one app."""

    flow: str
    title: str
    verdict: LoginVerdict
    before: Outcome | None = None
    """None where it was not rehearsed."""
    after: Outcome | None = None
    after_revert: Outcome | None = None
    reason: str = ""
    """Why it fails, why it is not rehearsed; empty where all is well."""
    remedy: str = ""
    depends_on: tuple[str, ...] = ()
    """Ids of decisions: taken the other way, the row would be another."""


@dataclass(frozen=True, kw_only=True)
class RehearsedApp:
    """One app."""

    api_name: str
    label: str
    path: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    """What stands on the copy in place of what nobody here knows."""


@dataclass(frozen=True)
class _Cycle:
    """The outcomes of one way there and back, by flow and stage; or why there was none."""

    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    unprepared: dict[str, Outcome] = field(default_factory=dict)
    """What went wrong, by flow, when that was to be had which a flow needs from before."""
    blocked: ChangeoverError | None = None

    def unlike(self, other: _Cycle, flow: RehearsedFlow) -> bool:
        """Whether a flow came to something else in another cycle, at a stage that both have."""
        both = [
            (self.outcomes.get((flow.id, stage)), other.outcomes.get((flow.id, stage))) for stage in STAGES
        ]
        return any(mine and theirs and not mine.like(theirs) for mine, theirs in both)


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
        notes: tuple[str, ...] = ()
        client = of_connected_app(_with_key(app))
        if client is not None:
            try:
                rows, notes = self._oauth(source, client)
            except ChangeoverError as error:
                reason = Row(
                    flow="all",
                    title="All flows",
                    verdict=LoginVerdict.NOT_REHEARSED,
                    reason=error.message,
                    remedy=error.remedy,
                )
                rows = [reason]
        if app.saml_config is not None:
            rows.append(_SAML)
        return RehearsedApp(
            api_name=app.full_name,
            label=app.label or app.full_name,
            path=source.path,
            rows=tuple(rows),
            notes=notes,
        )

    def _oauth(self, source: SourceApp, client: OauthClient) -> tuple[list[Row], tuple[str, ...]]:
        flows = [flow for flow in FLOWS if flow.set_up(SetUp(client=client, seen=source.seen))]
        if source.blocked is not None:
            blocked = source.blocked
            return [_not_rehearsed(flow, blocked.reason, blocked.remedy) for flow in flows], ()
        integration, notes = self._bring(source, client)
        matter = [one for one in ASSUMPTIONS if one.matters(source.app, client)]
        assumed = {one.name for one in matter if one.name in self._assumed}
        api_name = source.app.full_name
        base = self._cycle(api_name, integration, flows, assumed, STAGES)
        if base.blocked is not None:
            why = base.blocked
            return [_not_rehearsed(flow, why.message, why.remedy) for flow in flows], notes
        depends: dict[str, list[str]] = {flow.id: [] for flow in flows}
        for one in _one_a_decision(matter, assumed):
            stages = STAGES[1:] if one.lasts else (AFTER,)
            other = self._cycle(api_name, integration, flows, assumed ^ {one.name}, stages)
            for flow in flows:
                if base.unlike(other, flow):
                    depends[flow.id].append(one.decision.id)
        return [_row(flow, base, tuple(depends[flow.id])) for flow in flows], notes

    # --- what stands on the copy ------------------------------------------------------------------------

    def _bring(self, source: SourceApp, client: OauthClient) -> tuple[Integration, tuple[str, ...]]:
        """Import an app into the copy, with a secret and a certificate of the copy's own."""
        people, notes = self._population, ["Its consumer secret was generated for the copy."]
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
        with self._copy.units.unit() as unit:
            brought = Incoming(
                app=replace(app, oauth_config=config), path=source.path, references=source.references
            )
            import_app(unit, people.actor, brought)
            record = unit.apps.get(people.org.org_id, app.full_name)
        held = of_connected_app(record.document) if record is not None else None
        if held is None:
            raise TypeError(app.full_name)
        person, said = people.person(held, source.users)
        address = _trusted_address(held)
        notes += [one for one in (run_as, said, _formulas(held)) if one]
        if address is not None:
            notes.append(f"The client came from {address}, an address in its trusted ranges.")
        integration = Integration(
            org_url=f"{self._copy.address}/org/{people.org.my_domain}",
            app=held,
            secret=secret,
            private_key=self._pair.private_key if held.certificate is not None else "",
            person=person,
            newcomer=people.newcomer(person),
            clock=self._copy.clock,
            adapter=self._adapter,
            browsers=self._browsers,
            address=address,
        )
        return integration, tuple(notes)

    # --- there and back ---------------------------------------------------------------------------------

    def _cycle(
        self,
        api_name: str,
        integration: Integration,
        flows: Collection[RehearsedFlow],
        assumed: Collection[str],
        stages: Collection[str],
    ) -> _Cycle:
        """Migrate and revert, and try flows at the stages that are asked for."""
        cycle = _Cycle()
        with self._copy.units.unit() as unit:
            # Nothing of the cycle before: an approval, say, that came with a login.
            unit.oauth.end_consumer(self._population.org.org_id, integration.app.client_id)
        integration.begin(stages)
        ready = []
        for flow in flows:
            unprepared = _outcome(flow.prepare, integration)
            if unprepared.works:
                ready.append(flow)
            else:
                cycle.unprepared[flow.id] = unprepared
        self._stage(cycle, integration, ready, BEFORE)
        try:
            self._migrate(api_name, [one for one in ASSUMPTIONS if one.name in assumed])
        except ChangeoverError as error:
            return replace(cycle, blocked=error)
        self._stage(cycle, integration, ready, AFTER)
        with self._copy.units.unit() as unit:
            actor = self._population.actor
            delete_external_client_app(unit, actor, api_name, confirmed=True, seen_version=None)
        self._stage(cycle, integration, ready, AFTER_REVERT)
        return cycle

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
    def _stage(cycle: _Cycle, integration: Integration, flows: Collection[RehearsedFlow], stage: str) -> None:
        if stage in integration.stages:
            integration.stage = stage
            for flow in flows:
                cycle.outcomes[flow.id, stage] = _outcome(flow.run, integration)


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


_SAML = Row(
    flow="saml",
    title="SAML single sign-on",
    verdict=LoginVerdict.NOT_REHEARSED,
    reason="SAML is not rehearsed: a local org answers no SAML requests.",
    remedy="Try the sign-on by hand in a sandbox, with the service provider's test settings.",
)


def _not_rehearsed(flow: RehearsedFlow, reason: str, remedy: str) -> Row:
    return Row(
        flow=flow.id, title=flow.title, verdict=LoginVerdict.NOT_REHEARSED, reason=reason, remedy=remedy
    )


def _row(flow: RehearsedFlow, cycle: _Cycle, depends_on: tuple[str, ...]) -> Row:
    unprepared = cycle.unprepared.get(flow.id)
    if unprepared is not None:
        said, remedy = reason_of(unprepared, flow.id, migrated=False)
        told = f"{unprepared.error}: {unprepared.description}".rstrip(": ")
        return _not_rehearsed(flow, f"It needs a login from before, and that fails ({told}). {said}", remedy)
    before, after, reverted = (cycle.outcomes[flow.id, one] for one in (BEFORE, AFTER, AFTER_REVERT))
    reason, remedy = _why(flow.id, before, after, reverted)
    return Row(
        flow=flow.id,
        title=flow.title,
        verdict=verdict_of(before, after, reverted),
        before=before,
        after=after,
        after_revert=reverted,
        reason=reason,
        remedy=remedy,
        depends_on=depends_on,
    )


def _why(flow: str, before: Outcome, after: Outcome, reverted: Outcome) -> tuple[str, str]:
    # What failed before the migration has a reason of its own, whatever comes on top.
    for outcome, migrated in ((before, False), (after, True), (reverted, False)):
        if not outcome.works:
            return reason_of(outcome, flow, migrated=migrated)
    for outcome, when in ((after, "after the migration"), (reverted, "after the revert")):
        gone = lost(before, outcome)
        if gone:
            said = f"The client logs in, but {when} it no longer gets: {', '.join(gone)}."
            return said, "Make sure that the client does without, or set it on the external client app."
    return "", ""


def _with_key(app: ConnectedApp) -> ConnectedApp:
    """Return an app with a key for looking at it, where its file shows none."""
    config = app.oauth_config
    if config is None or config.consumer_key:
        return app
    return replace(app, oauth_config=replace(config, consumer_key="unknown"))


def _trusted_address(client: OauthClient) -> str | None:
    """Return an address from which an app lets its clients in; None where loopback will do."""
    if client.ip_relaxation in {IpRelaxation.BYPASS, IpRelaxation.BYPASS_2FACTOR}:
        return None
    return str(client.trusted_ranges[0].start) if client.trusted_ranges else None


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
