"""Connected Apps OAuth Usage and External Client Apps OAuth Usage: apps, their users, the users' tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import oauth_usage as acts
from changeover.org.lists import APP_USAGE_SORTS, USER_USAGE_SORTS, AppKind, UsageQuery
from changeover.org.permissions import OAUTH_BLOCK
from changeover.org.ports import Unit
from changeover.project.exported_evidence import oauth_token_file
from changeover.web import paths
from changeover.web.downloads import download
from changeover.web.forms import ThisForm
from changeover.web.listing import Listing, Order, order
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_KIND = f"{paths.OAUTH_USAGE}/{{kind:str}}"
_APP = f"{_KIND}/{{api_name:str}}"

TITLES: Mapping[AppKind, str] = {
    AppKind.CONNECTED: "Connected Apps OAuth Usage",
    AppKind.EXTERNAL: "External Client Apps OAuth Usage",
}


@get(f"{paths.OAUTH_USAGE}/-/OauthToken.csv", sync_to_thread=True)
def export(visit: ThisVisit) -> Stream:
    """Return the tokens of all apps as rows of OauthToken, without any token."""

    def write(file: IO[bytes]) -> None:
        with visit.read() as unit:
            file.writelines(oauth_token_file(acts.export_tokens(unit, visit.actor)))

    return download(write, "OauthToken.csv", "text/csv")


@get(_KIND, sync_to_thread=True)
def list_page(
    visit: ThisVisit,
    kind: FromPath[str],
    q: FromQuery[str] = "",
    sort: FromQuery[str] = "-last_used_at",
    page: FromQuery[int] = 1,
) -> Response[str]:
    """List the apps of a kind that hold tokens, and those that are blocked."""
    return _list(visit, kind_of(kind), q=q, sort=sort, page=page)


@get(_APP, sync_to_thread=True)
def app_page(
    visit: ThisVisit,
    kind: FromPath[str],
    api_name: FromPath[str],
    q: FromQuery[str] = "",
    sort: FromQuery[str] = "-last_used_at",
    page: FromQuery[int] = 1,
) -> Response[str]:
    """List the users of an app."""
    which = kind_of(kind)
    here = paths.oauth_usage(which, api_name)
    shown = order(USER_USAGE_SORTS, sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = acts.users_of(unit, visit.actor, which, api_name, _query(shown))
        blocked = acts.is_blocked(unit, visit.actor, which, api_name)
        label = _label(unit, visit, which, api_name)
    return visit.page(
        "oauth_usage_app.html",
        title=f"Users of {label}",
        list_title=TITLES[which],
        kind=which,
        label=label,
        api_name=api_name,
        blocked=blocked,
        may_block=visit.may(OAUTH_BLOCK),
        listing=Listing(rows=found.rows, total=found.total, order=shown, path=here),
        user_path=lambda username: f"{here}/user?{urlencode({'username': username})}",
        revoke_path=lambda username: f"{here}/revoke?{urlencode({'username': username})}",
        here=here,
        back=paths.oauth_usage(which),
    )


@get(f"{_APP}/user", sync_to_thread=True)
def user_page(
    visit: ThisVisit, kind: FromPath[str], api_name: FromPath[str], username: FromQuery[str] = ""
) -> Response[str]:
    """List the tokens that an app holds of a user; there are five at most."""
    which = kind_of(kind)
    here = paths.oauth_usage(which, api_name)
    with visit.read() as unit:
        found = acts.authorizations_of(unit, visit.actor, which, api_name, username)
        label = _label(unit, visit, which, api_name)
    return visit.page(
        "oauth_usage_user.html",
        title=f"{label}: Tokens of {username}",
        list_title=TITLES[which],
        label=label,
        username=username,
        tokens=found,
        revoke_path=lambda token="": (
            f"{here}/revoke?{urlencode({'username': username, **({'token': token} if token else {})})}"
        ),
        here=here,
        list_path=paths.oauth_usage(which),
    )


@get(f"{_APP}/revoke", sync_to_thread=True)
def revoke_page(
    visit: ThisVisit,
    kind: FromPath[str],
    api_name: FromPath[str],
    username: FromQuery[str] = "",
    token: FromQuery[str] = "",
) -> Response[str]:
    """Ask whether to revoke a token, all tokens of a user, or all tokens of an app."""
    return _revocation(visit, kind_of(kind), api_name, username, token)


@post(f"{_APP}/revoke", sync_to_thread=True)
def revoke(visit: ThisVisit, kind: FromPath[str], api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Revoke a token, all tokens of a user, or all tokens of an app."""
    which, username, token = kind_of(kind), form.text("username"), form.text("token")
    here = paths.oauth_usage(which, api_name)
    try:
        with visit.unit() as unit:
            label = _label(unit, visit, which, api_name)
            if token:
                acts.revoke_authorization(unit, visit.actor, which, api_name, token)
                said, back = "The token was revoked.", f"{here}/user?{urlencode({'username': username})}"
            elif username:
                ended = acts.revoke_user(unit, visit.actor, which, api_name, username)
                said, back = told(ended, username), visit.list_behind(here, form.text("back"))
            else:
                ended = acts.revoke_app(unit, visit.actor, which, api_name)
                said, back = told(ended, label), here
    except ChangeoverError as error:
        return _revocation(visit, which, api_name, username, token, of_error(error), form.text("back"))
    return visit.go(back, Notice("success", said))


