"""What each client has to be told so that it reaches a local org: environment and settings, by client.

Source: clients.md sections 1 and 5, where each was driven against a local server. A new client is a function
and a line in `CLIENTS`. docs/clients.md shows each at work; a test runs what stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from changeover.serving.listening import LOOPBACK_NAMES
from changeover.serving.whereabouts import Whereabouts

Environment = dict[str, str]
_LOOPBACK = frozenset(name.strip("[]") for name in LOOPBACK_NAMES)


class Reach(NamedTuple):
    """How clients reach one org."""

    where: Whereabouts
    my_domain: str

    @property
    def base_url(self) -> str:
        """Of the installation: the one that was set, else https where it is served."""
        return self.where.base_url or self.where.https_address or self.where.address

    @property
    def login_url(self) -> str:
        """The org's own, by its path: it needs no name that has to be resolved."""
        return f"{self.base_url}/org/{self.my_domain}"

    @property
    def insecure(self) -> bool:
        """Whether clients come over plain http."""
        return self.login_url.startswith("http://")

    def trusting(self, *names: str) -> Environment:
        """Return variables of client runtimes that name the certificate authority to trust."""
        return dict.fromkeys(names, self.where.ca_file) if self.where.ca_file is not None else {}

    def direct(self) -> Environment:
        """Return the variables that keep a company's proxy out of the way to this machine.

        None where clients come by a name: whether a proxy leads there is for their owner to know.
        """
        host = urlsplit(self.login_url).hostname or ""
        return dict.fromkeys(("NO_PROXY", "no_proxy"), host) if host in _LOOPBACK else {}

    def proxied(self) -> Environment:
        """Return the variables that lead a client through the client proxy; none where there is none.

        In both spellings, and with no host excepted: Python and Node take the one in small letters first, and
        whoever sits behind a company's proxy has it set. Secrets would then leave the machine.
        """
        if self.where.client_proxy is None:
            return {}
        return {
            **dict.fromkeys(
                ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), self.where.client_proxy
            ),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
        }


class Needs(NamedTuple):
    """What one client needs."""

    client: str
    environment: Environment
    example: tuple[str, ...]
    """A call that logs in; what stands in capitals with a dollar sign is yours."""
    missing: str = ""
    """What the server lacks for this client, with the option that brings it."""


PROXY_MISSING = (
    "It asks Salesforce's own hosts whatever it is told: start `changeover serve` with --client-proxy."
)
HTTPS_MISSING = "It insists on https: start `changeover serve` with --https-port."


def sf(reach: Reach) -> Needs:
    """Salesforce's command line."""
    quiet = dict.fromkeys(
        ("SF_DISABLE_TELEMETRY", "SF_AUTOUPDATE_DISABLE", "SF_SKIP_NEW_VERSION_CHECK"), "true"
    )
    # A JWT that is refused makes it try login.salesforce.com and test.salesforce.com next.
    environment = {**reach.trusting("NODE_EXTRA_CA_CERTS"), **reach.proxied(), **quiet}
    example = (
        f"sf org login jwt --instance-url {reach.login_url} \\",
        "  --client-id $CONSUMER_KEY --jwt-key-file $KEY_FILE --username $USERNAME",
    )
    return Needs("sf", environment, example)


def jsforce(reach: Reach) -> Needs:
    """The npm package jsforce."""
    example = (
        f"const loginUrl = '{reach.login_url}';",
        "const oauth2 = new jsforce.OAuth2({ loginUrl, clientId, clientSecret, redirectUri });",
        "const conn = new jsforce.Connection({ loginUrl, oauth2 });",
        "await conn.authorize({ grant_type: 'client_credentials' });",
    )
    return Needs("jsforce", {**reach.trusting("NODE_EXTRA_CA_CERTS"), **reach.direct()}, example)


def openid_client(reach: Reach) -> Needs:
    """The npm package openid-client."""
    allowing = ", undefined, { execute: [client.allowInsecureRequests] }" if reach.insecure else ""
    example = (
        f"const url = new URL('{reach.login_url}');",
        f"const config = await client.discovery(url, clientId, clientSecret{allowing});",
    )
    return Needs("openid-client", {**reach.trusting("NODE_EXTRA_CA_CERTS"), **reach.direct()}, example)


def simple_salesforce(reach: Reach) -> Needs:
    """The Python package simple-salesforce."""
    environment = {**reach.trusting("REQUESTS_CA_BUNDLE"), **reach.proxied()}
    example = (
        f"Salesforce(domain='{reach.my_domain}.my', username=username, consumer_key=key,",
        "           privatekey_file=file)",
    )
    missing = "" if reach.where.client_proxy else PROXY_MISSING
    return Needs("simple-salesforce", environment, example, missing)


def aiosalesforce(reach: Reach) -> Needs:
    """The Python package aiosalesforce."""
    environment = {**reach.trusting("SSL_CERT_FILE"), **reach.proxied()}
    example = (f"Salesforce(client, base_url='https://{reach.my_domain}.my.salesforce.com', auth=auth)",)
    return Needs("aiosalesforce", environment, example, "" if reach.where.client_proxy else PROXY_MISSING)


def authlib(reach: Reach) -> Needs:
    """Authlib's client, on requests or httpx."""
    insecure = {"AUTHLIB_INSECURE_TRANSPORT": "1"} if reach.insecure else {}
    environment = {**reach.trusting("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), **reach.direct(), **insecure}
    example = (
        f"session = OAuth2Session(key, secret, token_endpoint='{reach.login_url}/services/oauth2/token')",
        "session.fetch_token(grant_type='client_credentials')",
    )
    return Needs("authlib", environment, example)


def requests_oauthlib(reach: Reach) -> Needs:
    """The Python package requests-oauthlib."""
    insecure = {"OAUTHLIB_INSECURE_TRANSPORT": "1"} if reach.insecure else {}
    # A refresh answers with the scopes of the authorization, whatever was asked for.
    relaxed = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    environment = {**reach.trusting("REQUESTS_CA_BUNDLE"), **reach.direct(), **insecure, **relaxed}
    example = (
        "session = OAuth2Session(client=BackendApplicationClient(key))",
        f"session.fetch_token('{reach.login_url}/services/oauth2/token', auth=HTTPBasicAuth(key, secret))",
    )
    return Needs("requests-oauthlib", environment, example)


def cumulusci(reach: Reach) -> Needs:
    """CumulusCI, which hands what it does on to simple-salesforce."""
    environment = {
        **reach.trusting("REQUESTS_CA_BUNDLE"),
        **reach.proxied(),
        "SF_PROD_LOGIN_URL": reach.login_url,
    }
    example = ('export SFDX_CLIENT_ID=$CONSUMER_KEY SFDX_HUB_KEY="$(cat $KEY_FILE)"',)
    missing = HTTPS_MISSING if reach.insecure else "" if reach.where.client_proxy else PROXY_MISSING
    return Needs("cumulusci", environment, example, missing)


CLIENTS: tuple[Callable[[Reach], Needs], ...] = (
    sf,
    jsforce,
    openid_client,
    simple_salesforce,
    aiosalesforce,
    authlib,
    requests_oauthlib,
    cumulusci,
)
NAMES = tuple(each.__name__.replace("_", "-") for each in CLIENTS)


def needs(reach: Reach, name: str | None = None) -> tuple[Needs, ...]:
    """Return what the clients need, or one of them by its name."""
    found = (each(reach) for each in CLIENTS)
    return tuple(each for each in found if name is None or each.client == name)
