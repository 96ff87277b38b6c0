"""Pages from templates. They are rendered in the handler's thread, before its transaction ends."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup, escape

from changeover.migration.account import Entry, Kind
from changeover.migration.dates import written
from changeover.migration.finding import Finding, Severity
from changeover.web import paths
from changeover.web.assets import SCRIPT, STYLE_SHEET, Assets

# What an account shows first: what is gone for good.
_BY_CONSEQUENCE = (Kind.LOST, Kind.SPLIT, Kind.TRANSLATED, Kind.CARRIED)
_LONGEST_VALUE = 200
# What turns the direction of the words after it: embeddings, overrides and isolates (Unicode Annex 9, section
# 2). In an app's label they would mirror the evidence and the confirmations that its label stands in.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}")


def environment(assets: Assets) -> Environment:
    """Return the Jinja environment. A name that a template misspells is an error, not an empty place."""
    made = Environment(
        loader=PackageLoader("changeover.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=upright,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=assets.url, icon_url=assets.icon, STYLE_SHEET=STYLE_SHEET, SCRIPT=SCRIPT)
    made.globals.update(
        connected_app_path=paths.connected_app,
        external_client_app_path=paths.external_client_app,
        migration_path=paths.migration,
        rehearsal_path=paths.rehearsal,
    )
    made.filters.update(
        breakable=breakable,
        slug=slug,
        moment=moment,
        day=written,
        shown=shown,
        losses_first=losses_first,
        gravest_first=gravest_first,
    )
    return made


def render(
    templates: Environment, request: Request[Any, Any, Any], name: str, status: int, context: dict[str, Any]
) -> Response[str]:
    """Return a page.

    Args:
        templates: the environment.
        request: the request that it answers; its CSRF token goes into the page's forms.
        name: the template's path below `templates/`.
        status: HTTP status.
        context: what the template shows.
    """
    token = html.escape(value_or_default(ScopeState.from_scope(request.scope).csrf_token, ""))
    field = Markup(f'<input type="hidden" name="_csrf_token" value="{token}">')  # noqa: S704 - escaped above
    body = templates.get_template(name).render(context, csrf_input=field)
    return Response(body, status_code=status, media_type=MediaType.HTML)


def upright(value: object) -> object:
    """Return what a page shows of a value: no text turns the words around it.

    The value of a form's field is escaped beforehand (`value="{{ name | e }}"`), and so is as it is kept.
    """
    return value.translate(_TURNING) if type(value) is str and not value.isascii() else value


def breakable(name: str) -> Markup:
    """Return a name that a narrow column breaks after its `_`, `.`, `@` or `-`, and not within a word."""
    return Markup("<wbr>").join(
        escape(upright(part)) for part in re.findall(r"[^_.@-]*[_.@-]*", name) if part
    )


def slug(text: object) -> str:
    """Return a text as an HTML id: `oauthConfig/scopes[2]` gives `oauthConfig-scopes-2-`."""
    return re.sub(r"[^A-Za-z0-9]+", "-", str(text))


def moment(value: datetime) -> str:
    """Return a time as people read it: `3 Nov 2026, 14:05 UTC`."""
    at = value.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def shown(value: str) -> str:
    """Return a leaf's value for a table: an empty one said so, a long one cut in the middle."""
    if value == "":
        return "(empty)"
    if len(value) <= _LONGEST_VALUE:
        return value
    half = _LONGEST_VALUE // 2
    return f"{value[:half]} … {value[-half:]}"


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by severity, those of one severity in the order of the rules."""
    return sorted(findings, key=lambda finding: tuple(Severity).index(finding.severity))


def losses_first(entries: Iterable[Entry]) -> list[Entry]:
    """Return an account's entries, what is lost first, then what changes, then what stays as it is."""
    return sorted(entries, key=lambda entry: _BY_CONSEQUENCE.index(entry.kind))
