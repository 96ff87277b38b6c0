"""Refresh tokens from before the migration: used at once, and after lying idle for a month."""

from __future__ import annotations

from datetime import timedelta

from changeover.oauth.client import RefreshPolicy
from changeover.rehearse.flows.flow import RehearsedFlow, SetUp
from changeover.rehearse.flows.web_server import log_in, refreshes
from changeover.rehearse.integration import Integration
from changeover.rehearse.outcome import Refused

IDLE = timedelta(days=31)
_TOKEN = "refresh_token"  # noqa: S105 - the name of a parameter


def _keep(integration: Integration, name: str) -> None:
    _, token, _ = log_in(integration, integration.person, pkce=integration.app.pkce_required)
    if _TOKEN not in token:
        raise Refused("no_refresh_token", "the app gets no refresh token")
    integration.kept[name] = token[_TOKEN]
    integration.has_approval = True


def _refreshed(integration: Integration, name: str) -> frozenset[str]:
    session = integration.session(with_secret=integration.app.secret_required_for_refresh)
    token = session.refresh_token(integration.token_url, refresh_token=integration.kept[name])
    if token.get(_TOKEN):
        integration.kept[name] = token[_TOKEN]
    # Authlib keeps the old one in the answer where no other came; what counts is that it was good.
    return integration.use(session, token)


def _keep_one(integration: Integration) -> None:
    _keep(integration, "one")


def _use_one(integration: Integration) -> frozenset[str]:
    return _refreshed(integration, "one")


def _keep_idle(integration: Integration) -> None:
    # One for each stage: a token that was used is idle no more.
    for stage in integration.stages:
        _keep(integration, stage)


def _use_idle(integration: Integration) -> frozenset[str]:
    integration.clock.move(IDLE)
    try:
        return _refreshed(integration, integration.stage)
    finally:
        integration.clock.move(-IDLE)


def _endless(app: SetUp) -> bool:
    return refreshes(app) and app.client.refresh.policy is RefreshPolicy.INFINITE


REFRESH_TOKEN = RehearsedFlow(
    id="refresh-token",
    title="Refresh token from before the migration",
    set_up=lambda app: refreshes(app) and app.client.refresh.policy is not RefreshPolicy.ZERO,
    run=_use_one,
    prepare=_keep_one,
)
IDLE_REFRESH_TOKEN = RehearsedFlow(
    id="refresh-token-idle",
    title="Refresh token from before the migration, idle for 31 days",
    set_up=_endless,
    run=_use_idle,
    prepare=_keep_idle,
)
