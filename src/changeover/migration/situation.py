"""What is known of an app beside its own file. `None` means not visible from where one looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from changeover.apps.reference import Reference


@dataclass(frozen=True, kw_only=True)
class FlowUse:
    """How often one OAuth flow was seen in Login History under the app's label."""

    sub_type: str
    """LoginSubType as the API spells it: `OauthUsernamePassword`."""
    count: int
    last: datetime
    users: tuple[str, ...]
    """Usernames or user ids as the rows tell, the last one first, at most five."""


@dataclass(frozen=True, kw_only=True)
class LoginEvidence:
    """What Login History tells of an app. It names apps by label only."""

    window_start: datetime
    window_end: datetime
    """The first and the last login among all rows that were read, whatever their app."""
    flows: tuple[FlowUse, ...]
    """The flows that logged in under the app's label, empty if none did."""
    shared_with: tuple[str, ...] = ()
    """API names of other apps with the same label: the rows may be theirs."""
    refused: tuple[FlowUse, ...] = ()
    """The flows that were tried under the label and refused; their counts are in no entry of `flows`."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A span of time that some evidence covers."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Uses:
    """How often something was used under the app's label, whoever used it."""

    count: int
    """Uses, as far as they are counted."""
    last: datetime | None
    """None where none is dated."""


@dataclass(frozen=True, kw_only=True)
class TokenEvidence:
    """What OauthToken tells: it lists tokens that are there on the day of the query, by the app's label."""

    rows: int
    """Tokens of all apps that were read."""
    tokens: int
    """Those under the app's label."""
    uses: Uses | None
    """Their use; None if none was ever used."""
    cut: bool = False
    """Whether the query has reached its limit of rows, so that tokens are missing."""


@dataclass(frozen=True, kw_only=True)
class CallEvidence:
    """What event log files of the type ApiTotalUsage tell, by the app's name."""

    window: Window
    uses: Uses | None
    """API calls under the app's label; None if there was none."""


@dataclass(frozen=True, kw_only=True)
class LoginEvents:
    """What event log files of the type Login tell: of all apps together, for they name none."""

    window: Window
    logins: int
    without_sub_type: int
    """Logins whose flow the file does not tell."""
    username_password: FlowUse | None
    """Successful logins with that flow; None if there was none."""


@dataclass(frozen=True, kw_only=True)
class UsageEvidence:
    """What was read beside Login History. Each kind is None where no such file was given."""

    tokens: TokenEvidence | None = None
    calls: CallEvidence | None = None
    login_events: LoginEvents | None = None
    shared_with: tuple[str, ...] = ()
    """API names of other apps with the same label: the rows may be theirs."""


@dataclass(frozen=True, kw_only=True)
class PushConfiguration:
    """Push settings of a connected app; not in metadata, only a local org knows them."""

    service: str
    """`Apple` or `Android`."""
    certificate_expires: date | None = None
    """Last day of an Apple P12 certificate; None for a .p8 key, which does not expire."""
    server_key: bool = False
    """Whether Android uses the legacy server key instead of a service account."""
    full_content: bool = False
    """Whether notifications hold the full content."""


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """An external client app that bears the connected app's API name (compared without case)."""

    api_name: str
    consumer_key: str | None
    """None where the key cannot be seen."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything but the app's own file that rules look at."""

    today: date
    in_org: bool
    """A local org, which knows all there is to know; otherwise files."""
    local: bool | None = None
    """False: installed from a package or another org's. None: the files do not tell."""
    migrated: bool = False
    """The org's own record that the app has been migrated (files: see `neighbour`)."""
    neighbour: Neighbour | None = None
    logins: LoginEvidence | None = None
    """None: no Login History was given, or no login could be read in it."""
    login_history_empty: bool = False
    """Login History was given, and no login could be read in it."""
    usage: UsageEvidence | None = None
    """What other evidence tells of use; None where none was given."""
    username_password_blocked: bool | None = None
    """The org-wide switch of OAuth and OpenID Connect Settings."""
    taken_parts: tuple[tuple[str, str], ...] = ()
    """A local org: parts that a migration would make whose names another app's parts have, by component
    (`App_oauth.ecaOauth`), each with that external client app."""
    push: tuple[PushConfiguration, ...] | None = None
    user_provisioning: bool | None = None
    dynamic_registration: bool | None = None
    edition: str | None = None
    references: tuple[Reference, ...] = ()
    same_name: tuple[str, ...] = ()
    """Paths of other files that hold a connected app of the same name."""
    leftover_parts: tuple[str, ...] = ()
    """Parts that name this app's external client app, whose header is missing."""
    key_used_in: tuple[str, ...] = ()
    """Other places seen that use this consumer key: another org's name, another app of the same key."""
