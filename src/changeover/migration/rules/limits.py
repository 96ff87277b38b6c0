"""Rules about limits of the target: at most 128 trusted IP ranges and 128 custom attributes."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.document import segments
from changeover.migration.finding import Severity, Status
from changeover.migration.rules.rule import Case, Rule, Seen, Unseen

MOST = 128


def occurrences(case: Case, name: str) -> int:
    """Count how often a top-level element occurs, whether its content is understood or not."""
    return len({segments(leaf.path)[0].index for leaf in case.repeated(name)})


def too_many_ip_ranges(case: Case) -> Iterator[Seen | Unseen]:
    """Count the trusted IP ranges."""
    count = occurrences(case, "ipRanges")
    if count > MOST:
        yield Seen(f"{case.name} has {count} trusted IP ranges; an external client app holds {MOST}.")


TOO_MANY_IP_RANGES = Rule(
    id="too-many-ip-ranges",
    title="Too many trusted IP ranges",
    severity=Severity.BLOCKER,
    status=Status.DOCUMENTED,
    source="Metadata API guide, ExtlClntAppOauthSettings, trustedIpRanges",
    remedy="Join neighbouring ranges until 128 are left.",
    check=too_many_ip_ranges,
)


def too_many_attributes(case: Case) -> Iterator[Seen | Unseen]:
    """Count the custom attributes."""
    count = occurrences(case, "attributes")
    if count > MOST:
        yield Seen(f"{case.name} has {count} custom attributes; an external client app holds {MOST}.")


TOO_MANY_ATTRIBUTES = Rule(
    id="too-many-attributes",
    title="Too many custom attributes",
    severity=Severity.BLOCKER,
    status=Status.DOCUMENTED,
    source="Metadata API guide, ExtlClntAppOauthConfigurablePolicies, customAttributes",
    remedy="Remove attributes that no client reads until 128 are left.",
    check=too_many_attributes,
)
