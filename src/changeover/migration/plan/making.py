"""An app's record in a plan, from the app, what is known beside it, and what a migration makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, Leaf, in_order, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import MASK, concealed, is_secret, masked
from changeover.apps.types import TYPES, component
from changeover.migration.account import Account, Added, Entry, Kind, Target
from changeover.migration.finding import Assessment, Finding, Severity, Verdict
from changeover.migration.mapping import Migration
from changeover.migration.plan.document import (
    Asked,
    Confirmation,
    Given,
    LastUser,
    Lost,
    Owner,
    PlannedAdded,
    PlannedApp,
    PlannedComponent,
    PlannedEntry,
    PlannedExternalClientApp,
    PlannedFinding,
    PlannedHidden,
    PlannedLeaf,
    PlannedTarget,
)
from changeover.migration.situation import LoginEvidence

PUSH_SETTINGS = "Push Settings"
"""Where a local org has push credentials: no leaf of the connected app holds them."""

_AT = tuple[str, str]
"""Component and path of a leaf of the result."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is known of an app when it is planned."""

    app: ConnectedApp
    assessment: Assessment
    findings: tuple[Finding, ...]
    """Of the rules, then of the file."""
    fingerprint: str
    logins: LoginEvidence | None
    path: str | None = None
    app_id: str | None = None


def plan_app(
    seen: Seen, made: Migration, *, owner: Owner | None = None, given: Mapping[Asked, Given] | None = None
) -> PlannedApp:
    """Return an app's record in a plan, without a secret anywhere.

    Args:
        seen: the app and what is known of it.
        made: what a migration makes of it, secrets in clear, masked or left out.
        owner: its row in the list of owners.
        given: what has been confirmed of it, by whom and when.
    """
    app = seen.app
    account = tuple(_entry(entry) for entry in made.account.entries)
    return PlannedApp(
        api_name=app.full_name,
        label=_open(app.label) or app.full_name,
        path=seen.path,
        app_id=seen.app_id,
        fingerprint=seen.fingerprint,
        verdict=seen.assessment.verdict,
        findings=tuple(_finding(finding) for finding in seen.findings),
        not_visible=tuple(PlannedHidden(**one._asdict()) for one in seen.assessment.not_visible),
        confirmations=_confirmations(seen.assessment, given or {}),
        owner=_open(owner.owner if owner else None),
        contact=_open((owner.contact if owner else None) or app.contact_email),
        wave=_open(owner.wave if owner else None),
        last_users=_last_users(seen.logins),
        external_client_app=planned_external_client_app(made),
        account=account,
        added=tuple(_added(added) for added in made.account.added),
        lost=tuple(
            Lost(source=entry.source, value=entry.value, consequence=entry.note)
            for entry in account
            if entry.kind is Kind.LOST
        ),
    )


def _open(text: str | None) -> str | None:
    """Return a text on one line, masked where somebody pasted a private key; None for an empty one."""
    return concealed(" ".join((text or "").split()), secret=False) or None


def _finding(finding: Finding) -> PlannedFinding:
    """Return a finding whose evidence, which quotes the app, holds no private key."""
    return PlannedFinding(**{**finding._asdict(), "evidence": concealed(finding.evidence, secret=False)})


def _confirmations(assessment: Assessment, given: Mapping[Asked, Given]) -> tuple[Confirmation, ...]:
    if assessment.verdict not in {Verdict.ELIGIBLE, Verdict.CONFIRM}:
        return ()
    always = (
        (Asked.LOCAL, "The app is local: it was made in this org and comes from no package."),
        (Asked.NO_USERNAME_PASSWORD, "The app does not use the username-password flow."),
    )
    return (
        *(
            Confirmation(what=what, rule=None, statement=statement, given=given.get(what))
            for what, statement in always
        ),
        *(
            Confirmation(
                what=Asked.DESPITE_EVIDENCE,
                rule=finding.rule,
                statement=_finding(finding).evidence,
                given=given.get(Asked.DESPITE_EVIDENCE),
            )
            for finding in assessment.with_severity(Severity.CONFIRM)
        ),
    )


