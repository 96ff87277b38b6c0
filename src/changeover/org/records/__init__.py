"""What an org asks of its records: one Protocol for each kind, which `changeover.store` is behind."""

from changeover.org.records.apps import (
    AppAccesses,
    ConnectedApps,
    Consumers,
    ExternalClientApps,
    Push,
    References,
    StagedCredentialsOfApps,
)
from changeover.org.records.batches import Batches
from changeover.org.records.logins import Logins, OauthRecords, Sessions, Tokens
from changeover.org.records.oauth_usage import OauthUsage
from changeover.org.records.orgs import Audit, Briefcases, KeptElements, Notifications, Orgs, Users

__all__ = (
    "AppAccesses",
    "Audit",
    "Batches",
    "Briefcases",
    "ConnectedApps",
    "Consumers",
    "ExternalClientApps",
    "KeptElements",
    "Logins",
    "Notifications",
    "OauthRecords",
    "OauthUsage",
    "Orgs",
    "Push",
    "References",
    "Sessions",
    "StagedCredentialsOfApps",
    "Tokens",
    "Users",
)
