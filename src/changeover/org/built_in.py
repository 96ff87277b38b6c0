"""Apps that every org has without a record of its own: Salesforce's, there from the first day.

Source: clients.md section 6, item 3: the `sf` command line logs in as `PlatformCLI`, a public client.
"""

from __future__ import annotations

from typing import NamedTuple


class BuiltIn(NamedTuple):
    """An app of Salesforce's own. It is in no list of apps, cannot be edited, and has nothing to migrate."""

    consumer_key: str
    api_name: str
    label: str
    callback_urls: tuple[str, ...]
    scopes: frozenset[str]

    @property
    def search_text(self) -> str:
        """What OAuth usage finds it by."""
        return f"{self.label}\n{self.api_name}"


SALESFORCE_CLI = BuiltIn(
    consumer_key="PlatformCLI",
    api_name="PlatformCLI",
    label="Salesforce CLI",
    callback_urls=("http://localhost:1717/OauthRedirect",),
    scopes=frozenset({"refresh_token", "offline_access", "api", "web"}),
)

BUILT_IN = {one.consumer_key: one for one in (SALESFORCE_CLI,)}
"""By consumer key. No app of an org can take one of these keys over: the built-in app is asked first."""
BY_API_NAME = {one.api_name.casefold(): one for one in BUILT_IN.values()}
