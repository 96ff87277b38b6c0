"""An app as an OAuth client: what its documents let it do, read the same way from both kinds of app.

Both readers stand side by side on purpose. A login that works before a migration and after it shows that the
mapping is right only because neither reader is made from the other.

Source: Metadata API guide, ConnectedApp and the ExtlClntApp types; salesforce-reference 1.2, 1.3, 2 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from changeover.apps.connected_app import (
    ConnectedApp,
    IdTokenConfig,
    OauthConfig,
    OauthPolicy,
    SessionPolicy,
)
from changeover.apps.external_client_app import (
    ExternalAppIdTokenConfig,
    ExternalClientApp,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
)
from changeover.apps.names import namespace_of
from changeover.apps.policies import (
    IP_RELAXATION_POLICY_TYPES,
    RefreshTokenPolicy,
    read_refresh_token_policy,
)
from changeover.apps.scopes import BY_CONNECTED_APP, SCOPES, split_scopes
from changeover.org.lists import AppKind

Address = IPv4Address | IPv6Address


class IpRelaxation(StrEnum):
    """What an app makes of the trusted IP ranges."""

    ENFORCE = "Enforce"
    BYPASS = "Bypass"
    BYPASS_2FACTOR = "Bypass_2factor"
    ENFORCE_RELAXREFRESH = "Enforce_relaxrefresh"


class RefreshPolicy(StrEnum):
    """How long a refresh token is valid."""

    INFINITE = "Infinite"
    ZERO = "Zero"
    SPECIFIC_LIFETIME = "SpecificLifetime"
    SPECIFIC_INACTIVITY = "SpecificInactivity"


class Range(NamedTuple):
    """A trusted IP range; both ends belong to it."""

    start: Address
    end: Address

    def holds(self, address: Address) -> bool:
        """Whether an address is in it; addresses of another family never are."""
        if address.version != self.start.version:
            return False
        return int(self.start) <= int(address) <= int(self.end)


_NOWHERE = Range(IPv4Address(1), IPv4Address(0))
"""Holds no address."""


class Refresh(NamedTuple):
    """How long refresh tokens are valid."""

    policy: RefreshPolicy
    period: timedelta | None
    """None where the policy has none."""


class IdToken(NamedTuple):
    """What an ID token holds."""

    valid: timedelta
    audience: str | None
    standard_claims: bool
    attributes: bool
    custom_permissions: bool


@dataclass(frozen=True, kw_only=True)
class OauthClient:
    """What an app may do at the OAuth endpoints."""

    kind: AppKind
    api_name: str
    label: str
    client_id: str
    """The consumer key by which the client names itself: the app's, or that of its staged credentials."""
    consumer_key: str
    """The app's, on which all that is issued hangs."""
    enabled: bool
    """False where an external client app or its OAuth plugin is switched off."""
    callback_urls: tuple[str, ...]
    scopes: frozenset[str]
    """In the words of the `scope` parameter."""
    secret_required: bool
    """For the web server flow."""
    secret_required_for_refresh: bool
    pkce_required: bool
    certificate: str | None
    """PEM; with it the app may log in by JWT bearer."""
    client_credentials: bool
    run_as: str | None
    """Username of the client-credentials flow."""
    device: bool
    local: bool
    """Made in this org, and of no use in another: not installed, not packaged."""
    username_password: bool
    """Whether the flow exists for this kind of app; the org's switch comes on top."""
    user_agent: bool
    """The same."""
    introspects_all: bool
    rotates_refresh_tokens: bool
    refresh: Refresh
    session_timeout: timedelta | None
    """None: the profile's, else the org's."""
    high_assurance: bool
    high_assurance_blocks: bool
    """Block where the session is not of high assurance; otherwise raise its level, where there is a page."""
    ip_relaxation: IpRelaxation
    trusted_ranges: tuple[Range, ...]
    admin_approved: bool
    """Admin approved users are pre-authorized; otherwise all users may self-authorize."""
    profiles: frozenset[str]
    permission_sets: frozenset[str]
    jwt_access_tokens: bool
    jwt_lifetime: timedelta | None
    """None: as long as the user's session."""
    id_token: IdToken
    attributes: tuple[tuple[str, str], ...]
    """Key and formula of each custom attribute."""

    def holds(self, consumer_key: str) -> bool:
        """Whether what was issued under a consumer key is this client's.

        The key by which it names itself counts too: what was issued while the app's credentials were rotated
        may bear the former one.
        """
        return consumer_key in {self.consumer_key, self.client_id}


