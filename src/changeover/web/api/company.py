"""Company Information and the switches of the org; Setup's home."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Response, get, patch
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from changeover import errors
from changeover.migration.finding import Verdict
from changeover.org import app_manager, company
from changeover.org.model.orgs import Edition
from changeover.shapes.orgs import Org
from changeover.web.api.call import IfMatch, ThisCall, etag, seen
from changeover.web.api.connected_apps import ETAG
from changeover.web.api.refusals import refusals

TAG = ["Org"]


class OrgEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Company Information and switches. What is not named stays."""

    name: str | UnsetType = UNSET
    edition: Edition | UnsetType = UNSET
    my_domain: str | UnsetType = UNSET
    enterprise_admitted: bool | UnsetType = UNSET
    connected_app_creation_allowed: bool | UnsetType = UNSET
    external_client_apps_enabled: bool | UnsetType = UNSET
    username_password_blocked: bool | UnsetType = UNSET
    user_agent_blocked: bool | UnsetType = UNSET
    secrets_over_rest: bool | UnsetType = UNSET
    pkce_required: bool | UnsetType = UNSET
    code_credentials_allowed: bool | UnsetType = UNSET
    soap_login_blocked: bool | UnsetType = UNSET


class Deadline(Struct, frozen=True, kw_only=True):
    """What Salesforce changes and when."""

    id: str
    what: str
    day: Annotated[
        date, Meta(description="The first day; our earliest guess where Salesforce named a release.")
    ]
    season: Annotated[str | None, Meta(description="The release, where Salesforce has named no day.")]
    when: Annotated[str, Meta(description="When, in words.")]
    source: str
    known_on: Annotated[date, Meta(description="As known on this day.")]


class Overview(Struct, frozen=True, kw_only=True):
    """What needs attention."""

    verdicts: Annotated[dict[Verdict, int], Meta(description="How many connected apps have which verdict.")]
    external_client_apps: int
    deadlines: tuple[Deadline, ...]


@get("/org", sync_to_thread=True, tags=TAG, response_headers=[ETAG], responses=refusals())
def get_org(call: ThisCall) -> Response[Org]:
    """Return Company Information and the switches of the org."""
    with call.read() as unit:
        org = company.view_org(unit, call.actor)
    return Response(Org.of(org), headers={"ETag": etag(org.version)})


@patch(
    "/org",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[ETAG],
    responses=refusals(errors.VALUE_REFUSED, errors.NAME_TAKEN, body=True, version=True),
)
def edit_org(call: ThisCall, data: JSONBody[OrgEdit], if_match: IfMatch = None) -> Response[Org]:
    """Edit Company Information and the switches of the org."""
    version = seen(if_match)
    given = {name: getattr(data, name) for name in data.__struct_fields__}
    changes = {name: value for name, value in given.items() if not isinstance(value, UnsetType)}
    with call.unit() as unit:
        org = company.edit_org(unit, call.actor, changes, seen_version=version)
    return Response(Org.of(org), headers={"ETag": etag(org.version)})


@get("/overview", sync_to_thread=True, tags=TAG, responses=refusals())
def get_overview(call: ThisCall) -> Overview:
    """Return what Setup's home shows: apps by verdict, and what Salesforce changes when."""
    with call.read() as unit:
        found, today = app_manager.overview(unit, call.actor), unit.today
    return Overview(
        verdicts=dict(found.verdicts),
        external_client_apps=found.external_client_apps,
        deadlines=tuple(
            Deadline(
                id=each.id,
                what=each.what,
                day=each.day,
                season=each.season,
                when=each.when(today),
                source=each.source,
                known_on=each.known_on,
            )
            for each in found.deadlines
        ),
    )


OPERATIONS = (get_org, edit_org, get_overview)
