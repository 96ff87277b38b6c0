"""What the commands on files print with `--json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from changeover.migration.account import Kind
from changeover.migration.comparison import Outcome as LeafOutcome
from changeover.migration.comparison.logins import LoginStatus
from changeover.migration.finding import Severity, Status, Verdict
from changeover.migration.readiness import Readiness
from changeover.migration.verification import Status as Verification
from changeover.shapes.answers import rehearsals
from changeover.shapes.answers.common import Problem
from changeover.shapes.assessments import NotVisible


class ToldFinding(Struct, frozen=True, kw_only=True):
    """One statement of one eligibility rule about one app."""

    rule: str
    severity: Severity
    status: Status
    evidence: str
    remedy: str
    source: str


class AccountEntry(Struct, frozen=True, kw_only=True):
    """What became of one leaf of the connected app, or of one reference to it."""

    source: Annotated[str, Meta(description="Leaf path; of a reference: its file, a colon, the path there.")]
    kind: Kind
    targets: Annotated[tuple[str, ...], Meta(description="`App_glbloauth.ecaGlblOauth/callbackUrl`.")]
    source_value: Annotated[str, Meta(description="A secret is masked.")] = field(name="from")
    to: Annotated[
        str | tuple[str, ...] | None, Meta(description="The targets' values; null where nothing was carried.")
    ]
    note: str


class AddedLeaf(Struct, frozen=True, kw_only=True):
    """A leaf of the result that comes from no leaf of the source."""

    target: str
    value: str
    why: str


class AssessedApp(Struct, frozen=True, kw_only=True):
    """One connected app with its verdict and the account of where every field goes."""

    api_name: str
    label: str | None
    path: Annotated[str, Meta(description="Relative to what was opened; of an org, where it came from.")]
    verdict: Verdict
    findings: tuple[ToldFinding, ...]
    not_visible: Annotated[tuple[NotVisible, ...], Meta(description="What could not be judged.")]
    account: tuple[AccountEntry, ...]
    added: tuple[AddedLeaf, ...]


class Assess(Struct, frozen=True, kw_only=True):
    """The answer of `changeover assess`."""

    apps: tuple[AssessedApp, ...]
    errors: tuple[Problem, ...]


class StopsOn(Struct, frozen=True, kw_only=True):
    """Something that stops for clients on a day."""

    day: date
    what: str


class ReportApp(AssessedApp, frozen=True, kw_only=True):
    """One connected app of a report: what `assess` says, and what the report adds."""

    readiness: Readiness
    contact: Annotated[
        str,
        Meta(description="Of the list of owners, else the app's contact e-mail; or empty."),
    ]
    owner: Annotated[str, Meta(description="By the list of owners; empty for none.")]
    last_used: Annotated[datetime | None, Meta(description="As far as evidence shows.")]
    stops: tuple[StopsOn, ...]
    decisions: Annotated[tuple[str, ...], Meta(description="`D-01` ...: see docs/decisions.md.")]


class AppsOnDay(Struct, frozen=True, kw_only=True):
    """How many apps have clients that stop on a day."""

    day: date
    apps: int


class Figures(Struct, frozen=True, kw_only=True):
    """The figures of a report."""

    top_line: str
    apps: int
    not_readable: Annotated[int, Meta(description="Files of connected apps that cannot be read.")]
    readiness: Annotated[dict[str, int], Meta(description="How many apps; none for what no app is.")]
    stops: tuple[AppsOnDay, ...]
    losing: Annotated[int, Meta(description="Apps that lose a setting.")]


class Report(Struct, frozen=True, kw_only=True):
    """The answer of `changeover report --format json`."""

    schema: str
    version: str
    made_on: date
    source: str
    evidence: tuple[str, ...]
    apps: tuple[ReportApp, ...]
    summary: Figures
    rehearsal: Annotated[
        rehearsals.Rehearse | None,
        Meta(description="As `rehearse --json` told it; null where none was given."),
    ]
    errors: tuple[Problem, ...]


class Change(Struct, frozen=True, kw_only=True):
    """What an integration must change to use its new app."""

    what: str
    why: str


class ConvertedApp(Struct, frozen=True, kw_only=True):
    """What became of one app."""

    api_name: str
    path: str
    verdict: Verdict | None
    external_client_app: Annotated[str | None, Meta(description="Its API name; null where none was made.")]
    written: tuple[str, ...]
    left_out: Annotated[tuple[str, ...], Meta(description="Secrets that were not asked for.")]
    skipped: Annotated[tuple[str, ...], Meta(description="Why it was skipped; empty where it was not.")]
    changes: tuple[Change, ...]
    error: Problem | None


class Convert(Struct, frozen=True, kw_only=True):
    """The answer of `changeover convert`."""

    directory: str
    mode: str
    deploy: Annotated[bool, Meta(description="Whether the files may be deployed.")]
    apps: tuple[ConvertedApp, ...]
    errors: tuple[Problem, ...]


class Step(Struct, frozen=True, kw_only=True):
    """One command that brings something from an org."""

    brings: str
    command: str
    note: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The answer of `changeover manifest`."""

    package: Annotated[str, Meta(description="The package.xml.")]
    steps: tuple[Step, ...]


class SchemaEntry(Struct, frozen=True, kw_only=True):
    """A published schema."""

    name: str
    id: str


class SchemaList(Struct, frozen=True, kw_only=True):
    """The answer of `changeover schema` without a name."""

    schemas: tuple[SchemaEntry, ...]


class ComparedLine(Struct, frozen=True, kw_only=True):
    """One leaf that is not simply equal."""

    outcome: LeafOutcome
    component: str
    path: str
    expected: str | None
    found: str | None
    decision: str | None
    note: str


class VerifiedApp(Struct, frozen=True, kw_only=True):
    """What became of one connected app."""

    api_name: str
    label: str | None
    path: str
    external_client_app: str | None
    status: Verification
    equal: Annotated[int, Meta(description="Leaves that are equal.")]
    lines: tuple[ComparedLine, ...]


class FlowLine(Struct, frozen=True, kw_only=True):
    """What became of one flow."""

    flow: str
    status: LoginStatus
    days_before: int
    last_before: datetime | None
    last_since: datetime | None
    refused_since: int
    quiet_users: tuple[str, ...]
    note: str


class VerifiedLogins(Struct, frozen=True, kw_only=True):
    """The logins of one app, before and after."""

    api_name: str
    label: str
    shared_with: tuple[str, ...]
    flows: tuple[FlowLine, ...]


class Verify(Struct, frozen=True, kw_only=True):
    """The answer of `changeover verify`."""

    apps: tuple[VerifiedApp, ...]
    unmatched: Annotated[tuple[str, ...], Meta(description="External client apps of no connected app here.")]
    logins: Annotated[tuple[VerifiedLogins, ...] | None, Meta(description="Null where none were given.")]
    errors: tuple[Problem, ...]