def _last_users(logins: LoginEvidence | None) -> tuple[LastUser, ...]:
    found: dict[str, LastUser] = {}
    for use in sorted(logins.flows if logins else (), key=lambda use: use.last, reverse=True):
        for user in use.users:
            found.setdefault(user, LastUser(user=user, flow=use.sub_type, last=use.last))
    return tuple(found.values())


def planned_external_client_app(made: Migration) -> PlannedExternalClientApp:
    """Return the external client app that a migration makes, each secret as a reference to its source.

    Whether the secrets are in clear in what was made, masked or left out: the same comes of it.
    """
    sources = _sources(made.account)
    hidden = _hidden(made.account)
    return PlannedExternalClientApp(
        api_name=made.external_client_app.api_name,
        components=tuple(
            PlannedComponent(
                type=type(document).__name__,
                full_name=document.full_name,
                leaves=_leaves(document, hidden, sources),
            )
            for document in made.external_client_app.documents
        ),
    )


def visible_leaves(app: ExternalClientApp) -> frozenset[tuple[str, str, str]]:
    """Return the leaves of an external client app that hold no secret, each with its component."""
    return frozenset(
        (component(document), leaf.path, leaf.value)
        for document in app.documents
        for leaf in leaves(document)
        if masked(leaf) == leaf.value and leaf.value != MASK
    )


def planned_leaves(planned: PlannedApp) -> frozenset[tuple[str, str, str]]:
    """Return the leaves that are planned and hold no secret, as `visible_leaves` does."""
    suffixes = {entry.name: entry.suffix for entry in TYPES}
    return frozenset(
        (f"{one.full_name}.{suffixes.get(one.type, one.type)}", leaf.path, leaf.value)
        for one in planned.external_client_app.components
        for leaf in one.leaves
        if leaf.value is not None
    )


def _leaves(
    document: Document, hidden: frozenset[_AT], sources: Mapping[_AT, list[str]]
) -> tuple[PlannedLeaf, ...]:
    name = component(document)
    values = {leaf.path: leaf.value for leaf in leaves(document)}
    paths = {path: "" for at, path in hidden if at == name} | values
    found = []
    for path, _ in in_order(Leaf(path, "") for path in paths):
        value = values.get(path, MASK)
        at = (name, path)
        if at in hidden or value == MASK or masked(Leaf(path, value)) != value:
            found.append(PlannedLeaf(path=path, value=None, secret=_reference(sources.get(at))))
        else:
            found.append(PlannedLeaf(path=path, value=value))
    return tuple(found)


def _reference(sources: list[str] | None) -> str:
    if sources is None:
        return PUSH_SETTINGS
    return sources[0] if len(sources) == 1 else ""


def _sources(account: Account) -> dict[_AT, list[str]]:
    """Return the leaves of the connected app from which each leaf of the result comes."""
    found: dict[_AT, list[str]] = {}
    for entry in account.entries:
        for target in entry.targets:
            found.setdefault((target.component, target.path), []).append(entry.source)
    return found


def _hidden(account: Account) -> frozenset[_AT]:
    """Return where the result has a secret that is set. What was made of a secret is one, too."""

    def is_hidden(target: Target, *, secret: bool) -> bool:
        return concealed(target.value, secret=secret or is_secret(target.path)) != target.value or (
            target.value == MASK
        )

    return frozenset(
        [
            (target.component, target.path)
            for entry in account.entries
            for target in entry.targets
            if is_hidden(target, secret=is_secret(entry.source))
        ]
        + [
            (added.target.component, added.target.path)
            for added in account.added
            if is_hidden(added.target, secret=False)
        ]
    )


def _entry(entry: Entry) -> PlannedEntry:
    hidden = is_secret(entry.source)
    return PlannedEntry(
        source=entry.source,
        kind=entry.kind,
        value=concealed(entry.value, secret=hidden),
        targets=tuple(_target(target, secret=hidden) for target in entry.targets),
        note=entry.note,
    )


def _added(added: Added) -> PlannedAdded:
    target = _target(added.target, secret=False)
    return PlannedAdded(target=target, why=added.why, decision=added.decision)


def _target(target: Target, *, secret: bool) -> PlannedTarget:
    value = concealed(target.value, secret=secret or is_secret(target.path))
    return PlannedTarget(component=target.component, path=target.path, value=value)
