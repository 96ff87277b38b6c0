"""Rules about the time after the migration, deadlines, and what the reader should know beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.policies import read_refresh_token_policy
from changeover.migration.dates import IDLE_LIMIT_PRODUCTION, IDLE_LIMIT_SANDBOXES, SUPPORT_ENDS
from changeover.migration.finding import Severity, Status
from changeover.migration.rules.rule import HELP_MIGRATE, Case, Rule, Seen, Unseen, listed

EDITIONS = ("Professional", "Performance", "Unlimited", "Developer")
"""Editions that the article lists."""
REFRESH_SCOPES = frozenset({"RefreshToken", "OfflineAccess"})


def refresh_token_idle_limit(case: Case) -> Iterator[Seen | Unseen]:
    """Refresh tokens that are valid until revoked end after 30 idle days, though metadata says infinite."""
    if not case.facts.oauth or not REFRESH_SCOPES & set(case.values("oauthConfig/scopes[]")):
        return
    written_policy = case.value("oauthPolicy/refreshTokenPolicy")
    policy = read_refresh_token_policy(written_policy or "infinite")
    if policy is None or policy.policy_type != "Infinite":
        return
    says = "its policy says infinite" if written_policy else "it has no policy, so infinite is the default"
    today = case.situation.today
    yield Seen(
        f"Refresh tokens of {case.name} are valid until revoked ({says}), but end after 30 days without use:"
        f" {IDLE_LIMIT_PRODUCTION.when(today)}, in sandboxes {IDLE_LIMIT_SANDBOXES.when(today)}."
    )


REFRESH_TOKEN_IDLE_LIMIT = Rule(
    id="refresh-token-idle-limit",
    title="Idle refresh tokens end after 30 days",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source="Salesforce Help, xcloud.eca_limit_idle_refresh_token_ttl; Winter '27 release notes",
    remedy="Let the client refresh at least once a month, or let it log in again.",
    check=refresh_token_idle_limit,
)


def connected_app_support_ends(case: Case) -> Iterator[Seen | Unseen]:
    """Connected apps lose their support, every one of them."""
    yield Seen(
        f"Salesforce ends its support of connected apps{SUPPORT_ENDS.tail(case.situation.today)}:"
        f" {case.name} goes on running, without fixes or help."
    )


CONNECTED_APP_SUPPORT_ENDS = Rule(
    id="connected-app-support-ends",
    title="Support of connected apps ends",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source=SUPPORT_ENDS.source,
    remedy="Migrate the app before.",
    check=connected_app_support_ends,
)


def neither_oauth_nor_saml(case: Case) -> Iterator[Seen | Unseen]:
    """Whether such an app has the button is not known."""
    if not case.facts.oauth and not case.facts.saml:
        yield Seen(
            f"{case.name} has neither OAuth nor SAML settings. Salesforce names OAuth and SAML apps as"
            " eligible and says nothing of the others."
        )


NEITHER_OAUTH_NOR_SAML = Rule(
    id="neither-oauth-nor-saml",
    title="Neither OAuth nor SAML",
    severity=Severity.NOTE,
    status=Status.REPORTED,
    source="Third-party notes on Salesforce Help, 2026",
    remedy="Look in Setup whether the button is there; if the app is a mere tile or leftover, consider"
    " deleting it.",
    check=neither_oauth_nor_saml,
)


def not_copied_to_sandboxes(case: Case) -> Iterator[Seen | Unseen]:
    """Local external client apps do not follow a sandbox copy, connected apps do."""
    yield Seen(
        f"Once migrated, {case.name} is not copied to sandboxes any more: connected apps are, local external"
        " client apps are not."
    )


NOT_COPIED_TO_SANDBOXES = Rule(
    id="not-copied-to-sandboxes",
    title="Not copied to sandboxes",
    severity=Severity.NOTE,
    status=Status.REPORTED,
    source="Salesforce Identity guide, feature comparison, note 5, through third parties",
    remedy="Plan how sandboxes get the app after a refresh.",
    check=not_copied_to_sandboxes,
)


def shared_label(case: Case) -> Iterator[Seen | Unseen]:
    """Login History names apps by label: apps that share one cannot be told apart."""
    logins = case.situation.logins
    if logins is not None and logins.shared_with:
        yield Seen(
            f"The label {case.name} is also that of {listed(logins.shared_with)}: Login History cannot tell"
            " their logins apart."
        )


SHARED_LABEL = Rule(
    id="shared-label",
    title="Another app has the same label",
    severity=Severity.WARNING,
    status=Status.OURS,
    source="Salesforce Object Reference, LoginHistory: Application holds the label",
    remedy="Give the apps labels of their own and read Login History again after a while.",
    check=shared_label,
)


def edition(case: Case) -> Iterator[Seen | Unseen]:
    """Offline a warning only; a local org refuses the act itself."""
    if case.situation.in_org:
        return
    here = case.situation.edition
    if here is None:
        yield Unseen(f"Setup, Company Information, Organization Edition: {', '.join(EDITIONS)}.")
    elif here not in EDITIONS:
        more = " A release note adds Enterprise." if here == "Enterprise" else ""
        yield Seen(
            f"The org's edition is {here}; the article lists {', '.join(EDITIONS[:-1])} and"
            f" {EDITIONS[-1]}.{more}"
        )


EDITION = Rule(
    id="edition",
    title="The org's edition is not on the article's list",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source=f"{HELP_MIGRATE}, Required Editions; Winter '25 release notes for the longer list",
    remedy="Look in Setup whether the button is there.",
    check=edition,
)