def of_connected_app(app: ConnectedApp) -> OauthClient | None:
    """Return a connected app as a client, None where it has no OAuth settings or no consumer key."""
    config, policy = app.oauth_config, app.oauth_policy or OauthPolicy()
    if config is None or not config.consumer_key:
        return None
    session = app.session_policy or SessionPolicy()
    refresh = read_refresh_token_policy(policy.refresh_token_policy or "infinite")
    return OauthClient(
        kind=AppKind.CONNECTED,
        api_name=app.full_name,
        label=app.label or app.full_name,
        client_id=config.consumer_key,
        consumer_key=config.consumer_key,
        enabled=True,
        callback_urls=_lines(config.callback_url),
        scopes=frozenset(
            name for token in split_scopes(",".join(config.scopes)) for name in _oauth_names(token)
        ),
        secret_required=not config.is_consumer_secret_optional,
        secret_required_for_refresh=config.is_secret_required_for_refresh_token is not False,
        pkce_required=bool(config.is_pkce_required),
        certificate=config.certificate or None,
        client_credentials=bool(config.is_client_credential_enabled),
        run_as=config.oauth_client_credential_user or None,
        device=bool(config.is_device_flow_enabled),
        local=namespace_of(app.full_name) is None,
        username_password=True,
        user_agent=True,
        introspects_all=bool(config.is_introspect_all_tokens),
        rotates_refresh_tokens=bool(config.is_refresh_token_rotation_enabled),
        refresh=_refresh(refresh),
        session_timeout=_minutes(session.session_timeout),
        high_assurance=session.session_level == "HIGH_ASSURANCE",
        high_assurance_blocks=session.policy_action == "Block",
        ip_relaxation=IpRelaxation(
            IP_RELAXATION_POLICY_TYPES.get(policy.ip_relaxation or "ENFORCE", IpRelaxation.ENFORCE.value)
        ),
        trusted_ranges=_ranges((one.start, one.end) for one in app.ip_ranges),
        admin_approved=bool(config.is_admin_approved),
        profiles=frozenset(filter(None, app.profile_name)),
        permission_sets=frozenset(filter(None, app.permission_set_name)),
        jwt_access_tokens=bool(config.is_named_user_jwt_enabled),
        jwt_lifetime=None,
        id_token=_id_token_of_connected_app(config),
        attributes=_claims((one.key, one.formula) for one in app.attributes),
    )


def of_external_client_app(app: ExternalClientApp) -> OauthClient | None:
    """Return an external client app as a client, None where it has no OAuth settings or no consumer key.

    What is not written out has the default of an external client app, not that of a connected app.
    """
    config = app.part(ExtlClntAppGlobalOauthSettings)
    if config is None or not config.consumer_key:
        return None
    settings = app.part(ExtlClntAppOauthSettings)
    policy = app.part(ExtlClntAppOauthConfigurablePolicies) or ExtlClntAppOauthConfigurablePolicies(
        full_name=app.api_name
    )
    switches = app.part(ExtlClntAppConfigurablePolicies)
    on = switches is None or (
        switches.is_enabled is not False and switches.is_oauth_plugin_enabled is not False
    )
    refresh = RefreshTokenPolicy(
        policy.refresh_token_policy_type or RefreshPolicy.SPECIFIC_LIFETIME.value,
        str(policy.refresh_token_validity_period or "") or None,
        policy.refresh_token_validity_unit,
    )
    tokens = split_scopes((settings.comma_separated_oauth_scopes if settings else None) or "")
    ranges = settings.trusted_ip_ranges if settings else ()
    return OauthClient(
        kind=AppKind.EXTERNAL,
        api_name=app.api_name,
        label=app.header.label or app.api_name,
        client_id=config.consumer_key,
        consumer_key=config.consumer_key,
        enabled=on,
        callback_urls=_lines(config.callback_url),
        scopes=frozenset(name for token in tokens for name in _BY_EXTERNAL_TOKEN.get(token, ())),
        secret_required=not config.is_consumer_secret_optional,
        secret_required_for_refresh=config.is_secret_required_for_refresh_token is not False,
        pkce_required=config.is_pkce_required is not False,
        certificate=config.certificate or None,
        client_credentials=bool(
            config.is_client_credentials_flow_enabled and policy.is_client_credentials_flow_enabled
        ),
        run_as=policy.client_credentials_flow_user or None,
        device=bool(config.is_device_flow_enabled),
        local=app.header.distribution_state in {None, "Local"},
        username_password=False,
        user_agent=False,
        introspects_all=bool(config.is_introspect_all_tokens),
        rotates_refresh_tokens=bool(config.is_refresh_token_rotation_enabled),
        refresh=_refresh(refresh),
        session_timeout=_minutes(policy.session_timeout_in_minutes),
        high_assurance=policy.required_session_level == "HIGH_ASSURANCE",
        high_assurance_blocks=policy.policy_action == "Block",
        ip_relaxation=_IP_RELAXATIONS.get(
            (policy.ip_relaxation_policy_type or "").casefold(), IpRelaxation.ENFORCE
        ),
        trusted_ranges=_ranges((one.start_ip_address, one.end_ip_address) for one in ranges),
        admin_approved=policy.permitted_users_policy_type == "AdminApprovedPreAuthorized",
        profiles=frozenset(split_scopes(policy.comma_separated_profile or "")),
        permission_sets=frozenset(split_scopes(policy.comma_separated_permission_set or "")),
        jwt_access_tokens=bool(config.is_named_user_jwt_enabled),
        jwt_lifetime=_minutes(policy.named_user_jwt_timeout)
        if policy.named_user_jwt_session_timeout_type == "Custom"
        else None,
        id_token=_id_token_of_external_client_app(config),
        attributes=_claims(
            (one.key, one.formula)
            for one in (*policy.custom_attributes, *(settings.custom_attributes if settings else ()))
        ),
    )


