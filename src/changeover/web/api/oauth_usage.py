"""OAuth usage: which app holds tokens of whom, revoked per token, user and app; and blocks.

Salesforce's own `apps/oauth/usage` knows external client apps only; this knows both kinds.
"""

from __future__ import annotations

from typing import IO, Annotated, Literal

from litestar import delete, get, put
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from changeover import errors
from changeover.org import oauth_usage as acts
from changeover.org.lists import AppKind, UsageQuery
from changeover.project.exported_evidence import oauth_token_file
from changeover.shapes.oauth_usage import AppUsage, AppUsagePage, OauthToken, UserUsage, UserUsagePage
from changeover.shapes.pages import page_of
from changeover.web.api.bodies import CSV
from changeover.web.api.call import ThisCall
from changeover.web.api.parameters import PageNumber, PageSize, Search
from changeover.web.api.refusals import refusals
from changeover.web.downloads import download

TAG = ["OAuth usage"]
_KIND = "/oauth-usage/{kind:str}"
_APP = _KIND + "/{app:str}"
_USER = _APP + "/users/{username:str}/tokens"

AppSort = Annotated[
    Literal[
        "label",
        "-label",
        "users",
        "-users",
        "first_used_at",
        "-first_used_at",
        "last_used_at",
        "-last_used_at",
        "use_count",
        "-use_count",
    ],
    QueryParameter(name="sort", description="Sorted by this; descending with `-` before it."),
]
UserSort = Annotated[
    Literal[
        "username",
        "-username",
        "tokens",
        "-tokens",
        "first_used_at",
        "-first_used_at",
        "last_used_at",
        "-last_used_at",
        "use_count",
        "-use_count",
    ],
    QueryParameter(name="sort", description="Sorted by this; descending with `-` before it."),
]

_OF_APP = (errors.APP_NOT_FOUND, errors.EXTERNAL_CLIENT_APP_NOT_FOUND)
_OF_USER = refusals(*_OF_APP, errors.RECORD_NOT_FOUND)


def _query(search: str, sort: str, page: int, page_size: int) -> UsageQuery:
    return UsageQuery(
        search=search,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=page,
        page_size=page_size,
    )


@get(_KIND, sync_to_thread=True, tags=TAG, responses=refusals())
def list_app_usage(
    call: ThisCall,
    kind: FromPath[AppKind],
    search: Search = "",
    sort: AppSort = "-last_used_at",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> AppUsagePage:
    """List the apps of a kind that hold tokens of users, and those that are blocked."""
    with call.read() as unit:
        rows = acts.list_usage(unit, call.actor, kind, _query(search, sort, page, page_size))
    return page_of(AppUsagePage, rows, AppUsage.of)


@get(_APP + "/users", sync_to_thread=True, tags=TAG, responses=refusals(*_OF_APP))
def list_user_usage(
    call: ThisCall,
    kind: FromPath[AppKind],
    app: FromPath[str],
    search: Search = "",
    sort: UserSort = "-last_used_at",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> UserUsagePage:
    """List the users whose tokens an app holds."""
    with call.read() as unit:
        rows = acts.users_of(unit, call.actor, kind, app, _query(search, sort, page, page_size))
    return page_of(UserUsagePage, rows, UserUsage.of)


@get(_USER, sync_to_thread=True, tags=TAG, responses=_OF_USER)
def list_oauth_tokens_of_user(
    call: ThisCall, kind: FromPath[AppKind], app: FromPath[str], username: FromPath[str]
) -> list[OauthToken]:
    """List the tokens that an app holds of a user, the one used last first."""
    with call.read() as unit:
        found = acts.authorizations_of(unit, call.actor, kind, app, username)
    return [OauthToken.of(each) for each in found]


@delete(_APP + "/tokens/{token_id:str}", sync_to_thread=True, tags=TAG, responses=_OF_USER)
def revoke_oauth_token(
    call: ThisCall, kind: FromPath[AppKind], app: FromPath[str], token_id: FromPath[str]
) -> None:
    """Revoke a token that an app holds, with its refresh token and access tokens."""
    with call.unit() as unit:
        acts.revoke_authorization(unit, call.actor, kind, app, token_id)


@delete(_USER, sync_to_thread=True, tags=TAG, responses=_OF_USER)
def revoke_oauth_tokens_of_user(
    call: ThisCall, kind: FromPath[AppKind], app: FromPath[str], username: FromPath[str]
) -> None:
    """Revoke all that an app holds of a user, the approval too."""
    with call.unit() as unit:
        acts.revoke_user(unit, call.actor, kind, app, username)


@delete(_APP + "/tokens", sync_to_thread=True, tags=TAG, responses=refusals(*_OF_APP))
def revoke_oauth_tokens(call: ThisCall, kind: FromPath[AppKind], app: FromPath[str]) -> None:
    """Revoke all that an app holds, of all users, the approvals too."""
    with call.unit() as unit:
        acts.revoke_app(unit, call.actor, kind, app)


@put(
    _APP + "/block",
    sync_to_thread=True,
    status_code=204,
    tags=TAG,
    responses=refusals(errors.APP_NOT_FOUND, errors.APP_READ_ONLY, errors.VALUE_REFUSED),
)
def block_app(call: ThisCall, kind: FromPath[AppKind], app: FromPath[str]) -> None:
    """Block a connected app: sessions end, nobody logs in with it. External client apps have no block."""
    with call.unit() as unit:
        acts.block_app(unit, call.actor, kind, app)


@delete(_APP + "/block", sync_to_thread=True, tags=TAG, responses=refusals(*_OF_APP))
def unblock_app(call: ThisCall, kind: FromPath[AppKind], app: FromPath[str]) -> None:
    """Let an app in again: an external client app too, since a block goes over with a migration."""
    with call.unit() as unit:
        acts.unblock_app(unit, call.actor, kind, app)


@get("/oauth-tokens/export", sync_to_thread=True, media_type=CSV, tags=TAG, responses=refusals())
def export_oauth_tokens(call: ThisCall) -> Stream:
    """Return the tokens of all apps as rows of OauthToken: what they tell of use, and no token."""

    def write(file: IO[bytes]) -> None:
        with call.read() as unit:
            file.writelines(oauth_token_file(acts.export_tokens(unit, call.actor)))

    return download(write, "OauthToken.csv", CSV)


OPERATIONS = (
    export_oauth_tokens,
    list_app_usage,
    list_user_usage,
    list_oauth_tokens_of_user,
    revoke_oauth_token,
    revoke_oauth_tokens_of_user,
    revoke_oauth_tokens,
    block_app,
    unblock_app,
)
