"""A user's browser at the authorization endpoint: signs in, reads the page, allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from lxml import html
from requests.adapters import BaseAdapter

from changeover.rehearse.outcome import Refused
from changeover.rehearse.source import Login

_STEPS = 8
"""Pages on the way from the app and back to it: fewer than these, or something leads in a circle."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BAD_REQUEST = 400
_SECONDS = 30
_PASSWORD, _CODE = "password", "user_code"


class Landed(NamedTuple):
    """Where the way ended."""

    url: str
    """The callback URL with the answer."""
    asked: bool
    """Whether the user was asked to allow the app."""


class Browser:
    """A browser of one user; it stays signed in.

    Args:
        login: who sits before it.
        adapter: keeps the connection to the copy.
    """

    def __init__(self, login: Login, adapter: BaseAdapter) -> None:
        self._login = login
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", adapter)

    def authorize(self, url: str, callback_url: str, headers: Mapping[str, str]) -> Landed:
        """Follow a link of an app to the authorization endpoint until it leads back to the app.

        Args:
            url: the link.
            callback_url: where the app waits.
            headers: sent with every request.

        Raises:
            Refused: what the page says instead.
        """
        asked = False
        answer = self._send("GET", url, headers)
        for _ in range(_STEPS):
            if answer.status_code in _REDIRECTS:
                there = urljoin(answer.url, answer.headers["location"])
                if there.startswith(callback_url) or not _of_the_copy(there, url):
                    return Landed(there, asked)
                answer = self._send("GET", there, headers)
                continue
            form = _form(answer)
            if form is None:
                raise _told(answer)
            asked = asked or form.asks
            answer = self._fill(answer, form, headers)
        raise Refused("no_answer", "the pages lead in a circle")

    def connect(self, url: str, user_code: str, headers: Mapping[str, str]) -> None:
        """Type a device's code into the page for devices, and allow what the device asks for."""
        answer = self._send("GET", url, headers)
        for _ in range(_STEPS):
            if answer.status_code in _REDIRECTS:
                there = urljoin(answer.url, answer.headers["location"])
                if not _of_the_copy(there, url):
                    return
                answer = self._send("GET", there, headers)
                continue
            form = _form(answer)
            if form is None or not answer.ok:
                return
            if _CODE in form.fields:
                form.fields[_CODE] = user_code
            answer = self._fill(answer, form, headers)

    def _fill(self, answer: requests.Response, form: _Form, headers: Mapping[str, str]) -> requests.Response:
        if _PASSWORD in form.fields:
            form.fields.update(username=self._login.username, password=self._login.password)
        elif form.asks:
            form.fields["decision"] = "allow"
        return self._send("POST", urljoin(answer.url, form.action), headers, form.fields)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], fields: Mapping[str, str] | None = None
    ) -> requests.Response:
        return self._session.request(
            method, url, data=fields, headers=dict(headers), allow_redirects=False, timeout=_SECONDS
        )


def _of_the_copy(url: str, begun: str) -> bool:
    """Whether an address is where the way began: any other is the app's, and nothing is asked of it.

    Its callback URL may have been written otherwise on its way, as `https://app.example/a%20b`.
    """
    there, here = urlsplit(url), urlsplit(begun)
    return (there.scheme, there.netloc) == (here.scheme, here.netloc)


class _Form(NamedTuple):
    action: str
    fields: dict[str, str]
    asks: bool
    """Whether it asks to allow something."""


def _form(answer: requests.Response) -> _Form | None:
    """Return the form of a page, None where it has none."""
    page: Any = html.document_fromstring(answer.text)
    for form in page.xpath("//main//form"):
        fields = {str(one.get("name")): str(one.get("value") or "") for one in form.xpath(".//input[@name]")}
        asks = bool(form.xpath(".//button[@name='decision']"))
        if asks or fields.keys() & {_PASSWORD, _CODE}:
            return _Form(str(form.get("action") or ""), fields, asks)
    return None


def _told(answer: requests.Response) -> Refused:
    """Return what a page without a form says: of the authorization endpoint the error that it shows."""
    page: Any = html.document_fromstring(answer.text)
    strong = page.xpath("//main//p[strong]")
    if answer.status_code == _BAD_REQUEST and strong:
        error, _, description = " ".join(strong[0].text_content().split()).partition(": ")
        return Refused(error, description)
    said = " ".join(str(page.xpath("string(//main)")).split())
    return Refused(f"http_{answer.status_code}", said[:200])