@get(f"{_APP}/block", sync_to_thread=True)
def block_page(visit: ThisVisit, kind: FromPath[str], api_name: FromPath[str]) -> Response[str]:
    """Ask whether to block an app."""
    return _block(visit, kind_of(kind), api_name)


@post(f"{_APP}/block", sync_to_thread=True)
def block(visit: ThisVisit, kind: FromPath[str], api_name: FromPath[str]) -> Response[Any]:
    """Block a connected app for all users."""
    which = kind_of(kind)
    try:
        with visit.unit() as unit:
            label = _label(unit, visit, which, api_name)
            acts.block_app(unit, visit.actor, which, api_name)
    except ChangeoverError as error:
        return _block(visit, which, api_name, of_error(error))
    said = f"{label} is blocked: nobody logs in with it."
    return visit.go(paths.oauth_usage(which, api_name), Notice("success", said))


@post(f"{_APP}/unblock", sync_to_thread=True)
def unblock(visit: ThisVisit, kind: FromPath[str], api_name: FromPath[str]) -> Response[Any]:
    """Let an app in again."""
    which = kind_of(kind)
    try:
        with visit.unit() as unit:
            label = _label(unit, visit, which, api_name)
            acts.unblock_app(unit, visit.actor, which, api_name)
    except ChangeoverError as error:
        return _list(visit, which, error=of_error(error))
    said = f"{label} is no longer blocked."
    return visit.go(paths.oauth_usage(which, api_name), Notice("success", said))


def told(ended: int, of: str) -> str:
    """Say how many tokens of a user or an app were revoked."""
    count = "1 token" if ended == 1 else f"{ended or 'No'} tokens"
    return f"{count} of {of} {'was' if ended == 1 else 'were'} revoked."


def kind_of(text: str) -> AppKind:
    """Return the kind of app that an address or a form names. Raises E-RECORD-NOT-FOUND."""
    try:
        return AppKind(text)
    except ValueError:
        raise ChangeoverError(errors.RECORD_NOT_FOUND, "There are no apps of this kind.") from None


def _query(shown: Order) -> UsageQuery:
    return UsageQuery(
        search=shown.search,
        sort=shown.sort,
        descending=shown.descending,
        page=shown.page,
        page_size=shown.size,
    )


def _label(unit: Unit, visit: Visit, kind: AppKind, api_name: str) -> str:
    return acts.holder(unit, visit.actor, kind, api_name).label


def _list(
    visit: Visit,
    kind: AppKind,
    *,
    q: str = "",
    sort: str = "-last_used_at",
    page: int = 1,
    error: Problem | None = None,
) -> Response[str]:
    shown = order(APP_USAGE_SORTS, sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = acts.list_usage(unit, visit.actor, kind, _query(shown))
    path = paths.oauth_usage(kind)
    return visit.page(
        "oauth_usage.html",
        status=error.status if error else 200,
        title=TITLES[kind],
        error=error,
        kind=kind,
        listing=Listing(rows=found.rows, total=found.total, order=shown, path=path),
        may_block=visit.may(OAUTH_BLOCK),
        usage_path=lambda *further: paths.oauth_usage(kind, *further),
        app_path=paths.connected_app if kind is AppKind.CONNECTED else paths.external_client_app,
    )


def _revocation(
    visit: Visit,
    kind: AppKind,
    api_name: str,
    username: str,
    token: str,
    error: Problem | None = None,
    seen: str | None = None,
) -> Response[str]:
    here = paths.oauth_usage(kind, api_name)
    with visit.read() as unit:
        # Who may not see it is not asked either.
        found = acts.users_of(unit, visit.actor, kind, api_name)
        label = _label(unit, visit, kind, api_name)
    return visit.dialog(
        "oauth_usage_revoke.html",
        status=error.status if error else 200,
        title="Revoke Token" if token else "Revoke Tokens" if username else "Revoke All Tokens",
        error=error,
        label=label,
        username=username,
        token=token,
        users=found.total,
        here=f"{here}/revoke",
        back=f"{here}/user?{urlencode({'username': username})}" if token else visit.list_behind(here, seen),
    )


def _block(visit: Visit, kind: AppKind, api_name: str, error: Problem | None = None) -> Response[str]:
    here = paths.oauth_usage(kind, api_name)
    with visit.read() as unit:
        found = acts.users_of(unit, visit.actor, kind, api_name)
        label = _label(unit, visit, kind, api_name)
    return visit.dialog(
        "oauth_usage_block.html",
        status=error.status if error else 200,
        title=f"Block {label}",
        error=error,
        label=label,
        users=found.total,
        here=f"{here}/block",
        back=here,
    )


ROUTES = (export, list_page, app_page, user_page, revoke_page, revoke, block_page, block, unblock)
