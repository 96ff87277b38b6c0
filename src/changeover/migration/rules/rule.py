"""What a rule is: an id, its facts, and one pure function that looks at one app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, leaves
from changeover.migration.finding import Finding, NotVisible, Severity, Status
from changeover.migration.mapping.source import Facts, facts_of
from changeover.migration.situation import FlowUse, Situation

HELP_MIGRATE = (
    "Salesforce Help, Create an External Client App from a Connected App"
    " (xcloud.migrate_connected_app_to_external_client_app)"
)
HELP_CONCEPT = (
    "Salesforce Help, Connected App to External Client App Migration"
    " (xcloud.connected_app_to_external_client_app_migration)"
)
REPORTED = (
    "Quoted from Salesforce Help of August 2026 by two independent notes; our copy of the page is older"
)
OURS = "Changeover"


class Seen(NamedTuple):
    """Something that a rule found."""

    evidence: str
    """One or two sentences; never a secret."""
    remedy: str = ""
    """What to do in this case; the rule's own by default."""
    severity: Severity | None = None
    """How heavy it is in this case; the rule's own by default."""


class Unseen(NamedTuple):
    """A rule could not judge from what was read."""

    where_to_look: str


@dataclass(frozen=True)
class Case:
    """One app as the rules look at it."""

    app: ConnectedApp
    situation: Situation

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """All leaves of the app, those that the reader does not know included."""
        return leaves(self.app)

    @cached_property
    def facts(self) -> Facts:
        """What kinds of settings it has."""
        return facts_of(self.leaves)

    @cached_property
    def name(self) -> str:
        """The app's label, or its API name where it has none, on one line."""
        return " ".join((self.app.label or self.app.full_name).split()) or self.app.full_name

    @property
    def blocked_flow(self) -> bool:
        """Whether the username-password flow is known to be blocked for the whole org."""
        return self.situation.username_password_blocked is True

    def values(self, path: str) -> tuple[str, ...]:
        """Return the values at a path, with `[]` in the last place all of a repeated element."""
        if path.endswith("[]"):
            return tuple(leaf.value for leaf in self.repeated(path[:-2]))
        return (self._by_path[path],) if path in self._by_path else ()

    def repeated(self, path: str) -> Sequence[Leaf]:
        """Return the leaves in all occurrences of a repeated element that stands in no other one."""
        return self._repeated.get(path, ())

    def value(self, path: str) -> str:
        """Return the value at a path without blanks around it, `""` where there is none."""
        return self._by_path.get(path, "").strip()

    @cached_property
    def _repeated(self) -> Mapping[str, Sequence[Leaf]]:
        found: dict[str, list[Leaf]] = {}
        for leaf in self.leaves:
            name, indexed, _ = leaf.path.partition("[")
            if indexed:
                found.setdefault(name, []).append(leaf)
        return found

    @cached_property
    def _by_path(self) -> Mapping[str, str]:
        return {leaf.path: leaf.value for leaf in self.leaves}

    def uses(self, *sub_types: str) -> tuple[FlowUse, ...]:
        """Return what Login History tells of some flows; nothing where none was read."""
        logins = self.situation.logins
        if logins is None:
            return ()
        return tuple(use for use in logins.flows if use.sub_type in sub_types and use.count > 0)


Check = Callable[[Case], Iterable[Seen | Unseen]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of eligibility."""

    id: str
    title: str
    severity: Severity
    """How heavy it is, unless the case says otherwise."""
    status: Status
    source: str
    remedy: str
    check: Check

    def judge(self, case: Case) -> tuple[tuple[Finding, ...], tuple[NotVisible, ...]]:
        """Return what the rule says of an app, and what it could not see."""
        findings: list[Finding] = []
        unseen: list[NotVisible] = []
        for said in self.check(case):
            if isinstance(said, Unseen):
                unseen.append(NotVisible(rule=self.id, where_to_look=said.where_to_look))
                continue
            findings.append(
                Finding(
                    rule=self.id,
                    title=self.title,
                    severity=said.severity or self.severity,
                    status=self.status,
                    # Labels and values of files may hold line breaks; a finding is one line.
                    evidence=" ".join(said.evidence.split()),
                    remedy=said.remedy or self.remedy,
                    source=self.source,
                )
            )
        return tuple(findings), tuple(unseen)


def listed(names: Iterable[str], at_most: int = 5) -> str:
    """Join names for a sentence, the first few of many: `a, b and 3 more`."""
    all_names = [" ".join(name.split()) for name in names]
    shown = all_names[:at_most]
    more = len(all_names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def counted(count: int, one: str, many: str) -> str:
    """Say a number with its noun: `1 login`, `14 logins`."""
    return f"{count} {one if count == 1 else many}"
