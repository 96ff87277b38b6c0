"""What a report holds of one connected app: small enough to wait on a disk, secrets masked."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.secrets import concealed, is_secret
from changeover.migration.account import Account
from changeover.migration.finding import Assessment, Finding, Severity, Status, Verdict
from changeover.migration.plan import Owner
from changeover.migration.readiness import DATED, ONLY_SETUP_SHOWS, Readiness, readiness, stops

_LONGEST = 300
"""Characters of a value that is lost; a report is no place for a certificate."""


class Told(Struct, frozen=True, kw_only=True):
    """One finding."""

    rule: str
    title: str
    severity: Severity
    status: Status
    evidence: str
    remedy: str
    source: str
    line: int | None = None
    """Where in the app's file, counted from 1; None where it is no line's."""


class Lost(Struct, frozen=True, kw_only=True):
    """One field that the external client app will not have."""

    source: str
    value: str
    consequence: str


class Hidden(Struct, frozen=True, kw_only=True):
    """Something that could not be judged."""

    rule: str
    where_to_look: str
    only_setup: bool
    """Whether no file ever shows it."""


class ReportedApp(Struct, frozen=True, kw_only=True):
    """One connected app."""

    api_name: str
    label: str
    path: str
    contact: str
    """The contact of the list of owners, else the connected app's contact e-mail."""
    owner: str
    readiness: Readiness
    verdict: Verdict
    findings: tuple[Told, ...]
    hidden: tuple[Hidden, ...]
    lost: tuple[Lost, ...]
    decisions: tuple[str, ...]
    """Ids of the decisions that the result rests on."""
    stops: tuple[tuple[date, str], ...]
    """Days on which clients stop, with what happens then."""
    last_used: datetime | None = None

    @property
    def whom(self) -> str:
        """Whom to tell: the owner and the contact, empty where nobody is named."""
        return ", ".join(dict.fromkeys(one for one in (self.owner, self.contact) if one))

    @property
    def name(self) -> str:
        """The label, or the API name where there is none."""
        return " ".join(self.label.split()) or self.api_name

    def of(self, *severities: Severity) -> tuple[Told, ...]:
        """Return the findings of some severities."""
        return tuple(told for told in self.findings if told.severity in severities)

    @property
    def dated(self) -> frozenset[str]:
        """Ids of the deadlines that touch this app."""
        return frozenset(DATED[told.rule].id for told in self.findings if told.rule in DATED)


def reported(
    path: str,
    app: ConnectedApp,
    assessment: Assessment,
    findings: tuple[Finding, ...],
    account: Account,
    last_used: datetime | None,
    lines: dict[str, int] | None = None,
    owner: Owner | None = None,
) -> ReportedApp:
    """Return what a report holds of an app.

    Args:
        path: its file, or what stands for it.
        app: the app.
        assessment: the verdict with what could not be judged.
        findings: those of the rules and of the file.
        account: where its fields go.
        last_used: the last use that evidence shows.
        lines: by rule, the line of the file that it is about.
        owner: who answers for it, by the list of owners.
    """
    places = lines or {}
    return ReportedApp(
        api_name=app.full_name,
        label=app.label or "",
        path=path,
        contact=(owner and owner.contact) or (app.contact_email or "").strip(),
        owner=(owner and owner.owner) or "",
        readiness=readiness(assessment),
        verdict=assessment.verdict,
        findings=tuple(
            Told(
                rule=finding.rule,
                title=finding.title,
                severity=finding.severity,
                status=finding.status,
                evidence=finding.evidence,
                remedy=finding.remedy,
                source=finding.source,
                line=places.get(finding.rule),
            )
            for finding in findings
        ),
        hidden=tuple(
            Hidden(rule=each.rule, where_to_look=each.where_to_look, only_setup=each.rule in ONLY_SETUP_SHOWS)
            for each in assessment.not_visible
        ),
        lost=tuple(
            Lost(
                source=entry.source,
                value=concealed(entry.value, secret=is_secret(entry.source))[:_LONGEST],
                consequence=entry.note,
            )
            for entry in account.lost
        ),
        decisions=tuple(sorted({added.decision for added in account.added if added.decision})),
        stops=tuple((deadline.day, deadline.what) for deadline in stops(findings)),
        last_used=last_used,
    )
