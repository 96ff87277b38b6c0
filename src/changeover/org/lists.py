"""Lists that the doors show page by page: what is asked for, a row, a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.model.apps import AppType, Origin

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class AppRow:
    """One row of App Manager."""

    api_name: str
    label: str
    description: str
    app_type: AppType
    state: State
    verdict: Verdict
    modified_at: datetime
    version: int


@dataclass(frozen=True, kw_only=True)
class AppQuery:
    """What App Manager shows. `sort`: `label`, `api_name`, `verdict`, `state` or `modified_at`."""

    search: str = ""
    """Part of the label, API name, description or consumer key, without regard to case."""
    verdict: Verdict | None = None
    state: State | None = None
    app_type: AppType | None = None
    sort: str = "label"
    descending: bool = False
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, kw_only=True)
class ExternalClientAppQuery:
    """What External Client App Manager shows. `sort`: `label`, `api_name` or `made_at`."""

    search: str = ""
    sort: str = "label"
    descending: bool = False
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, kw_only=True)
class ExternalClientAppRow:
    """One row of External Client App Manager."""

    api_name: str
    label: str
    description: str
    origin: Origin
    connected_app: str | None
    made_by: str
    made_at: datetime
    version: int


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    rows: tuple[T, ...]
    total: int
    """How many rows all pages hold."""
    page: int
    page_size: int
    open_ended: bool = False
    """Whether nobody counted to the end: there are more rows than `total`, which leads to the next page."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)


@dataclass(frozen=True, kw_only=True)
class LoginQuery:
    """What Login History shows."""

    search: str = ""
    """Part of the username or the application, without regard to case."""
    application: str = ""
    """Exactly this label."""
    sub_type: str = ""
    login_type: str = ""
    refused: bool | None = None
    """Only logins that were refused, or only those that were not."""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """What the Setup Audit Trail shows. `subject`: exactly this app, user or setting; `event`: its tag."""

    subject: str = ""
    event: str = ""
    actor: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, kw_only=True)
class UsageQuery:
    """What the OAuth usage pages show. `sort`: one of the names in `APP_USAGE_SORTS`, `USER_USAGE_SORTS`."""

    search: str = ""
    """Part of the app's label or API name, or of the username, without regard to case."""
    sort: str = "last_used_at"
    descending: bool = True
    page: int = 1
    page_size: int = 50


APP_USAGE_SORTS = ("label", "users", "first_used_at", "last_used_at", "use_count")
USER_USAGE_SORTS = ("username", "tokens", "first_used_at", "last_used_at", "use_count")


@dataclass(frozen=True, kw_only=True)
class OutcomeQuery:
    """What the results of a batch show. `result`, `code` of the error: exactly this one."""

    result: str = ""
    code: str = ""
    page: int = 1
    page_size: int = 50


class AppKind(StrEnum):
    """The two kinds of apps that a profile or permission set gives access to."""

    CONNECTED = "connected-app"
    EXTERNAL = "external-client-app"

    @property
    def words(self) -> str:
        """As people say it."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, kw_only=True)
class AppAccess:
    """An app as a profile or permission set sees it. What is true stands in the app's own documents."""

    kind: AppKind
    api_name: str
    label: str
    read_only: bool
    """A connected app that has been migrated: its external client app has its own list."""
    in_force: bool
    """Whether the list of profiles and permission sets decides who may use the app."""


@dataclass(frozen=True, kw_only=True)
class AppNames:
    """An app with what its documents name."""

    access: AppAccess
    names: frozenset[str]
    """Of profiles, or API names of permission sets."""
