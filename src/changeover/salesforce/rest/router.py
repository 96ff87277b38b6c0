"""From an address to what answers it: a list of resources, each with its method and its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from changeover.salesforce.refusals import METHOD_NOT_ALLOWED, NOT_FOUND, ApiRefused
from changeover.salesforce.rest import (
    deploy_request,
    limits,
    oauth_credentials,
    oauth_usage,
    query,
    sobjects,
    versions,
)
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.versions import version_of


class Resource(NamedTuple):
    """A resource below `/services/data/vNN.0`. A part of the path in braces is any text."""

    method: str
    path: str
    answer: Callable[[RestCall], Reply]


def _both(method: str, path: str, answer: Callable[..., Reply]) -> tuple[Resource, Resource]:
    """Return a resource that the REST API and the Tooling API have alike."""
    return (
        Resource(method, path, partial(answer, tooling=False)),
        Resource(method, f"tooling/{path}", partial(answer, tooling=True)),
    )


RESOURCES: tuple[Resource, ...] = (
    Resource("GET", "", versions.resources),
    Resource("GET", "limits", limits.limits),
    Resource("POST", "metadata/deployRequest", deploy_request.deploy),
    Resource("GET", "metadata/deployRequest/{job}", deploy_request.status),
    Resource("PATCH", "metadata/deployRequest/{job}", deploy_request.cancel),
    Resource("GET", "apps/oauth/usage", oauth_usage.apps),
    Resource("DELETE", "apps/oauth/usage/tokens/{token}", oauth_usage.revoke_token),
    Resource("GET", "apps/oauth/usage/{app}/users", oauth_usage.users),
    Resource("DELETE", "apps/oauth/usage/{app}/tokens", oauth_usage.revoke_app),
    Resource("GET", "apps/oauth/usage/{app}/{user}/tokens", oauth_usage.tokens),
    Resource("DELETE", "apps/oauth/usage/{app}/{user}/tokens", oauth_usage.revoke_user),
    Resource("GET", "apps/oauth/credentials/{app}", oauth_credentials.consumers),
    Resource("GET", "apps/oauth/credentials/{app}/{consumer}", oauth_credentials.consumer),
    Resource("GET", "apps/oauth/credentials/{app}/{consumer}/staged", oauth_credentials.all_staged),
    Resource("POST", "apps/oauth/credentials/{app}/{consumer}/staged", oauth_credentials.stage),
    Resource("GET", "apps/oauth/credentials/{app}/{consumer}/staged/{staged}", oauth_credentials.one_staged),
    Resource(
        "PATCH", "apps/oauth/credentials/{app}/{consumer}/staged/{staged}", oauth_credentials.rotate_staged
    ),
    Resource(
        "DELETE", "apps/oauth/credentials/{app}/{consumer}/staged/{staged}", oauth_credentials.delete_staged
    ),
    *_both("GET", "query", query.query),
    *_both("GET", "query/{locator}", query.query_more),
    *_both("GET", "queryAll", query.query),
    *_both("GET", "sobjects", sobjects.describe_global),
    *_both("GET", "sobjects/{sobject}", sobjects.basic),
    *_both("GET", "sobjects/{sobject}/describe", sobjects.describe),
    *_both("GET", "sobjects/{sobject}/{record_id}", sobjects.row),
)
"""A new resource is a function in a module of its own, and a line here; the first one that fits answers."""


def answer(call: RestCall, method: str, path: str) -> Reply:
    """Answer a request.

    Args:
        call: the request.
        method: of HTTP; HEAD is asked as GET.
        path: below `/services/data`, with or without slashes around it: `v62.0/query`.

    Raises:
        ApiRefused: NOT_FOUND, METHOD_NOT_ALLOWED; INVALID_SESSION_ID; what the resource raises.
    """
    parts = [part for part in path.split("/") if part]
    version = version_of(parts[0][1:]) if parts and parts[0][:1] in {"v", "V"} else None
    if version is None:
        raise ApiRefused(NOT_FOUND, sobjects.MISSING)
    fitting = [(one, found) for one in RESOURCES if (found := _parameters(one.path, parts[1:])) is not None]
    if not fitting:
        raise ApiRefused(NOT_FOUND, sobjects.MISSING)
    for resource, parameters in fitting:
        if resource.method == method:
            return resource.answer(replace(call, version=version, parameters=parameters))
    allowed = ",".join(sorted({one.method for one, _parameters in fitting} | {"HEAD"}))
    message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
    raise ApiRefused(METHOD_NOT_ALLOWED, message)


def _parameters(pattern: str, parts: list[str]) -> Mapping[str, str] | None:
    """Return what stands in the places of a pattern, None where it does not fit."""
    wanted = pattern.split("/") if pattern else []
    if len(wanted) != len(parts):
        return None
    found = {}
    for name, part in zip(wanted, parts, strict=True):
        if name.startswith("{"):
            found[name[1:-1]] = part
        elif name.lower() != part.lower():
            return None
    return found