def _claims(attributes: Iterable[tuple[str | None, str | None]]) -> tuple[tuple[str, str], ...]:
    """Return custom attributes that can be told: one without a key is no claim of any name."""
    return tuple((key, formula or "") for key, formula in attributes if key)


_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=365_000)
# A month is 30 days: no page says how Salesforce counts.
_UNITS = {"Hours": timedelta(hours=1), "Days": timedelta(days=1), "Months": timedelta(days=30)}
ID_TOKEN_LIFETIME = timedelta(minutes=2)
"""Where nothing else is said."""
_DEFAULT_LIFETIME = RefreshTokenPolicy(RefreshPolicy.SPECIFIC_LIFETIME.value, "365", "Days")
_IP_RELAXATIONS = {one.value.casefold(): one for one in IpRelaxation}
_BY_EXTERNAL_TOKEN = {
    scope.external_client_app: scope.oauth
    for scope in reversed(SCOPES)
    if scope.external_client_app is not None
}


def _refresh(policy: RefreshTokenPolicy | None) -> Refresh:
    """Return a policy as a length of time; what cannot be read is the shortest one: no refresh token."""
    if policy is None or policy.policy_type not in set(RefreshPolicy):
        return Refresh(RefreshPolicy.ZERO, None)
    kind = RefreshPolicy(policy.policy_type)
    if kind in {RefreshPolicy.INFINITE, RefreshPolicy.ZERO}:
        return Refresh(kind, None)
    period, unit = (policy.period, policy.unit) if policy.period else _DEFAULT_LIFETIME[1:]
    length = _UNITS.get(unit or "")
    return Refresh(kind, _length(int(period or "0"), length)) if length else Refresh(RefreshPolicy.ZERO, None)


def _lines(value: str | None) -> tuple[str, ...]:
    return tuple(line for part in (value or "").splitlines() if (line := part.strip()))


def _oauth_names(token: str) -> tuple[str, ...]:
    found = BY_CONNECTED_APP.get(token)
    return found.oauth if found else ()


def _minutes(value: int | None) -> timedelta | None:
    """Return a length of time, None where none is said: files may hold less than nothing."""
    return _length(value, _MINUTE) if value is not None and value > 0 else None


def _length(count: int, unit: timedelta) -> timedelta:
    """Return so many of a unit. Files and forms hold any number; what ends in a thousand years will do."""
    return min(count, _LONGEST // unit) * unit


def _ranges(ends: Iterable[tuple[str | None, str | None]]) -> tuple[Range, ...]:
    """Return the ranges; one that cannot be read lets nobody in, and is not as if the app had none."""
    found = []
    for start, end in ends:
        try:
            one = Range(ip_address((start or "").strip()), ip_address((end or "").strip()))
        except ValueError:
            one = _NOWHERE
        found.append(one if one.start.version == one.end.version else _NOWHERE)
    return tuple(found)


def _id_token_of_connected_app(config: OauthConfig) -> IdToken:
    said = config.id_token_config or IdTokenConfig()
    return IdToken(
        valid=_minutes(said.id_token_validity) or ID_TOKEN_LIFETIME,
        audience=said.id_token_audience or None,
        standard_claims=said.id_token_include_standard_claims is not False,
        attributes=bool(said.id_token_include_attributes),
        custom_permissions=bool(said.id_token_include_custom_perms),
    )


def _id_token_of_external_client_app(config: ExtlClntAppGlobalOauthSettings) -> IdToken:
    said = config.id_token_config or ExternalAppIdTokenConfig()
    return IdToken(
        valid=_minutes(said.id_token_validity_in_minutes) or ID_TOKEN_LIFETIME,
        audience=said.id_token_audience or None,
        standard_claims=said.id_token_include_standard_claims is not False,
        attributes=bool(said.id_token_include_attributes),
        custom_permissions=bool(said.id_token_include_custom_permissions),
    )
