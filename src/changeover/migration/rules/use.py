"""Whether anybody uses the app, as far as evidence tells; no rows is no proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from changeover.migration.dates import written
from changeover.migration.finding import Severity, Status
from changeover.migration.rules.rule import Case, Rule, Seen, Unseen, counted, listed
from changeover.migration.situation import CallEvidence, LoginEvidence, TokenEvidence, UsageEvidence

# salesforce-reference 8.1 (LoginHistory: about six months), 8.2 and 8.4 (OauthToken lists live tokens), and
# of event log files Object Reference, EventLogFile (the free part is kept for a day, the rest for a month or
# longer as was bought).
KEEPS_LOGINS = "Login History keeps six months"
MISSES_FLOWS = "OauthToken misses use by JWT bearer and client credentials"
NO_PROOF = "No rows is no proof"


def span(start: datetime, end: datetime) -> str:
    """Say what time some evidence covers."""
    if start.date() == end.date():
        return f"of {written(start.date())}"
    return f"from {written(start.date())} to {written(end.date())}"


def no_use_seen(case: Case) -> Iterator[Seen | Unseen]:
    """No evidence that was read shows a use of the app; which, of what time, and what it cannot show."""
    logins, usage = case.situation.logins, case.situation.usage
    if not case.facts.oauth or used(logins, usage):
        return
    looked: list[str] = []
    caveats: list[str] = []
    if logins is not None:
        looked.append(_of_logins(logins))
        caveats.append(KEEPS_LOGINS)
    if usage is not None and usage.tokens is not None:
        looked.append(_of_tokens(usage.tokens))
        caveats.append(MISSES_FLOWS)
        if usage.tokens.cut:
            caveats.append("one query on OauthToken returns 2500 rows at most, and here it did")
    if usage is not None and usage.calls is not None:
        looked.append(
            f"no API call in the event log {span(usage.calls.window.start, usage.calls.window.end)}"
        )
    if not looked:
        return
    shared = (logins.shared_with if logins is not None else ()) or (
        usage.shared_with if usage is not None else ()
    )
    others = f" Under this label nothing was seen of {listed(shared)} either." if shared else ""
    caveats.append("a job may run once a quarter")
    yield Seen(
        f"No use of {case.name} was seen: {'; '.join(looked)}.{others} {NO_PROOF}: {', '.join(caveats)}."
    )


def used(logins: LoginEvidence | None, usage: UsageEvidence | None) -> bool:
    """Whether any evidence shows that the app was used."""
    return last_use(logins, usage) is not None or _undated(usage)


def last_use(logins: LoginEvidence | None, usage: UsageEvidence | None) -> datetime | None:
    """Return the last use that any evidence dates, None where none does."""
    days = [use.last for use in logins.flows if use.count] if logins is not None else []
    if usage is not None:
        kinds = (usage.tokens, usage.calls)
        days += [last for kind in kinds if (last := _last(kind)) is not None]
    return max(days, default=None)


def _last(evidence: TokenEvidence | CallEvidence | None) -> datetime | None:
    return evidence.uses.last if evidence is not None and evidence.uses is not None else None


def _undated(usage: UsageEvidence | None) -> bool:
    return usage is not None and usage.tokens is not None and usage.tokens.uses is not None


def _of_logins(logins: LoginEvidence) -> str:
    tried = sum(use.count for use in logins.refused)
    refused = f" but {counted(tried, 'refused attempt', 'refused attempts')}" if tried else ""
    return f"no login{refused} in Login History {span(logins.window_start, logins.window_end)}"


def _of_tokens(tokens: TokenEvidence) -> str:
    if tokens.tokens:
        have = counted(tokens.tokens, "OAuth token that was", "OAuth tokens that were")
        return f"{have} never used, among the {tokens.rows} of OauthToken"
    return f"none of the {counted(tokens.rows, 'OAuth token', 'OAuth tokens')} of OauthToken"


NO_USE_SEEN = Rule(
    id="no-use-seen",
    title="No use seen in the window",
    severity=Severity.NOTE,
    status=Status.OURS,
    source="Salesforce Object Reference, LoginHistory, OauthToken and EventLogFile",
    remedy="Ask its owner. If nobody knows of a use, block it in Connected Apps OAuth Usage and see who"
    " calls, before you delete it instead of migrating it.",
    check=no_use_seen,
)
